// SPDX-License-Identifier: AGPL-3.0-or-later
// How much a device may hold: what a hub gives it then, what it is told, and what comes when there is room again.
#include "sync/node/volume.h"

#include <rapidcheck.h>

#include "tests/simulation/invariants.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

struct Full : Desk {
  sim::Node& boss = world.device("boss", Role::branch_manager, "branch1");
  Full() { world.settle(2); }
  void limit(const std::string& key, const std::string& value) {
    world.state(payload::Policy{key, value});
    for (int i = 0; i < 2; ++i) {
      world.sync(world.admin(), world.hq());
      world.sync(hub, world.hq());
    }
  }
  std::uint64_t archives(sim::Node& at) { return must(node::archive_count(*must(at.replica().store().begin_read()))); }
  std::uint64_t kept_back(sim::Node& at) {
    return must(node::count_kept_back(*must(at.replica().store().begin_read())));
  }
  bool has(sim::Node& at, const ArchiveId& archive) {
    return must(node::find_archive(*must(at.replica().store().begin_read()), archive)).has_value();
  }
};

}  // namespace

TEST_CASE("volume: what a device has no room for is kept back, told, and comes when there is room", "[node][volume]") {
  Full desk;
  desk.limit("replica-archives-max", "5");
  std::vector<ArchiveId> all;
  for (int i = 0; i < 8; ++i) all.push_back(desk.world.open_customer(desk.rep, "客户" + std::to_string(i)));
  desk.world.sync(desk.rep, desk.hub);
  const auto full = desk.world.sync(desk.boss, desk.hub);
  CHECK(full.complete);
  CHECK(full.kept_back == 3);
  CHECK(desk.archives(desk.boss) == 5);
  CHECK(desk.kept_back(desk.boss) == 3);
  // The same ones whoever decides, and nothing more however often it asks.
  const auto directory = desk.hub.replica().directory();
  auto sorted = all;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) CHECK(desk.has(desk.boss, sorted[i]) == (i < 5));
  CHECK(desk.world.sync(desk.boss, desk.hub).kept_back == 3);
  CHECK(desk.world.sync(desk.boss, desk.world.hq()).complete);
  CHECK(desk.archives(desk.boss) == 5);
  // Who is full still hands in all he has, and what he has goes on.
  const auto own = desk.world.open_customer(desk.boss, "自己的", {desk.boss.person});
  CHECK(desk.world.sync(desk.boss, desk.hub).accepted == 1);
  desk.world.add_visit(desk.rep, sorted[0], "又去");
  desk.world.add_visit(desk.rep, sorted[7], "也去");
  desk.world.sync(desk.rep, desk.hub);
  const auto more = desk.world.sync(desk.boss, desk.hub);
  CHECK(more.received == 1);
  CHECK(more.kept_back == 3);
  CHECK(desk.has(desk.boss, own));
  // Room again.
  desk.limit("replica-archives-max", "100");
  desk.world.sync(desk.boss, desk.hub);
  const auto rest = desk.world.sync(desk.boss, desk.hub);
  CHECK(rest.kept_back == 0);
  CHECK(desk.archives(desk.boss) == 9);
  desk.world.settle(3);
  CHECK(sim::check_converged(desk.world) == "");
  CHECK(sim::check_quiet(desk.world) == "");
  CHECK(sim::check_hubs_trusted(desk.world) == "");  // what came later than it was stamped had been kept back and said
}

TEST_CASE("volume: what its person owns comes before what he may read", "[node][volume]") {
  Full desk;
  auto& second = desk.world.device("boss", Role::branch_manager, "branch1");
  desk.world.settle(2);
  std::vector<ArchiveId> own;
  for (int i = 0; i < 9; ++i) desk.world.open_customer(desk.rep, "客户" + std::to_string(i));
  for (int i = 0; i < 3; ++i) own.push_back(desk.world.open_customer(desk.boss, "自己" + std::to_string(i)));
  desk.world.sync(desk.rep, desk.hub);
  desk.world.sync(desk.boss, desk.hub);
  desk.limit("replica-archives-max", "4");
  const auto report = desk.world.sync(second, desk.hub);
  CHECK(report.kept_back == 8);
  CHECK(desk.archives(second) == 4);
  for (const auto& archive : own) CHECK(desk.has(second, archive));
}

TEST_CASE("volume: bytes count as archives do, and 0 is no bound", "[node][volume]") {
  Full desk;
  const auto large = desk.world.open_customer(desk.rep, "大客户");
  for (int i = 0; i < 20; ++i) desk.world.add_visit(desk.rep, large, std::string(20'000, static_cast<char>('a' + i)));
  const auto small = desk.world.open_customer(desk.rep, "小客户");
  desk.world.sync(desk.rep, desk.hub);
  desk.limit("replica-archives-max", "0");
  desk.limit("replica-bytes-max", "4000");
  CHECK(desk.world.sync(desk.boss, desk.hub).kept_back == 1);
  CHECK(desk.has(desk.boss, small));
  CHECK_FALSE(desk.has(desk.boss, large));
  desk.limit("replica-bytes-max", "0");
  desk.world.sync(desk.boss, desk.hub);
  CHECK(desk.world.sync(desk.boss, desk.hub).kept_back == 0);
  CHECK(desk.has(desk.boss, large));
}

TEST_CASE("volume: hubs and headquarters' reader are not limited", "[node][volume]") {
  Full desk;
  desk.limit("replica-archives-max", "2");
  for (int i = 0; i < 6; ++i) desk.world.open_customer(desk.rep, "客户" + std::to_string(i));
  desk.world.sync(desk.rep, desk.hub);
  desk.world.sync(desk.hub, desk.world.hq());
  CHECK(desk.archives(desk.world.hq()) == 6);
}

TEST_CASE("volume: an invitation for more than a device may hold is refused by headquarters", "[node][volume]") {
  Full desk;
  for (int i = 0; i < 6; ++i) desk.world.open_customer(desk.rep, "客户" + std::to_string(i));
  desk.world.settle(2);
  desk.limit("replica-archives-max", "4");
  desk.world.sync(desk.boss, desk.hub);
  const auto invite = [&](const PersonId& person) {
    InvitationFile file = new_invitation(desk.world.hq().replica().directory()->root(), desk.world.admin().entropy);
    payload::Invitation invitation;
    invitation.invite = file.invite;
    invitation.token = token_keys(file).pub;
    invitation.purpose = InvitePurpose::person;
    invitation.person = person;
    invitation.expiry = {desk.world.time.ms + 3'600'000};
    const auto id = desk.world.state(invitation);
    desk.world.sync(desk.world.admin(), desk.world.hq());
    for (const auto& p : must(node::all_pending(*must(desk.world.admin().replica().store().begin_read())))) {
      if (p.id == id) return p.code;
    }
    return std::string();
  };
  CHECK(invite(desk.rep.person) == "replica.over-limit");
  CHECK(invite(desk.boss.person) == "replica.over-limit");
  CHECK(invite(desk.other.person).empty());  // who has nothing yet
  const auto txn = must(desk.hub.replica().store().begin_read());
  const auto near = must(node::near_limit(*txn, desk.hub.replica().sizes(), *desk.hub.replica().directory(), UINT64_MAX,
                                          {desk.world.time.ms}));
  REQUIRE(near.size() >= 2);
  for (const auto& device : near) {
    CHECK(device.over);
    CHECK(device.volume.archives == 6);
  }
}

TEST_CASE("volume: what is let in is within the limit, own first, and the same whatever the order it is told in",
          "[node][volume]") {
  CHECK(rc::check([] {
    std::vector<node::Readable> archives(*rc::gen::inRange<std::size_t>(0, 60));
    for (std::size_t i = 0; i < archives.size(); ++i) {
      auto& a = archives[i];
      a.no = static_cast<node::ArchiveNo>(i + 1);
      for (auto& b : a.id.bytes) b = *rc::gen::arbitrary<Byte>();
      a.id.bytes[15] = static_cast<Byte>(i);  // no two are the same
      a.bytes = *rc::gen::inRange<std::uint64_t>(0, 1000);
      a.own = *rc::gen::arbitrary<bool>();
    }
    const node::VolumeLimit limit{*rc::gen::inRange<std::uint64_t>(0, 40), *rc::gen::inRange<std::uint64_t>(0, 20'000)};
    const auto chosen = node::within(archives, limit);
    const auto in = [&](const node::Readable& a) { return a.no <= chosen.size() && chosen[a.no - 1]; };
    std::vector<node::Readable> taken;
    for (const auto& a : archives) {
      if (in(a)) taken.push_back(a);
    }
    const auto volume = node::volume_of(taken);
    RC_ASSERT(limit.holds(volume));
    // Nothing that is left out would have fitted besides; nothing of others stands where an own one could.
    for (const auto& a : archives) {
      if (in(a)) continue;
      std::vector<node::Readable> before;
      for (const auto& t : taken) {
        if (t.own != a.own ? t.own : t.id < a.id) before.push_back(t);
      }
      before.push_back(a);
      RC_ASSERT(!limit.holds(node::volume_of(before)));
    }
    std::ranges::reverse(archives);
    RC_ASSERT(node::within(archives, limit) == chosen);
  }));
}
