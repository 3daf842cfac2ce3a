// SPDX-License-Identifier: AGPL-3.0-or-later
// Bundles where rights change: what a stick brings is judged as on a line, and what a hub keeps back or headquarters
// orders twice shows by stick as well.
#include "sync/node/hub_word.h"
#include "tests/unit/bundle/carriers.h"

using namespace satchel;
using namespace satchel::bundle_test;

namespace {

struct Rights : Carriers {
  ArchiveId customer = world.open_customer(rep, "福田百货");
  RecordId visit = world.add_visit(rep, customer, "谈了年货");

  // Everything of the branch to headquarters and back, by stick alone.
  void round() {
    import(hub, to_hub(rep, hub).files);
    import(hub, to_hub(boss, hub).files);
    import(hq, to_hub(hub, hq).files);
    import(hub, to_hub(hq, hub).files);
    import(rep, to_person(hub, rep).files);
    import(boss, to_person(hub, boss).files);
  }
  std::string type_of(sim::Node& at, const RecordId& record) { return world.read(at, customer, record).state.type(); }
};

}  // namespace

TEST_CASE("bundle: a grant and its end travel by stick, and so does what they open", "[bundle][access]") {
  Rights c;
  sim::Node& other = c.world.device("other", Role::salesperson, "branch2");
  c.world.settle(2);
  const AudienceId theirs = person_audience(c.world.org(), other.person);
  c.round();
  CHECK(c.import(other, c.to_person(c.hq, other).files).received == 0);
  c.world.state_as(c.boss, payload::Grant{theirs, GrantRights::read, 0, {}}, c.customer);
  c.round();  // ordered; the manager's device hears of it and wraps the key
  c.round();
  CHECK(c.import(other, c.to_person(c.hq, other).files).received >= 2);
  CHECK(c.type_of(other, c.visit) == "visit");

  c.world.state_as(c.boss, payload::GrantEnded{theirs}, c.customer);
  c.round();
  const auto late = c.world.add_visit(c.rep, c.customer, "收回之后");
  c.round();
  const auto ended = c.import(other, c.to_person(c.hq, other).files);
  CHECK(ended.received == 0);
  CHECK(ended.statements > 0);
  CHECK(c.type_of(other, c.visit).empty());
  CHECK(c.type_of(c.boss, late) == "visit");
}

TEST_CASE("bundle: a successor without a line takes over by stick", "[bundle][access]") {
  Rights c;
  sim::Node& heir = c.world.device("heir", Role::salesperson, "branch1");
  c.world.settle(2);
  c.round();
  payload::Handover rule;
  rule.from = c.rep.person;
  rule.to = heir.person;
  c.world.state_as(c.boss, rule);
  c.round();
  c.round();
  CHECK(c.import(heir, c.to_person(c.hub, heir).files).received >= 2);
  CHECK(c.type_of(heir, c.visit) == "visit");
  // And what is written there comes back to the manager the same way.
  const auto next = c.world.add_visit(heir, c.customer, "接手拜访");
  c.import(c.hub, c.to_hub(heir, c.hub).files);
  c.import(c.boss, c.to_person(c.hub, c.boss).files);
  CHECK(c.type_of(c.boss, next) == "visit");
}

TEST_CASE("bundle: a colleague's stick gives an archive to who reads it now, not to who read it once",
          "[bundle][access]") {
  Rights c;
  sim::Node& heir = c.world.device("heir", Role::salesperson, "branch1");
  c.world.settle(3);
  payload::OwnerSet owners;
  owners.owners = {heir.person};
  c.world.state_as(c.boss, owners, c.customer);
  for (int i = 0; i < 2; ++i) {
    c.world.sync(c.boss, c.hub);
    c.world.sync(c.hub, c.hq);
  }
  c.world.sync(c.boss, c.hub);
  const auto late = c.world.add_visit(c.boss, c.customer, "交接之后");
  // Neither has heard of it on a line.
  CHECK(c.import(c.rep, c.to_person(c.boss, c.rep).files).received == 0);
  CHECK(c.type_of(c.rep, late).empty());
  CHECK(c.import(heir, c.to_person(c.boss, heir).files).received >= 2);
  CHECK(c.type_of(heir, late) == "visit");
}

TEST_CASE("bundle: who was told the places of an order alone is told its words by the next stick", "[bundle][access]") {
  Rights c;
  sim::Node& far = c.world.device("far", Role::salesperson, "branch2");
  c.world.settle(3);
  // Opened since: headquarters has not heard of it when it says where it goes.
  c.customer = c.world.open_customer(c.rep, "罗湖百货");
  c.world.state(payload::Moved{c.world.branch("branch2"), {far.person}}, c.customer);
  c.world.sync(c.world.admin(), c.hq);
  c.import(c.rep, c.to_person(c.hq, c.rep).files);
  REQUIRE(c.world.may_read(c.rep, c.customer));
  // His answer brings the customer and says how far he was told.
  c.up_and_back(c.rep, c.hq);
  CHECK_FALSE(c.world.may_read(c.rep, c.customer));
}

TEST_CASE("bundle: a hub that goes on serving while a stick is imported shows no page by words it does not know yet",
          "[bundle][access]") {
  Rights c;
  sim::Node& far = c.world.device("far", Role::salesperson, "branch2");
  c.world.settle(3);
  c.customer = c.world.open_customer(c.rep, "罗湖百货");
  for (sim::Node* at : {&c.rep, &c.boss}) c.world.sync(*at, c.hub);
  c.world.state(payload::Moved{c.world.branch("branch2"), {far.person}}, c.customer);
  c.world.sync(c.world.admin(), c.hq);
  c.import(c.boss, c.to_person(c.hq, c.boss).files);  // the places alone
  REQUIRE(c.world.may_read(c.boss, c.customer));
  const auto beside = must(
      node::Replica::open(c.hub.replica().store(), c.hub.clock, c.hub.entropy, node::Self(c.hub.replica().self())));
  for (const auto& file : c.to_hub(c.hq, c.hub).files) must(bundle::import_part(*beside, file));
  REQUIRE(c.hub.replica().directory()->position() < beside->directory()->position());
  c.world.sync(c.boss, c.hub);
  c.world.add_visit(c.rep, c.customer, "此后");
  c.world.sync(c.rep, c.hub);  // what it writes it writes by all that is there
  c.world.sync(c.boss, c.hub);
  CHECK_FALSE(c.world.may_read(c.boss, c.customer));
}

TEST_CASE("bundle: late visits of a leaver by stick are held until a verdict, which may come by stick too",
          "[bundle][access]") {
  Rights c;
  c.world.settle(3);
  const auto late = c.world.add_visit(c.rep, c.customer, "临走前的拜访");
  const auto stick = c.to_hub(c.rep, c.hub);
  payload::PersonChanged left;
  left.person = c.rep.person;
  left.active = false;
  c.world.state(left);
  c.world.sync(c.world.admin(), c.hq);
  c.world.sync(c.hub, c.hq);
  const auto taken = c.import(c.hub, stick.files);
  CHECK(taken.received == 1);
  CHECK(taken.held == 1);
  c.import(c.boss, c.to_person(c.hub, c.boss).files);
  CHECK(c.world.read(c.boss, c.customer, late).held == 1);
  payload::Verdict verdict;
  verdict.choice = VerdictChoice::admit;
  verdict.ranges.push_back({c.rep.identity.id, c.rep.identity.incarnation, 1, 9});
  c.world.state_as(c.boss, verdict, c.customer);
  c.import(c.hub, c.to_hub(c.boss, c.hub).files);
  c.import(c.hq, c.to_hub(c.hub, c.hq).files);
  c.import(c.hub, c.to_hub(c.hq, c.hub).files);
  c.import(c.boss, c.to_person(c.hub, c.boss).files);
  CHECK(c.world.read(c.boss, c.customer, late).held == 0);
  CHECK(c.type_of(c.boss, late) == "visit");
}

TEST_CASE("bundle: a stick from before a destruction brings nothing back", "[bundle][access]") {
  Rights c;
  c.world.settle(3);
  const auto late = c.world.add_visit(c.rep, c.customer, "销毁之前写的");
  const auto up = c.to_hub(c.rep, c.hub);
  const auto down = c.to_person(c.rep, c.boss);
  const auto proposal = c.world.state_as(c.boss, payload::DestroyProposed{{c.customer}});
  c.world.sync(c.boss, c.hq);
  c.world.sync(c.world.admin(), c.hq);
  c.world.state(payload::Destroy{proposal});
  c.world.sync(c.world.admin(), c.hq);
  c.world.sync(c.hub, c.hq);
  c.world.sync(c.boss, c.hub);
  const auto taken = c.import(c.hub, up.files);
  CHECK(taken.received == 0);
  CHECK(taken.rejected == 1);
  c.import(c.boss, down.files);
  CHECK(c.type_of(c.boss, c.visit).empty());
  CHECK(c.type_of(c.boss, late).empty());
  // Its author is told by the bundle back.
  const auto told = c.import(c.rep, c.to_person(c.hub, c.rep).files);
  CHECK(told.acknowledged == 1);
  CHECK(c.type_of(c.rep, c.visit).empty());
}

TEST_CASE("bundle: an archive that a hub kept back shows when a colleague's stick brings it", "[bundle][access]") {
  Rights c;
  c.world.settle(3);
  c.world.add_visit(c.rep, c.customer, "二");
  c.world.sync(c.rep, c.hub);
  auto link = c.world.connect(c.boss, c.hub);
  for (int quiet = 0; !link->over() && quiet < 2;) {
    for (auto& bytes : link->down()) {
      auto received = must(wire::Received::decode(bytes));
      if (auto* page = std::get_if<wire::Touched>(&received.frame()))
        std::erase_if(page->items, [&](const wire::TouchedItem& item) { return item.archive == c.customer; });
      bytes = wire::encode(received.frame());
    }
    quiet = link->step() ? 0 : quiet + 1;
  }
  CHECK(must(node::broken_words(*c.reading(c.boss))).empty());
  CHECK(c.import(c.boss, c.to_person(c.rep, c.boss).files).received == 1);
  const auto words = must(node::broken_words(*c.reading(c.boss)));
  REQUIRE(words.size() == 1);
  CHECK(words.front().breach == node::Breach::kept_back);
  CHECK(words.front().hub.node == c.hub.identity.id);
  CHECK(words.front().shown_by == c.rep.identity.id);
}

TEST_CASE("bundle: two histories of the directory show when a stick brings the other", "[bundle][access]") {
  Carriers c;
  sim::Node& far = c.world.hub_of("branch2");
  const auto order = [&](const std::string& name) {
    payload::BranchAdded added;
    added.branch = random_id<BranchId>(c.hq.entropy);
    added.name = name;
    sim::Node& by = c.world.admin();
    const Envelope said = make_statement({c.world.org(), by.identity.id, by.person, {}, by.clock.wall()},
                                         by.identity.sign, added, by.entropy);
    must(c.hq.replica().write([&](WriteTxn& txn, node::Effects& effects) {
      return node::order_statement(txn, effects, c.hq.replica(), said);
    }));
  };
  const auto before = c.hq.disk->clone();
  order("甲");
  c.world.sync(c.hub, c.hq);
  c.world.sync(c.boss, c.hub);
  c.hq.stop();
  c.hq.disk = before;
  c.hq.start();
  order("乙");
  c.world.sync(far, c.hq);
  const auto position = c.boss.replica().directory()->position();
  CHECK(code(c.try_import(c.boss, c.to_person(far, c.boss).files.front())) == "directory.fork");
  const auto fork = must(node::directory_fork(*c.reading(c.boss)));
  REQUIRE(fork);
  CHECK(fork->told_by == far.identity.id);
  CHECK(c.boss.replica().directory()->position() == position);
}

TEST_CASE("bundle: what takes and is not ordered yet travels by stick, too, and is obeyed there", "[bundle][access]") {
  Rights c;
  sim::Node& other = c.world.device("other", Role::salesperson, "branch1");
  c.world.settle(2);
  const AudienceId theirs = person_audience(c.world.org(), other.person);
  c.world.state_as(c.boss, payload::Grant{theirs, GrantRights::read, 0, {}}, c.customer);
  c.world.settle(4);
  REQUIRE(c.type_of(other, c.visit) == "visit");
  c.world.state_as(c.boss, payload::GrantEnded{theirs}, c.customer);
  SECTION("from the hub that obeys it") {
    c.import(c.hub, c.to_hub(c.boss, c.hub).files);
    CHECK(c.import(other, c.to_person(c.hub, other).files).statements == 1);
  }
  SECTION("from the colleague who said it") {
    CHECK(c.import(other, c.to_person(c.boss, other).files).statements == 1);
    CHECK(c.import(other, c.to_person(c.boss, other).files).statements == 0);  // known
  }
  CHECK(c.type_of(other, c.visit).empty());
  CHECK(other.replica().obeyed()->restrictions.size() == 1);
  c.world.settle(4);
  CHECK(other.replica().obeyed()->restrictions.empty());
  CHECK(c.type_of(other, c.visit).empty());
}

TEST_CASE("bundle: what is obeyed before it is ordered keeps nothing from those who go on reading",
          "[bundle][access]") {
  Rights c;
  sim::Node& other = c.world.device("other", Role::salesperson, "branch1");
  c.world.settle(2);
  const AudienceId theirs = person_audience(c.world.org(), other.person);
  c.world.state_as(c.boss, payload::Grant{theirs, GrantRights::read, 0, {}}, c.customer);
  c.world.settle(4);
  c.world.state_as(c.boss, payload::GrantEnded{theirs}, c.customer);
  const auto visit = c.world.add_visit(c.boss, c.customer, "照常去了");
  c.import(c.rep, c.to_person(c.boss, c.rep).files);
  CHECK(c.type_of(c.rep, visit) == "visit");
  c.import(c.hub, c.to_hub(c.boss, c.hub).files);
  REQUIRE(c.hub.replica().obeyed()->restrictions.size() == 1);
  c.import(c.rep, c.to_person(c.hub, c.rep).files);
}
