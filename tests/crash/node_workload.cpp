// SPDX-License-Identifier: AGPL-3.0-or-later
// crash_node_workload FOLDER [nosync]: a small company at work, in one thread, from one seed: enrolment, archives,
// visits (alone and many in one transaction), edits, derived tables, syncs both ways that are cut now and then,
// restarts. Headquarters' hub, the branch's hub, a salesperson's and a manager's device keep their data in
// FOLDER/<name>/data.mdb. Every promise is marked when it is made (node_marks.h): a save when it returned, an
// acknowledgement when its frame leaves the hub.
#include <array>
#include <cstdio>
#include <filesystem>

#include "schema/packs/standard.h"
#include "schema/template/pack.h"
#include "sync/node/catalogue.h"
#include "sync/store/lmdb_store.h"
#include "tests/crash/mark.h"
#include "tests/crash/marking_store.h"
#include "tests/crash/node_marks.h"
#include "tests/simulation/world.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

constexpr int kActs = 600;
constexpr std::int32_t kFirstDay = 20'758;  // 2026-11-01
constexpr std::uint64_t kSeed = 20'261'120;
constexpr std::array<const char*, 4> kRecorded{"HQ", "hub branch1", "rep", "manager"};

std::string folder_name(std::string node) {
  std::ranges::replace(node, ' ', '-');
  return node;
}

bool is_recorded(const std::string& node) { return std::ranges::find(kRecorded, node) != kRecorded.end(); }

template <class M>
void mark(Node& node, const M& what) {
  crash::crash_mark(crash::to_text(folder_name(node.name), what));
}

// Watches one connection and marks what the hub promises on it.
class Witness {
 public:
  explicit Witness(Link& link) : link_(link) {
    link.tap = [this](bool up, const Bytes& bytes) {
      const auto frame = must(wire::Received::decode(bytes));
      if (up) {
        if (const auto* parcel = std::get_if<wire::Parcel>(&frame.frame())) note(*parcel);
      } else if (const auto* accepted = std::get_if<wire::Accepted>(&frame.frame())) {
        mark_taken(*accepted);
      } else if (const auto* touched = std::get_if<wire::Touched>(&frame.frame())) {
        mark_promised(*touched);
      }
    };
  }
  ~Witness() { link_.tap = {}; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

 private:
  void note(const wire::Parcel& parcel) {
    const auto batch = must(Batch::decode(parcel.batch.bytes));
    for (const auto& s : parcel.chains) {
      pushed_[parcel.number].push_back({s.archive, batch.author, s.first_seq + s.entries.size() - 1});
    }
  }

  void mark_taken(const wire::Accepted& accepted) {
    if (!accepted.code.empty()) return;
    for (const auto& entry : pushed_[accepted.number]) {
      const bool refused =
          std::ranges::find(accepted.refused, entry.archive, &wire::Refusal::archive) != accepted.refused.end();
      if (!refused) mark(link_.hub(), crash::TookMark{entry});
    }
  }

  void mark_promised(const wire::Touched& page) {
    const auto txn = must(link_.hub().replica().store().begin_read());
    for (const auto& item : page.items) {
      const auto no = must(node::find_archive(*txn, item.archive));
      if (!no) continue;
      for (const auto& head : must(node::heads_of(*txn, *no))) {
        const crash::EntryMark entry{item.archive, head.chain.chain, head.chain.head.seq};
        mark(link_.hub(), crash::PromisedMark{link_.from().identity.id, page.audience, page.up_to, entry});
      }
    }
  }

  Link& link_;
  std::map<std::uint32_t, std::vector<crash::EntryMark>> pushed_;
};

class Workload {
 public:
  explicit Workload(const StoreFactory& stores)
      : world_(kSeed, 1, stores),
        rep_(world_.device("rep", Role::salesperson, "branch1")),
        manager_(world_.device("manager", Role::branch_manager, "branch1")),
        boss_(world_.device("boss", Role::general_manager, "")) {
    for (const char* name : kRecorded) {
      Node& node = world_[name];
      mark(node, crash::WhoMark{world_.org(), node.role, node.identity, node.vault_key});
    }
    publish_packs();
    world_.settle(2);
  }

  void run() {
    for (int i = 0; i < kActs; ++i) {
      world_.time.ms += 60'000 * (1 + roll(50));
      act();
    }
    for (int round = 0; round < 3; ++round) {
      for (Node* node : {&rep_, &manager_}) sync(*node, branch_hub(), false);
      sync(branch_hub(), world_.hq(), false);
      sync(boss_, world_.hq(), false);
    }
    for (Node* node : {&rep_, &manager_}) must(node->deriver().apply());
  }

 private:
  int roll(int n) { return static_cast<int>(world_.random() % static_cast<unsigned>(n)); }
  Node& branch_hub() { return world_.hub_of("branch1"); }

  void publish_packs() {
    for (const auto& [file, toml] : standard_packs()) {
      world_.state(node::publication_of(must(parse_pack(toml)), toml));
    }
    world_.sync(world_.admin(), world_.hq());
  }

  void act() {
    const int what = roll(100);
    Node& at = roll(4) == 0 ? manager_ : rep_;
    if (what < 10) return open_customer(at);
    if (what < 52) return add_visits(at, 1);
    if (what < 57) return add_visits(at, 2 + roll(15));
    if (what < 67) return edit(at);
    if (what < 82) return sync(at, branch_hub(), roll(4) == 0);
    if (what < 90) return sync(branch_hub(), world_.hq(), roll(4) == 0);
    if (what < 92) return sync(boss_, world_.hq(), false);
    if (what < 97) return static_cast<void>(must(at.deriver().apply()));
    return restart(roll(3) == 0 ? branch_hub() : at);
  }

  void restart(Node& node) {
    node.stop();
    node.start();
  }

  void saved(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    const ChainId chain{at.identity.id, at.identity.incarnation};
    const auto self = must(node::find_node(*txn, chain.node));
    mark(at, crash::SavedMark{{archive, chain, must(node::head_of(*txn, *no, *self, chain))->chain.head.seq}});
  }

  void open_customer(Node& at) {
    customers_.push_back(world_.open_customer(at, "客户" + std::to_string(customers_.size())));
    saved(at, customers_.back());
  }

  // One transaction for all of them.
  void add_visits(Node& at, int count) {
    const auto archive = known(at);
    if (!archive) return;
    must(at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      const auto no = must(node::find_archive(txn, *archive));
      const auto info = must(node::archive_info(txn, *no));
      node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                          {at.clock.wall(), at.clock.mono(), true});
      for (int i = 0; i < count; ++i) {
        RecordChange visit{random_id<RecordId>(at.entropy), "visit", 1, {}};
        visit.ops.push_back({"date", Date{kFirstDay + roll(60)}, {}});
        visit.ops.push_back(
            {"summary",
             "第" + std::to_string(++visits_) + "次拜访" + std::string(static_cast<std::size_t>(roll(400)), 'x'),
             {}});
        SATCHEL_TRY(scribe.write(*info, {visit}));
      }
      return scribe.finish();
    }));
    saved(at, *archive);
  }

  void edit(Node& at) {
    const auto archive = known(at);
    const auto card = archive ? world_.card_of(at, *archive) : std::nullopt;
    if (!card) return;
    world_.set_field(at, *archive, *card, "customer", roll(2) == 0 ? "phone" : "name",
                     "新值" + std::to_string(roll(1000)));
    saved(at, *archive);
  }

  // An archive this node has the key of.
  std::optional<ArchiveId> known(Node& at) {
    if (customers_.empty()) return std::nullopt;
    const ArchiveId id = customers_[static_cast<std::size_t>(roll(static_cast<int>(customers_.size())))];
    const auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, id));
    if (!no) return std::nullopt;
    const auto info = must(node::archive_info(*txn, *no));
    const auto directory = at.replica().directory();
    if (!info || !at.keyring().epoch_key(*txn, *directory, *info, {info->epoch, info->key})) return std::nullopt;
    return id;
  }

  void sync(Node& from, Node& hub, bool cut) {
    const auto link = world_.connect(from, hub);
    const Witness witness(*link);
    const int most = cut ? 3 + roll(25) : 1'000'000;
    for (int step = 0, quiet = 0; step < most && !link->over() && quiet < 2; ++step)
      quiet = link->step() ? 0 : quiet + 1;
    if (link->over()) must(link->initiator().outcome());
    link->cut();
  }

  World world_;
  Node& rep_;
  Node& manager_;
  Node& boss_;
  std::vector<ArchiveId> customers_;
  int visits_ = 0;
};

}  // namespace

int main(int count, char** words) {
  if (count < 2) return 2;
  const std::filesystem::path folder = words[1];
  LmdbOptions options;
  if (count > 2 && std::string(words[2]) == "nosync") options.extra_flags_for_tests = kLmdbNoSyncForTests;
  Workload workload([&](const std::string& name) -> std::unique_ptr<Store> {
    if (!is_recorded(name)) return nullptr;
    return crash::marking_store(must(open_lmdb(folder / folder_name(name), options)), folder_name(name));
  });
  workload.run();
  return 0;
}
