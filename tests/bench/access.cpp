// SPDX-License-Identifier: AGPL-3.0-or-later
// (g) access that changes hands, on real stores, all nodes in one thread and their links in memory: what the work costs
// beside the network. A salesperson becomes manager of a branch of 20,000 customers; another one takes over 1,000.
#include <fmt/format.h>

#include "sync/store/lmdb_store.h"
#include "tests/bench/bare_tls.h"
#include "tests/bench/company.h"
#include "tests/bench/parts.h"
#include "tests/simulation/world.h"

namespace satchel::bench {

namespace {

constexpr std::size_t kPerCommit = 500;

class Office {
 public:
  explicit Office(const std::filesystem::path& folder)
      : folder_(folder),
        world_(1, 1, [this](const std::string& name) { return need(open_lmdb(folder_ / name)); }),
        rep_(world_.device("rep", Role::salesperson, "branch1")),
        heir_(world_.device("heir", Role::salesperson, "branch1")),
        manager_(world_.device("manager", Role::branch_manager, "branch1")),
        hub_(world_.hub_of("branch1")) {
    world_.settle(3);
  }

  // A card and a visit each; handed in, and with the manager.
  void open_customers(std::size_t count) {
    for (std::size_t done = 0; done < count;) {
      const std::size_t end = std::min(count, done + kPerCommit);
      need(rep_.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
        node::Scribe scribe(txn, effects.directory(), rep_.identity, rep_.keyring(), rep_.entropy,
                            {rep_.clock.wall(), rep_.clock.mono(), true});
        for (; done < end; ++done) {
          SATCHEL_GET(info, scribe.open_archive({ArchiveKind::customer, world_.branch("branch1"), {rep_.person}},
                                                {record("customer", "name", done)}));
          SATCHEL_TRY(scribe.write(info, {record("visit", "summary", done)}));
        }
        return scribe.finish();
      }));
    }
    hand_round();
    need(manager_.deriver().apply());
  }

  // From everything being on the promoted device to its lists showing it.
  double promote(std::size_t archives) {
    payload::PersonChanged change;
    change.person = heir_.person;
    change.role = Role::branch_manager;
    order(change);
    // Whoever manages already gives the one box there is to give.
    world_.sync(hub_, world_.hq());
    world_.sync(manager_, hub_);
    world_.sync(hub_, world_.hq());
    world_.sync(heir_, hub_);
    const double start = now_ms();
    need(heir_.deriver().apply());
    const double took = now_ms() - start;
    must(readable(heir_) == archives, "the new manager cannot read everything");
    return took;
  }

  // From headquarters' order to the successor's lists.
  double hand_over(std::size_t archives) {
    payload::Handover rule;
    rule.from = rep_.person;
    rule.to = heir_.person;
    const double start = now_ms();
    order(rule);
    world_.sync(hub_, world_.hq());
    world_.sync(manager_, hub_);  // holds the keys and wraps them for the successor
    world_.sync(heir_, hub_);
    need(heir_.deriver().apply());
    const double took = now_ms() - start;
    must(readable(heir_) == archives, "the successor cannot read everything");
    return took;
  }

 private:
  RecordChange record(const char* type, const char* field, std::size_t number) {
    RecordChange change;
    change.record = random_id<RecordId>(rep_.entropy);
    change.type = type;
    change.version = 1;
    change.ops.push_back({field, "福田百货" + std::to_string(number), {}});
    return change;
  }
  template <class P>
  void order(const P& payload) {
    world_.state(payload);
    world_.sync(world_.admin(), world_.hq());
  }
  void hand_round() {
    world_.sync(rep_, hub_);
    world_.sync(hub_, world_.hq());
    world_.sync(manager_, hub_);
  }
  // Archives whose card and visit this node's records hold, opened.
  std::size_t readable(sim::Node& at) {
    auto txn = need(at.replica().store().begin_read());
    const auto directory = at.replica().directory();
    node::RecordReader reader(*txn, *directory, at.keyring());
    std::size_t out = 0;
    for (node::ArchiveNo no = 1; no <= need(node::archive_count(*txn)); ++no) {
      const auto info = need(node::archive_info(*txn, no));
      std::size_t read = 0;
      for (const auto& [id, index] : need(node::records_of(*txn, no)))
        read += need(reader.load(*info, id, index.ordinals)).state.empty() ? 0 : 1;
      out += read == 2 ? 1 : 0;
    }
    return out;
  }

  std::filesystem::path folder_;
  sim::World world_;
  sim::Node& rep_;
  sim::Node& heir_;
  sim::Node& manager_;
  sim::Node& hub_;
};

}  // namespace

void measure_access(const Run& run) {
  const auto folder = run.folder / "access";
  {
    Office office(folder / "promotion");
    office.open_customers(run.sizes.managed);
    run.table.add("new manager", office.promote(run.sizes.managed));
  }
  {
    Office office(folder / "handover");
    office.open_customers(run.sizes.handed_over);
    run.table.add("handover", office.hand_over(run.sizes.handed_over));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace satchel::bench
