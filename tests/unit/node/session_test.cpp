// SPDX-License-Identifier: AGPL-3.0-or-later
// What two ends agree on beyond the stories: hubs that know less than their callers, pages, lost answers, and frames
// that no honest hub sends.
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

// A salesperson whom headquarters has made a general manager since; the branch hub has not heard of it.
struct Promoted : Desk {
  ArchiveId customer = world.open_customer(rep, "福田百货");
  Promoted() {
    world.settle(2);
    payload::PersonChanged change;
    change.person = other.person;
    change.role = Role::general_manager;
    change.branch = BranchId{};
    world.state(change);
    for (int i = 0; i < 4; ++i) {
      world.sync(world.admin(), world.hq());
      world.sync(other, world.hq());
    }
    world.add_visit(other, customer, "总经理来访");
  }
  std::unique_ptr<ReadTxn> reading(sim::Node& at) { return must(at.replica().store().begin_read()); }
  std::uint64_t entries(sim::Node& at) { return must(reading(at)->count(Table::log)); }
  std::size_t unsent(sim::Node& at) { return must(node::count_unsent(*reading(at), at.replica().self().chain())); }
  std::size_t owed() { return must(node::owed(*reading(other), hub_no(), 1)).size(); }
  node::NodeNo hub_no() { return must(node::find_node(*reading(other), hub.identity.id)).value(); }
};

// The first frame of a kind on its way, or nothing.
template <class F>
Bytes* find_frame(std::deque<Bytes>& queue) {
  for (auto& frame : queue) {
    const auto received = wire::Received::decode(frame);
    if (received && std::holds_alternative<F>(received->frame())) return &frame;
  }
  return nullptr;
}

// As the hub would have stamped the batch in that incarnation.
Result<void> add_stamp_as(WriteTxn& txn, node::BatchNo batch, const sim::Node& hub, std::uint32_t incarnation) {
  Stamp stamp;
  stamp.batch.bytes.fill(static_cast<Byte>(batch));
  stamp.batch.bytes[0] = static_cast<Byte>(batch >> 8);
  stamp.hub = {hub.identity.id, incarnation};
  SATCHEL_GET(fresh, node::add_stamp(txn, batch, stamp, sign_stamp(stamp, hub.identity.sign)));
  return fresh ? Result<void>{} : fail(ErrorKind::failed, "test.stamp");
}

}  // namespace

TEST_CASE("session: work that a hub's directory is too old for is kept, told, and taken when the hub has caught up",
          "[node][session]") {
  Promoted desk;
  const auto held = desk.entries(desk.hub);
  const auto first = desk.world.sync(desk.other, desk.hub);
  CHECK(first.complete);
  CHECK(first.later == 1);
  CHECK(first.rejected == 0);
  CHECK(desk.entries(desk.hub) == held);
  CHECK(desk.owed() == 1);
  CHECK(desk.unsent(desk.other) == 1);
  // Once a session, however often it asks.
  CHECK(desk.world.sync(desk.other, desk.hub).later == 1);
  // What comes after it waits with it, and is not lost either.
  desk.world.add_visit(desk.other, desk.customer, "又来");
  CHECK(desk.world.sync(desk.other, desk.hub).later == 2);
  CHECK(desk.unsent(desk.other) == 2);

  desk.world.sync(desk.hub, desk.world.hq());
  const auto last = desk.world.sync(desk.other, desk.hub);
  CHECK(last.later == 0);
  CHECK(last.accepted == 2);
  CHECK(desk.owed() == 0);
  CHECK(desk.unsent(desk.other) == 0);
  CHECK(desk.world.sync(desk.other, desk.hub).sent == 0);
  desk.world.settle(2);
  const auto card = desk.world.card_of(desk.rep, desk.customer);
  REQUIRE(card);
  CHECK(desk.entries(desk.rep) == desk.entries(desk.other));
}

TEST_CASE("session: in live mode what was left for later is offered again when its time has come", "[node][session]") {
  Promoted desk;
  auto link = desk.world.connect(desk.other, desk.hub, true);
  desk.world.run(*link);
  CHECK(link->initiator().report().later == 1);
  desk.world.sync(desk.hub, desk.world.hq());
  desk.world.run(*link);  // told of the directory, and too soon to ask again
  CHECK(desk.owed() == 1);
  for (int i = 0; i < 15 && desk.owed() > 0; ++i) {
    desk.world.time.ms += kPingAfter.count();
    link->initiator().on_tick({desk.world.time.ms});
    desk.world.run(*link);
  }
  CHECK(desk.owed() == 0);
  CHECK(desk.unsent(desk.other) == 0);
}

TEST_CASE("session: a batch of which one archive is beyond the hub's directory gets no stamp for the others",
          "[node][session]") {
  Promoted desk;
  const auto before = desk.entries(desk.other) - 1;  // the visit that the hub cannot judge is the last
  desk.world.open_customer(desk.other, "自己的", {desk.other.person});
  auto arrival = desk.next_parcel(desk.other, before);
  REQUIRE(arrival.parcel().chains.size() == 2);
  const auto taken = must(desk.push(desk.hub, arrival.parcel(), desk.other));
  CHECK(taken.intake.later);
  CHECK(taken.intake.refused.empty());
  CHECK(taken.intake.touched.empty());
  CHECK(taken.stamps.empty());
  auto txn = desk.reading(desk.hub);
  CHECK_FALSE(must(node::find_batch(*txn, batch_id(arrival.parcel().batch.bytes))).has_value());
}

TEST_CASE("session: late stamps come whole, however many a frame cannot hold", "[node][session]") {
  // More stamps than a frame may have used to be cut off, and the cursor moved past them.
  constexpr int kBatches = 150, kHubs = 9;
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  desk.world.sync(desk.rep, desk.hub);
  must(desk.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (int i = 0; i < kBatches; ++i) {
      Batch batch;
      batch.author = desk.rep.replica().self().chain();
      batch.number = static_cast<std::uint64_t>(100 + i);
      batch.entries = batch.leaves = 1;
      SATCHEL_GET(no, node::add_batch(txn, {batch.encode(), {}}, PartialTree(1)));
      for (std::uint32_t h = 0; h < kHubs; ++h) SATCHEL_TRY(add_stamp_as(txn, no, desk.hub, 10 + h));
      SATCHEL_TRY(node::add_receipt(txn, desk.rep.identity.id.bytes, no));
    }
    return {};
  }));
  std::size_t stamps = 0;
  std::set<std::string> different;
  std::uint64_t up_to = 0;
  auto link = desk.world.connect(desk.rep, desk.hub);
  link->tap = [&](bool up, const Bytes& frame) {
    const auto received = must(wire::Received::decode(frame));
    const auto* receipts = std::get_if<wire::Receipts>(&received.frame());
    if (up || receipts == nullptr) return;
    CHECK(frame.size() <= kFrameBytesMax);
    CHECK(receipts->up_to >= up_to);
    up_to = receipts->up_to;
    stamps += receipts->stamps.size();
    for (const auto& s : receipts->stamps) different.insert(hex(s.bytes));
  };
  desk.world.run(*link);
  CHECK(link->initiator().outcome().has_value());
  CHECK(different.size() == kBatches * kHubs);
  CHECK(stamps == kBatches * kHubs);
  CHECK(up_to == must(node::receipts_end(*must(desk.hub.replica().store().begin_read()), desk.rep.identity.id.bytes)));
}

TEST_CASE("session: a batch with more stamps than a frame holds does not hold up what comes after", "[node][session]") {
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  desk.world.sync(desk.rep, desk.hub);
  must(desk.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (std::uint32_t i = 1; i <= wire::kReceiptsMax + 40; ++i) SATCHEL_TRY(add_stamp_as(txn, 1, desk.hub, i + 10));
    SATCHEL_TRY(node::add_receipt(txn, desk.rep.identity.id.bytes, 1));
    return node::add_receipt(txn, desk.rep.identity.id.bytes, 1);
  }));
  std::vector<std::size_t> frames;
  auto link = desk.world.connect(desk.rep, desk.hub);
  link->tap = [&](bool, const Bytes& frame) {
    const auto received = must(wire::Received::decode(frame));
    if (const auto* receipts = std::get_if<wire::Receipts>(&received.frame()))
      frames.push_back(receipts->stamps.size());
  };
  desk.world.run(*link);
  CHECK(link->initiator().outcome().has_value());
  std::size_t all = 0;
  for (const auto n : frames) all += n;
  CHECK(all == 2 * (wire::kReceiptsMax + 41));  // both places tell the whole batch
}

TEST_CASE("session: an enrolment whose answer is lost, wherever the line breaks, is finished by the next try",
          "[node][session]") {
  for (std::size_t frames = 1; frames < 12; ++frames) {
    sim::World world(21);
    // A device by hand: world.device() never loses a line.
    payload::PersonAdded added;
    added.person = random_id<PersonId>(world.admin().entropy);
    added.name = "rep";
    added.role = Role::salesperson;
    added.branch = world.branch("branch1");
    world.state(added);
    InvitationFile file = new_invitation(world.admin().replica().directory()->root(), world.admin().entropy);
    payload::Invitation invitation;
    invitation.invite = file.invite;
    invitation.token = token_keys(file).pub;
    invitation.purpose = InvitePurpose::person;
    invitation.person = added.person;
    invitation.expiry = {world.time.ms + 3'600'000};
    world.state(invitation);
    world.sync(world.admin(), world.hq());
    sim::SeededEntropy entropy(99);
    sim::Node fresh(world, "fresh", make_identity(entropy), wire::Role::device, world.org(), 77, 0);
    fresh.start();
    const auto word = node::enrolment(file, fresh.identity, "phone", {}, fresh.clock.wall(), fresh.entropy);
    must(fresh.replica().write([&](WriteTxn& txn, node::Effects&) {
      return node::put_pending(txn, {word.id(), word.encode(), wire::SubmitStatus::pending, {}});
    }));
    {
      auto link = world.connect(fresh, world.hq());
      while (link->frames < frames && link->step()) {
      }
      link->cut();
    }
    INFO("cut after " << frames << " frames; ordered: " << world.hq().replica().directory()->has(word.id()));
    session::SyncReport report;
    CHECK(code(world.sync_outcome(fresh, world.hq(), &report)).empty());
    CHECK(report.refused_statements == 0);
    CHECK(world.hq().replica().directory()->has(word.id()));
    payload::NodeConfirmed confirmed;
    confirmed.node = fresh.identity.id;
    world.state(confirmed);
    world.sync(world.admin(), world.hq());
    CHECK_FALSE(world.sync(fresh, world.hq()).unconfirmed);
    const auto pending = must(node::all_pending(*must(fresh.replica().store().begin_read())));
    for (const auto& p : pending) CHECK(p.id != word.id());
  }
}

namespace {

// A device with two archives at a hub it has not met.
struct FirstContact : Desk {
  ArchiveId one = world.open_customer(rep, "福田百货");
  ArchiveId two = world.open_customer(rep, "罗湖商行");
  sim::Node& strange = world.hq();
  Bytes other_ranges = encode(ReconcileMessage{false, {ReconcileRange{}}});
  bool at_hub(const ArchiveId& archive) {
    return must(node::find_archive(*must(strange.replica().store().begin_read()), archive)).has_value();
  }
  // As if the hub had never been met.
  void forget() {
    must(rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_GET(no, node::node_no(txn, strange.identity.id));
      return node::put_peer_marks(txn, no, 1, {});
    }));
  }
};

// Syncs as with a hub never met, and bends the first frame of that kind under way. Whether there was one.
template <class F>
bool first_contact(FirstContact& desk, bool up, const std::function<void(F&)>& bend, Result<void>& outcome,
                   const std::function<bool(const F&)>& which) {
  desk.forget();
  auto link = desk.world.connect(desk.rep, desk.strange);
  bool bent = false;
  for (int i = 0; i < 400 && (link->step() || !link->over()); ++i) {
    Bytes* frame = bent ? nullptr : find_frame<F>(up ? link->up() : link->down());
    if (frame == nullptr) continue;
    auto received = must(wire::Received::decode(*frame));
    if (!which(std::get<F>(received.frame()))) continue;
    bend(std::get<F>(received.frame()));
    *frame = wire::encode(received.frame());
    bent = true;
  }
  outcome = link->initiator().outcome();
  return bent;
}

}  // namespace

TEST_CASE("session: a first comparison that was garbled on the way is noticed, and made again", "[node][session]") {
  // What it no longer named was taken for compared, and never sent.
  FirstContact desk;
  Result<void> outcome{};
  const auto archives = [](const auto& f) { return f.ranges.empty(); };
  const auto ranges = [](const auto& f) { return !f.ranges.empty(); };
  SECTION("ranges, on the way up") {
    REQUIRE(first_contact<wire::Compare>(
        desk, true, [&](wire::Compare& f) { f.ranges = desk.other_ranges; }, outcome, ranges));
  }
  SECTION("ranges, on the way down: all is said to be equal") {
    REQUIRE(first_contact<wire::Differ>(
        desk, false, [&](wire::Differ& f) { f.ranges = desk.other_ranges; }, outcome, ranges));
  }
  SECTION("an archive's id, on the way up") {
    REQUIRE(first_contact<wire::Compare>(
        desk, true, [](wire::Compare& f) { f.items.front().archive.bytes[3] ^= 1; }, outcome, archives));
  }
  SECTION("an archive left out, on the way up") {
    REQUIRE(first_contact<wire::Compare>(desk, true, [](wire::Compare& f) { f.items.pop_back(); }, outcome, archives));
  }
  SECTION("what differs, left out of the answer") {
    REQUIRE(first_contact<wire::Differ>(desk, false, [](wire::Differ& f) { f.items.clear(); }, outcome, archives));
  }
  SECTION("heads that are not the hub's, in the answer") {
    REQUIRE(first_contact<wire::Differ>(
        desk, false, [&](wire::Differ& f) { f.items.front().heads = {{{desk.rep.identity.id, 1}, {9, {}}}}; }, outcome,
        archives));
  }
  SECTION("an archive nobody asked about, in the answer") {
    REQUIRE(first_contact<wire::Differ>(
        desk, false, [](wire::Differ& f) { f.items.front().archive.bytes[3] ^= 1; }, outcome, archives));
  }
  CHECK(code(outcome) == "session.compare");
  CHECK_FALSE((desk.at_hub(desk.one) && desk.at_hub(desk.two)));
  desk.world.sync(desk.rep, desk.strange);
  CHECK(desk.at_hub(desk.one));
  CHECK(desk.at_hub(desk.two));
}

TEST_CASE("session: first contact with a hub that has all but one archive compares that one alone", "[node][session]") {
  FirstContact desk;
  for (int i = 0; i < 300; ++i) desk.world.open_customer(desk.rep, "客户" + std::to_string(i));
  desk.world.settle(2);
  const auto late = desk.world.open_customer(desk.rep, "最后一家");
  desk.world.add_visit(desk.rep, desk.one, "又去");
  desk.forget();
  std::size_t compared = 0, asked = 0, bytes = 0;
  auto link = desk.world.connect(desk.rep, desk.strange);
  link->tap = [&](bool up, const Bytes& frame) {
    const auto received = must(wire::Received::decode(frame));
    const auto* compare = std::get_if<wire::Compare>(&received.frame());
    if (!up || compare == nullptr) return;
    bytes += frame.size();
    compared += compare->items.size();
    asked += !compare->ranges.empty();
  };
  desk.world.run(*link);
  REQUIRE(code(link->initiator().outcome()).empty());
  CHECK(desk.at_hub(late));
  CHECK(compared == 2);
  CHECK(asked <= 2);
  CHECK(bytes < 8000);
  CHECK(link->initiator().report().sent == 2);
}

TEST_CASE("session: ranges are answered from what the caller may know of", "[node][session]") {
  FirstContact desk;
  desk.world.open_customer(desk.other, "别人的", {desk.other.person});
  desk.world.settle(2);
  desk.forget();
  auto second = desk.world.connect(desk.rep, desk.strange, true);
  desk.world.run(*second);
  wire::Compare ask;
  ask.page = 77;
  const ReconcileSet nothing;
  Reconciler all(nothing, true);
  const Bytes question = *all.start();
  ask.ranges = question;
  std::set<ArchiveId> heard;
  second->tap = [&](bool up, const Bytes& frame) {
    const auto received = must(wire::Received::decode(frame));
    const auto* differ = std::get_if<wire::Differ>(&received.frame());
    if (up || differ == nullptr) return;
    for (const auto& range : must(decode_reconcile(differ->ranges)).ranges) {
      for (const auto& item : range.items) heard.insert(item.archive);
    }
  };
  second->up().push_back(wire::encode(ask));
  second->step();
  CHECK(heard == std::set<ArchiveId>{desk.one, desk.two});
}

TEST_CASE("session: false stamps end the session, and the next one brings the true ones", "[node][session]") {
  Desk desk;
  desk.world.open_customer(desk.rep, "福田百货");
  desk.world.sync(desk.rep, desk.hub);
  desk.world.sync(desk.hub, desk.world.hq());
  desk.world.sync(desk.hub, desk.world.hq());
  const auto receipts_known = [&] {
    const auto txn = must(desk.rep.replica().store().begin_read());
    return must(node::stamps_of(*txn, 1)).size();
  };
  REQUIRE(receipts_known() == 1);  // the branch's; headquarters' waits at the branch hub
  {
    auto link = desk.world.connect(desk.rep, desk.hub);
    bool bent = false;
    for (int i = 0; i < 400 && (link->step() || !link->over()); ++i) {
      Bytes* frame = bent ? nullptr : find_frame<wire::Receipts>(link->down());
      if (frame == nullptr) continue;
      auto received = must(wire::Received::decode(*frame));
      auto& stamps = std::get<wire::Receipts>(received.frame()).stamps;
      REQUIRE_FALSE(stamps.empty());
      for (auto& s : stamps) s.signature.bytes[7] ^= 1;
      *frame = wire::encode(received.frame());
      bent = true;
    }
    REQUIRE(bent);
    CHECK(code(link->initiator().outcome()) == "session.stamp");
  }
  CHECK(receipts_known() == 1);
  desk.world.sync(desk.rep, desk.hub);
  CHECK(receipts_known() == 2);
}

TEST_CASE("session: a hub that fell behind without saying so is given the whole archive again", "[node][session]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  const auto before = desk.hub.disk->clone();
  desk.world.sync(desk.rep, desk.hub);
  desk.hub.stop();
  desk.hub.disk = before;  // and the same incarnation, as no honest restore has
  desk.hub.start();
  desk.world.add_visit(desk.rep, archive, "一");
  desk.world.sync(desk.rep, desk.hub);
  const auto txn = must(desk.hub.replica().store().begin_read());
  CHECK(must(txn->count(Table::log)) == 2);
}
