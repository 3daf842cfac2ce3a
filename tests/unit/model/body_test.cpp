// SPDX-License-Identifier: AGPL-3.0-or-later
// Bodies: sizes, sealing, and what opens to whom; broken bytes of every kind of thing that travels.
#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <random>

#include "sync/model/batch.h"
#include "sync/model/change.h"
#include "tests/unit/seal/test_entropy.h"
#include "tests/vectors/vectors.h"

using namespace satchel;

namespace {

Header header_for(Entropy& entropy) {
  Header h;
  h.archive = random_id<ArchiveId>(entropy);
  h.chain = {random_id<NodeId>(entropy), 1};
  h.seq = 1;
  h.directory = {1, 3};
  return h;
}

Change note(const std::string& text) {
  Change c;
  c.hybrid = 77;
  c.records = {{RecordId{}, "visit", 1, {{"summary", text, {}}}}};
  return c;
}

}  // namespace

TEST_CASE("body: a padded size tells little and wastes less than an eighth above 1 KiB", "[model]") {
  REQUIRE(rc::check("padded size", [] {
    const auto n = *rc::gen::inRange<std::size_t>(1, 1 << 20);
    const auto size = padded_size(n);
    RC_ASSERT(size >= n);
    RC_ASSERT(padded_size(size) == size);
    RC_ASSERT(padded_size(n + 1) >= size);
    if (n <= 1024) {
      RC_ASSERT(size % 64 == 0 && size - n < 64);
    } else {
      RC_ASSERT((size - n) * 8 < n);
    }
  }));
  std::set<std::size_t> sizes;
  for (std::size_t n = 1; n <= 64 * 1024; ++n) sizes.insert(padded_size(n));
  CHECK(sizes.size() < 120);
}

TEST_CASE("body: packing and unpacking give back any content, compressed or not", "[model]") {
  REQUIRE(rc::check("pack", [](const std::vector<std::uint8_t>& bytes, bool compress) {
    const Bytes packed = pack_body(bytes, compress);
    RC_ASSERT(packed.size() == padded_size(packed.size()));
    RC_ASSERT(unpack_body(packed).value() == bytes);
  }));
  const Bytes large(100'000, 'a');
  CHECK(pack_body(large).size() < 200);
  CHECK(unpack_body(pack_body(large)).value() == large);
}

TEST_CASE("body: what unfolds to more than 1 MiB is refused before it is unfolded", "[model]") {
  const Bytes most(kUnpackedBytesMax, 'a');
  CHECK(unpack_body(pack_body(most)).has_value());
  CHECK(unpack_body(pack_body(Bytes(kUnpackedBytesMax + 1, 'a'))).error().code == "change.broken");
}

TEST_CASE("body: opens only with its own key, header and bytes", "[model]") {
  TestEntropy entropy(4);
  const Secret32 key = Secret32::random(entropy);
  Header header = header_for(entropy);
  const Bytes sealed = seal_body(header, pack_body(note("谈妥").encode()), key, entropy);
  CHECK(header.body_size == sealed.size());
  CHECK(header.body == body_hash(sealed));
  CHECK(open_body(header, sealed, key).value() == note("谈妥"));

  CHECK(open_body(header, sealed, Secret32::random(entropy)).error().code == "seal.broken");
  const auto refused = [&](auto change) {
    Header h = header;
    change(h);
    const auto opened = open_body(h, sealed, key);
    return !opened && opened.error().code == "seal.broken" && opened.error().kind == ErrorKind::integrity;
  };
  // Each bound field of the header: a body moved to another place does not open there.
  CHECK(refused([](Header& h) { ++h.epoch; }));
  CHECK(refused([](Header& h) { h.chain.node.bytes[3] ^= 1; }));
  CHECK(refused([](Header& h) { ++h.chain.incarnation; }));
  CHECK(refused([](Header& h) { ++h.seq; }));
  CHECK(refused([](Header& h) { ++h.directory.n; }));
  CHECK(refused([](Header& h) { ++h.directory.incarnation; }));
  CHECK(refused([](Header& h) { h.archive.bytes[0] ^= 1; }));
  CHECK(refused([](Header& h) { h.previous.bytes[0] ^= 1; }));
  CHECK(refused([](Header& h) { h.clear.bytes[0] ^= 1; }));
  CHECK(refused([](Header& h) { ++h.body_size; }));
  for (std::size_t bit = 0; bit < sealed.size() * 8; bit += 13) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<Byte>(1 << (bit % 8));
    CHECK_FALSE(open_body(header, changed, key).has_value());
  }
}

TEST_CASE("body: a sealed change that is not one is named, not believed", "[model]") {
  TestEntropy entropy(5);
  const Secret32 key = Secret32::random(entropy);
  Header header = header_for(entropy);
  const Bytes sealed = seal_body(header, pack_body(view("no change at all")), key, entropy);
  CHECK(open_body(header, sealed, key).error().code == "change.broken");
}

TEST_CASE("model: broken bytes are refused or read, and never change on the way", "[model][hostile]") {
  const auto vectors = satchel::vectors::load("model/vectors.txt");
  std::vector<satchel::vectors::Vector> good;
  for (const auto& v : vectors) {
    if (v.word == "good" && !v.bytes.empty()) good.push_back(v);
  }
  std::mt19937_64 random(satchel::vectors::hostile_seed());
  std::size_t taken = 0;
  for (std::size_t i = 0; i < satchel::vectors::hostile_cases(20'000); ++i) {
    const auto& v = good[random() % good.size()];
    Bytes bytes = v.bytes;
    for (auto n = random() % 4 + 1; n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<Byte>(random() % 5 == 0 ? 0xff : random());
    if (random() % 3 == 0) bytes.resize(random() % (bytes.size() + 9));
    // A decoder that takes bytes must give them back: nothing has two spellings (but one yes/no and long numbers).
    const auto same = [&](const auto& decoded) {
      if (!decoded) return;
      ++taken;
      CHECK(hex(decoded->encode()) == hex(bytes));
    };
    if (v.kind == "header") same(Header::decode(bytes));
    if (v.kind == "opening") same(Opening::decode(bytes));
    if (v.kind == "wrap") same(Wrap::decode(bytes));
    if (v.kind == "batch") same(Batch::decode(bytes));
    if (v.kind == "stamp") same(Stamp::decode(bytes));
    if (v.kind == "packed" && unpack_body(bytes)) ++taken;
    if (v.kind == "change") {
      const auto change = Change::decode(bytes);
      if (change && Change::decode(change->encode()) != *change) FAIL("change " << hex(bytes));
    }
  }
  CHECK(taken > 0);
}
