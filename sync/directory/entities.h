// SPDX-License-Identifier: AGPL-3.0-or-later
// What the directory knows of people, branches, nodes, audiences, packs and numbers: plain values that queries
// hand out. Whatever decides rights keeps its history with positions, because work is judged by what was so then.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schema/base/id.h"
#include "schema/base/time.h"
#include "sync/directory/payloads.h"
#include "sync/model/position.h"

namespace satchel {

// A place in the log and the statement that stands there.
struct Said {
  Position at;
  Digest statement;
  bool operator==(const Said&) const = default;
};

struct Branch {
  BranchId id;
  std::string name;
  std::string code;
  Said added;
  bool operator==(const Branch&) const = default;
};

// What held of a person from one statement until the next.
struct PersonSpan {
  Said since;
  Role role = Role::salesperson;
  BranchId branch;  // none: headquarters
  bool active = true;
  bool operator==(const PersonSpan&) const = default;
};

// What was delegated to a person, and who stood in for him, until a statement said otherwise.
struct FormerDuties {
  Position until;
  std::vector<std::string> functions;
  std::vector<PersonId> deputies;
  bool operator==(const FormerDuties&) const = default;
};

struct Person {
  PersonId id;
  std::string name;
  std::vector<std::string> functions;
  std::vector<PersonId> deputies;           // who may take his steps in workflows
  std::vector<PersonSpan> history;          // never empty; ascending
  std::vector<Said> left_again;             // that the person leaves, said when that was so already
  std::vector<FormerDuties> former_duties;  // ascending

  const PersonSpan& now() const { return history.back(); }
  Role role() const { return now().role; }
  const BranchId& branch() const { return now().branch; }
  bool active() const { return now().active; }
  // What held after everything up to and including `position`; null before the person was added.
  const PersonSpan* at(const Position& position) const;
  const std::vector<std::string>& functions_at(const Position& position) const;
  const std::vector<PersonId>& deputies_at(const Position& position) const;
  bool operator==(const Person&) const = default;
};

// A place in the log where something was said of one of a node's lives.
struct LifeMark {
  std::uint32_t incarnation = 0;
  Said said;
  bool operator==(const LifeMark&) const = default;
};

// Any life of a node, or the one it has now.
inline constexpr std::uint32_t kAnyLife = UINT32_MAX;

struct KnownNode {
  NodeId id;
  NodeKind kind = NodeKind::device;
  PersonId person;      // of a device
  BranchId branch;      // of a branch hub
  bool hq_hub = false;  // the one that orders
  SignPublic sign;
  BoxPublic box;
  std::string name;
  std::string address;  // of a hub, host:port
  Digest tls_pin;       // of a hub
  Said enrolled;
  std::optional<Said> confirmed;
  std::optional<Said> revoked;
  std::string reason;               // of the revocation
  std::vector<Said> revoked_again;  // by others who did not know
  std::vector<LifeMark> lives;      // that it began from restored copies; ascending
  std::vector<LifeMark> freezes;    // that life and all before it were found copied; ascending by position

  NodeState state() const {
    return revoked ? NodeState::revoked : confirmed ? NodeState::confirmed : NodeState::enrolled;
  }
  // Where that life was over: another one began, or it was frozen. Null while it lives.
  const Said* life_ended(std::uint32_t incarnation) const;
  // Copied, with no later life that was known: then none can begin any more, and the device enrols anew.
  bool frozen_now() const;
  bool operator==(const KnownNode&) const = default;
};

struct Invite {
  InviteId id;
  SignPublic token;
  InvitePurpose purpose = InvitePurpose::person;
  PersonId person;
  BranchId branch;
  WallTime expiry;  // as it counts: what the invitation says, at most the longest life after it was ordered
  bool needs_confirmation = true;
  NodeId used_by;  // none while it is open
  bool operator==(const Invite&) const = default;
};

struct AudienceEpoch {
  BoxPublic key;
  Said made;
  std::map<NodeId, Bytes> boxes;
  bool operator==(const AudienceEpoch&) const = default;
};

struct Audience {
  AudienceId id;
  AudienceKind kind = AudienceKind::everyone;
  PersonId person;                    // of kind person
  BranchId branch;                    // of kinds branch_managers and pool
  std::vector<AudienceEpoch> epochs;  // [0] is epoch 1

  std::uint32_t epoch() const { return static_cast<std::uint32_t>(epochs.size()); }  // 0: no key yet
  const AudienceEpoch* at(std::uint32_t number) const {
    return number >= 1 && number <= epochs.size() ? &epochs[number - 1] : nullptr;
  }
  // Null when that node has none.
  const Bytes* box(std::uint32_t number, const NodeId& node) const;
  bool operator==(const Audience&) const = default;
};

struct PackVersion {
  std::uint32_t version = 0;
  std::vector<PersonId> test_group;
  PackCoding coding = PackCoding::plain;
  Bytes bytes;
  Digest digest;
  Said published;
  bool operator==(const PackVersion&) const = default;
};

// A node's log of one life: what number ranges are leased to.
struct Lessee {
  NodeId node;
  std::uint32_t incarnation = 0;
  auto operator<=>(const Lessee&) const = default;
};

struct LeasedRange {
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  bool operator==(const LeasedRange&) const = default;
};

// Archives somebody proposed to destroy.
struct Proposal {
  Said said;
  PersonId by;
  std::vector<ArchiveId> archives;
  DestroyReason reason{};
  std::uint16_t overridden = 0;
  WallTime time;  // the hub's
  std::optional<Said> carried_out;
  bool operator==(const Proposal&) const = default;
};

struct Destroyed {
  Said said;
  Digest proposal;
  PersonId proposed_by;
  PersonId signed_by;
  WallTime time;  // the hub's
  bool operator==(const Destroyed&) const = default;
};

// A node's word that what was taken from it up to `executed`, and by `gone_by` before they were ordered, is gone from
// its disk.
struct DropReceipt {
  Said said;
  Position executed;
  std::uint32_t archives = 0;
  std::uint32_t unsent = 0;
  WallTime backup;  // its newest one, 0: none
  WallTime time;    // the hub's, when it was ordered
  std::vector<Digest> gone_by;
  bool operator==(const DropReceipt&) const = default;
};

struct AccessAnswer {
  Said said;
  PersonId by;
  payload::AccessAnswered what;
  WallTime time;  // the hub's
  bool operator==(const AccessAnswer&) const = default;
};

enum class RequestState : std::uint8_t { waiting, approved, refused, over };

// Somebody's request for access, and what became of it.
struct AccessRequest {
  Said said;
  PersonId by;
  payload::AccessRequested what;
  WallTime time;  // the hub's
  std::optional<AccessAnswer> answer;

  RequestState state(WallTime now) const;
  bool operator==(const AccessRequest&) const = default;
};

struct PendingEnrolment {
  NodeId node;
  NodeKind kind = NodeKind::device;
  PersonId person;
  BranchId branch;
  std::string name;
  std::string fingerprint;
  bool operator==(const PendingEnrolment&) const = default;
};

}  // namespace satchel
