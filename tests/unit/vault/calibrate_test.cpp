// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>
#include <deque>

#include "sync/vault/vault.h"
#include "tests/unit/seal/test_entropy.h"

using namespace satchel;

namespace {

// Says that the calls between its readings took as long as the test wants: first, second, ... and then the last.
class ScriptedClock final : public Clock {
 public:
  explicit ScriptedClock(std::deque<std::int64_t> took) : took_(std::move(took)) {}
  WallTime wall() override { return {}; }
  MonoTime mono() override {
    if (reading_++ % 2 == 1) {
      now_.ms += took_.front();
      if (took_.size() > 1) took_.pop_front();
    }
    return now_;
  }
  int measured() const { return reading_ / 2; }

 private:
  std::deque<std::int64_t> took_;
  MonoTime now_;
  int reading_ = 0;
};

StretchParams calibrated(ScriptedClock clock) {
  TestEntropy entropy(1);
  return calibrate(entropy, clock);
}

}  // namespace

TEST_CASE("calibrate: a machine that is slow at the floor, or a clock that stands still, gets the floor", "[vault]") {
  for (const std::int64_t took : {850, 5000, 0}) {
    const StretchParams params = calibrated(ScriptedClock({took}));
    CHECK(params.passes == kStretchPassesMin);
    CHECK(params.memory_kib == kStretchMemoryKibMin);
  }
}

TEST_CASE("calibrate: memory grows before passes, and both stay within their limits", "[vault]") {
  const StretchParams half = calibrated(ScriptedClock({425, 850}));
  CHECK(half.passes == 3);
  CHECK(half.memory_kib == 128 * 1024);
  const StretchParams fast = calibrated(ScriptedClock({100, 800}));
  CHECK(fast.passes == 6);
  CHECK(fast.memory_kib == kStretchMemoryKibMax);
}

TEST_CASE("calibrate: goes back when more memory costs more than in proportion, down to the floor", "[vault]") {
  const StretchParams back = calibrated(ScriptedClock({425, 1275, 850}));
  CHECK(back.passes == 3);
  CHECK(back.memory_kib == 80 * 1024);
  const StretchParams floor = calibrated(ScriptedClock({425, 60'000}));
  CHECK(floor.passes == kStretchPassesMin);
  CHECK(floor.memory_kib == kStretchMemoryKibMin);
}

TEST_CASE("calibrate: the salt is fresh each time", "[vault]") {
  TestEntropy entropy(1);
  ScriptedClock clock({5000});
  CHECK(calibrate(entropy, clock).salt != calibrate(entropy, clock).salt);
  CHECK(clock.measured() == 2);
}
