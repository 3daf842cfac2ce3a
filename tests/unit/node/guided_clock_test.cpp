// SPDX-License-Identifier: AGPL-3.0-or-later
// What a device takes the time to be, by what a hub told it last and its own two clocks.
#include "sync/node/guided_clock.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "sync/node/lease.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using node::guided;
using node::HubContact;

namespace {

constexpr std::int64_t kMet = 1'795'000'000'000, kHourMs = 3'600'000, kYearMs = 365 * 24 * kHourMs;

// A device whose clock is off by so much when it meets the hub, an hour after its machine was started.
HubContact met_with(std::int64_t off) { return {{kMet}, {kMet + off}, {kHourMs}}; }

}  // namespace

TEST_CASE("guided clock: a clock that is off by as much as it was is put right, both ways", "[node][clock]") {
  for (const std::int64_t off : {-kYearMs, -3 * kHourMs, 3 * kHourMs, kYearMs}) {
    const auto last = met_with(off);
    CHECK(guided(last, {kMet + off + 5 * kHourMs}, {6 * kHourMs}) == WallTime{kMet + 5 * kHourMs});
  }
  // A minute is no matter.
  CHECK(guided(met_with(60'000), {kMet + 60'000 + kHourMs}, {2 * kHourMs}) == WallTime{kMet + 60'000 + kHourMs});
}

TEST_CASE("guided clock: a clock set back gains nothing, one that was set right is believed", "[node][clock]") {
  const auto last = met_with(0);
  CHECK(guided(last, {kMet - 48 * kHourMs}, {3 * kHourMs}) == WallTime{kMet + 2 * kHourMs});
  // The machine was started anew two hours ago, and its clock fell back to some year.
  CHECK(guided(last, {kMet - kYearMs}, {2 * kHourMs / 4}) == WallTime{kMet + kHourMs / 2});
  CHECK(guided(met_with(kYearMs), {kMet + 2 * kHourMs}, {3 * kHourMs}) == WallTime{kMet + 2 * kHourMs});
  CHECK(guided(met_with(-kYearMs), {kMet + 2 * kHourMs}, {3 * kHourMs}) == WallTime{kMet + 2 * kHourMs});
}

TEST_CASE("guided clock: never earlier than what is known to have passed, right where clocks ran evenly",
          "[node][clock]") {
  REQUIRE(rc::check("guided", [] {
    const auto off = *rc::gen::inRange<std::int64_t>(-kYearMs, kYearMs);
    const auto passed = *rc::gen::inRange<std::int64_t>(0, 30 * 24 * kHourMs);
    const bool set = *rc::gen::arbitrary<bool>(), restarted = *rc::gen::arbitrary<bool>();
    const auto now_off = set ? *rc::gen::inRange<std::int64_t>(-kYearMs, kYearMs) : off;
    // After a restart the monotonic clock has counted less than has passed.
    const auto counted = restarted ? *rc::gen::inRange<std::int64_t>(0, passed + 1) : kHourMs + passed;
    const WallTime now = guided(met_with(off), {kMet + passed + now_off}, {counted});
    constexpr std::int64_t kKept = 120'000;
    const std::int64_t known = !restarted ? passed : counted < kHourMs ? counted : counted - kHourMs;
    RC_ASSERT(now.ms >= kMet + known - kKept);
    if (!set && !restarted) RC_ASSERT(std::abs(now.ms - (kMet + passed)) <= kKept + passed / 5'000);
    if (set && now_off == 0) RC_ASSERT(now.ms == kMet + passed);
  }));
}

TEST_CASE("guided clock: what a hub said is kept, and what is written bears the right time", "[node][clock]") {
  node_test::Desk desk;
  desk.rep.clock.set_offset(-kYearMs);
  const auto report = desk.world.sync(desk.rep, desk.hub);
  CHECK(std::abs(report.clock_ahead.count() + kYearMs) < 1000);
  CHECK(desk.rep.clock.wall().ms - desk.world.time.ms == -kYearMs);
  node_test::must(node::renew_lease(desk.rep.replica(), report.clock_ahead));
  desk.rep.stop();
  desk.rep.start();
  desk.world.time.ms += 5 * kHourMs;
  CHECK(std::abs(desk.rep.clock.wall().ms - desk.world.time.ms) < 1000);
  CHECK(desk.rep.replica().author().claimed.ms - desk.world.time.ms ==
        -kYearMs);  // the batch tells what it really says
  const auto customer = desk.world.open_customer(desk.rep, "福田百货");
  const auto visit = desk.world.add_visit(desk.rep, customer, "补货");
  CHECK(std::abs(desk.world.read(desk.rep, customer, visit).state.created().ms - desk.world.time.ms) < 1000);
}
