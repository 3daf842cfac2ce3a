// SPDX-License-Identifier: AGPL-3.0-or-later
// Random worlds, one a seed (driver.h). SATCHEL_SEEDS (how many) and SATCHEL_SEED_FROM choose; a failing seed is
// printed and replays with them. One seed in twenty runs twice, and both runs must be the same to the frame.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "schema/base/planted.h"
#include "tests/simulation/driver.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

constexpr std::uint64_t kSeedsDefault = 500;
constexpr std::uint64_t kForkEvery = 16;  // worlds that end with two truths
constexpr std::uint64_t kTwiceEvery = 20;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != 0 ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string run(Driver& driver, std::uint64_t seed) {
  return seed % kForkEvery == kForkEvery / 2 ? driver.run_to_fork() : driver.run();
}

}  // namespace

TEST_CASE("simulation: worlds heal to one truth, whatever happened to them", "[simulation][random]") {
  const auto from = from_environment("SATCHEL_SEED_FROM", 1);
  const auto seeds = from_environment("SATCHEL_SEEDS", kSeedsDefault);
  Counts all;
  for (auto seed = from; seed < from + seeds; ++seed) {
    Driver driver(seed);
    const std::string wrong = run(driver, seed);
    INFO("replay with SATCHEL_SEED_FROM=" << seed << " SATCHEL_SEEDS=1");
    REQUIRE(wrong == "");
    if (seed % kTwiceEvery == 0) {
      Driver again(seed);
      REQUIRE(run(again, seed) == "");
      REQUIRE(again.trace() == driver.trace());
    }
    const std::string reached = take_planted_reached();  // for planted.py
    if (!reached.empty()) std::printf("reached %llu:%s\n", static_cast<unsigned long long>(seed), reached.c_str());
    for (const auto& [what, count] : driver.counts()) all[what] += count;
  }
  std::string told;
  for (const auto& [what, count] : all) told += (told.empty() ? "" : ", ") + what + " " + std::to_string(count);
  WARN("seeds " << seeds << ": " << told);
}
