// SPDX-License-Identifier: AGPL-3.0-or-later
// Devices that are who they say and break the rules of the talk. Each is dropped by name, it is held against it,
// nothing is stored, and the hub goes on with everybody.
#include "sync/directory/limits.h"
#include "tests/conformance/malicious/stage.h"

using namespace satchel;
using namespace satchel::malicious;

namespace {

struct Breach {
  const char* what;
  const char* code;
  std::vector<Bytes> frames;
};

template <class... F>
std::vector<Bytes> say(F... frames) {
  return {wire::encode(frames)...};
}

wire::Sync sync_of(sim::Node& at, std::uint32_t round = 1) {
  const auto directory = at.replica().directory();
  return {round, directory->position(), directory->last_order_hash(), {}, 0, {}};
}

std::vector<Breach> breaches(Stage& stage) {
  auto forked = sync_of(stage.rep);
  forked.order_hash.bytes[0] ^= 1;
  wire::Compare both;
  both.items.resize(1);
  both.ranges = lasting(encode(ReconcileMessage{true, {ReconcileRange{}}}));
  wire::Compare garbled;
  garbled.ranges = lasting(Bytes(50, 0xee));
  wire::Compare backwards;
  backwards.ranges = lasting(Bytes{1, 2, 1, 9, 0, 1, 3, 0});
  const Bytes broken(72, 0xbb);
  Bytes two_segments = wire::encode(wire::Ping{1});
  two_segments[0] = 1;
  return {
      {"a second greeting", "session.unexpected-frame", say(wire::Hello{})},
      {"a welcome", "session.unexpected-frame", say(wire::Welcome{})},
      {"synced", "session.unexpected-frame", say(wire::Synced{})},
      {"submitted", "session.unexpected-frame", say(wire::Submitted{})},
      {"a run of the directory", "session.unexpected-frame", say(wire::DirectoryRun{})},
      {"accepted", "session.unexpected-frame", say(wire::Accepted{})},
      {"a page", "session.unexpected-frame", say(wire::Touched{})},
      {"served", "session.unexpected-frame", say(wire::Served{})},
      {"differ", "session.unexpected-frame", say(wire::Differ{})},
      {"receipts", "session.unexpected-frame", say(wire::Receipts{})},
      {"notify", "session.unexpected-frame", say(wire::Notify{})},
      {"states of attachments", "session.unexpected-frame", say(wire::BlobStates{})},
      {"a chunk taken", "session.unexpected-frame", say(wire::BlobTaken{})},
      {"another history of the directory", "directory.fork", say(forked)},
      {"a want of a page that was never told", "session.unknown-page", say(wire::Want{5, {}})},
      {"statements that are none", "session.bad-statement", say(wire::Submit{{View(broken)}})},
      {"ranges and archives at once", "session.compare", say(both)},
      {"ranges that are none", "reconcile.broken", say(garbled)},
      {"ranges that run backwards", "reconcile.broken", say(backwards)},
      {"bytes that are no frame", "wire.broken", {broken}},
      {"two segments", "wire.broken", {two_segments}},
      {"nothing", "wire.broken", {Bytes{}}},
      {"a batch that is none", "parcel.batch", say(wire::Parcel{1, {View(broken), {}}, {}, {}, {}, {}})},
  };
}

}  // namespace

TEST_CASE("lying device: breaches of the talk", "[malicious][device]") {
  Stage stage;
  const auto before = stage.truth(stage.hub);
  for (const auto& breach : breaches(stage)) {
    INFO("a device says " << breach.what);
    Scripted device(stage.rep, stage.hub);
    device.greet();
    REQUIRE(device.bye().empty());
    for (const auto& frame : breach.frames) device.say_bytes(frame);
    CHECK(device.bye() == breach.code);
    CHECK(device.over());
    const bool victim = std::string_view(breach.code) == "directory.fork";  // of whoever told it so
    CHECK(device.port.points[stage.rep.identity.id] == (victim ? 0 : kLiePoints));
    const auto heard = device.heard.size();
    device.say(wire::Ping{1});
    CHECK(device.heard.size() == heard);
  }
  CHECK(stage.truth(stage.hub) == before);
  stage.unharmed();
}

TEST_CASE("lying device: a page wanted twice is served once", "[malicious][device]") {
  Stage stage;
  stage.make_news();
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.say(sync_of(stage.rep));
  const auto* page = device.answer<wire::Touched>();
  REQUIRE(page != nullptr);
  wire::Want want;
  want.page = page->page;
  for (const auto& item : page->items) want.items.push_back({item.archive, {}, true});
  device.acceptor.on_frame({1}, wire::encode(want));
  device.acceptor.on_frame({1}, wire::encode(want));  // before the first is served
  device.say(wire::Ping{1});
  CHECK(device.bye() == "session.unknown-page");
  stage.unharmed();
}

TEST_CASE("lying device: a round within a round", "[malicious][device]") {
  Stage stage;
  stage.make_news();
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.acceptor.on_frame({1}, wire::encode(sync_of(stage.rep)));
  device.acceptor.on_frame({1}, wire::encode(sync_of(stage.rep, 2)));
  device.say(wire::Ping{1});
  CHECK(device.bye() == "session.sync-in-sync");
  stage.unharmed();
}

TEST_CASE("lying device: it asks only for what it may have, under whatever name", "[malicious][device]") {
  Stage stage;
  const auto foreign = stage.world.open_customer(stage.other, "南山超市", {stage.other.person});
  stage.world.settle(2);
  stage.make_news();
  Scripted device(stage.rep, stage.hub);
  device.greet();
  auto sync = sync_of(stage.rep);
  // Feeds of others, a hub's, everybody's.
  for (const auto& audience : node::followed(*stage.hub.replica().directory(), stage.boss.identity.id))
    sync.feeds.push_back({audience, 0, 0});
  sync.hub = stage.hub.replica().self().chain();
  device.say(sync);
  const auto* page = device.answer<wire::Touched>();
  REQUIRE(page != nullptr);
  for (const auto& received : device.heard) {
    if (const auto* touched = std::get_if<wire::Touched>(&received.frame())) {
      for (const auto& item : touched->items) CHECK(item.archive != foreign);
    }
  }
  // Named in a want it is 'gone', in a comparison it does not exist.
  wire::Want want{page->page, {{foreign, {}, true}}};
  device.say(want);
  const auto* served = device.answer<wire::Served>();
  REQUIRE(served != nullptr);
  CHECK(served->gone == std::vector<ArchiveId>{foreign});
  CHECK(served->wraps.empty());
  CHECK(device.answer<wire::Parcel>() == nullptr);
  wire::Compare compare;
  compare.items.push_back({foreign, {}, 0});
  device.say(compare);
  REQUIRE(device.answer<wire::Differ>() != nullptr);
  CHECK(device.answer<wire::Differ>()->items.empty());
  CHECK(device.bye().empty());
  stage.unharmed();
}

TEST_CASE("lying device: a page kept open gives nothing of an archive that was taken from it since",
          "[malicious][device]") {
  Stage stage;
  stage.make_news(false);
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.say(sync_of(stage.rep));
  const auto* page = device.answer<wire::Touched>();
  REQUIRE(page != nullptr);
  const wire::Want want{page->page, {{stage.customer, {}, true}}};
  payload::OwnerSet owners;
  owners.owners = {stage.other.person};
  stage.world.state_as(stage.boss, owners, stage.customer);
  stage.world.sync(stage.boss, stage.hub);
  device.say(want);
  const auto* served = device.answer<wire::Served>();
  REQUIRE(served != nullptr);
  CHECK(served->gone == std::vector<ArchiveId>{stage.customer});
  CHECK(served->wraps.empty());
  CHECK(device.answer<wire::Parcel>() == nullptr);
  CHECK(device.bye().empty());
  stage.unharmed();
}

TEST_CASE("lying device: an answer that would not fit a frame is cut to one", "[malicious][device]") {
  // A hub once stopped at an assertion when an answer grew beyond a frame.
  Stage stage;
  // As after twenty years: forty devices wrote there.
  must(stage.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, stage.customer));
    SATCHEL_GET(author, node::node_no(txn, stage.rep.identity.id));
    for (std::uint32_t incarnation = 2; incarnation < 42; ++incarnation) {
      Header header;
      header.archive = stage.customer;
      header.chain = {stage.rep.identity.id, incarnation};
      header.seq = 1;
      node::NewEntry entry;
      entry.raw = header.encode();
      entry.hash = header_hash(entry.raw);
      SATCHEL_GET(first, node::append_entries(txn, *no, author, header.chain, std::nullopt, std::span(&entry, 1)));
      if (first == 0) return fail(ErrorKind::failed, "test");
    }
    return {};
  }));
  Scripted device(stage.rep, stage.hub);
  device.greet();
  wire::Compare compare;
  compare.page = 1;
  for (std::size_t i = 0; i < wire::kTouchedItemsMax; ++i) compare.items.push_back({stage.customer, {}, 0});
  device.say(compare);
  const auto* differ = device.answer<wire::Differ>();
  REQUIRE(differ != nullptr);
  CHECK(differ->items.size() == wire::kTouchedItemsMax);
  CHECK(differ->items.front().heads.size() > 40);
  CHECK_FALSE(differ->items.front().want_wraps);
  CHECK(differ->items.back().heads.empty());
  CHECK(differ->items.back().want_wraps);
  CHECK(device.largest > kFrameBytesMax / 2);
  CHECK(device.largest <= kFrameBytesMax);
  CHECK(device.bye().empty());
}

TEST_CASE("lying device: what a follower is told of an archive comes in frames, however much was said of it",
          "[malicious][device]") {
  // Verdicts may be 96 KiB each; a page's worth of them was once one frame.
  Stage stage;
  for (int i = 0; i < 40; ++i) {
    payload::Verdict verdict;
    verdict.choice = VerdictChoice::admit;
    for (std::uint64_t n = 0; n < kVerdictRangesMax; ++n)
      verdict.ranges.push_back({stage.other.identity.id, 1, n * 10 + 1, n * 10 + 2});
    stage.world.state_as(stage.boss, verdict, stage.customer);
  }
  stage.world.settle(3);
  REQUIRE(stage.hub.replica().directory()->archive_facts().contains(stage.customer));
  stage.make_news();
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.say(sync_of(stage.rep));
  CHECK(device.answer<wire::Touched>() != nullptr);
  CHECK(device.largest > kTurnBytes / 2);
  CHECK(device.largest <= kFrameBytesMax);
  stage.unharmed();
}

TEST_CASE("lying device: comparing for ever ends", "[malicious][device]") {
  Stage stage;
  const Bytes question = encode(ReconcileMessage{true, {ReconcileRange{}}});
  Scripted device(stage.rep, stage.hub);
  device.greet();
  std::size_t asked = 0;
  for (; asked < 2 * kRangeFramesMax && device.bye().empty(); ++asked) {
    wire::Compare compare;
    compare.page = static_cast<std::uint32_t>(asked);
    compare.ranges = question;
    device.say(compare);
    device.heard.clear();
    device.frames.clear();
    if (device.over()) break;
  }
  CHECK(device.acceptor.reason() == "session.compare");
  CHECK(asked <= kRangeSetsMax + 1);
  stage.unharmed();
}

TEST_CASE("lying device: pings without end are answered one by one and keep nothing", "[malicious][device]") {
  Stage stage;
  Scripted device(stage.rep, stage.hub);
  device.greet();
  for (std::uint64_t i = 0; i < 5000; ++i) {
    device.say(wire::Ping{i});
    const auto* pong = device.answer<wire::Pong>();
    REQUIRE(pong != nullptr);
    REQUIRE(pong->token == i);
    device.heard.clear();
    device.frames.clear();
  }
  CHECK_FALSE(device.over());
}
