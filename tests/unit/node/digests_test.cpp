// SPDX-License-Identifier: AGPL-3.0-or-later
// Kept heads digests are those of the heads, whatever came into the log since they were kept.
#include <rapidcheck.h>

#include "sync/node/digests.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

std::vector<Digest> anew(const ReadTxn& txn) {
  std::vector<Digest> out;
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(txn)); ++no)
    out.push_back(node::digest_of(must(node::heads_of(txn, no))));
  return out;
}

}  // namespace

TEST_CASE("digests: kept at any time they are those of the heads", "[node][digests]") {
  Desk desk;
  std::vector<ArchiveId> archives;
  std::mt19937_64 random(11);
  for (int i = 0; i < 120; ++i) {
    switch (random() % 4) {
      case 0:
        archives.push_back(desk.world.open_customer(desk.rep, "客户" + std::to_string(i)));
        break;
      case 1: {
        const auto digests = must(node::read_digests(*must(desk.rep.replica().store().begin_read())));
        // Something comes between the reading and the keeping.
        if (!archives.empty()) desk.world.add_visit(desk.rep, archives[random() % archives.size()], "一");
        must(desk.rep.replica().write(
            [&](WriteTxn& txn, node::Effects&) -> Result<void> { return node::keep_digests(txn, digests); }));
        break;
      }
      default:
        if (!archives.empty()) desk.world.add_visit(desk.rep, archives[random() % archives.size()], "二");
    }
    const auto txn = must(desk.rep.replica().store().begin_read());
    REQUIRE(must(node::read_digests(*txn)).by_no == anew(*txn));
  }
}

TEST_CASE("digests: a hub's feeds and an archive's audiences choose the same archives", "[node][digests]") {
  Desk desk;
  for (int i = 0; i < 5; ++i) desk.world.open_customer(desk.rep, "甲" + std::to_string(i));
  desk.world.open_customer(desk.other, "乙", {desk.other.person});
  desk.world.settle(2);
  const auto txn = must(desk.hub.replica().store().begin_read());
  const auto digests = must(node::read_digests(*txn));
  const auto directory = desk.hub.replica().directory();
  for (const auto* who : {&desk.rep, &desk.other}) {
    const auto followed = node::followed(*directory, who->identity.id);
    const auto by_feed = must(node::in_feeds(*txn, followed, digests.by_no.size()));
    CHECK(by_feed == must(node::opened_for(*txn, followed, digests.by_no.size())));
    const auto chosen = must(node::choose(*txn, digests, by_feed));
    CHECK(chosen.items.size() == (who == &desk.rep ? 5 : 1));
    CHECK(chosen.items.size() + chosen.others.size() == 6);
    CHECK(std::ranges::is_sorted(chosen.items, {}, &ReconcileItem::archive));
  }
}
