// SPDX-License-Identifier: AGPL-3.0-or-later
// The hybrid clock under any list of clock readings.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "sync/model/change.h"

using namespace satchel;

namespace {

constexpr std::int64_t kNow = 1'795'000'000'000;
std::int64_t near_now() { return kNow + *rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'000); }
// Any reading a device may show, absurd ones too.
WallTime claim() {
  if (*rc::gen::inRange(0, 10) == 0) return {*rc::gen::arbitrary<std::int64_t>() / 2};
  return {near_now()};
}

}  // namespace

TEST_CASE("hybrid: times issued only ever grow, and never lie behind the claimed time", "[model]") {
  REQUIRE(rc::check("monotone", [] {
    HybridClock clock;
    std::uint64_t last = 0;
    for (int i = *rc::gen::inRange(1, 40); i > 0; --i) {
      const WallTime now = claim();
      const auto issued = clock.next(now);
      RC_ASSERT(issued > last);
      RC_ASSERT(issued >= HybridClock::of(now));
      last = issued;
    }
  }));
}

TEST_CASE("hybrid: goes on from what was persisted, also when the clock was set back", "[model]") {
  HybridClock before;
  const auto last = before.next({kNow});
  HybridClock after(before.last());
  CHECK(after.next({kNow - 86'400'000}) > last);
}

TEST_CASE("hybrid: clocks before 1970 or beyond 48 bits are held inside", "[model]") {
  CHECK(HybridClock::of({-1}) == 0);
  CHECK(HybridClock::of({INT64_MAX}) == HybridClock::of({(std::int64_t{1} << 48) - 1}));
}
