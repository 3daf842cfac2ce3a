// SPDX-License-Identifier: AGPL-3.0-or-later
// The directory's state behind Directory: tables that follow from the log and nothing else. Private to the room.
// Each table is shared between copies of the state until one of them writes, so a copy costs a dozen pointers
// and a snapshot in a session never makes the next statement copy more than the table it touches.
// A State may be read from several threads; one that is written to belongs to one.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <unordered_set>
#include <variant>

#include "sync/directory/entities.h"
#include "sync/directory/ordering.h"

namespace satchel::directory {

// Copy on write: reading is a pointer, write() makes it our own first.
template <class T>
class Cow {
 public:
  Cow() : held_(std::make_shared<T>()) {}
  explicit Cow(T value) : held_(std::make_shared<T>(std::move(value))) {}
  const T& operator*() const { return *held_; }
  const T* operator->() const { return held_.get(); }
  T& write() {
    if (held_.use_count() != 1) held_ = std::make_shared<T>(*held_);
    // Whoever gave up the last other reference has done all its reading.
    std::atomic_thread_fence(std::memory_order_acquire);
    return *held_;
  }
  bool operator==(const Cow& other) const { return held_ == other.held_ || *held_ == *other.held_; }

 private:
  std::shared_ptr<T> held_;
};

// Who signs, as far as authority goes, at one position.
struct Actor {
  enum class Kind { root, hub, reader, person, newcomer };
  Kind kind = Kind::newcomer;
  NodeId node;
  PersonId person;
  Role role = Role::salesperson;
  BranchId branch;
  bool hq_hub = false;
  bool operator==(const Actor&) const = default;
};

// One thing that was said about one archive.
struct ArchiveFact {
  Said said;
  Actor by;
  std::variant<payload::Verdict, payload::OwnerSet, payload::Grant, payload::GrantEnded, payload::Merge,
               payload::MergeUndone, payload::Moved>
      what;
  bool only_takes = false;  // obeyed before it was ordered: what it gives does not count yet
  bool operator==(const ArchiveFact&) const = default;
};
using ArchiveFacts = std::vector<ArchiveFact>;  // ascending by position

struct HandoverFact {
  Said said;
  Actor by;
  payload::Handover rule;
  bool operator==(const HandoverFact&) const = default;
};

// When the hub's time had come so far.
struct TimeMark {
  WallTime time;
  Position at;
  bool operator==(const TimeMark&) const = default;
};

struct Numbers {
  std::map<Lessee, std::vector<LeasedRange>> leased;
  std::map<Lessee, std::uint32_t> wanted;  // asked for and not yet given
  std::uint64_t next = 1;
  bool operator==(const Numbers&) const = default;
};

// Where a life of headquarters' hub began to order: behind this head.
struct OrderLife {
  Position head;
  Digest order_hash;  // of the head; none of a life that is known from a former order alone
  bool operator==(const OrderLife&) const = default;
};

// Of ordered statements, by what became of them.
struct LogCounts {
  std::uint64_t applied = 0;
  std::uint64_t refused = 0;   // in the log, without effect
  std::uint64_t unknown = 0;   // of a kind or version this program gives no effect to
  std::uint64_t withheld = 0;  // of archives we may not see
  bool operator==(const LogCounts&) const = default;
};

struct State {
  OrgId org;
  std::string name;
  SignPublic root;
  Digest backup_pin;
  BoxPublic backup_key;

  Position position;
  Digest order_hash;
  WallTime hub_time;
  LogCounts counts;

  Cow<std::map<PersonId, Person>> people;
  Cow<std::map<std::string, PersonId>> names;  // of active people
  Cow<std::map<BranchId, Branch>> branches;
  Cow<std::map<NodeId, KnownNode>> nodes;
  Cow<std::map<PersonId, std::set<NodeId>>> nodes_of;
  Cow<std::map<InviteId, Invite>> invites;
  Cow<std::map<AudienceId, Cow<Audience>>> audiences;
  Cow<std::map<std::string, std::vector<PackVersion>>> packs;
  Cow<Numbers> numbers;
  Cow<std::map<std::string, std::string>> policies;
  Cow<std::map<ArchiveId, ArchiveFacts>> archives;
  Cow<std::vector<HandoverFact>> handovers;
  Cow<std::map<Digest, Proposal>> proposals;  // of destruction, by statement id
  Cow<std::map<ArchiveId, Destroyed>> destroyed;
  Cow<std::map<NodeId, DropReceipt>> dropped;     // the newest of each node
  Cow<std::map<Digest, AccessRequest>> requests;  // for access, by statement id
  Cow<std::vector<TimeMark>> times;
  Cow<std::map<std::uint32_t, OrderLife>> lives;        // of headquarters' hub, but its first
  Cow<std::map<Digest, std::vector<Position>>> former;  // places that its former lives gave, by statement id
  std::uint64_t access_changes = 0;         // statements applied so far that may change who reads or writes what
  Cow<std::map<Digest, Ordered>> withheld;  // by statement id
  Cow<std::unordered_set<Digest>> ordered;  // ids of all statements in the log

  bool founded() const { return !root.none(); }
  bool operator==(const State&) const = default;
};

// The head as this order has it, if some life of headquarters went on from there; null else.
const OrderLife* resumed_from(const State& state, const Position& head);
// Whether the order up to `to`, in the life that gave it, holds the place `from`. Of a life that is not known the
// numbers decide.
bool leads_to(const State& state, const Position& from, Position to);
// Whether who knew the directory up to there knew what was said: at its place, or at one in a former order.
bool knew_by(const State& state, const Position& known, const Said& said);

const Person* find_person(const State& state, const PersonId& id);
const KnownNode* find_node(const State& state, const NodeId& id);
const Audience* find_audience(const State& state, const AudienceId& id);

// Whether the audience is meant for somebody of this role and branch.
bool covers(const Audience& audience, const PersonId& person, Role role, const BranchId& branch);
// Whether that node is a member now: confirmed, its person active and covered; or HQ's reader for audience HQ.
bool is_member(const State& state, const Audience& audience, const KnownNode& node);
// What held of a person before anything at `at` or later was said; null before the person was added.
const PersonSpan* span_before(const Person& person, const Position& at);

// What an effective statement does. Everything is checked before: see rules.h for what lets it.
struct Cause {
  Said said;
  WallTime hub_time;
  Actor by;
  ArchiveId archive;
  bool only_takes = false;  // obeyed before it is ordered
};
void apply_payload(State& state, const Cause& cause, const payload::Any& payload);
// Takes note of the hub's time at a place of the log.
void mark_time(State& state, WallTime hub_time, const Position& at);

}  // namespace satchel::directory
