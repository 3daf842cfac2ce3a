// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of disks that come back: devices and hubs restored from older copies, headquarters that lost part of its
// order, and two devices from one disk.
#include <catch2/catch.hpp>

#include "sync/directory/limits.h"
#include "sync/node/grants.h"
#include "sync/node/verify_derived.h"
#include "tests/simulation/staff.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

constexpr std::int64_t kDay = 86'400'000;

struct Firm : Staff {
  using Staff::Staff;
  std::vector<SavedEntry> saved;

  RecordId visit(Node& at, const ArchiveId& archive, const std::string& text) {
    const auto record = world.add_visit(at, archive, text);
    const auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    const auto self = must(node::find_node(*txn, at.identity.id));
    const ChainId chain{at.identity.id, at.identity.incarnation};
    saved.push_back({archive, chain, must(node::head_of(*txn, *no, *self, chain))->chain.head.seq});
    return record;
  }
  void destroy(const ArchiveId& archive) {
    const auto proposal = world.state_as(manager, payload::DestroyProposed{{archive}});
    world.settle(2);
    world.state_as(boss, payload::Destroy{proposal});
    world.settle(2);
  }
  std::string sound() {
    if (auto wrong = check_saved(world, saved, world.hq()); !wrong.empty()) return wrong;
    if (auto wrong = check_receipts(world); !wrong.empty()) return wrong;
    return Staff::sound();
  }
};

std::uint32_t life_of(Firm& o, Node& at) {
  const auto& lives = o.world.hq().replica().directory()->node(at.identity.id)->lives;
  return lives.empty() ? 1 : lives.back().incarnation;
}

}  // namespace

TEST_CASE("restore: a device takes its own later work back from the hub and hands in what only the copy had",
          "[simulation][restore]") {
  Firm o(21);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  const auto unsent = o.visit(o.rep, customer, "只在备份里");
  const auto copy = o.world.snapshot(o.rep);
  // The device goes on, hands both in, and is lost.
  const auto later = o.visit(o.rep, customer, "备份之后");
  o.world.sync(o.rep, o.hub);
  o.world.restore(o.rep, copy);
  CHECK(o.rep.identity.incarnation > 1);
  o.world.settle();
  CHECK(o.summary(o.rep, customer, unsent) == "只在备份里");
  CHECK(o.summary(o.rep, customer, later) == "备份之后");
  const auto again = o.visit(o.rep, customer, "恢复之后");
  o.world.settle();
  CHECK(o.summary(o.boss, customer, again) == "恢复之后");
  CHECK(life_of(o, o.rep) == o.rep.identity.incarnation);
  CHECK(o.sound() == "");
}

TEST_CASE("restore: what was never handed in is handed in once, with its author's time", "[simulation][restore]") {
  Firm o(22);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  const auto unsent = o.visit(o.rep, customer, "从未送出");
  const auto written = o.rep.clock.wall();
  const auto copy = o.world.snapshot(o.rep, GENERATE(true, false));
  o.world.time.ms += 5 * kDay;
  o.world.restore(o.rep, copy);
  o.world.settle();
  CHECK(o.summary(o.boss, customer, unsent) == "从未送出");
  const auto read = o.world.read(o.boss, customer, unsent);
  CHECK(std::abs(read.state.values("summary").front()->effective.ms - written.ms) < kDay);
  CHECK(o.sound() == "");
}

TEST_CASE("restore: what only the copy had unsigned is signed once more, which is not the work of two devices",
          "[simulation][restore]") {
  Firm o(30);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  const auto visit = o.visit(o.rep, customer, "写了还没有签");
  const auto copy = o.world.snapshot(o.rep, false);
  o.world.time.ms += kDay;
  o.visit(o.rep, customer, "拷贝之后");
  o.world.sync(o.rep, o.hub);
  o.world.time.ms += kDay;
  o.world.restore(o.rep, copy);
  o.visit(o.rep, customer, "恢复之后");
  o.world.settle();
  CHECK(o.summary(o.boss, customer, visit) == "写了还没有签");
  const auto directory = o.boss.replica().directory();
  CHECK_FALSE(directory->node(o.rep.identity.id)->frozen_now());
  // The receipt stays with the first signing; that is why backups have all signed before.
  for (const auto& wrong : {check_converged(o.world), check_audit(o.world), check_scope(o.world)}) CHECK(wrong == "");
}

TEST_CASE("restore: no key is used before a hub has said what was destroyed meanwhile", "[simulation][restore]") {
  Firm o(23);
  const auto kept = o.world.open_customer(o.rep, "福田百货");
  const auto doomed = o.world.open_customer(o.rep, "南山超市");
  o.world.settle();
  const auto copy = o.world.snapshot(o.rep);
  o.destroy(doomed);
  o.world.restore(o.rep, copy);
  CHECK_FALSE(o.opens(o.rep, kept));
  CHECK_FALSE(o.opens(o.rep, doomed));
  o.world.sync(o.rep, o.world.hq());
  CHECK_FALSE(o.opens(o.rep, doomed));
  o.world.time.ms += kDay;
  o.world.restore(o.rep, copy);
  // Offline, a visit can still be recorded: for others, and for this device after the next contact.
  const auto visit = o.visit(o.rep, kept, "离线恢复");
  CHECK_FALSE(o.opens(o.rep, kept));
  o.world.settle();
  CHECK(o.opens(o.rep, kept));
  CHECK(o.summary(o.rep, kept, visit) == "离线恢复");
  CHECK_FALSE(o.opens(o.rep, doomed));
  CHECK(o.sound() == "");
}

TEST_CASE("restore: what a restored device brings of an archive destroyed meanwhile is refused for ever",
          "[simulation][restore]") {
  Firm o(24);
  const auto doomed = o.world.open_customer(o.rep, "南山超市");
  o.world.settle();
  o.world.add_visit(o.rep, doomed, "备份里的拜访");
  const auto copy = o.world.snapshot(o.rep);
  o.destroy(doomed);
  o.world.restore(o.rep, copy);
  o.world.settle();
  CHECK_FALSE(o.opens(o.rep, doomed));
  for (Node* hub : {&o.hub, &o.world.hq()}) {
    const auto txn = must(hub->replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, doomed));
    REQUIRE(no);
    CHECK(must(node::wraps_of(*txn, *no)).empty());
  }
}

TEST_CASE("restore: a branch hub gets back what anybody still has, and its wraps", "[simulation][restore]") {
  Firm o(25);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  const auto quiet = o.world.open_customer(o.rep, "一直没动");
  o.world.settle();
  const auto copy = o.world.snapshot(o.hub);
  const auto at_hq = o.visit(o.rep, customer, "已到总部");
  o.world.settle();
  const auto at_branch = o.visit(o.rep, customer, "只到分部");
  const auto late = o.world.open_customer(o.rep, "新客户");
  o.world.sync(o.rep, o.hub);  // acknowledged by the branch alone
  o.world.restore(o.hub, copy);
  const auto wraps = [&] {
    const auto txn = must(o.hub.replica().store().begin_read());
    return must(node::wraps_of(*txn, *must(node::find_archive(*txn, quiet)))).size();
  };
  CHECK(wraps() == 0);
  o.world.sync(o.hub, o.world.hq());
  CHECK(wraps() > 0);  // of headquarters, should no device come that has them
  o.world.settle();
  CHECK(o.summary(o.boss, customer, at_hq) == "已到总部");
  CHECK(o.summary(o.boss, customer, at_branch) == "只到分部");
  CHECK(o.opens(o.manager, late));
  // Somebody new reads what was there before: the wraps are back.
  Node& second = o.world.device("manager", Role::branch_manager, "branch1");
  o.world.settle();
  CHECK(o.opens(second, customer));
  CHECK(o.sound() == "");
}

TEST_CASE(
    "restore: headquarters orders nothing until an administrator names the head, and nothing of the order is lost",
    "[simulation][restore]") {
  Firm o(26);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  const auto copy = o.world.snapshot(o.world.hq());
  const auto before = o.world.hq().replica().directory()->position();
  // Meanwhile: ordered, and known to the branch.
  o.say(payload::Policy{"colour", "red"});
  const auto visit = o.visit(o.rep, customer, "总部丢失的");
  o.world.settle();
  const auto highest = o.hub.replica().directory()->position();
  REQUIRE(highest > before);
  o.world.restore(o.world.hq(), copy);
  CHECK(o.world.hq().replica().directory()->position() == before);
  // The branch goes on; headquarters takes its order back from it but gives nothing a place.
  o.world.sync(o.hub, o.world.hq());
  CHECK(o.world.hq().replica().directory()->position() == highest);
  o.world.state(payload::Policy{"colour", "blue"});
  session::SyncReport report;
  REQUIRE(o.world.sync_outcome(o.world.admin(), o.world.hq(), &report));
  CHECK(report.order_waits);
  CHECK(o.world.hq().replica().directory()->policy("colour") == "red");
  REQUIRE(o.world.resume_order());
  CHECK(o.world.hq().replica().directory()->position().incarnation == o.world.hq().identity.incarnation);
  o.world.settle();
  CHECK(o.world.hq().replica().directory()->policy("colour") == "blue");
  CHECK(o.hub.replica().directory()->policy("colour") == "blue");
  CHECK(o.summary(o.boss, customer, visit) == "总部丢失的");
  CHECK(o.sound() == "");
}

TEST_CASE("restore: whoever was told more than headquarters could be given back hands those statements in again",
          "[simulation][restore]") {
  Firm o(27);
  const auto copy = o.world.snapshot(o.world.hq());
  o.say(payload::Policy{"colour", "red"});
  o.world.sync(o.boss, o.world.hq());  // the boss alone hears of it, beside the administrator who is away
  const auto seen = o.boss.replica().directory()->position();
  o.world.restore(o.world.hq(), copy);
  // An administrator who knows nothing of it says: go on from here.
  Node& hq = o.world.hq();
  const auto directory = hq.replica().directory();
  payload::OrderResumed resumed{directory->position(), directory->last_order_hash(), hq.identity.incarnation};
  const auto word = make_statement(
      {o.world.org(), o.world.admin().identity.id, o.world.admin().person, directory->position(), hq.clock.wall()},
      o.world.admin().identity.sign, resumed, o.world.admin().entropy);
  must(hq.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(result, node::take_statement(txn, effects, hq.replica(), word));
    CHECK(result.status == wire::SubmitStatus::ordered);
    return {};
  }));
  CHECK_FALSE(hq.replica().directory()->policy("colour"));
  REQUIRE(o.boss.replica().directory()->position() == seen);
  o.world.settle(5);
  // It fell back to the common head, and the statement has a new place in the new order.
  CHECK(hq.replica().directory()->policy("colour") == "red");
  CHECK(o.boss.replica().directory()->position() == hq.replica().directory()->position());
  CHECK(o.world.admin().replica().directory()->position() == hq.replica().directory()->position());
  CHECK(o.sound() == "");
}

// They are told nothing of the order any more: what its position was when they heard of it last says nothing.
TEST_CASE("restore: who lost every right is told whether headquarters orders by headquarters itself",
          "[simulation][restore]") {
  Firm o(29);
  o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  o.say(payload::NodeRevoked{o.rep.identity.id, "离职"});
  o.world.settle();
  const auto copy = o.world.snapshot(o.world.hq());
  o.world.time.ms += kDay;
  o.world.restore(o.world.hq(), copy);
  o.world.sync(o.hub, o.world.hq());
  const auto waits = [&](Node& device) {
    session::SyncReport report;
    REQUIRE(o.world.sync_outcome(device, o.world.hq(), &report));
    return report.order_waits;
  };
  CHECK(waits(o.rep));
  CHECK(waits(o.heir));
  REQUIRE(o.world.resume_order());
  CHECK_FALSE(waits(o.rep));
  CHECK_FALSE(waits(o.heir));
  o.world.settle(3);
  CHECK(o.sound() == "");
}

TEST_CASE("restore: a new life has numbers of its own without asking", "[simulation][restore]") {
  Firm o(30);
  o.world.settle();
  const auto numbers = [&] {
    return o.world.hq().replica().directory()->numbers(o.rep.identity.id, o.rep.identity.incarnation);
  };
  const auto former = numbers();
  REQUIRE_FALSE(former.empty());
  const auto copy = o.world.snapshot(o.rep);
  for (int i = 0; i < 2; ++i) {
    o.world.time.ms += kDay;
    o.world.restore(o.rep, copy);
    o.world.settle(3);
    const auto now = numbers();
    REQUIRE(now.size() == 1);
    CHECK(now.front().first >= former.back().first + former.back().count);
    CHECK(now.front().count == kNumbersPerLease);
  }
  CHECK(o.sound() == "");
}

// A lower life than one that was known before would be over before it began, and such a headquarters never orders
// again.
TEST_CASE("restore: one copy restored time and again has a later life each time", "[simulation][restore]") {
  Firm o(13);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  const auto of_device = o.world.snapshot(o.rep);
  const auto of_hq = o.world.snapshot(o.world.hq());
  for (int i = 0; i < 4; ++i) {
    o.world.time.ms += kDay;
    o.world.restore(o.rep, of_device);
    o.world.settle(4);
    o.visit(o.rep, customer, "恢复之后");
    o.world.settle(2);
    CHECK(life_of(o, o.rep) == o.rep.identity.incarnation);
    o.world.restore(o.world.hq(), of_hq);
    o.world.settle(2);
    REQUIRE(o.world.resume_order());
    const auto said = o.say(payload::Policy{"colour", "red"});
    CHECK(o.world.hq().replica().directory()->has(said));
    o.world.settle(4);
    REQUIRE(o.sound() == "");
  }
}

// Ranges are of what was opened for it; what it was given later is asked about one by one. Both answers have to find
// their question.
TEST_CASE("restore: a hub in a new life compares what a device opened and what it was given", "[simulation][restore]") {
  Firm o(12);
  const auto own = o.world.open_customer(o.rep, "福田百货");
  const auto given = o.world.open_customer(o.heir, "罗湖书城");
  o.world.settle();
  payload::OwnerSet both{{o.heir.person, o.rep.person}};
  std::ranges::sort(both.owners);
  o.say(both, given);
  o.world.settle();
  const auto copy = o.world.snapshot(o.hub);
  o.visit(o.rep, own, "副本之后");
  o.world.settle();
  o.world.restore(o.hub, copy);
  REQUIRE(o.world.sync_outcome(o.rep, o.hub));
  o.world.settle(4);
  CHECK(o.sound() == "");
}

// It has the work, so that a comparison finds nothing to send, and nobody else will tell of its stamp.
TEST_CASE("restore: headquarters in a new life signs for work whose answer was lost in the former one",
          "[simulation][restore]") {
  Firm o(14);
  Node& hq = o.world.hq();
  const auto customer = o.world.open_customer(o.boss, "福田百货");
  o.world.settle();
  o.visit(o.boss, customer, "回执丢了");
  const auto link = o.world.connect(o.boss, hq);
  while (check_saved(o.world, {o.saved.back()}, hq) != "") REQUIRE(link->step());
  link->cut();
  o.world.restore(hq, o.world.snapshot(hq));
  o.world.settle(2);
  REQUIRE(o.world.resume_order());
  o.world.settle(4);
  CHECK(o.sound() == "");
}

TEST_CASE("restore: both hubs lost at once, and only devices have the rest", "[simulation][restore]") {
  Firm o(28);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  const auto branch = o.world.snapshot(o.hub);
  const auto hq = o.world.snapshot(o.world.hq());
  const auto visit = o.visit(o.rep, customer, "两边都丢了");
  o.say(payload::Policy{"colour", "red"});
  o.world.settle();
  o.world.restore(o.hub, branch);
  o.world.restore(o.world.hq(), hq);
  o.world.settle(2);
  REQUIRE(o.world.resume_order());
  o.world.settle(5);
  CHECK(o.world.hq().replica().directory()->policy("colour") == "red");
  CHECK(o.summary(o.boss, customer, visit) == "两边都丢了");
  // Whoever comes into the owner's place needs wraps that no hub's backup held.
  o.say(payload::Handover{o.rep.person, o.heir.person, {}});
  o.world.settle(5);
  CHECK(o.summary(o.heir, customer, visit) == "两边都丢了");
  CHECK(o.sound() == "");
}

TEST_CASE("copies: two devices from one disk are found when both hand in, and neither one's work is lost",
          "[simulation][restore][copies]") {
  Firm o(29);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  const auto other = o.world.open_customer(o.rep, "南山超市");
  o.world.settle();
  Node& copy = o.world.clone(o.rep);
  const auto first = o.visit(o.rep, customer, "原机");
  o.world.sync(o.rep, o.hub);
  const auto second = o.visit(copy, other, "复制机");
  // The line is cut by the very word that takes the right; what was handed in is there.
  CHECK(o.world.sync_outcome(copy, o.hub).error().code == "session.access-ended");
  // Found at once, also without headquarters.
  const auto obeyed = o.hub.replica().obeyed();
  REQUIRE_FALSE(obeyed->directory->node(o.rep.identity.id)->freezes.empty());
  CHECK(obeyed->restrictions.size() == 1);
  o.world.settle();
  CHECK(o.world.hq().replica().directory()->node(o.rep.identity.id)->frozen_now());
  CHECK(o.summary(o.manager, customer, first) == "原机");  // a hub had it before anybody knew
  CHECK(o.world.read(o.manager, other, second).held == 1);
  payload::Verdict admit;
  admit.ranges.push_back({copy.identity.id, 1, 1, 9});
  o.world.state_as(o.manager, admit, other);
  o.world.settle();
  CHECK(o.summary(o.manager, other, second) == "复制机");
  // Both are told, and neither is given anything new.
  for (Node* device : {&o.rep, &copy})
    CHECK(device->replica().directory()->lost_at(device->identity.id, device->identity.incarnation));
  o.visit(o.rep, customer, "冻结之后");
  o.world.settle();
  CHECK(check_saved(o.world, o.saved, o.world.hq()) == "");
  CHECK(check_logs(o.world) == "");
}

TEST_CASE("copies: an old device that comes back after its restored one may hand in, and no more",
          "[simulation][restore][copies]") {
  Firm o(30);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  Node& old = o.world.clone(o.rep);  // the phone that was thought lost
  o.world.restore(o.rep, o.world.snapshot(o.rep));
  o.world.settle();
  CHECK(life_of(o, o.rep) == o.rep.identity.incarnation);
  const auto late = o.visit(old, customer, "旧手机上的");
  o.world.sync(old, o.hub);
  o.world.settle();
  CHECK(o.world.read(o.manager, customer, late).held == 1);
  CHECK(o.world.read(o.rep, customer, late).held == 1);
  const auto fresh = o.visit(o.rep, customer, "新手机上的");
  o.world.settle();
  CHECK(o.summary(o.boss, customer, fresh) == "新手机上的");
  CHECK(o.world.read(old, customer, fresh).state.empty());  // it is given nothing new
  CHECK(check_saved(o.world, o.saved, o.world.hq()) == "");
  CHECK(check_logs(o.world) == "");
}

TEST_CASE("copies: one copy restored twice makes two lives, not one with two pens", "[simulation][restore][copies]") {
  Firm o(31);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  o.world.settle();
  const auto copy = o.world.snapshot(o.rep);
  o.world.restore(o.rep, copy);
  Node& twin = o.world.clone(o.rep);
  o.world.restore(twin, copy);
  CHECK(o.rep.identity.incarnation != twin.identity.incarnation);
  o.visit(o.rep, customer, "甲");
  o.visit(twin, customer, "乙");
  o.world.settle(6);
  CHECK(check_saved(o.world, o.saved, o.world.hq()) == "");
  CHECK(check_logs(o.world) == "");
}

TEST_CASE("restore: each of many old copies of a device and of both hubs comes back whole", "[simulation][restore]") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Firm o(100 + seed);
    std::vector<std::pair<Node*, Snapshot>> copies;
    std::vector<ArchiveId> customers;
    const auto doomed = o.world.open_customer(o.rep, "将被销毁");
    o.world.settle(2);
    for (int day = 0; day < 8; ++day) {
      customers.push_back(o.world.open_customer(o.rep, "客户"));
      o.visit(o.rep, customers.back(), "拜访");
      o.visit(o.heir, o.world.open_customer(o.heir, "别的客户"), "拜访");
      for (Node* node : {&o.rep, &o.hub, &o.world.hq()}) copies.emplace_back(node, o.world.snapshot(*node));
      if (o.world.random() % 2 == 0) o.world.sync(o.rep, o.hub);
      if (o.world.random() % 2 == 0) o.world.sync(o.hub, o.world.hq());
      if (day == 4) o.destroy(doomed);
      o.world.time.ms += kDay / 2;
    }
    o.world.settle(2);
    for (int i = 0; i < 4; ++i) {
      auto& [node, copy] = copies[o.world.random() % copies.size()];
      o.world.time.ms += 1'000;  // lives are told apart by the second
      o.world.restore(*node, copy);
      o.visit(o.heir, o.world.open_customer(o.heir, "之后的客户"), "拜访");
      o.world.settle(2);
      if (node == &o.world.hq()) REQUIRE(o.world.resume_order());
      o.world.settle(4);
      INFO("seed " << seed << " restored " << node->name << " for the " << i + 1 << ". time");
      REQUIRE(o.sound() == "");
      REQUIRE_FALSE(o.opens(o.rep, doomed));
      REQUIRE_FALSE(o.opens(o.manager, doomed));
      REQUIRE(o.world.hq().replica().directory()->is_destroyed(doomed));
    }
  }
}

TEST_CASE("copies: work that parted in one archive is written again in a life of its own, and waits for a verdict",
          "[simulation][restore][copies]") {
  Firm o(32);
  const auto customer = o.world.open_customer(o.rep, "福田百货");
  const auto card = *o.world.card_of(o.rep, customer);
  o.world.settle();
  Node& copy = o.world.clone(o.rep);
  const auto first = o.visit(o.rep, customer, "原机");
  o.world.add_visit(copy, customer, "副本一");
  o.world.set_field(copy, customer, card, "customer", "phone", std::string("1"));
  o.world.set_field(copy, customer, card, "customer", "phone", std::string("2"));
  o.world.sync(o.rep, o.hub);
  session::SyncReport report;
  for (int i = 0; i < 2; ++i) (void)o.world.sync_outcome(copy, o.hub, &report);
  CHECK(must(node::count_parted(*must(copy.replica().store().begin_read()), copy.identity.id)) == 3);
  const auto written = copy.clock.wall();
  o.world.time.ms += kDay;
  must(copy.deriver().apply());
  o.world.renew(copy);
  {
    node::Keyring fresh(copy.vault(), copy.entropy);
    CHECK(must(node::verify_derived(copy.replica(), fresh, copy.deriver())).sound());
  }
  o.world.settle(4);
  // What was written again is owed no more.
  CHECK(must(node::count_unsent(*must(copy.replica().store().begin_read()), copy.replica().self().chain())) == 0);
  CHECK(o.summary(o.manager, customer, first) == "原机");
  payload::Verdict admit;
  admit.ranges.push_back({copy.identity.id, copy.identity.incarnation, 1, 99});
  o.world.state_as(o.manager, admit, customer);
  o.world.settle(4);
  const auto read = o.world.read(o.manager, customer, card);
  CHECK(read.state.values("phone").size() == 2);
  const auto phones = read.state.standing("phone");
  REQUIRE(phones.size() == 1);  // the second replaced the first, as it did then
  CHECK(std::get<std::string>(phones.front()->value) == "2");
  CHECK(std::abs(phones.front()->effective.ms - written.ms) < kDay / 2);
  CHECK(check_logs(o.world) == "");
}

TEST_CASE("restore: headquarters believes no order but the one it signed itself, and that only whole",
          "[simulation][restore]") {
  Firm o(33);
  const auto copy = o.world.snapshot(o.world.hq());
  o.say(payload::Policy{"colour", "red"});
  o.say(payload::Policy{"shape", "round"});
  o.world.settle(2);
  o.world.restore(o.world.hq(), copy);
  Node& hq = o.world.hq();
  const auto before = hq.replica().directory()->position();
  const auto txn = must(o.hub.replica().store().begin_read());
  const auto run = must(node::run_after(*txn, before, [](const ArchiveId&, const Position&) { return true; }));
  REQUIRE(run.records.size() >= 2);
  const auto give = [&](const std::function<void(wire::DirectoryRun&)>& bend) -> std::string {
    wire::DirectoryRun frame;
    for (const auto& r : run.records) frame.records.push_back({r.ordered, r.envelope});
    frame.head = run.head;
    bend(frame);
    const auto done = hq.replica().write([&](WriteTxn& write, node::Effects& effects) -> Result<void> {
      SATCHEL_TRY(node::take_order_back(write, effects, hq.replica(), std::span(&frame, 1)));
      return {};
    });
    return done ? "" : done.error().code;
  };
  CHECK(give([](auto& f) { f.records.pop_back(); }) == "directory.bad-head");
  CHECK(give([](auto& f) { f.head = {}; }) == "directory.bad-head");
  Bytes forged = run.head;
  forged.back() ^= 1;
  CHECK(give([&](auto& f) { f.head = forged; }) == "directory.bad-head");
  CHECK(give([](auto& f) { std::swap(f.records[0], f.records[1]); }) == "directory.gap");
  CHECK(hq.replica().directory()->position() == before);
  CHECK(give([](auto&) {}).empty());
  CHECK(hq.replica().directory()->policy("shape") == "round");
}
