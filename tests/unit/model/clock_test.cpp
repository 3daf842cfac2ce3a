// SPDX-License-Identifier: AGPL-3.0-or-later
// The hybrid clock under any list of clock readings and remote times.
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
      if (*rc::gen::arbitrary<bool>()) {
        clock.observe(*rc::gen::arbitrary<std::uint64_t>(), now);
        RC_ASSERT(clock.last() >= last);
        last = clock.last();
        continue;
      }
      const auto issued = clock.next(now);
      RC_ASSERT(issued > last);
      RC_ASSERT(issued >= HybridClock::of(now));
      last = issued;
    }
  }));
}

TEST_CASE("hybrid: no remote time pulls a clock more than two minutes ahead of its own claim", "[model]") {
  REQUIRE(rc::check("bounded", [] {
    HybridClock clock;
    std::int64_t furthest = 0;
    std::uint64_t issued = 0;
    for (int i = *rc::gen::inRange(1, 40); i > 0; --i) {
      const WallTime now{near_now()};
      furthest = std::max(furthest, now.ms);
      if (*rc::gen::arbitrary<bool>()) {
        clock.observe(HybridClock::of({near_now() * *rc::gen::inRange(1, 100)}), now);
      } else {
        clock.next(now);
        ++issued;
      }
      RC_ASSERT(clock.last() <= HybridClock::of({furthest + kClockPullMax.count()}) + issued);
    }
  }));
}

TEST_CASE("hybrid: a neighbour's time within two minutes is followed", "[model]") {
  HybridClock clock;
  const auto ahead = HybridClock::of({kNow + 60'000}) + 5;
  clock.observe(ahead, {kNow});
  CHECK(clock.next({kNow}) == ahead + 1);
  CHECK(HybridClock::wall(clock.last()).ms == kNow + 60'000);
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
