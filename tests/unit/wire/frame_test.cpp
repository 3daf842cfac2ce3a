// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames there and back, item extras, greeting subjects, and the frozen bytes of each.
#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <cstdio>

#include "schema/wire/limits.h"
#include "tests/unit/wire/samples.h"
#include "tests/vectors/vectors.h"

using namespace satchel;
using namespace satchel::wire_test;
using wire::Received;

namespace {

template <class AnyId>
AnyId id(Byte n) {
  AnyId out;
  out.bytes.fill(n);
  return out;
}

// A frame of each kind with something in every list, the same in every run.
wire::Frame full(Maker& maker, std::size_t kind) {
  wire::Frame best = maker.make(kind);
  for (int i = 0; i < 20; ++i) {
    auto more = maker.make(kind);
    if (describe(more).size() > describe(best).size()) best = std::move(more);
  }
  return best;
}

void without_order_waits(wire::Frame& frame) {
  if (auto* synced = std::get_if<wire::Synced>(&frame)) synced->order_waits = false;
}

void without_last_fields(wire::Frame& frame) {
  without_order_waits(frame);
  if (auto* sync = std::get_if<wire::Sync>(&frame)) sync->handed = {};
  if (auto* run = std::get_if<wire::DirectoryRun>(&frame)) run->waiting.clear();
  if (auto* synced = std::get_if<wire::Synced>(&frame)) synced->through = {};
  if (auto* served = std::get_if<wire::Served>(&frame)) served->more = false;
}

}  // namespace

TEST_CASE("wire: every frame decodes to what was encoded", "[wire]") {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const auto law = rc::check("there and back, kind " + std::to_string(kind), [kind] {
      Maker maker(*rc::gen::arbitrary<std::uint64_t>());
      const auto frame = maker.make(kind);
      const Bytes bytes = wire::encode(frame);
      const auto received = Received::decode(bytes);
      RC_ASSERT(received.has_value());
      RC_ASSERT(describe(received->frame()) == describe(frame));
      RC_ASSERT(wire::encode(received->frame()) == bytes);
    });
    CHECK(law);
  }
}

TEST_CASE("wire: frames written by earlier programs read the same for ever", "[wire][golden]") {
  std::set<std::string> kinds;
  for (const auto& v : vectors::load("wire/frames.txt")) {
    INFO(v.kind << " " << v.name);
    kinds.insert(v.kind);
    Maker maker(7 + std::stoul(v.name));
    auto frame = full(maker, std::stoul(v.name));
    // Written before the kind had its last fields: they read as nothing.
    const bool shorter = v.name.ends_with("-shorter");
    if (shorter) without_last_fields(frame);
    if (v.name.ends_with("-before-order-waits")) without_order_waits(frame);
    const auto received = Received::decode(v.bytes);
    REQUIRE(received.has_value());
    CHECK(describe(received->frame()) == describe(frame));
    if (!shorter) CHECK(hex(wire::encode(frame)) == hex(v.bytes));
  }
  CHECK(kinds == std::set<std::string>{"frame"});
}

// Prints tests/vectors/wire/frames.txt. Run by hand when a kind of frame is added; lines that stand there never change.
TEST_CASE("wire: print the frames to be frozen", "[.][freeze]") {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Maker maker(7 + kind);
    std::printf("good frame %zu %s\n", kind, hex(wire::encode(full(maker, kind))).c_str());
  }
}

TEST_CASE("wire: the mark of a compared page names the page, its archives and their heads, and travels", "[wire]") {
  std::vector<wire::TouchedItem> items(2);
  items[1].archive.bytes[5] = 1;
  const auto mark = wire::compare_mark(3, items);
  CHECK(wire::compare_mark(4, items) != mark);
  CHECK(wire::compare_mark(3, std::span(items).first(1)) != mark);
  auto other = items;
  other[1].heads.bytes[31] = 1;
  CHECK(wire::compare_mark(3, other) != mark);
  std::swap(other[0], other[1]);
  CHECK(wire::compare_mark(3, other) != mark);
  const Bytes bytes = wire::encode(wire::Differ{3, {}, mark});
  CHECK(std::get<wire::Differ>(Received::decode(bytes)->frame()).confirm == mark);
}

TEST_CASE("wire: the mark of compared ranges names page, question and answer", "[wire]") {
  const Bytes question = {1, 2, 3}, answer = {4, 5};
  const auto mark = wire::ranges_mark(3, question, answer);
  CHECK(wire::ranges_mark(4, question, answer) != mark);
  CHECK(wire::ranges_mark(3, answer, question) != mark);
  CHECK(wire::ranges_mark(3, Bytes{1, 2}, Bytes{3, 4, 5}) != mark);
  CHECK(wire::ranges_mark(3, question, Bytes{4, 6}) != mark);
}

TEST_CASE("wire: a frame may lie at any address", "[wire]") {
  Maker maker(3);
  const auto frame = maker.make(8);
  const Bytes bytes = wire::encode(frame);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    Bytes moved(shift);
    moved.insert(moved.end(), bytes.begin(), bytes.end());
    const auto received = Received::decode(View(moved).subspan(shift));
    REQUIRE(received.has_value());
    CHECK(describe(received->frame()) == describe(frame));
  }
}

TEST_CASE("wire: lists up to their bounds pass, one more is refused", "[wire][hostile]") {
  const auto outcome = [](const wire::Frame& frame) {
    const Bytes bytes = wire::encode(frame);
    if (bytes.size() > kFrameBytesMax) return std::string("too long to be a case");
    const auto received = Received::decode(bytes);
    return received ? std::string("taken") : received.error().code + " " + received.error().detail;
  };
  const auto both = [&](auto make, std::size_t most) {
    CHECK(outcome(make(most)) == "taken");
    CHECK(outcome(make(most + 1)) == "wire.broken field size");
  };
  const Bytes byte(1);
  both([](std::size_t n) { return wire::Hello{std::vector<std::uint16_t>(n), {}, {}, {}, {}, {}, {}, {}}; }, 16);
  both([](std::size_t n) { return wire::Sync{1, {}, {}, std::vector<wire::FeedMark>(n), 0, {}}; }, wire::kFeedsMax);
  both([&](std::size_t n) { return wire::Submit{std::vector<View>(n, byte)}; }, wire::kStatementsMax);
  both([](std::size_t n) { return wire::Submitted{std::vector<wire::SubmitResult>(n)}; }, wire::kStatementsMax);
  both([](std::size_t n) { return wire::Touched{1, {}, 0, std::vector<wire::TouchedItem>(n)}; },
       wire::kTouchedItemsMax);
  both([](std::size_t n) { return wire::Want{1, std::vector<wire::ArchiveHeads>(n)}; }, wire::kTouchedItemsMax);
  both([](std::size_t n) { return wire::Want{1, {wire::ArchiveHeads{{}, std::vector<ChainHead>(n), false}}}; },
       wire::kHeadsPerArchiveMax);
  both([](std::size_t n) { return wire::Receipts{1, std::vector<wire::SignedView>(n), false, {}}; },
       wire::kReceiptsMax);
  both([&](std::size_t n) { return wire::Wraps{1, std::vector<View>(n, byte)}; }, wire::kWrapsMax);
  both([](std::size_t n) { return wire::Parcel{1, {}, std::vector<wire::SignedView>(n), {}, {}, {}}; },
       wire::kStampsMax);
  both([](std::size_t n) { return wire::Parcel{1, {}, {}, {}, std::vector<wire::Segment>(n), {}}; }, kLeavesMax);
  both([](std::size_t n) { return wire::Bye{std::string(n, 'x'), {}}; }, 1024);
}

TEST_CASE("extra: golden vectors there and back, broken ones refused by name", "[wire][golden]") {
  for (const auto& v : vectors::load("wire/vectors.txt")) {
    if (v.kind != "extra") continue;
    INFO(v.name);
    const auto extra = wire::decode_extra(v.bytes);
    if (v.word == "bad") {
      REQUIRE_FALSE(extra.has_value());
      CHECK(extra.error().code == v.code);
      CHECK(extra.error().kind == ErrorKind::integrity);
      continue;
    }
    REQUIRE(extra.has_value());
    CHECK(hex(wire::encode_extra(*extra)) == hex(v.bytes));
    const auto flags = v.bytes[0];
    CHECK(extra->epoch == ((flags & 1) ? std::optional<std::uint32_t>(5) : std::nullopt));
    CHECK(extra->directory == ((flags & 2) ? std::optional<Position>(Position{2, 1ull << 40}) : std::nullopt));
    CHECK(extra->withheld_size == ((flags & 4) ? 64u : 0u));
    CHECK(extra->clear.size() == ((flags & 8) ? 200u : 0u));
  }
  CHECK(wire::encode_extra({}).empty());
  CHECK(wire::decode_extra({}).value().empty());
}

TEST_CASE("hello: the subjects that both ends sign are the frozen ones, and name everything", "[wire][golden]") {
  const auto all = vectors::load("wire/vectors.txt");
  Bytes exporter(32);
  for (std::size_t i = 0; i < 32; ++i) exporter[i] = static_cast<Byte>(i);
  const wire::Hello hello{{1, 7},           id<OrgId>(0x0a),      {id<NodeId>(0x21), 3}, wire::Role::device,
                          id<NodeId>(0x22), id<SignPublic>(0x31), id<BoxPublic>(0x32),   {}};
  const wire::Welcome welcome{
      1, {id<NodeId>(0x22), 4}, wire::Standing::unconfirmed, 4 * 1024 * 1024, true, {1'795'336'322'490}, {}};
  CHECK(hex(wire::hello_subject(exporter, hello)) == hex(vectors::find(all, "", "hello-subject")));
  CHECK(hex(wire::welcome_subject(exporter, hello, welcome)) == hex(vectors::find(all, "", "welcome-subject")));
  // Nothing a man in the middle could change leaves the welcome's subject as it was.
  const auto subject = wire::welcome_subject(exporter, hello, welcome);
  const auto differs = [&](auto change) {
    auto e = exporter;
    auto h = hello;
    auto w = welcome;
    change(e, h, w);
    return wire::welcome_subject(e, h, w) != subject;
  };
  using H = wire::Hello;
  using W = wire::Welcome;
  CHECK(differs([](Bytes& e, H&, W&) { e[0] ^= 1; }));
  CHECK(differs([](Bytes&, H& h, W&) { h.versions = {1}; }));
  CHECK(differs([](Bytes&, H& h, W&) { h.role = wire::Role::hub; }));
  CHECK(differs([](Bytes&, H& h, W&) { h.to_hub = {}; }));
  CHECK(differs([](Bytes&, H& h, W&) { h.sign_public.bytes[0] ^= 1; }));
  CHECK(differs([](Bytes&, H&, W& w) { w.standing = wire::Standing::confirmed; }));
  CHECK(differs([](Bytes&, H&, W& w) { ++w.hub.incarnation; }));
  CHECK(differs([](Bytes&, H&, W& w) { w.top = false; }));
  CHECK(differs([](Bytes&, H&, W& w) { ++w.time.ms; }));
}
