// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of what takes from a device while headquarters is out of reach: its hub hands it the statement, and it lets
// go.
#include <catch2/catch.hpp>

#include "sync/node/dropping.h"
#include "sync/node/handed_down.h"
#include "tests/simulation/staff.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

struct CutOff : Staff {
  using Staff::Staff;
  std::vector<node::Pending> pending(Node& at, StatementKind kind) {
    std::vector<node::Pending> out;
    for (auto& p : must(node::all_pending(*must(at.replica().store().begin_read())))) {
      if (must(decode_envelope(p.envelope)).statement().kind == kind) out.push_back(std::move(p));
    }
    return out;
  }
  bool gone(Node& at) { return at.replica().obeyed()->directory->gone_at(at.identity.id).has_value(); }
  bool gone_by_order(Node& at) { return at.replica().directory()->gone_at(at.identity.id).has_value(); }
  std::size_t unsent(Node& at) {
    return must(node::count_unsent(*must(at.replica().store().begin_read()), at.replica().self().chain()));
  }
  // Bodies of its own entries that are still there, sealed.
  std::size_t own_bodies(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    std::size_t bodies = 0;
    for (const auto& head : must(node::heads_of(*txn, *must(node::find_archive(*txn, archive))))) {
      if (head.chain.chain.node != at.identity.id) continue;
      for (const auto ordinal : must(node::chain_after(*txn, head, 0)))
        bodies += !must(node::entry_at(*txn, ordinal)).body.empty();
    }
    return bodies;
  }
};

}  // namespace

TEST_CASE("handed down: the leaver's device meets the cut-off hub, hands in, lets go and says so",
          "[simulation][access][handed_down]") {
  CutOff b(61);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(3);
  const auto late = b.world.add_visit(b.rep, customer, "地下室里写的");
  b.depart(b.rep);
  b.world.sync(b.manager, b.hub);  // headquarters is out of reach from here on
  const auto keys = b.opens(b.rep, customer);
  REQUIRE(keys);
  bool had_keys_while_pushing = true;
  {
    auto link = b.world.connect(b.rep, b.hub);
    link->tap = [&](bool up, const Bytes& frame) {
      const auto received = must(wire::Received::decode(frame));
      if (up && std::holds_alternative<wire::Parcel>(received.frame()))
        had_keys_while_pushing = had_keys_while_pushing && b.opens(b.rep, customer);
    };
    b.world.run(*link);
    CHECK(link->initiator().report().sent == 1);
    CHECK(link->initiator().report().complete);
  }
  CHECK(had_keys_while_pushing);
  CHECK_FALSE(b.gone_by_order(b.rep));
  CHECK(b.gone(b.rep));
  CHECK_FALSE(b.opens(b.rep, customer));
  for (const auto& record : {visit, late}) CHECK(b.world.read(b.rep, customer, record).state.empty());
  CHECK(b.unsent(b.rep) == 0);
  CHECK(b.own_bodies(b.rep, customer) == 3);  // until headquarters' stamp, and after
  CHECK(b.world.read(b.manager, customer, visit).held == 0);
  // Its receipt waits at the branch and names by what it lost its rights.
  const auto receipts = b.pending(b.hub, StatementKind::access_dropped);
  REQUIRE(receipts.size() == 1);
  const auto envelope = must(decode_envelope(receipts.front().envelope));
  CHECK(envelope.statement().by == b.rep.identity.id);
  const auto receipt = must(decode_payload<payload::AccessDropped>(envelope.statement().payload));
  CHECK(receipt.gone_by.size() == 2);
  CHECK(receipt.unsent == 0);
  // It stays so, over a restart and another contact.
  b.rep.stop();
  b.rep.start();
  b.world.sync(b.rep, b.hub);
  CHECK_FALSE(b.opens(b.rep, customer));
  // The line is back; the device never comes again.
  b.world.sync(b.hub, b.world.hq());
  const auto ordered = b.world.hq().replica().directory();
  REQUIRE(ordered->gone_at(b.rep.identity.id));
  CHECK(ordered->drop_receipts().at(b.rep.identity.id).executed < *ordered->gone_at(b.rep.identity.id));
  CHECK(ordered->let_go(b.rep.identity.id));
  b.world.settle(5);
  CHECK(b.world.hq().replica().directory()->let_go(b.rep.identity.id));
  CHECK(b.summary(b.manager, customer, visit) == "谈了价格");
  CHECK(b.world.read(b.manager, customer, late).held == 1);
  CHECK(check_same_state(b.world) == "");
  CHECK(b.sound() == "");
}

TEST_CASE("handed down: what headquarters refuses is obeyed no longer, and the keys come back",
          "[simulation][access][handed_down]") {
  CutOff b(62);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto visit = b.world.add_visit(b.rep, customer, "谈了价格");
  b.world.settle(3);
  // He was moved to another branch, which nobody here has heard of: his former manager has no say over him.
  payload::PersonChanged moved{.person = b.rep.person};
  moved.branch = b.world.branch("branch2");
  b.say(moved);
  b.depart(b.rep);
  b.world.sync(b.manager, b.hub);
  b.world.sync(b.rep, b.hub);
  REQUIRE_FALSE(b.opens(b.rep, customer));
  b.world.sync(b.hub, b.world.hq());  // is told no
  b.world.sync(b.rep, b.hub);         // and passes it on
  CHECK_FALSE(b.gone(b.rep));
  CHECK(b.opens(b.rep, customer));
  CHECK(b.summary(b.rep, customer, visit) == "谈了价格");
  // A hub that obeys it still, because it has not heard, changes nothing any more.
  const auto refused = b.pending(b.rep, StatementKind::node_revoked);
  REQUIRE(refused.size() == 1);
  must(b.rep.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    const std::vector<View> again{refused.front().envelope};
    SATCHEL_GET(fresh, node::take_handed_down(txn, effects, b.rep.replica(), again));
    CHECK(fresh == 0);
    return {};
  }));
  CHECK_FALSE(b.gone(b.rep));
  const auto after = b.world.add_visit(b.rep, customer, "照常拜访");
  b.world.settle(5);
  for (Node* at : {&b.rep, &b.manager, &b.boss}) CHECK(b.summary(*at, customer, after) == "照常拜访");
  CHECK_FALSE(b.world.hq().replica().directory()->let_go(b.rep.identity.id));
  CHECK(check_same_state(b.world) == "");
  CHECK(b.sound() == "");
}

TEST_CASE("handed down: one archive taken back goes alone, by a grant that ends or an owner left out",
          "[simulation][access][handed_down]") {
  CutOff b(63);
  const auto own = b.world.open_customer(b.heir, "罗湖商行");
  const auto lent = b.world.open_customer(b.rep, "福田百货");
  const auto shared = b.world.open_customer(b.rep, "南山超市");
  b.world.settle(2);
  const auto heirs = person_audience(b.world.org(), b.heir.person);
  b.say(payload::Grant{heirs, GrantRights::write, 0, {}}, lent);
  payload::OwnerSet both{{b.rep.person, b.heir.person}};
  std::ranges::sort(both.owners);
  b.say(both, shared);
  b.world.settle(3);
  REQUIRE(b.opens(b.heir, lent));
  REQUIRE(b.opens(b.heir, shared));
  b.world.state_as(b.manager, payload::GrantEnded{heirs}, lent);
  b.world.state_as(b.manager, payload::OwnerSet{{b.rep.person}}, shared);
  b.world.sync(b.manager, b.hub);
  b.world.sync(b.heir, b.hub);
  CHECK_FALSE(b.opens(b.heir, lent));
  CHECK_FALSE(b.opens(b.heir, shared));
  CHECK(b.opens(b.heir, own));
  CHECK_FALSE(b.gone(b.heir));
  // Whom it takes nothing from is not told.
  b.world.sync(b.rep, b.hub);
  CHECK(b.pending(b.rep, StatementKind::grant_ended).empty());
  CHECK(b.opens(b.rep, lent));
  b.world.settle(5);
  CHECK_FALSE(b.opens(b.heir, lent));
  CHECK(b.opens(b.rep, shared));
  CHECK(b.sound() == "");
}

TEST_CASE("handed down: a manager who is one no longer loses the branch, and keeps what is his own",
          "[simulation][access][handed_down]") {
  CutOff b(64);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  const auto own = b.world.open_customer(b.manager, "罗湖商行");
  b.world.settle(3);
  REQUIRE(b.opens(b.manager, customer));
  payload::PersonChanged demoted{.person = b.manager.person};
  demoted.role = Role::salesperson;
  b.world.state(demoted);
  b.world.sync(b.world.admin(), b.hub);  // who is in the branch today
  b.world.sync(b.manager, b.hub);
  CHECK_FALSE(b.opens(b.manager, customer));
  CHECK(b.opens(b.manager, own));
  CHECK(b.manager.replica().directory()->person(b.manager.person)->role() == Role::branch_manager);
  b.world.settle(5);
  CHECK_FALSE(b.opens(b.manager, customer));
  CHECK(b.opens(b.manager, own));
  CHECK(b.sound() == "");
}

TEST_CASE("handed down: the word of a manager whom the device has not heard of comes with who he is, and nothing after",
          "[simulation][access][handed_down]") {
  CutOff b(65);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  Node& fresh = b.world.device("fresh", Role::branch_manager, "branch1");
  b.world.sync(b.hub, b.world.hq());
  b.world.sync(fresh, b.hub);
  REQUIRE(b.rep.replica().directory()->person(fresh.person) == nullptr);
  b.depart_by(fresh, b.rep);
  const auto seen = fresh.replica().directory()->position();
  payload::Policy later{"office-hours", "9-17"};
  b.say(later);
  b.world.sync(b.hub, b.world.hq());
  b.world.sync(fresh, b.hub);  // headquarters is out of reach from here on
  b.world.sync(b.rep, b.hub);
  CHECK(b.gone(b.rep));
  CHECK_FALSE(b.opens(b.rep, customer));
  CHECK(b.rep.replica().directory()->position() == seen);
  CHECK_FALSE(b.rep.replica().directory()->policy("office-hours"));
  b.world.settle(5);
  CHECK(b.world.hq().replica().directory()->let_go(b.rep.identity.id));
  CHECK(b.sound() == "");
}

TEST_CASE("handed down: a line that is open is cut, and the next contact takes the keys",
          "[simulation][access][handed_down]") {
  CutOff b(66);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  auto live = b.world.connect(b.rep, b.hub, true);
  b.world.run(*live);
  b.depart(b.rep);
  b.world.sync(b.manager, b.hub);
  b.world.run(*live);
  REQUIRE(live->over());
  live.reset();
  b.world.sync(b.rep, b.hub);
  CHECK_FALSE(b.opens(b.rep, customer));
  // Of one archive, nothing is cut: the line itself brings it.
  const auto lent = b.world.open_customer(b.manager, "南山超市", {b.manager.person});
  b.world.settle(3);
  const auto heirs = person_audience(b.world.org(), b.heir.person);
  b.say(payload::Grant{heirs, GrantRights::write, 0, {}}, lent);
  b.world.settle(3);
  REQUIRE(b.opens(b.heir, lent));
  auto line = b.world.connect(b.heir, b.hub, true);
  b.world.run(*line);
  b.world.state_as(b.manager, payload::GrantEnded{heirs}, lent);
  b.world.sync(b.manager, b.hub);
  b.world.run(*line);
  CHECK_FALSE(line->over());
  CHECK_FALSE(b.opens(b.heir, lent));
  line.reset();
  b.world.settle(4);
  CHECK(b.sound() == "");
}
