// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "sync/link/frames.h"

using namespace satchel;

namespace {

// Feeds bytes as the connection does, at most `chunk` at a time, and collects whole frames.
Result<std::vector<Bytes>> feed(FrameReader& reader, View bytes, std::size_t chunk = SIZE_MAX) {
  std::vector<Bytes> frames;
  while (!bytes.empty()) {
    const std::span<Byte> room = reader.want();
    const std::size_t count = std::min({room.size(), bytes.size(), chunk});
    std::copy_n(bytes.begin(), count, room.begin());
    bytes = bytes.subspan(count);
    const Result<bool> whole = reader.got(count);
    if (!whole) return std::unexpected(whole.error());
    if (*whole) frames.push_back(copy(reader.frame()));
  }
  return frames;
}

Bytes prefix(std::uint32_t size) { return Writer().u32(size).take(); }

}  // namespace

TEST_CASE("frames: any frames come out as they went in, however the stream is cut", "[link]") {
  REQUIRE(rc::check("gather and read are inverse", [] {
    const auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 3000));
    const auto step = *rc::gen::inRange<std::size_t>(1, 5000);
    const auto chunk = *rc::gen::inRange<std::size_t>(1, 700);
    std::vector<Bytes> frames;
    FrameQueue queue;
    for (const std::size_t size : sizes) frames.push_back(Bytes(size, static_cast<Byte>(size)));
    for (const Bytes& frame : frames) queue.add(frame);
    Bytes stream;
    while (!queue.empty()) {
      const std::size_t before = queue.bytes();
      queue.gather(stream, step);
      RC_ASSERT(before - queue.bytes() == std::min(before, step));
    }
    FrameReader reader;
    const auto back = feed(reader, stream, chunk);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == frames);
    RC_ASSERT(!reader.mid_frame());
  }));
}

TEST_CASE("frames: the body starts on a word boundary, also after frames of odd sizes", "[link]") {
  FrameReader reader;
  for (const std::uint32_t size : {1u, 7u, 4095u, 3u}) {
    Bytes stream = prefix(size);
    stream.resize(stream.size() + size);
    REQUIRE(feed(reader, stream)->size() == 1);
    CHECK(reinterpret_cast<std::uintptr_t>(reader.frame().data()) % 8 == 0);
  }
}

TEST_CASE("frames: the length is judged before anything is allocated", "[link]") {
  SECTION("empty") {
    FrameReader reader;
    CHECK(feed(reader, prefix(0)).error().code == "link.frame-empty");
  }
  SECTION("a hello beyond its own limit") {
    FrameReader reader;
    CHECK(feed(reader, prefix(kHelloBytesMax + 1)).error().code == "link.frame-too-long");
  }
  SECTION("the largest hello, then the largest frame, then one more byte") {
    FrameReader reader;
    Bytes hello = prefix(kHelloBytesMax);
    hello.resize(hello.size() + kHelloBytesMax);
    REQUIRE(feed(reader, hello)->size() == 1);
    Bytes large = prefix(kFrameBytesMax);
    large.resize(large.size() + kFrameBytesMax);
    REQUIRE(feed(reader, large)->size() == 1);
    CHECK(feed(reader, prefix(kFrameBytesMax + 1)).error().code == "link.frame-too-long");
  }
  SECTION("four gigabytes") {
    FrameReader reader;
    CHECK(feed(reader, prefix(0xffffffff)).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("frames: release keeps a frame under way", "[link]") {
  FrameReader reader;
  Bytes stream = prefix(100);
  stream.resize(4 + 100, 9);
  REQUIRE(feed(reader, View(stream).first(50))->empty());
  reader.release();
  const auto rest = feed(reader, View(stream).subspan(50));
  REQUIRE(rest->size() == 1);
  CHECK(rest->front() == Bytes(100, 9));
  reader.release();
  CHECK(reader.frame().empty());
}
