// SPDX-License-Identifier: AGPL-3.0-or-later
// Devices that lie with their work: parcels bent under the hub's eyes, work where it may not be, in numbers it may not
// have, at times that cannot be.
#include "sync/node/grants.h"
#include "tests/conformance/malicious/stage.h"

using namespace satchel;
using namespace satchel::malicious;

namespace {

struct BentParcel {
  const char* what;
  const char* code;
  unsigned points;
  std::function<void(wire::Parcel&)> how;
};

const std::vector<BentParcel>& bent_parcels() {
  static const std::vector<BentParcel> all = {
      {"a batch nobody signed", "parcel.bad-signature", kForgeryPoints,
       [](auto& p) { p.batch.signature.bytes[9] ^= 1; }},
      {"a batch altered", "parcel.bad-signature", kForgeryPoints,
       [](auto& p) { p.batch.bytes = bent(p.batch.bytes, 70); }},
      {"a batch of another version", "parcel.batch", kLiePoints,
       [](auto& p) { p.batch.bytes = bent(p.batch.bytes, 0); }},
      {"a body altered", "parcel.root", kForgeryPoints,
       [](auto& p) { p.chains[0].entries[0].body = bent(p.chains[0].entries[0].body, 30); }},
      {"a body larger than any", "parcel.body-too-large", kLiePoints,
       [](auto& p) { p.chains[0].entries[0].body = lasting(Bytes(kBodyBytesMax + 1, 1)); }},
      {"a chain without entries", "parcel.segment", kLiePoints, [](auto& p) { p.chains[0].entries.clear(); }},
      {"number 0", "parcel.segment", kLiePoints, [](auto& p) { p.chains[0].first_seq = 0; }},
      {"a first entry with a predecessor", "parcel.segment", kLiePoints,
       [](auto& p) {
         p.chains[0].first_seq = 1;
         p.chains[0].previous.bytes[0] = 1;
       }},
      {"a leaf moved", "parcel.root", kForgeryPoints, [](auto& p) { p.chains[0].leaf += 1; }},
      {"a leaf far outside", "parcel.root", kForgeryPoints, [](auto& p) { p.chains[0].leaf = UINT32_MAX; }},
      {"a chain twice", "parcel.count", kLiePoints, [](auto& p) { p.chains.push_back(p.chains[0]); }},
      {"an entry more than was signed", "parcel.count", kLiePoints,
       [](auto& p) { p.chains[0].entries.push_back(p.chains[0].entries[0]); }},
      {"a ragged proof", "parcel.proof", kForgeryPoints, [](auto& p) { p.proof = lasting(Bytes(33, 1)); }},
      {"a proof too long", "parcel.root", kForgeryPoints, [](auto& p) { p.proof = lasting(Bytes(32 * 64, 1)); }},
      {"extras that are none", "wire.broken", kLiePoints,
       [](auto& p) { p.chains[0].entries[0].extra = lasting(Bytes{0xff, 0xff}); }},
      {"a clear part that is none", "parcel.opening", kLiePoints,
       [](auto& p) {
         wire::ItemExtra extra;
         const Bytes clear(40, 1);
         extra.clear = clear;
         p.chains[0].entries[0].extra = lasting(wire::encode_extra(extra));
       }},
      {"a stamp that is none", "parcel.stamp", kForgeryPoints,
       [](auto& p) { p.stamps.push_back({lasting(Bytes(9, 1)), {}}); }},
  };
  return all;
}

}  // namespace

TEST_CASE("lying device: bent parcels are refused by name and counted against it", "[malicious][device]") {
  Stage stage;
  stage.world.add_visit(stage.rep, stage.customer, "一");
  const auto after = stage.count(stage.rep, Table::log) - 1;
  const auto before = stage.truth(stage.hub);
  for (const auto& lie : bent_parcels()) {
    INFO("a device pushes " << lie.what);
    auto parcel = stage.next_parcel(stage.rep, after);
    lie.how(std::get<wire::Parcel>(parcel.frame()));
    Scripted device(stage.rep, stage.hub);
    device.greet();
    device.say(parcel.frame());
    CHECK(device.bye() == lie.code);
    CHECK(device.over());
    CHECK(device.port.points[stage.rep.identity.id] == lie.points);
  }
  CHECK(stage.truth(stage.hub) == before);
  stage.unharmed();
}

namespace {

// What the hub answers to an honest parcel, or one the device made by breaking its own program.
struct Answered {
  std::string code;  // of the whole
  std::vector<wire::Refusal> refused;
  std::size_t stamps = 0;
};

Answered push(Stage& stage, sim::Node& as, wire::Received parcel, sim::Node* to = nullptr) {
  Scripted device(as, to != nullptr ? *to : stage.hub);
  device.greet();
  device.say(parcel.frame());
  CHECK(device.bye().empty());
  const auto* accepted = device.answer<wire::Accepted>();
  REQUIRE(accepted != nullptr);
  return {accepted->code, accepted->refused, accepted->stamps.size()};
}

// A modified program writes where it may not: it makes up the archive's key.
void intrude(Stage& stage, sim::Node& as, const ArchiveId& archive) {
  must(as.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(info, node::add_archive(txn, archive));
    info.opened = true;
    const Secret32 made_up = Secret32::random(as.entropy);
    info.key = key_id(made_up);
    SATCHEL_TRY(node::put_archive_info(txn, info));
    SATCHEL_TRY(as.keyring().adopt(txn, info, 0, made_up));
    node::Scribe scribe(txn, effects.directory(), as.identity, as.keyring(), as.entropy,
                        {as.clock.wall(), as.clock.mono(), true});
    SATCHEL_TRY(scribe.write(info, {}));
    return scribe.finish();
  }));
}

}  // namespace

TEST_CASE("lying device: work in a foreign archive is refused, stamped by nobody and told to nobody",
          "[malicious][device]") {
  Stage stage;
  const auto foreign = stage.world.open_customer(stage.other, "南山超市", {stage.other.person});
  stage.world.settle(2);
  const auto before = stage.count(stage.hub, Table::log);
  sim::Node& intruder = stage.world.device("intruder", Role::salesperson, "branch1");
  stage.world.settle(2);
  intrude(stage, intruder, foreign);
  const auto answer = push(stage, intruder, stage.next_parcel(intruder));
  REQUIRE(answer.refused.size() == 1);
  CHECK(answer.refused[0].verdict == wire::EntryVerdict::rejected);
  CHECK(answer.refused[0].code == "intake.foreign");
  CHECK(answer.stamps == 0);
  CHECK(stage.count(stage.hub, Table::log) == before);
}

TEST_CASE("lying device: a gap, and an archive nobody opened", "[malicious][device]") {
  Stage stage;
  stage.world.add_visit(stage.rep, stage.customer, "一");
  stage.seal(stage.rep);
  stage.world.add_visit(stage.rep, stage.customer, "二");
  const auto last = stage.count(stage.rep, Table::log) - 1;
  const auto before = stage.count(stage.hub, Table::log);
  const auto gap = push(stage, stage.rep, stage.next_parcel(stage.rep, last));
  REQUIRE(gap.refused.size() == 1);
  CHECK(gap.refused[0].verdict == wire::EntryVerdict::gap);
  CHECK(gap.refused[0].code == "intake.gap");
  CHECK(gap.stamps == 0);
  const auto fresh = stage.world.open_customer(stage.rep, "新客户");
  stage.seal(stage.rep);
  stage.world.add_visit(stage.rep, fresh, "三");
  const auto unopened = push(stage, stage.rep, stage.next_parcel(stage.rep, stage.count(stage.rep, Table::log) - 1));
  REQUIRE(unopened.refused.size() == 1);
  CHECK(unopened.refused[0].code == "intake.unknown-archive");
  CHECK(stage.count(stage.hub, Table::log) == before);
  stage.unharmed();
}

TEST_CASE("lying device: a fork is evidence, told in the answer, and the first entry stays", "[malicious][device]") {
  Stage stage;
  const auto copied = stage.rep.disk->clone();
  const auto after = stage.count(stage.rep, Table::log);
  stage.world.add_visit(stage.rep, stage.customer, "一");
  push(stage, stage.rep, stage.next_parcel(stage.rep, after));
  const auto held = stage.count(stage.hub, Table::log);
  stage.rep.stop();
  stage.rep.disk = copied;
  stage.rep.start();
  stage.world.add_visit(stage.rep, stage.customer, "又一");
  for (int i = 0; i < 3; ++i) {
    const auto answer = push(stage, stage.rep, stage.next_parcel(stage.rep, after));
    REQUIRE(answer.refused.size() == 1);
    CHECK(answer.refused[0].verdict == wire::EntryVerdict::fork);
    CHECK(answer.refused[0].code == "intake.fork");
  }
  CHECK(stage.count(stage.hub, Table::forks) == 1);
  CHECK(stage.count(stage.hub, Table::log) == held);
  // Everybody else goes on.
  stage.world.add_visit(stage.boss, stage.customer, "经理来访");
  CHECK(stage.world.sync(stage.boss, stage.hub).accepted == 1);
}

TEST_CASE("lying device: a revoked key that names an old position gains nothing", "[malicious][device]") {
  Stage stage;
  stage.world.add_visit(stage.rep, stage.customer, "离职之后，日期写成之前");
  stage.world.state_as(stage.world.admin(), payload::NodeRevoked{stage.rep.identity.id, "left"});
  stage.world.sync(stage.world.admin(), stage.world.hq());
  stage.world.sync(stage.hub, stage.world.hq());
  stage.rep.clock.set_offset(-400 * 86'400'000LL);
  const auto answer = push(stage, stage.rep, stage.next_parcel(stage.rep, stage.count(stage.rep, Table::log) - 1));
  REQUIRE(answer.refused.size() == 1);
  CHECK(answer.refused[0].verdict == wire::EntryVerdict::held);
  CHECK(answer.refused[0].code == "intake.held");
  // Handing in is all it may do.
  Scripted device(stage.rep, stage.hub);
  device.greet();
  const auto directory = stage.rep.replica().directory();
  device.say(wire::Sync{1, directory->position(), directory->last_order_hash(), {}, 0, {}});
  CHECK(device.answer<wire::Touched>() == nullptr);
}

TEST_CASE("lying device: a clock ten years ahead counts for two minutes", "[malicious][device]") {
  Stage stage;
  stage.rep.clock.set_offset(10 * 365 * 86'400'000LL);
  stage.world.add_visit(stage.rep, stage.customer, "明天");
  stage.world.sync(stage.rep, stage.hub);
  stage.rep.clock.set_offset(0);
  CHECK(sim::check_clocks(stage.world) == "");
  stage.unharmed();
}

TEST_CASE("lying device: an archive opened twice, and key epochs used up", "[malicious][device]") {
  Stage stage;
  stage.world.add_visit(stage.rep, stage.customer, "一");
  const auto after = stage.count(stage.rep, Table::log);
  const auto opening_again = [&](sim::Node& as, std::uint32_t epoch) {
    must(as.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_GET(no, node::find_archive(txn, stage.customer));
      SATCHEL_GET(info, node::archive_info(txn, *no));
      Opening opening;
      opening.kind = ArchiveKind::customer;
      opening.branch = info->branch;
      opening.owners = {as.person};
      opening.epoch = epoch;
      opening.key.bytes.fill(1);
      const Bytes clear = opening.encode();
      SATCHEL_GET(author, node::node_no(txn, as.identity.id));
      const ChainId chain = as.replica().self().chain();
      SATCHEL_GET(head, node::head_of(txn, *no, author, chain));
      Header header;
      header.archive = stage.customer;
      header.chain = chain;
      header.seq = head ? head->chain.head.seq + 1 : 1;
      if (head) header.previous = head->chain.head.hash;
      header.epoch = epoch;
      header.directory = as.replica().directory()->position();
      header.clear = clear_hash(clear);
      node::NewEntry entry;
      entry.raw = header.encode();
      entry.hash = header_hash(entry.raw);
      entry.clear = clear;
      SATCHEL_GET(first, node::append_entries(txn, *no, author, chain, head, std::span(&entry, 1)));
      return first > 0 ? Result<void>{} : fail(ErrorKind::failed, "test");
    }));
  };
  const auto before = stage.count(stage.hub, Table::log);
  opening_again(stage.boss, 0);
  const auto mine = push(stage, stage.boss, stage.next_parcel(stage.boss, stage.count(stage.boss, Table::log) - 1));
  REQUIRE(mine.refused.size() == 1);
  CHECK(mine.refused[0].code == "intake.opened-already");
  opening_again(stage.rep, node::kEpochLeapMax + 1);
  stage.seal(stage.rep);
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.say(stage.next_parcel(stage.rep, after - 1).frame());
  const auto* leap = device.answer<wire::Accepted>();
  REQUIRE(leap != nullptr);
  REQUIRE(leap->refused.size() == 1);
  CHECK(leap->refused[0].code == "intake.epoch");
  CHECK(stage.count(stage.hub, Table::log) == before);
}

TEST_CASE("lying device: more unanswered than its window ends it", "[malicious][device]") {
  Stage stage;
  stage.world.add_visit(stage.rep, stage.customer, "一");
  const auto parcel = stage.next_parcel(stage.rep, stage.count(stage.rep, Table::log) - 1);
  auto large = std::get<wire::Parcel>(parcel.frame());
  const Bytes wrap(250 * 1024, 1);  // wraps that are none are left out, and still weigh
  large.wraps = {View(wrap), View(wrap), View(wrap)};
  const Bytes frame = wire::encode(large);
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.port.slow = true;
  std::size_t pushed = 0;
  while (!device.over() && pushed < 64 * kFrameBytesMax) {
    device.say_bytes(frame);
    pushed += frame.size();
  }
  CHECK(device.bye() == "session.window");
  CHECK(pushed <= kWindowBytes + 2 * kFrameBytesMax);
  device.port.answer_all();  // answers that come after the end do no harm
  stage.unharmed();
}

// ---- what was destroyed stays so ----

namespace {

struct Perished : Stage {
  Bytes old_parcel;
  Perished() {
    sim::Node& chief = world.device("chief", Role::general_manager, "");
    world.add_visit(rep, customer, "还没有交");
    seal(rep);
    const auto received = next_parcel(rep, count(rep, Table::log) - 1);
    old_parcel = wire::encode(received.frame());
    old_disk = rep.disk->clone();
    hub_disk = hub.disk->clone();
    must(scan_prefix(*reading(hub), Table::grants, {}, [&](KeyValue pair) {
      if (must(Wrap::decode(pair.value)).archive == customer) old_wraps.push_back(copy(pair.value));
      return true;
    }));
    REQUIRE_FALSE(old_wraps.empty());
    world.settle(1);
    const auto proposal = world.state_as(chief, payload::DestroyProposed{{customer}});
    world.sync(chief, world.hq());
    world.sync(world.admin(), world.hq());
    world.state(payload::Destroy{proposal});
    world.settle(5);
    REQUIRE(world.hq().replica().directory()->is_destroyed(customer));
  }
  std::size_t bodies(sim::Node& at) {
    const auto txn = reading(at);
    const auto no = must(node::find_archive(*txn, customer));
    std::size_t found = 0;
    if (!no) return 0;
    for (const auto& head : must(node::heads_of(*txn, *no))) {
      for (const auto ordinal : must(node::chain_after(*txn, head, 0)))
        found += must(node::entry_at(*txn, ordinal)).body.empty() ? 0 : 1;
    }
    return found;
  }
  std::size_t wraps(sim::Node& at) {
    const auto txn = reading(at);
    const auto no = must(node::find_archive(*txn, customer));
    return no ? must(node::wraps_of(*txn, *no)).size() : 0;
  }
  std::vector<Bytes> old_wraps;
  std::shared_ptr<MemoryDisk> old_disk;
  std::shared_ptr<MemoryDisk> hub_disk;
};

}  // namespace

TEST_CASE("resurrection: a device from an old backup hands a destroyed archive in and is refused",
          "[malicious][device]") {
  Perished stage;
  stage.rep.stop();
  stage.rep.disk = stage.old_disk;
  stage.rep.start();
  Scripted device(stage.rep, stage.hub);
  device.greet();
  device.say_bytes(stage.old_parcel);
  const auto* accepted = device.answer<wire::Accepted>();
  REQUIRE(accepted != nullptr);
  REQUIRE(accepted->refused.size() == 1);
  CHECK(accepted->refused[0].code == "intake.destroyed");
  // Nor do its keys come back, which the archive's opening promised.
  wire::Wraps late{2, {}};
  for (const auto& wrap : stage.old_wraps) late.wraps.push_back(wrap);
  device.say(late);
  REQUIRE(device.answer<wire::Accepted>()->number == 2);
  CHECK(stage.wraps(stage.hub) == 0);
  CHECK(stage.bodies(stage.hub) == 0);
  CHECK(stage.bodies(stage.world.hq()) == 0);
  // It takes the list of what is destroyed before anything else, and opens nothing any more.
  stage.world.settle(3);
  CHECK(stage.bodies(stage.rep) == 0);
  CHECK(stage.count(stage.rep, Table::keys) == 0);
}

TEST_CASE("resurrection: a hub from an old backup brings a destroyed archive back to nobody", "[malicious][hub]") {
  Perished stage;
  stage.hub.stop();
  stage.hub.disk = stage.hub_disk;
  stage.hub.start();
  REQUIRE(stage.bodies(stage.hub) > 0);
  static_cast<void>(stage.world.sync_outcome(stage.boss, stage.hub));
  CHECK(stage.bodies(stage.boss) == 0);
  stage.world.settle(4);
  for (sim::Node* at : stage.world.all()) {
    INFO(at->name);
    CHECK(stage.bodies(*at) == 0);
  }
}
