// SPDX-License-Identifier: AGPL-3.0-or-later
// A failing disk at the level of Store: the n-th write or sync fails, for every n. The program goes on, or gives up
// when the disk refuses for good; what it acknowledged is there afterwards, and nothing that it did not begin.
#include <catch2/catch.hpp>

#include "sync/store/lmdb_store.h"
#include "tests/crash/environment.h"
#include "tests/crash/run_recorded.h"
#include "tests/crash/store_script.h"
#include "tests/crash/write_log.h"

using namespace satchel;
using namespace satchel::crash;

namespace {

constexpr std::uint64_t kSteps = 24;

struct Outcome {
  int exit = 0;
  std::uint64_t acked = 0;
  std::uint64_t writes = 0;  // calls of the write class that succeeded
};

Outcome run_with(const TempFolder& work, const std::string& plan) {
  std::filesystem::remove_all(work.path() / "node");
  std::filesystem::remove_all(work.path() / "node.new");
  Outcome outcome;
  outcome.exit = run_recorded({SATCHEL_CRASH_STORE_WORKLOAD, (work.path() / "node").string(), std::to_string(kSteps)},
                              work.path() / "log", {"SATCHEL_CRASH_FAIL=" + plan});
  const WriteLog log(work.path() / "log");
  outcome.acked = log.marks().size();
  for (const LogEntry& entry : log.entries()) {
    outcome.writes += entry.kind == LogKind::write || entry.kind == LogKind::sync_end;
  }
  return outcome;
}

// Empty when what the program left is what it may leave.
std::string left_behind(const TempFolder& work, std::uint64_t acked, const std::vector<std::uint64_t>& digests) {
  if (!std::filesystem::exists(work.path() / "node" / "data.mdb")) return acked == 0 ? "" : "the store is gone";
  if (const auto sound = check_in_child(work.path() / "node"); !sound) return sound.error().code;
  auto store = open_lmdb(work.path() / "node");
  if (!store) return store.error().code;
  auto txn = (*store)->begin_read();
  const std::uint64_t steps = *steps_done(**txn);
  if (steps < acked || steps > acked + 1)
    return std::to_string(steps) + " steps, acknowledged " + std::to_string(acked);
  return *content_digest(**txn) == digests[steps] ? "" : "content that never was";
}

}  // namespace

TEST_CASE("failing disk: whatever call fails once, every step is done in the end and done once", "[crash][faults]") {
  const auto kind = GENERATE(as<std::string>{}, "enospc", "eio", "short");
  const TempFolder work(volatile_folder());
  const auto digests = expected_digests(kSteps);
  const Outcome sound = run_with(work, "0:eio");
  REQUIRE(sound.exit == 0);
  REQUIRE(sound.acked == kSteps);
  REQUIRE(sound.writes > 3 * kSteps);
  for (std::uint64_t n = 1; n <= sound.writes; ++n) {
    const Outcome outcome = run_with(work, std::to_string(n) + ":" + kind);
    INFO("call " << n << " of " << sound.writes << " fails: " << kind);
    CHECK(outcome.exit == 0);
    CHECK(outcome.acked == kSteps);
    CHECK(left_behind(work, outcome.acked, digests) == "");
  }
}

TEST_CASE("failing disk: when it refuses for good, what was acknowledged before stays", "[crash][faults]") {
  const auto kind = GENERATE(as<std::string>{}, "enospc", "eio");
  const TempFolder work(volatile_folder());
  const auto digests = expected_digests(kSteps);
  std::uint64_t most = 0;
  for (std::uint64_t n = 1; n < 120; n += 3) {
    const Outcome outcome = run_with(work, std::to_string(n) + ":" + kind + ":forever");
    INFO("from call " << n << " on: " << kind);
    if (outcome.acked < kSteps) CHECK(outcome.exit == 3);
    CHECK(left_behind(work, outcome.acked, digests) == "");
    most = std::max(most, outcome.acked);
  }
  CHECK(most > 5);
}
