// SPDX-License-Identifier: AGPL-3.0-or-later
// What people do with bundles: a day's work over an air gap and back, from hand to hand, and what comes of it.
#include "tests/unit/bundle/carriers.h"

using namespace satchel;
using namespace satchel::bundle_test;

TEST_CASE("bundle: a day's work crosses an air gap to headquarters, and the receipts come back", "[bundle]") {
  Carriers c;
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  const auto visit = c.world.add_visit(c.rep, customer, "谈了年货");
  CHECK(c.unsent(c.rep) == 2);

  const auto up = c.to_hub(c.rep, c.hub);
  CHECK(up.entries == 2);
  CHECK(c.unsent(c.rep) == 2);  // a stick may be lost
  const auto at_branch = c.import(c.hub, up.files);
  CHECK(at_branch.complete);
  CHECK(at_branch.received == 2);
  CHECK(at_branch.sender == "rep");
  const auto at_top = c.import(c.hq, c.to_hub(c.hub, c.hq).files);
  CHECK(at_top.received == 2);
  CHECK(c.entries(c.hq) == 2);

  const auto down = c.to_hub(c.hq, c.hub);
  CHECK(down.acknowledged == 1);
  CHECK(down.stamps >= 1);
  const auto back = c.import(c.hub, down.files);
  CHECK(back.acknowledged == 1);
  CHECK(back.received == 0);
  CHECK(back.pages_unkept == 0);
  const auto home = c.import(c.rep, c.to_person(c.hub, c.rep).files);
  CHECK(home.acknowledged == 1);
  CHECK(home.received == 0);
  CHECK(home.pages_unkept == 0);
  CHECK(c.unsent(c.rep) == 0);
  CHECK(c.stamped_by(c.rep) == std::set<NodeId>{c.hub.identity.id, c.hq.identity.id});

  // Nothing is left for the next one, nor for the line when there is one.
  const auto again = c.to_hub(c.rep, c.hub);
  CHECK(again.entries == 0);
  CHECK(again.outstanding == 0);
  const auto online = c.world.sync(c.rep, c.hub);
  CHECK(online.sent == 0);
  CHECK(online.received == 0);
  const auto line_up = c.world.sync(c.hub, c.hq);
  CHECK(line_up.sent == 0);

  // The manager has read it too, by file alone.
  const auto seen = c.import(c.boss, c.to_person(c.hub, c.boss).files);
  CHECK(seen.received == 2);
  CHECK(c.world.read(c.boss, customer, visit).state.type() == "visit");
  CHECK(c.world.sync(c.boss, c.hub).received == 0);
}

TEST_CASE("bundle: cursors move by file as on a line, and the next bundle holds only what is new", "[bundle]") {
  Carriers c;
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  c.up_and_back(c.rep, c.hub);
  c.import(c.boss, c.to_person(c.hub, c.boss).files);
  // The hub learns what the boss has, and that its bundle came.
  c.import(c.hub, c.to_hub(c.boss, c.hub).files);
  c.world.add_visit(c.rep, customer, "二");
  c.up_and_back(c.rep, c.hub);
  const auto second = c.to_person(c.hub, c.boss);
  CHECK(second.entries == 1);
  const auto came = c.import(c.boss, second.files);
  CHECK(came.received == 1);
  CHECK(came.known == 0);
  CHECK(came.statements == 0);
  const auto online = c.world.connect(c.boss, c.hub);
  c.world.run(*online);
  CHECK(online->initiator().report().received == 0);
}

TEST_CASE("bundle: importing twice changes nothing and says so", "[bundle]") {
  Carriers c;
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  const auto old = c.to_hub(c.rep, c.hub);
  CHECK_FALSE(c.import(c.hub, old.files).seen_before);
  const auto before = c.state(c.hub);
  const auto twice = c.import(c.hub, old.files);
  CHECK(twice.seen_before);
  CHECK(twice.complete);
  CHECK(twice.received == 0);
  CHECK(c.state(c.hub) == before);
  // One that was made before it and comes after it is told as such.
  c.world.add_visit(c.rep, customer, "一");
  const auto first = c.to_hub(c.rep, c.hub);
  c.world.add_visit(c.rep, customer, "二");
  const auto second = c.to_hub(c.rep, c.hub);
  CHECK(second.outstanding == 2);
  CHECK(c.import(c.hub, second.files).received == 2);
  const auto late = c.import(c.hub, first.files);
  CHECK(late.older);
  CHECK_FALSE(late.seen_before);
  CHECK(late.received == 0);
  CHECK(late.known == 2);
}

TEST_CASE("bundle: a lost stick costs another export, and one acknowledgement settles both", "[bundle]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  c.to_hub(c.rep, c.hub);  // lost
  c.world.open_customer(c.rep, "罗湖商行");
  const auto second = c.to_hub(c.rep, c.hub);
  CHECK(second.entries == 2);
  CHECK(second.outstanding == 1);
  CHECK(c.import(c.hub, second.files).received == 2);
  c.import(c.rep, c.to_person(c.hub, c.rep).files);
  CHECK(c.unsent(c.rep) == 0);
  CHECK(c.to_hub(c.rep, c.hub).outstanding == 0);
}

TEST_CASE("bundle: it opens for its recipient alone, and whoever carries it is told whose it is", "[bundle]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  const auto made = c.to_hub(c.rep, c.hub);
  const auto& file = made.files.front();
  for (auto* other : {&c.boss, &c.hq, &c.world.hub_of("branch2"), &c.rep}) {
    const auto before = c.state(*other);
    const auto refused = c.try_import(*other, file);
    CHECK(code(refused) == "bundle.not-for-us");
    CHECK(refused.error().detail == "hub branch1");
    CHECK(c.state(*other) == before);
  }
  sim::World elsewhere(99);
  const auto foreign = bundle::import_part(elsewhere.hq().replica(), file);
  CHECK(code(foreign) == "bundle.other-organisation");
  const auto look = must(bundle::look_at(file));
  CHECK(look.header().number == made.number);
  CHECK(look.header().to == bundle::to_hub(c.hub.identity.id));
  CHECK(c.import(c.hub, made.files).received == 1);
}

TEST_CASE("bundle: from hand to hand: a colleague's device reads it and carries it on to the hub", "[bundle]") {
  Carriers c;
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  c.world.open_customer(c.boss, "只给主管的", {c.boss.person});
  const auto visit = c.world.add_visit(c.rep, customer, "一");
  const auto came = c.import(c.boss, c.to_person(c.rep, c.boss).files);
  CHECK(came.received == 2);
  CHECK(c.world.read(c.boss, customer, visit).state.type() == "visit");
  // Not a hub: it stamps nothing, but the hub gets it from there, and judges it.
  CHECK(c.world.sync(c.boss, c.hub).sent == 3);
  CHECK(c.entries(c.hub) == 3);
  // And back: only what the salesperson may read, with the hub's stamp.
  const auto back = c.import(c.rep, c.to_person(c.boss, c.rep).files);
  CHECK(back.received == 0);
  CHECK(c.entries(c.rep) == 2);
  CHECK(back.acknowledged == 1);
  CHECK(c.unsent(c.rep) == 0);
}

TEST_CASE("bundle: statements go up and their order comes down, refusals too", "[bundle]") {
  Carriers c;
  payload::PersonAdded added;
  added.person = random_id<PersonId>(c.boss.entropy);
  added.name = "新来的";
  added.role = Role::salesperson;
  added.branch = c.world.branch("branch1");
  const auto good = c.world.state_as(c.boss, added);
  added.person = random_id<PersonId>(c.boss.entropy);
  added.role = Role::general_manager;
  added.name = "总经理";
  added.branch = {};
  const auto bad = c.world.state_as(c.boss, added);
  const auto up = c.to_hub(c.boss, c.hub);
  CHECK(up.statements >= 2);
  c.import(c.hub, up.files);
  CHECK_FALSE(c.hub.replica().directory()->has(good));
  const auto ordered = c.import(c.hq, c.to_hub(c.hub, c.hq).files);
  CHECK(ordered.refused_statements == 1);
  CHECK(c.hq.replica().directory()->has(good));
  CHECK_FALSE(c.hq.replica().directory()->has(bad));
  const auto down = c.import(c.hub, c.to_hub(c.hq, c.hub).files);
  CHECK(down.statements >= 1);
  CHECK(c.hub.replica().directory()->has(good));
  const auto home = c.import(c.boss, c.to_person(c.hub, c.boss).files);
  CHECK(c.boss.replica().directory()->has(good));
  CHECK(home.refused_statements == 1);
  bool told = false;
  for (const auto& p : must(node::all_pending(*c.reading(c.boss))))
    told = told || (p.id == bad && p.status == wire::SubmitStatus::refused && p.code == "directory.not-allowed");
  CHECK(told);
}

TEST_CASE("bundle: a device without a line learns the directory from a colleague's", "[bundle]") {
  Carriers c;
  auto& fresh = c.world.device("fresh", Role::salesperson, "branch1");
  c.world.settle(3);
  const auto before = c.boss.replica().directory()->position();
  payload::PersonAdded added;
  added.person = random_id<PersonId>(c.rep.entropy);
  added.name = "新来的";
  added.role = Role::salesperson;
  added.branch = c.world.branch("branch1");
  c.world.state(added);
  c.world.sync(c.world.admin(), c.hq);
  c.world.sync(c.rep, c.hq);
  REQUIRE(before < c.rep.replica().directory()->position());
  const auto came = c.import(c.boss, c.to_person(c.rep, c.boss).files);
  CHECK(came.statements > 0);
  CHECK(c.boss.replica().directory()->position() == c.rep.replica().directory()->position());
  // One behind brings nothing back.
  const auto stale = c.to_person(fresh, c.boss);
  const auto held = c.boss.replica().directory()->position();
  CHECK(c.import(c.boss, stale.files).statements == 0);
  CHECK(c.boss.replica().directory()->position() == held);
}

TEST_CASE("bundle: work that the hub's directory is too old for is owed, and goes again", "[bundle]") {
  Carriers c;
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  c.world.settle(2);
  auto& other = c.world.device("other", Role::salesperson, "branch2");
  c.world.settle(3);
  payload::PersonChanged change;
  change.person = other.person;
  change.role = Role::general_manager;
  change.branch = BranchId{};
  c.world.state(change);
  for (int i = 0; i < 4; ++i) {
    c.world.sync(c.world.admin(), c.hq);
    c.world.sync(other, c.hq);
  }
  c.world.add_visit(other, customer, "总经理来访");
  const auto came = c.import(c.hub, c.to_hub(other, c.hub).files);
  CHECK(came.later == 1);
  CHECK(came.received == 0);
  c.import(other, c.to_person(c.hub, other).files);
  CHECK(c.unsent(other) == 1);
  c.import(c.hub, c.to_hub(c.hq, c.hub).files);  // the directory catches up
  const auto again = c.to_hub(other, c.hub);
  CHECK(again.entries == 1);
  CHECK(c.import(c.hub, again.files).received == 1);
  c.import(other, c.to_person(c.hub, other).files);
  CHECK(c.unsent(other) == 0);
}

TEST_CASE("bundle: a revoked device's work is taken by a hub, and by nobody else", "[bundle]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  const auto to_hub = c.to_hub(c.rep, c.hub);
  const auto to_boss = c.to_person(c.rep, c.boss);
  payload::NodeRevoked gone;
  gone.node = c.rep.identity.id;
  gone.reason = "lost";
  c.world.state(gone);
  c.world.sync(c.world.admin(), c.hq);
  c.world.sync(c.hub, c.hq);
  c.world.sync(c.boss, c.hub);
  CHECK(code(c.try_import(c.boss, to_boss.files.front())) == "bundle.sender-revoked");
  const auto taken = must(c.try_import(c.hub, to_hub.files.front()));
  CHECK(taken.received == 1);
  CHECK(taken.held == 1);
  CHECK(code(bundle::export_bundle(c.hub.replica(), {bundle::to_person(c.rep.person), c.stick, 0})) == "bundle.nobody");
}

TEST_CASE("bundle: two who never met tell each other what they hold, and carry only what is lacking", "[bundle]") {
  Carriers c;
  // All of it reaches the branch by way of headquarters; the device has never been there since.
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  for (int i = 0; i < 20; ++i) c.world.add_visit(c.rep, customer, std::string(400, 'x'));
  c.world.sync(c.rep, c.hq);
  c.world.sync(c.hub, c.hq);
  REQUIRE(c.entries(c.hub) == 21);
  c.world.add_visit(c.rep, customer, "新的");
  const auto blind = c.to_hub(c.rep, c.hub);
  CHECK(blind.entries == 22);

  const auto list = must(bundle::export_bundle(c.hub.replica(), {bundle::to_person(c.rep.person), c.stick, 0, true}));
  CHECK(list.entries == 0);
  CHECK(list.archives_told == 1);
  CHECK(c.import(c.rep, list.files).received == 0);
  const auto up = c.to_hub(c.rep, c.hub);
  CHECK(up.entries == 1);
  CHECK(up.bytes < blind.bytes);
  CHECK(c.import(c.hub, up.files).received == 1);
  CHECK(c.entries(c.hub) == 22);
  // And the other way round: the hub knows by now what the device holds.
  c.import(c.rep, c.to_person(c.hub, c.rep).files);
  CHECK(c.unsent(c.rep) == 0);
  CHECK(c.to_hub(c.rep, c.hub).entries == 0);
}

TEST_CASE("bundle: a mere list settles no debt when it is acknowledged", "[bundle]") {
  Carriers c;
  c.world.open_customer(c.rep, "福田百货");
  const auto list = must(bundle::export_bundle(c.rep.replica(), {bundle::to_hub(c.hub.identity.id), c.stick, 0, true}));
  c.import(c.hub, list.files);
  CHECK(c.entries(c.hub) == 0);
  CHECK(c.import(c.rep, c.to_person(c.hub, c.rep).files).acknowledged == 1);
  CHECK(c.unsent(c.rep) == 1);
  CHECK(c.to_hub(c.rep, c.hub).entries == 1);
}
