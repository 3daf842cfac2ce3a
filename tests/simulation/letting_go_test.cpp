// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of what a device lets go of when a right goes, and of what comes back or comes at last.
#include <catch2/catch.hpp>

#include "sync/blob/shelf.h"
#include "sync/node/dropping.h"
#include "tests/simulation/staff.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

AudienceId audience_of(const Staff& s, const Node& node) { return person_audience(s.world.org(), node.person); }

// The archive's one attachment as that node has it; an empty row where nothing names it yet.
blob::Row file_of(Node& node, const ArchiveId& archive) {
  const auto txn = must(node.replica().store().begin_read());
  const auto rows = must(blob::rows(*txn, *must(node::find_archive(*txn, archive))));
  return rows.empty() ? blob::Row{.sealed = 1} : rows.front().second;
}

}  // namespace

// It was kept whole for this alone when the right to the archive went.
TEST_CASE("letting go: a file that no hub had goes from who lost the archive once one has it", "[simulation][access]") {
  Staff b(53);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  REQUIRE(b.rep.deriver().apply());
  const auto card = *b.world.card_of(b.rep, customer);
  REQUIRE(b.world.try_attach(b.rep, customer, card, "customer", Bytes(2000, 7)));
  b.say(payload::OwnerSet{{b.heir.person}}, customer);
  const auto had = b.rep.replica().directory()->position();
  auto cut = b.world.connect(b.rep, b.world.hq());
  while (b.rep.replica().directory()->position() == had) REQUIRE(cut->step());
  cut->cut();
  must(node::drop_what_is_lost(b.rep.replica(), b.rep.keyring(), b.rep.clock.wall()));
  const auto here = [&](Node& node) { return file_of(node, customer); };
  CHECK(here(b.rep).whole());
  CHECK_FALSE(here(b.rep).at_hub);
  b.world.sync(b.rep, b.hub);
  CHECK(here(b.hub).whole());
  CHECK(here(b.rep).at_hub);
  CHECK(here(b.rep).have == 0);
  b.rep.fetches = true;  // and is not asked for again
  b.world.settle(3);
  CHECK(b.sound() == "");
}

TEST_CASE("letting go: what a clock that was ahead took for over is there again when the clock is set right",
          "[simulation][access]") {
  Staff b(59);
  constexpr std::int64_t kDay = 86'400'000;
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  b.say(payload::Grant{audience_of(b, b.heir), GrantRights::read, 0, {b.world.time.ms + 7 * kDay}}, customer);
  b.world.settle(3);
  REQUIRE(b.opens(b.heir, customer));
  b.heir.clock.set_offset(30 * kDay);
  b.world.sync(b.heir, b.hub);
  CHECK_FALSE(b.opens(b.heir, customer));
  b.heir.clock.set_offset(0);
  b.world.sync(b.heir, b.hub);
  CHECK(b.opens(b.heir, customer));
  b.world.settle(3);
  CHECK(b.sound() == "");
}

TEST_CASE("letting go: a handover alone tells the successor of a customer whose key was wrapped for him long before",
          "[simulation][access]") {
  Staff b(61);
  Node& hq = b.world.hq();
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  // While he is away he is given it for a while; what comes to him passes over it.
  b.say(payload::Grant{audience_of(b, b.heir), GrantRights::read, 0, {}}, customer);
  b.world.sync(b.world.admin(), hq);
  b.world.sync(b.world.admin(), hq);
  b.say(payload::GrantEnded{audience_of(b, b.heir)}, customer);
  b.world.sync(b.heir, hq);
  const auto has = [&] { return must(node::find_archive(*must(b.heir.replica().store().begin_read()), customer)); };
  REQUIRE_FALSE(has());
  b.say(payload::Handover{b.rep.person, b.heir.person, {}});
  b.world.sync(b.heir, hq);
  CHECK(has());
  CHECK(b.opens(b.heir, customer));
  b.world.settle(3);
  CHECK(b.sound() == "");
}

TEST_CASE("letting go: who only reads an archive has its files, and a hub that lost them has them of him",
          "[simulation][access]") {
  Staff b(67);
  const auto customer = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  const auto copy = b.world.snapshot(b.hub);
  b.say(payload::Grant{audience_of(b, b.heir), GrantRights::read, 0, {}}, customer);
  REQUIRE(b.rep.deriver().apply());
  REQUIRE(b.world.try_attach(b.rep, customer, *b.world.card_of(b.rep, customer), "customer", Bytes(2000, 7)));
  b.heir.fetches = true;
  b.world.sync(b.rep, b.hub);
  b.world.settle(3);
  const auto has = [&](Node& node) { return file_of(node, customer).whole(); };
  REQUIRE(has(b.heir));
  b.world.time.ms += 3'600'000;
  b.world.restore(b.hub, copy);
  b.world.sync(b.hub, b.world.hq());
  REQUIRE_FALSE(has(b.hub));
  b.world.sync(b.heir, b.hub);
  CHECK(has(b.hub));
  b.world.settle(4);
  CHECK(b.sound() == "");
}
