// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies in files. Files that are cut, bent, not for us or brought twice: tests/unit/bundle.
#include "sync/bundle/ledger.h"
#include "tests/unit/bundle/liar.h"

using namespace satchel;
using namespace satchel::bundle_test;

namespace {

bool is_whole(Liar& c, sim::Node& at, const ArchiveId& archive) {
  const auto txn = c.reading(at);
  const auto no = must(node::find_archive(*txn, archive));
  if (!no) return false;
  for (const auto& head : must(node::heads_of(*txn, *no))) {
    for (const auto ordinal : must(node::chain_after(*txn, head, 0))) {
      if (must(node::entry_at(*txn, ordinal)).body.empty()) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("bundles: an acknowledgement that the recipient did not give settles nothing", "[malicious][bundle]") {
  Liar c;
  c.world.open_customer(c.rep, "福田百货");
  const auto sent = c.to_hub(c.rep, c.hub);
  const auto header = must(bundle::look_at(sent.files.front())).header();
  bundle::Acknowledgement ack;
  ack.sender = c.rep.replica().self().chain();
  ack.number = header.number;
  ack.id = header.id;
  const auto to_rep = bundle::to_person(c.rep.person);
  const auto kind = bundle::RecordKind::acknowledgement;
  // A colleague's word, in his own name.
  CHECK(must(c.hand(c.boss, c.rep, to_rep, {bundle::encode(ack)}, kind)).acknowledged == 0);
  // The hub's, of another bundle under that number, and of one never made.
  auto other = ack;
  other.id.bytes[0] ^= 1;
  CHECK(must(c.hand(c.hub, c.rep, to_rep, {bundle::encode(other)}, kind)).acknowledged == 0);
  other = ack;
  other.number += 50;
  CHECK(must(c.hand(c.hub, c.rep, to_rep, {bundle::encode(other)}, kind)).acknowledged == 0);
  // So the next one holds it again.
  CHECK(c.import(c.hub, c.to_hub(c.rep, c.hub).files).received == 1);
  CHECK(c.unsent(c.rep) == 1);
  c.up_and_back(c.rep, c.hub);
  CHECK(c.unsent(c.rep) == 0);
}

TEST_CASE("resurrection: an old stick brings a destroyed archive back to nobody", "[malicious][bundle]") {
  Liar c;
  sim::Node& chief = c.world.device("chief", Role::general_manager, "");
  const auto customer = c.world.open_customer(c.rep, "福田百货");
  c.world.settle(2);
  c.world.add_visit(c.rep, customer, "在旧U盘上");
  const auto up = c.to_hub(c.rep, c.hub);
  c.world.add_visit(c.boss, customer, "经理来访");
  c.world.sync(c.boss, c.hub);
  const auto down = c.to_person(c.hub, c.rep);
  REQUIRE(is_whole(c, c.hub, customer));
  const auto proposal = c.world.state_as(chief, payload::DestroyProposed{{customer}});
  c.world.sync(chief, c.hq);
  c.world.sync(c.world.admin(), c.hq);
  c.world.state(payload::Destroy{proposal});
  c.world.settle(5);
  for (sim::Node* at : {&c.hub, &c.rep}) REQUIRE_FALSE(is_whole(c, *at, customer));
  const auto held = c.entries(c.hub);
  const auto handed = must(c.try_import(c.hub, up.files.front()));
  CHECK(handed.received == 0);
  CHECK(c.entries(c.hub) == held);
  const auto mine = c.entries(c.rep);
  static_cast<void>(c.try_import(c.rep, down.files.front()));
  CHECK(c.entries(c.rep) == mine);
  CHECK_FALSE(is_whole(c, c.rep, customer));
  CHECK(must(c.reading(c.rep)->count(Table::keys)) == 0);
}
