// SPDX-License-Identifier: AGPL-3.0-or-later
// A whole company in one thread: HQ hub, branch hubs, devices and a reader, joined by in-memory links, on model
// stores or on those a StoreFactory opens, from one seed. Real node and session code; only the clock, the randomness,
// the disk and the wire are the world's. Tests tell their story with its verbs; the simulation drives the same verbs at
// random.
#pragma once

#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "sync/node/deriver.h"
#include "sync/node/enrol.h"
#include "sync/node/renewal.h"
#include "sync/node/restored.h"
#include "sync/node/scribe.h"
#include "sync/node/upkeep.h"
#include "sync/session/acceptor.h"
#include "sync/session/initiator.h"
#include "sync/store/memory_store.h"

namespace satchel::sim {

inline constexpr std::int64_t kDayMs = 86'400'000;

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : random_(seed) {}
  void fill(std::span<Byte> out) override {
    for (auto& b : out) b = static_cast<Byte>(random_());
  }

 private:
  std::mt19937_64 random_;
};

// One world time; each node sees it through its own, possibly wrong, clock.
struct WorldTime {
  std::int64_t ms = 1'795'000'000'000;  // November 2026
};

class NodeClock final : public Clock {
 public:
  NodeClock(const WorldTime& world, std::int64_t offset_ms) : world_(world), offset_(offset_ms) {}
  // As its programs take it: while one runs, put right by the last hub that was met.
  WallTime wall() override { return guide_ != nullptr ? guide_->wall() : own(); }
  WallTime own() override { return {world_.ms + offset_}; }
  MonoTime mono() override { return {world_.ms}; }
  void set_offset(std::int64_t ms) { offset_ = ms; }
  std::int64_t offset() const { return offset_; }
  void guide(Clock* by) { guide_ = by; }

 private:
  const WorldTime& world_;
  std::int64_t offset_;
  Clock* guide_ = nullptr;
};

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "world: %s %s\n", result.error().code.c_str(), result.error().detail.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class World;

// A node's disk as it was at a moment: what a backup holds.
struct Snapshot {
  std::shared_ptr<MemoryDisk> disk;
  std::uint32_t incarnation = 0;
  WallTime made;
};

// Opens a node's store, by the node's name; nothing: it gets a model store. The same one again after a restart.
using StoreFactory = std::function<std::unique_ptr<Store>(const std::string& name)>;

// One node, which can be stopped and started again from its disk.
class Node : public session::HubPort {
 public:
  Node(World& world, std::string name, Identity identity, wire::Role role, OrgId org, std::uint64_t seed,
       std::int64_t clock_offset);

  void start();
  void stop();  // memory is gone, the disk stays
  bool running() const { return replica_ != nullptr; }

  node::Replica& replica() override { return *replica_; }
  void submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t bytes) override;
  // A hub on a slow disk: jobs wait until they are worked off, many in one commit.
  void work_off();
  Vault& vault() { return *vault_; }
  node::Keyring& keyring() { return *keyring_; }
  node::Deriver& deriver() { return *deriver_; }

  std::string name;
  Identity identity;
  wire::Role role;
  OrgId org;
  PersonId person;
  NodeClock clock;
  SeededEntropy entropy;
  Secret32 vault_key;
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  std::vector<session::Acceptor*> sessions;  // of a hub
  bool slow = false;                         // of a hub: its disk
  bool fetches = false;                      // all attachments, whoever asked for them

 private:
  World& world_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<node::Replica> replica_;
  std::unique_ptr<node::Keyring> keyring_;
  std::unique_ptr<node::Deriver> deriver_;
  struct Waiting {
    node::Job job;
    std::function<void(const Result<void>&)> done;
  };
  std::vector<Waiting> jobs_;
};

// A connection under way.
class Link {
 public:
  Link(World& world, Node& from, Node& hub, bool live);
  ~Link();
  // Delivers one frame or tick; false when there is nothing to do.
  bool step();
  void cut();
  bool over() const { return over_; }
  bool idle() const;
  session::Initiator& initiator() { return *initiator_; }
  session::Acceptor& acceptor() { return *acceptor_; }
  Node& from() { return from_; }
  Node& hub() { return hub_; }

  // Hostile wire, for runs that ask for it: what a link under TLS never does.
  std::deque<Bytes>& up() { return up_; }
  std::deque<Bytes>& down() { return down_; }
  std::size_t frames = 0;
  std::size_t bytes = 0;
  // Shown each frame as it leaves its sender; `up`: the caller's. From then on its promises count.
  std::function<void(bool up, const Bytes& frame)> tap;

 private:
  void collect();
  World& world_;
  Node& from_;
  Node& hub_;
  std::unique_ptr<session::Initiator> initiator_;
  std::unique_ptr<session::Acceptor> acceptor_;
  std::deque<Bytes> up_;
  std::deque<Bytes> down_;
  bool over_ = false;
  bool turn_ = false;
};

class World {
 public:
  explicit World(std::uint64_t seed, int branches = 1, StoreFactory stores = {});

  // ---- people and nodes; all by name ----
  Node& device(const std::string& person, Role role, const std::string& branch, std::int64_t clock_offset = 0);
  Node& operator[](const std::string& name) { return *nodes_.at(name); }
  Node& hq() { return *nodes_.at("HQ"); }
  Node& hub_of(const std::string& branch) { return *nodes_.at("hub " + branch); }
  Node& admin() { return *nodes_.at("admin"); }
  std::string branch_name(int i) const { return "branch" + std::to_string(i + 1); }
  PersonId person(const std::string& name) { return persons_.at(name); }
  BranchId branch(const std::string& name) { return branches_.at(name); }
  std::vector<Node*> all();

  // The same step by step, while lines are cut: somebody invites; a device with new keys says that it is here, and has
  // still to find a hub; whoever may, confirms it.
  void add_person(Node& by, const std::string& person, Role role, const std::string& branch);
  InvitationFile invite_by(Node& by, const PersonId& person);
  Node& enrol_by(const InvitationFile& file, const std::string& person, std::int64_t clock_offset = 0);

  // ---- statements, by the administrator, ordered at once at HQ ----
  template <class P>
  Digest state(const P& payload, const ArchiveId& archive = {}) {
    return state_as(admin(), payload, archive);
  }
  template <class P>
  Digest state_as(Node& by, const P& payload, const ArchiveId& archive = {});

  // ---- work ----
  // Opens a customer archive owned by the node's person; returns its id.
  ArchiveId open_customer(Node& at, const std::string& name, std::vector<PersonId> owners = {});
  RecordId add_visit(Node& at, const ArchiveId& archive, const std::string& summary);
  // The same where the disk may fail.
  // Under a new key of the archive, which nothing made due.
  RecordId add_visit_under_new_key(Node& at, const ArchiveId& archive, const std::string& summary);
  Result<ArchiveId> try_open_customer(Node& at, const std::string& name, std::vector<PersonId> owners = {});
  Result<RecordId> try_add_visit(Node& at, const ArchiveId& archive, const std::string& summary);
  Result<void> try_set_field(Node& at, const ArchiveId& archive, const RecordId& record, const std::string& type,
                             const std::string& field, Value value);
  // Writes a field, replacing what stands for this node now.
  void set_field(Node& at, const ArchiveId& archive, const RecordId& record, const std::string& type,
                 const std::string& field, Value value);
  // The state of a record as this node reads it.
  node::RecordReader::Loaded read(Node& at, const ArchiveId& archive, const RecordId& record);
  std::optional<RecordId> card_of(Node& at, const ArchiveId& archive);
  // Whether by its own directory the node may read the archive, which it has.
  bool may_read(Node& at, const ArchiveId& archive);
  // A file of these bytes, attached to the record.
  Result<void> try_attach(Node& at, const ArchiveId& archive, const RecordId& record, const std::string& type,
                          const Bytes& content);

  // ---- exchange ----
  // A whole sync, run to its end; the report of the caller's end.
  session::SyncReport sync(Node& from, Node& hub);
  Result<void> sync_outcome(Node& from, Node& hub, session::SyncReport* report = nullptr);
  std::unique_ptr<Link> connect(Node& from, Node& hub, bool live = false);
  void run(Link& link);
  // The hub that settle() has a device sync with: its branch's, else headquarters'.
  Node& home_of(Node& device);
  // Everybody syncs with everybody on the way up and down until nothing changes.
  void settle(int rounds = 4);
  // Shown each frame that leaves a node on any link, as it was sent.
  std::function<void(Node& from, Node& to, bool up, const Bytes& frame)> overhear;

  // ---- disks that come back; model stores only ----
  // Not `signs_first`: something was written between the signing of what had been and the copy.
  Snapshot snapshot(Node& at, bool signs_first = true);
  // The node goes on from the copy, as `restore` makes it go on: in a new life.
  void restore(Node& at, const Snapshot& copy);
  // Another device from the same disk, which thinks that it is the first one; "<name> copy".
  Node& clone(Node& at);
  // A copied device goes on in a life of its own, as `renew` makes it.
  void renew(Node& at);
  // An administrator lets a restored headquarters order again, from the highest head that can be found.
  Result<void> resume_order();

  WorldTime time;
  std::mt19937_64 random;
  const OrgId& org() const { return org_; }
  std::unique_ptr<Store> open_store(const std::string& name) { return stores_ ? stores_(name) : nullptr; }

 private:
  Node& add_node(const std::string& name, wire::Role role, std::int64_t clock_offset);
  void found();
  void add_branch(const std::string& name);
  void order_as_root(const std::vector<Envelope>& envelopes);
  InvitationFile invite(InvitePurpose purpose, const PersonId& person, const BranchId& branch, bool confirm);

  StoreFactory stores_;
  OrgId org_;
  SignKeys root_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;
  std::map<std::string, PersonId> persons_;
  std::map<std::string, BranchId> branches_;
  std::uint64_t next_seed_ = 1;
};

template <class P>
Digest World::state_as(Node& by, const P& payload, const ArchiveId& archive) {
  const auto directory = by.replica().directory();
  const Envelope envelope = make_statement({org_, by.identity.id, by.person, directory->position(), by.clock.wall()},
                                           by.identity.sign, payload, by.entropy, archive);
  const auto put = by.replica().write([&](WriteTxn& txn, node::Effects& effects) {
    effects.pending_changed();
    return node::put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}});
  });
  SATCHEL_ASSERT(put.has_value());
  return envelope.id();
}

}  // namespace satchel::sim
