// SPDX-License-Identifier: AGPL-3.0-or-later
// Power loss at the level of Store: the script runs once under the recorder; every rebuilt state must open and hold the
// acknowledged steps, at most the one that was under way besides, and nothing else.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "sync/store/lmdb_store.h"
#include "tests/crash/environment.h"
#include "tests/crash/replay.h"
#include "tests/crash/run_recorded.h"
#include "tests/crash/store_script.h"

using namespace satchel;
using namespace satchel::crash;

namespace {

constexpr std::uint64_t kSteps = 300;

std::string check_store(const DiskState& state, const std::vector<std::uint64_t>& digests) {
  auto store = open_lmdb(state.folder, {.read_only = true});
  if (!store) return store.error().code + " " + store.error().detail;
  auto txn = (*store)->begin_read();
  if (!txn) return txn.error().code;
  const auto steps = steps_done(**txn);
  const auto digest = content_digest(**txn);
  if (!steps) return "steps: " + steps.error().code;
  if (!digest) return "content: " + digest.error().code;
  const std::uint64_t acked = state.acked.size();
  if (*steps < acked) return "holds " + std::to_string(*steps) + " of " + std::to_string(acked) + " acknowledged";
  if (*steps > acked + 1 || *steps > kSteps) return "holds a step that was not begun";
  if (*digest != digests[*steps]) return "content that never was, at step " + std::to_string(*steps);
  return {};
}

Verdict replay_store(const TempFolder& work, const Budget& budget) {
  const WriteLog log(work.path() / "log");
  REQUIRE(log.marks().size() == kSteps);
  const auto digests = expected_digests(kSteps);
  const auto verdict = check_states(log, log.file("node/data.mdb"), budget, work.path() / "state",
                                    [&](const DiskState& state) { return check_store(state, digests); });
  WARN(verdict.states << " states, " << verdict.wrong << " wrong, " << verdict.died << " died");
  return verdict;
}

void record_script(const TempFolder& work, const std::string& mode, const std::vector<std::string>& environment = {}) {
  std::vector<std::string> command{SATCHEL_CRASH_STORE_WORKLOAD, (work.path() / "node").string(),
                                   std::to_string(kSteps)};
  if (!mode.empty()) command.push_back(mode);
  REQUIRE(run_recorded(command, work.path() / "log", environment) == 0);
}

Budget budget_of(std::uint64_t states) {
  Budget budget;
  budget.states = number_from("SATCHEL_CRASH_STATES").value_or(states);
  budget.seed = number_from("SATCHEL_CRASH_SEED").value_or(budget.seed);
  budget.only = number_from("SATCHEL_CRASH_STATE");
  return budget;
}

}  // namespace

TEST_CASE("power loss: no state of the disk loses an acknowledged transaction or shows one that never was", "[crash]") {
  const TempFolder work(volatile_folder());
  record_script(work, "");
  const auto budget = budget_of(20'000);
  const auto verdict = replay_store(work, budget);
  for (const auto& example : verdict.examples) UNSCOPED_INFO("seed " << budget.seed << ", " << example);
  CHECK(verdict.violations() == 0);
}

TEST_CASE("power loss: without syncs the same script must be found out, or this proves nothing", "[crash]") {
  const TempFolder work(volatile_folder());
  record_script(work, "nosync");
  const auto verdict = replay_store(work, {.states = 1'000});
  CHECK(verdict.violations() > 200);
}

TEST_CASE("power loss: one flush too few for each commit is enough to be found out", "[crash]") {
  const TempFolder work(volatile_folder());
  record_script(work, "nometasync");
  CHECK(replay_store(work, {.states = 2'000}).wrong > 100);
}

TEST_CASE("power loss: a disk that ignores every sync must be found out too", "[crash]") {
  const TempFolder work(volatile_folder());
  record_script(work, "", {"SATCHEL_CRASH_IGNORE_SYNC=1"});
  const auto verdict = replay_store(work, {.states = 1'000});
  CHECK(verdict.violations() > 200);
}

TEST_CASE("power loss: a check that writes meets every state whole, and a state is the same in every run", "[crash]") {
  const TempFolder work(volatile_folder());
  record_script(work, "");
  const WriteLog log(work.path() / "log");
  const FileId file = log.file("node/data.mdb");
  const auto digests = expected_digests(kSteps);
  const Budget budget{.states = 500, .check_writes = true};
  const auto verdict =
      check_states(log, file, budget, work.path() / "state", [&](const DiskState& state) -> std::string {
        if (const auto wrong = check_store(state, digests); !wrong.empty()) return wrong;
        auto store = open_lmdb(state.folder);
        if (!store) return store.error().code;
        const std::uint64_t steps = *steps_done(**(*store)->begin_read());
        if (steps == kSteps) return {};
        const auto done = run_script_step(**store, steps + 1);
        if (!done) return done.error().code;
        return *content_digest(**(*store)->begin_read()) == digests[steps + 1] ? "" : "the next step went wrong";
      });
  for (const auto& example : verdict.examples) UNSCOPED_INFO(example);
  CHECK(verdict.violations() == 0);

  std::vector<std::uintmax_t> all, one;
  const auto note = [](std::vector<std::uintmax_t>& sizes) {
    return [&sizes](const DiskState& state) { sizes.push_back(std::filesystem::file_size(state.folder / "data.mdb")); };
  };
  for_each_state(log, file, {.states = 500}, work.path() / "state", note(all));
  for (const std::uint64_t number : {7u, 250u, 499u}) {
    for_each_state(log, file, {.states = 500, .only = number}, work.path() / "state", note(one));
    CHECK(one.back() == all[number]);
  }
}
