// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of access: who is given what, who loses it, and what a device that lost it still has.
#include <catch2/catch.hpp>

#include "sync/node/dropping.h"
#include "sync/node/epochs.h"
#include "sync/node/grants.h"
#include "sync/node/lease.h"
#include "sync/node/verify_derived.h"
#include "tests/simulation/staff.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

struct Office : Staff {
  using Staff::Staff;
  // On all that is held of the author's there.
  void judge(Node& by, Node& author, const ArchiveId& archive, VerdictChoice choice) {
    payload::Verdict verdict;
    verdict.choice = choice;
    const auto txn = must(by.replica().store().begin_read());
    const auto found = *must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
    const auto obeyed = by.replica().obeyed();
    node::RecordReader reader(*txn, *obeyed, by.keyring());
    for (const auto& head : must(node::heads_of(*txn, found.no))) {
      if (head.chain.chain.node != author.identity.id) continue;
      for (const auto ordinal : must(node::chain_after(*txn, head, 0))) {
        const auto header = must(node::entry_at(*txn, ordinal)).header;
        if (must(reader.judge(found, header, ordinal)) == Judgement::held)
          verdict.ranges.push_back({header.chain.node, header.chain.incarnation, header.seq, header.seq});
      }
    }
    REQUIRE_FALSE(verdict.ranges.empty());
    world.state_as(by, verdict, archive);
  }
  bool derived_soundly(Node& at) {
    node::Keyring fresh(at.vault(), at.entropy);
    const auto report = must(node::verify_derived(at.replica(), fresh, at.deriver()));
    for (const auto& finding : report.findings) UNSCOPED_INFO(finding.code << " " << finding.where);
    return report.sound();
  }
  AudienceId audience(Node& node) { return person_audience(world.org(), node.person); }
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

TEST_CASE("access: who revokes while cut off sees late work held at once and decides it; ordered, all agree",
          "[simulation][access]") {
  Office b(22);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto other = b.world.open_customer(b.rep, "南山超市");
  b.world.settle(3);
  const auto honest = b.world.add_visit(b.rep, customer, "撤销之前交来");
  b.world.sync(b.rep, b.hub);
  b.world.sync(b.manager, b.hub);
  const auto unsent = b.world.add_visit(b.rep, customer, "谁都还没有看见");
  b.depart(b.rep);
  b.world.sync(b.manager, b.hub);  // headquarters is out of reach from here on
  const auto late = b.world.add_visit(b.rep, customer, "撤销之后交来");
  const auto forged = b.world.add_visit(b.rep, other, "没有的事");
  b.world.sync(b.rep, b.hub);
  b.world.sync(b.manager, b.hub);
  CHECK(b.manager.replica().directory()->person(b.rep.person)->active());  // nothing is ordered
  CHECK(b.manager.replica().obeyed()->restrictions.size() == 2);
  CHECK(b.summary(b.manager, customer, honest) == "撤销之前交来");
  for (const auto& visit : {unsent, late}) CHECK(b.world.read(b.manager, customer, visit).only_held());
  CHECK(b.world.read(b.manager, other, forged).only_held());
  CHECK(b.derived_soundly(b.manager));
  // It survives a restart, and the verdicts are prepared in ignorance of any order.
  b.manager.stop();
  b.manager.start();
  CHECK(b.world.read(b.manager, customer, late).only_held());
  b.judge(b.manager, b.rep, customer, VerdictChoice::admit);
  b.judge(b.manager, b.rep, other, VerdictChoice::refuse);
  b.world.sync(b.manager, b.hub);
  CHECK(b.world.read(b.manager, customer, late).only_held());  // not before headquarters has ordered it
  CHECK(b.derived_soundly(b.manager));
  // The line is back.
  b.world.settle(5);
  for (Node* at : {&b.manager, &b.boss, &b.world.admin()}) {
    INFO(at->name);
    CHECK(at->replica().obeyed()->restrictions.empty());
    CHECK(b.summary(*at, customer, honest) == "撤销之前交来");
    CHECK(b.summary(*at, customer, unsent) == "谁都还没有看见");
    CHECK(b.summary(*at, customer, late) == "撤销之后交来");
    const auto read = b.world.read(*at, other, forged);
    CHECK(read.held == 0);
    CHECK(read.shown().empty());
    CHECK(b.derived_soundly(*at));
  }
  CHECK(check_same_state(b.world) == "");
  CHECK(check_once(b.world) == "");
  CHECK(b.sound() == "");
}

TEST_CASE("access: a revocation that headquarters refuses is obeyed no longer, and the work counts again",
          "[simulation][access]") {
  Office b(23);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  // He was moved to another branch, which this one has not heard of: his former manager has no say over him.
  payload::PersonChanged moved{.person = b.rep.person};
  moved.branch = b.world.branch("branch2");
  b.say(moved);
  b.depart(b.rep);
  b.world.sync(b.manager, b.hub);
  const auto visit = b.world.add_visit(b.rep, customer, "照常拜访");
  b.world.sync(b.rep, b.hub);
  b.world.sync(b.manager, b.hub);
  REQUIRE(b.world.read(b.manager, customer, visit).only_held());
  REQUIRE_FALSE(b.hub.replica().obeyed()->restrictions.empty());
  b.world.sync(b.hub, b.world.hq());  // is told no
  CHECK(b.hub.replica().obeyed()->restrictions.empty());
  b.world.sync(b.manager, b.hub);  // and passes it on
  CHECK(b.manager.replica().obeyed()->restrictions.empty());
  CHECK(b.summary(b.manager, customer, visit) == "照常拜访");
  CHECK(b.derived_soundly(b.manager));
  b.world.settle(4);
  for (Node* at : {&b.manager, &b.boss, &b.rep}) CHECK(b.summary(*at, customer, visit) == "照常拜访");
  CHECK(check_same_state(b.world) == "");
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

// What did not fit a frame was left out without a word, and nothing asked for it again.
TEST_CASE("access: more wraps than a frame holds come in several", "[simulation][access]") {
  Office b(24);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(2);
  const auto audience = managers_audience(b.world.org(), b.world.branch("branch1"));
  const auto count = [&](Node& at) {
    const auto txn = must(at.replica().store().begin_read());
    return must(node::wraps_for(*txn, *must(node::find_archive(*txn, customer)), audience)).size();
  };
  const auto before = count(b.manager);
  must(b.hub.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, customer));
    for (std::uint32_t epoch = 1; epoch <= 2 * wire::kWrapsMax + 5; ++epoch) {
      Wrap wrap;
      wrap.archive = customer;
      wrap.epoch = epoch;
      wrap.audience = audience;
      wrap.audience_epoch = 1;
      wrap.key = key_id(Secret32::random(b.hub.entropy));
      wrap.box.assign(32 + kBoxOverhead, 7);
      sign_wrap(wrap, b.rep.identity.id, b.rep.identity.sign);
      SATCHEL_TRY(node::put_wrap(txn, *no, wrap, wrap.encode()));
    }
    return {};
  }));
  b.world.add_visit(b.rep, customer, "之后");  // touches it, so that the feed tells of it
  b.world.sync(b.rep, b.hub);
  b.world.sync(b.manager, b.hub);
  CHECK(count(b.manager) == before + 2 * wire::kWrapsMax + 5);
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
  payload::OwnerSet both{{b.rep.person, b.heir.person}};
  std::ranges::sort(both.owners);
  b.world.state_as(b.manager, both, customer);
  for (int i = 0; i < 2; ++i) {
    b.world.sync(b.manager, b.hub);
    b.world.sync(b.hub, b.world.hq());
  }
  b.world.sync(b.manager, b.hub);  // wraps it
  b.dismiss(b.manager);
  b.world.sync(b.hub, b.world.hq());
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
  must(b.world.try_attach(b.rep, customer, *b.world.card_of(b.rep, customer), "customer", Bytes(700, 7)));
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

// The keys come back behind the wraps that had none to be made with.
TEST_CASE("access: who was given an archive while every lease was over has its key once they are renewed",
          "[simulation][access]") {
  Office b(28);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle();
  std::vector<Node*> devices;
  for (Node* node : b.world.all()) {
    if (node->role != wire::Role::hub) devices.push_back(node);
  }
  for (Node* node : devices) must(node::renew_lease(node->replica()));
  b.world.time.ms += 40 * kDayMs;
  for (Node* node : devices) REQUIRE(must(node::count_lease(node->replica(), node->keyring())).over);
  b.say(payload::OwnerSet{{b.heir.person}}, customer);
  b.world.sync(b.hub, b.world.hq());  // so that who has the key hears of it while the lease is over
  for (int i = 0; i < 4; ++i) {
    b.world.settle(1);
    for (Node* node : devices) must(node::renew_lease(node->replica()));
  }
  CHECK(b.opens(b.heir, customer));
  CHECK(check_range(b.world) == "");
}
