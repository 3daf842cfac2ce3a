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

struct VerdictFact {
  Said said;
  Actor by;
  VerdictChoice choice = VerdictChoice::admit;
  std::vector<payload::VerdictRange> ranges;
  bool operator==(const VerdictFact&) const = default;
};

struct OwnerFact {
  Said said;
  Actor by;
  std::vector<PersonId> owners;
  bool operator==(const OwnerFact&) const = default;
};

struct GrantFact {
  Said said;
  Actor by;
  payload::Grant grant;
  bool operator==(const GrantFact&) const = default;
};

// What was said about one archive, ascending by position.
struct ArchiveFacts {
  std::vector<VerdictFact> verdicts;
  std::vector<OwnerFact> owners;
  std::vector<GrantFact> grants;
  bool operator==(const ArchiveFacts&) const = default;
};

struct Numbers {
  std::map<Lessee, std::vector<LeasedRange>> leased;
  std::map<Lessee, std::uint32_t> wanted;  // asked for and not yet given
  std::uint64_t next = 1;
  bool operator==(const Numbers&) const = default;
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
  Cow<std::map<Digest, Ordered>> withheld;  // by statement id
  Cow<std::unordered_set<Digest>> ordered;  // ids of all statements in the log

  bool founded() const { return !root.none(); }
  bool operator==(const State&) const = default;
};

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
};
void apply_payload(State& state, const Cause& cause, const payload::Any& payload);

}  // namespace satchel::directory
