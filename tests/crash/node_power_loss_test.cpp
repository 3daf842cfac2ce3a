// SPDX-License-Identifier: AGPL-3.0-or-later
// Power loss at the level of nodes: a company works under the recorder, then the files of its hubs and devices are
// rebuilt as a power cut at any moment may have left them, and checked against every promise made before
// (node_check.h).
#include <catch2/catch.hpp>
#include <cstdlib>

#include "sync/node/deriver.h"
#include "sync/node/scribe.h"
#include "sync/node/verify_derived.h"
#include "sync/store/lmdb_store.h"
#include "tests/crash/environment.h"
#include "tests/crash/node_check.h"
#include "tests/crash/run_recorded.h"
#include "tests/simulation/world.h"

using namespace satchel;
using namespace satchel::crash;

namespace {

// Of 100 states.
const std::map<std::string, unsigned> kShares{{"rep", 40}, {"hub-branch1", 40}, {"manager", 10}, {"HQ", 10}};
constexpr std::uint64_t kStates = 22'000;
static_assert(kStates >= 20'000, "what continuous integration promises");

// The run is the same each time, so it is recorded once for all cases that need it.
class Recording {
 public:
  explicit Recording(const std::string& mode = "") {
    std::vector<std::string> command{SATCHEL_CRASH_NODE_WORKLOAD, work_.path().string()};
    if (!mode.empty()) command.push_back(mode);
    REQUIRE(run_recorded(command, work_.path() / "log") == 0);
    log_.emplace(work_.path() / "log");
    company_.emplace(log_->marks());
  }
  static const Recording& durable() {
    static const Recording once;
    return once;
  }
  const Company& company() const { return *company_; }
  Verdict check(const std::string& node, const Budget& budget, const Check& check) const {
    const auto verdict = check_states(*log_, log_->file(node + "/data.mdb"), budget, work_.path() / "state", check);
    WARN(node << ": " << verdict.states << " states, " << verdict.wrong << " wrong, " << verdict.died << " died");
    for (const auto& example : verdict.examples) UNSCOPED_INFO(node << ", seed " << budget.seed << ", " << example);
    return verdict;
  }
  // A child begins anew where the one before it died.
  Verdict check(const std::string& node, const Budget& budget) const {
    NodeCheck check_node(company(), node);
    return check(node, budget, [check_node](const DiskState& state) mutable { return check_node(state); });
  }

 private:
  TempFolder work_{volatile_folder()};
  std::optional<WriteLog> log_;
  std::optional<Company> company_;
};

Budget budget_of(std::uint64_t states) {
  Budget budget;
  budget.states = states;
  budget.seed = number_from("SATCHEL_CRASH_SEED").value_or(budget.seed);
  budget.only = number_from("SATCHEL_CRASH_STATE");
  return budget;
}

// Whether SATCHEL_CRASH_NODE, to look at one failure, leaves this node in.
bool is_wanted(const std::string& node) {
  const char* only = std::getenv("SATCHEL_CRASH_NODE");
  return only == nullptr || *only == '\0' || node == only;
}

std::uint64_t total_states() { return number_from("SATCHEL_CRASH_STATES").value_or(kStates); }

// A device started on a rebuilt disk, as its program would start it.
class Restarted {
 public:
  Restarted(Store& store, const WhoMark& who)
      : clock_(time_, 0),
        entropy_(7),
        vault_(Vault::in_memory(who.identity, who.vault_key)),
        replica_(sim::must(node::Replica::open(store, clock_, entropy_, {who.identity, who.org, who.role}))),
        keyring_(vault_, entropy_),
        deriver_(*replica_, keyring_) {}

  std::string check_derived() {
    if (auto applied = deriver_.apply(); !applied) return "derive: " + applied.error().code;
    node::Keyring fresh(vault_, entropy_);
    const auto report = node::verify_derived(*replica_, fresh, deriver_);
    if (!report) return "derived: " + report.error().code;
    return report->sound() ? "" : "derived: " + report->findings.front().code + " at " + report->findings.front().where;
  }

  // One more visit, where the log goes on.
  std::string save_one(const ArchiveId& archive) {
    const auto saved = replica_->write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_GET(no, node::find_archive(txn, archive));
      SATCHEL_GET(info, node::archive_info(txn, no.value_or(0)));
      node::Scribe scribe(txn, effects.directory(), replica_->self().identity, keyring_, entropy_,
                          {clock_.wall(), clock_.mono()});
      RecordChange visit{random_id<RecordId>(entropy_), "visit", 1, {{"summary", std::string("断电之后"), {}}}};
      SATCHEL_TRY(scribe.write(*info, {visit}));
      return scribe.finish();
    });
    return saved ? "" : "next save: " + saved.error().code;
  }

 private:
  sim::WorldTime time_;
  sim::NodeClock clock_;
  sim::SeededEntropy entropy_;
  Vault vault_;
  std::unique_ptr<node::Replica> replica_;
  node::Keyring keyring_;
  node::Deriver deriver_;
};

std::string go_on(const DiskState& state, const WhoMark& who, const std::optional<ArchiveId>& archive) {
  auto store = open_lmdb(state.folder);
  if (!store) return store.error().code;
  Restarted device(**store, who);
  if (auto wrong = device.check_derived(); !wrong.empty()) return wrong;
  if (!archive) return {};
  if (auto wrong = device.save_one(*archive); !wrong.empty()) return wrong;
  return device.check_derived();
}

std::optional<ArchiveId> last_saved(const Company& company, const std::string& node, std::size_t marks) {
  for (std::size_t i = marks; i-- > 0;) {
    if (company.marks[i].node == node && company.marks[i].saved) return company.marks[i].saved->entry.archive;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("power loss: the company worked enough for its promises to mean something", "[crash][node]") {
  std::size_t saved = 0, taken = 0, promised = 0;
  for (const auto& mark : Recording::durable().company().marks) {
    saved += mark.saved.has_value();
    taken += mark.took.has_value();
    promised += mark.promised.has_value();
  }
  WARN(saved << " saves, " << taken << " chains taken, " << promised << " promised by feeds");
  CHECK(saved > 200);
  CHECK(taken > 200);
  CHECK(promised > 200);
}

TEST_CASE("power loss: no node loses what it acknowledged, whatever the disk kept", "[crash][node]") {
  const auto& run = Recording::durable();
  std::uint64_t states = 0;
  for (const auto& [node, share] : kShares) {
    if (!is_wanted(node)) continue;
    const auto verdict = run.check(node, budget_of(total_states() * share / 100));
    CHECK(verdict.violations() == 0);
    states += verdict.states;
  }
  WARN(states << " states in all");
}

TEST_CASE("power loss: a device goes on from any state of its disk", "[crash][node]") {
  const auto& run = Recording::durable();
  Budget budget = budget_of(std::max<std::uint64_t>(total_states() / 100, 50));
  budget.check_writes = true;
  for (const std::string node : {"rep", "manager"}) {
    if (!is_wanted(node)) continue;
    NodeCheck check_node(run.company(), node);
    const auto verdict = run.check(node, budget, [&](const DiskState& state) -> std::string {
      if (auto wrong = check_node(state); !wrong.empty()) return wrong;
      return go_on(state, check_node.who(), last_saved(run.company(), node, state.acked.size()));
    });
    CHECK(verdict.violations() == 0);
  }
}

TEST_CASE("power loss: without syncs the same company must be found to lose its work, or this proves nothing",
          "[crash][node]") {
  const Recording run("nosync");
  for (const auto& [node, share] : kShares) CHECK(run.check(node, {.states = 500}).violations() > 100);
}
