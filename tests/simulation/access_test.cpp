// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of access: who is given what, who loses it, and what a device that lost it still has.
#include <catch2/catch.hpp>

#include "sync/node/dropping.h"
#include "sync/node/epochs.h"
#include "sync/node/lease.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/world.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

// One branch with two salespeople and their manager, a boss, and HQ's own hub.
struct Office {
  World world;
  Node& rep;
  Node& heir;
  Node& manager;
  Node& boss;
  Node& hub;

  explicit Office(std::uint64_t seed)
      : world(seed, 2),
        rep(world.device("rep", Role::salesperson, "branch1")),
        heir(world.device("heir", Role::salesperson, "branch1")),
        manager(world.device("manager", Role::branch_manager, "branch1")),
        boss(world.device("boss", Role::general_manager, "")),
        hub(world.hub_of("branch1")) {
    world.settle(3);
  }

  bool opens(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    if (!no) return false;
    const auto info = *must(node::archive_info(*txn, *no));
    node::Keyring fresh(at.vault(), at.entropy);
    return !must(fresh.keys_of(*txn, *at.replica().directory(), info))->epochs.empty();
  }
  std::string summary(Node& at, const ArchiveId& archive, const RecordId& visit) {
    const auto read = world.read(at, archive, visit);
    const auto values = read.state.values("summary");
    return values.empty() ? "" : std::get<std::string>(values.front()->value);
  }
  node::StoredArchive info(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    return *must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  }
  // By the administrator, ordered and known to everybody who is in reach.
  template <class P>
  void say(const P& payload, const ArchiveId& archive = {}) {
    world.state(payload, archive);
    world.sync(world.admin(), world.hq());
  }
  void revoke(Node& node) { say(payload::NodeRevoked{node.identity.id, ""}); }
  void dismiss(Node& node) {
    payload::PersonChanged left{.person = node.person};
    left.active = false;
    say(left);
  }
  AudienceId audience(Node& node) { return person_audience(world.org(), node.person); }
  std::string sound() {
    if (auto wrong = check_logs(world); !wrong.empty()) return wrong;
    if (auto wrong = check_scope(world); !wrong.empty()) return wrong;
    if (auto wrong = check_converged(world); !wrong.empty()) return wrong;
    if (auto wrong = check_audit(world); !wrong.empty()) return wrong;
    return check_quiet(world);
  }
};

}  // namespace

TEST_CASE("access: after a handover the successor reads the whole history, and the leaver's device nothing",
          "[simulation][access]") {
  Office b(11);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle();
  b.dismiss(b.rep);
  b.say(payload::Handover{b.rep.person, b.heir.person, {}});
  b.world.settle(4);
  CHECK(b.summary(b.heir, customer, visit) == "谈了价格");
  const auto read = b.world.read(b.heir, customer, visit);
  CHECK(read.state.author() == b.rep.person);  // authorship is what it was
  CHECK_FALSE(b.opens(b.rep, customer));
  CHECK(b.world.read(b.rep, customer, visit).state.empty());
  CHECK(b.summary(b.manager, customer, visit) == "谈了价格");
  b.world.add_visit(b.heir, customer, "首次拜访");
  b.world.settle(3);
  CHECK(b.sound() == "");
}

TEST_CASE("access: a customer opened offline by the leaver is the successor's too, and its visits wait for a verdict",
          "[simulation][access]") {
  Office b(12);
  const auto late = b.world.open_customer(b.rep, "南山超市");
  const auto visit = b.world.add_visit(b.rep, late, "离线拜访");
  b.say(payload::Handover{b.rep.person, b.heir.person, {}});
  b.dismiss(b.rep);
  b.world.sync(b.hub, b.world.hq());
  b.world.sync(b.rep, b.hub);  // hands in, and learns of it
  b.world.settle(4);
  CHECK(b.world.read(b.manager, late, visit).held == 1);
  CHECK_FALSE(b.opens(b.rep, late));
  payload::Verdict admit;
  admit.ranges.push_back({b.rep.identity.id, b.rep.identity.incarnation, 1, 2});
  b.world.state_as(b.manager, admit, late);
  b.world.settle(4);
  CHECK(b.summary(b.heir, late, visit) == "离线拜访");
  CHECK(b.sound() == "");
}

TEST_CASE("access: the first to write after a removal opens a new epoch, which the removed cannot open",
          "[simulation][access]") {
  Office b(13);
  Node& lost = b.world.device("manager", Role::branch_manager, "branch1");  // the manager's second phone
  b.world.settle(3);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  REQUIRE(b.opens(lost, customer));
  b.revoke(lost);
  b.world.sync(b.hub, b.world.hq());
  // The manager renews the audience's key, then writes.
  b.world.sync(b.manager, b.hub);
  b.world.sync(b.hub, b.world.hq());
  b.world.sync(b.manager, b.hub);
  const auto visit = b.world.add_visit(b.manager, customer, "丢机之后");
  CHECK(b.info(b.manager, customer).epoch == 1);
  b.world.settle(4);
  CHECK(b.summary(b.rep, customer, visit) == "丢机之后");
  CHECK(b.summary(b.boss, customer, visit) == "丢机之后");
  CHECK_FALSE(b.opens(lost, customer));
  // Even with every byte the hub has, its old secrets open nothing of the new epoch.
  const auto txn = must(b.hub.replica().store().begin_read());
  const auto no = *must(node::find_archive(*txn, customer));
  const auto directory = b.world.hq().replica().directory();
  node::Keyring thief(lost.vault(), lost.entropy);
  for (const auto& bytes : must(node::wraps_of(*txn, no))) {
    const auto wrap = must(Wrap::decode(bytes));
    const auto secret = thief.audience_secret(*directory, wrap.audience, wrap.audience_epoch);
    if (wrap.epoch == 1) CHECK_FALSE(secret);
  }
  // And what goes on does so in the same epoch, named by whoever writes in it first.
  const auto second = b.world.add_visit(b.rep, customer, "之后再访");
  b.world.settle(3);
  CHECK(b.info(b.rep, customer).epoch == 1);
  CHECK(b.summary(b.manager, customer, second) == "之后再访");
  CHECK(b.sound() == "");
}

TEST_CASE("access: two who rotate at once are both read by all, and everybody goes on with one key",
          "[simulation][access]") {
  Office b(14);
  Node& lost = b.world.device("rep", Role::salesperson, "branch1");
  b.world.settle(3);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  b.revoke(lost);
  b.world.settle(4);
  const auto one = b.world.add_visit(b.rep, customer, "甲写");
  const auto two = b.world.add_visit(b.manager, customer, "主管写");
  REQUIRE(b.info(b.rep, customer).epoch == 1);
  REQUIRE(b.info(b.manager, customer).epoch == 1);
  REQUIRE(b.info(b.rep, customer).key != b.info(b.manager, customer).key);
  b.world.settle(4);
  for (Node* at : {&b.rep, &b.manager, &b.boss}) {
    CHECK(b.summary(*at, customer, one) == "甲写");
    CHECK(b.summary(*at, customer, two) == "主管写");
  }
  CHECK(b.info(b.rep, customer).key == b.info(b.manager, customer).key);
  const auto three = b.world.add_visit(b.rep, customer, "之后");
  b.world.settle(3);
  CHECK(b.summary(b.manager, customer, three) == "之后");
  CHECK(b.sound() == "");
}

TEST_CASE("access: whoever is granted an archive from an epoch on reads that and nothing before",
          "[simulation][access]") {
  Office b(15);
  Node& far = b.world.device("far", Role::salesperson, "branch2");
  b.world.settle(3);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto before = b.world.add_visit(b.rep, customer, "从前");
  b.world.settle(2);
  must(b.manager.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), b.manager.identity, b.manager.keyring(), b.manager.entropy,
                        {b.manager.clock.wall(), b.manager.clock.mono(), true});
    SATCHEL_GET(no, node::find_archive(txn, customer));
    SATCHEL_GET(info, node::archive_info(txn, *no));
    SATCHEL_GET(epoch, scribe.rotate(*info));
    CHECK(epoch == 1);
    SATCHEL_TRY(scribe.write(*info, {}));
    return scribe.finish();
  }));
  b.world.state_as(b.manager, payload::Grant{b.audience(far), GrantRights::read, 1, {}}, customer);
  b.world.settle(4);
  const auto after = b.world.add_visit(b.rep, customer, "从此");
  b.world.settle(4);
  CHECK(b.summary(far, customer, after) == "从此");
  CHECK(b.world.read(far, customer, before).state.empty());
  // A second salesperson of that branch sees nothing at all.
  Node& other = b.world.device("other", Role::salesperson, "branch2");
  b.world.settle(2);
  CHECK_FALSE(b.opens(other, customer));
  // Taken back: its device lets go at the next contact, and hubs give it nothing more.
  b.world.state_as(b.manager, payload::GrantEnded{b.audience(far)}, customer);
  b.world.settle(4);
  CHECK_FALSE(b.opens(far, customer));
  const auto later = b.world.add_visit(b.rep, customer, "不给看的");
  b.world.settle(4);
  CHECK(b.info(b.rep, customer).epoch == 2);
  CHECK(b.world.read(far, customer, later).state.empty());
  // Given again, it is all there again from the epoch it is given from.
  b.world.state_as(b.manager, payload::Grant{b.audience(far), GrantRights::read, 0, {}}, customer);
  b.world.settle(5);
  CHECK(b.summary(far, customer, before) == "从前");
  CHECK(b.summary(far, customer, later) == "不给看的");
  CHECK(b.sound() == "");
}

TEST_CASE("access: a grant that ran out is obeyed by the device itself, without any contact", "[simulation][access]") {
  Office b(16);
  Node& far = b.world.device("far", Role::salesperson, "branch2");
  b.world.settle(3);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(2);
  const WallTime until{b.world.time.ms + 3 * kDayMs};
  b.world.state_as(b.manager, payload::Grant{b.audience(far), GrantRights::read, 0, until}, customer);
  b.world.settle(4);
  CHECK(b.summary(far, customer, visit) == "谈了价格");
  b.world.time.ms += 4 * kDayMs;
  must(node::drop_what_is_lost(far.replica(), far.keyring(), far.clock.wall()));  // as a device does when it is opened
  CHECK_FALSE(b.opens(far, customer));
  CHECK(b.world.read(far, customer, visit).state.empty());
  const auto later = b.world.add_visit(b.rep, customer, "之后");
  b.world.settle(4);
  CHECK(b.world.read(far, customer, later).state.empty());
  CHECK_FALSE(b.opens(far, customer));
}

TEST_CASE("access: a hub cut off from headquarters obeys a revocation at once and says so in its stamps",
          "[simulation][access]") {
  Office b(17);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(2);
  const auto honest = b.world.add_visit(b.rep, customer, "撤销之前交来");
  b.world.sync(b.rep, b.hub);
  auto live = b.world.connect(b.rep, b.hub, true);
  b.world.run(*live);
  REQUIRE_FALSE(live->over());
  payload::PersonChanged leaves{.person = b.rep.person};
  leaves.active = false;
  b.world.state_as(b.manager, leaves);
  b.world.sync(b.manager, b.hub);  // headquarters is out of reach
  CHECK(b.hub.replica().directory()->person(b.rep.person)->active());
  CHECK_FALSE(b.hub.replica().obeyed()->directory->person(b.rep.person)->active());
  b.world.run(*live);
  CHECK(live->over());  // cut
  live.reset();
  // A colleague's visit does not come to the leaver any more; what he hands in is taken.
  const auto secret = b.world.add_visit(b.manager, customer, "不给他看");
  b.world.sync(b.manager, b.hub);
  const auto late = b.world.add_visit(b.rep, customer, "撤销之后交来");
  const auto report = b.world.sync(b.rep, b.hub);
  CHECK(report.sent == 1);
  CHECK(report.received == 0);
  CHECK(b.world.read(b.rep, customer, secret).state.empty());
  // Everybody agrees in the end: what came before counts, what came after waits.
  b.world.settle(5);
  CHECK(b.summary(b.manager, customer, honest) == "撤销之前交来");
  CHECK(b.world.read(b.manager, customer, late).held == 1);
  CHECK(b.world.read(b.boss, customer, late).held == 1);
  CHECK_FALSE(b.opens(b.rep, customer));
  CHECK(b.sound() == "");
}

TEST_CASE("access: pushing through a hub that has not heard yet, with an old clock, gains nothing once it has",
          "[simulation][access]") {
  Office b(18);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(2);
  b.dismiss(b.rep);  // headquarters knows, the branch hub does not
  b.rep.clock.set_offset(-400 * kDayMs);
  const auto late = b.world.add_visit(b.rep, customer, "从没听说的枢纽交来");
  b.world.sync(b.rep, b.hub);
  b.world.settle(4);
  // That hub took it before it knew: in force, as the order of the log has it. What comes to it later is held.
  CHECK(b.summary(b.manager, customer, late) == "从没听说的枢纽交来");
  CHECK(b.summary(b.boss, customer, late) == "从没听说的枢纽交来");
  CHECK(b.sound() == "");
}

TEST_CASE("access: a right that was lost and comes back finds everything again", "[simulation][access]") {
  Office b(19);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(2);
  b.dismiss(b.rep);
  b.world.settle(4);
  REQUIRE_FALSE(b.opens(b.rep, customer));
  payload::PersonChanged back{.person = b.rep.person};
  back.active = true;
  b.say(back);
  b.world.settle(5);
  CHECK(b.summary(b.rep, customer, visit) == "谈了价格");
  CHECK(b.sound() == "");
}

// Nothing is said of his archives, so that no hub has a reason to tell of them: the device has to ask.
TEST_CASE("access: who left and comes back opens his customers again though nobody touched them",
          "[simulation][access]") {
  Office b(26);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle();
  b.dismiss(b.rep);
  b.world.settle();
  REQUIRE_FALSE(b.opens(b.rep, customer));
  payload::PersonChanged back{.person = b.rep.person};
  back.active = true;
  b.say(back);
  b.world.settle();
  CHECK(b.opens(b.rep, customer));
  CHECK(b.sound() == "");
}

// The hub has a wrap for him, so that nobody makes another.
TEST_CASE("access: a key that somebody wrapped who has lost the right since opens for whom it was meant",
          "[simulation][access]") {
  Office b(27);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle();
  b.say(payload::OwnerSet{{b.rep.person, b.heir.person}}, customer);
  b.world.sync(b.hub, b.world.hq());
  b.world.sync(b.manager, b.hub);
  b.world.sync(b.manager, b.hub);
  b.dismiss(b.manager);
  b.world.settle();
  CHECK(b.opens(b.heir, customer));
  CHECK(check_range(b.world) == "");
}

TEST_CASE("access: a destroyed archive opens nowhere, comes back from nowhere, and every node says so",
          "[simulation][access]") {
  Office b(20);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto kept = b.world.open_customer(b.rep, "南山超市");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(2);
  const auto late = b.world.add_visit(b.rep, customer, "销毁之后才交来");
  payload::DestroyProposed proposed{{customer}};
  const auto proposal = b.world.state_as(b.boss, proposed);
  b.world.sync(b.boss, b.world.hq());
  b.world.sync(b.world.admin(), b.world.hq());
  b.say(payload::Destroy{proposal});
  b.world.settle(6);
  for (Node* at : {&b.rep, &b.manager, &b.boss, &b.world.admin()}) {
    CHECK_FALSE(b.opens(*at, customer));
    CHECK(b.world.read(*at, customer, visit).state.empty());
  }
  CHECK(b.opens(b.rep, kept));
  const auto directory = b.world.hq().replica().directory();
  for (Node* at : b.world.all()) {
    INFO(at->name);
    const auto receipt = directory->drop_receipts().find(at->identity.id);
    REQUIRE(receipt != directory->drop_receipts().end());
    CHECK(receipt->second.executed >= directory->destroyed(customer)->said.at);
    const auto txn = must(at->replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, customer));
    if (!no) continue;
    CHECK(must(node::wraps_of(*txn, *no)).empty());
    for (const auto& head : must(node::heads_of(*txn, *no))) {
      for (const auto ordinal : must(node::chain_after(*txn, head, 0)))
        CHECK(must(node::entry_at(*txn, ordinal)).body.empty());
    }
  }
  // A device from an old backup, which knows nothing of it, is refused.
  CHECK(b.world.read(b.rep, customer, late).state.empty());
  CHECK(b.sound() == "");
}

TEST_CASE("access: what a device lost long before it was destroyed goes from it too, before it says so",
          "[simulation][access]") {
  Office b(24);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(2);
  b.world.add_visit(b.rep, customer, "还没交的");  // what it takes to hand it in stays with it
  b.say(payload::OwnerSet{{b.heir.person}}, customer);
  b.world.settle(3);
  REQUIRE_FALSE(b.opens(b.rep, customer));
  const auto proposal = b.world.state_as(b.boss, payload::DestroyProposed{{customer}});
  b.world.sync(b.boss, b.world.hq());
  b.world.sync(b.world.admin(), b.world.hq());
  b.say(payload::Destroy{proposal});
  b.world.settle(6);
  const auto directory = b.world.hq().replica().directory();
  REQUIRE(directory->drop_receipts().contains(b.rep.identity.id));
  CHECK(directory->drop_receipts().at(b.rep.identity.id).executed >= directory->destroyed(customer)->said.at);
  const auto txn = must(b.rep.replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, customer));
  REQUIRE(no);
  CHECK(must(node::wraps_of(*txn, *no)).empty());
  for (const auto& head : must(node::heads_of(*txn, *no))) {
    for (const auto ordinal : must(node::chain_after(*txn, head, 0)))
      CHECK(must(node::entry_at(*txn, ordinal)).body.empty());
  }
  CHECK(b.sound() == "");
}

TEST_CASE("access: a device that met no hub for the lease lets its keys go, and has them again after the next contact",
          "[simulation][access]") {
  Office b(21);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(2);
  must(node::renew_lease(b.rep.replica()));
  must(node::count_lease(b.rep.replica(), b.rep.keyring()));
  const auto unsent = b.world.add_visit(b.rep, customer, "还没交的");
  b.world.time.ms += 21 * kDayMs;
  auto lease = must(node::count_lease(b.rep.replica(), b.rep.keyring()));
  CHECK(lease.warns());
  CHECK_FALSE(lease.over);
  // Turning the clock back gains nothing.
  b.rep.clock.set_offset(-15 * kDayMs);
  b.world.time.ms += 5 * kDayMs;
  must(node::count_lease(b.rep.replica(), b.rep.keyring()));
  b.world.time.ms += 5 * kDayMs;
  lease = must(node::count_lease(b.rep.replica(), b.rep.keyring()));
  CHECK(lease.over);
  CHECK_FALSE(b.opens(b.rep, customer));
  CHECK(b.world.read(b.rep, customer, visit).state.empty());
  b.rep.stop();
  b.rep.start();
  CHECK_FALSE(b.opens(b.rep, customer));
  // New visits are still taken down, sealed for others.
  const auto deposit = b.world.add_visit(b.rep, customer, "租期过后");
  const auto another = b.world.add_visit(b.rep, customer, "再一次");
  CHECK_FALSE(b.opens(b.rep, customer));
  CHECK(b.info(b.rep, customer).epoch == 1);
  b.rep.clock.set_offset(0);
  b.world.sync(b.rep, b.hub);
  must(node::renew_lease(b.rep.replica()));
  b.world.settle(5);
  for (Node* at : {&b.rep, &b.manager, &b.boss}) {
    INFO(at->name);
    CHECK(b.summary(*at, customer, visit) == "谈了价格");
    CHECK(b.summary(*at, customer, unsent) == "还没交的");
    CHECK(b.summary(*at, customer, deposit) == "租期过后");
    CHECK(b.summary(*at, customer, another) == "再一次");
  }
  CHECK(b.sound() == "");
}
