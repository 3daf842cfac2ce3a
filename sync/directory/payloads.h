// SPDX-License-Identifier: AGPL-3.0-or-later
// What a statement says: one struct a kind, each with its layout (docs/directory.md, 'Payloads'; permanent).
// put() writes the fields in the order they stand here; take() reads them and fails the reader on anything that is
// not the one spelling of a value or is above its limit. Use encode_payload and decode_payload, which also refuse
// bytes left over. Kinds this version does not give effect to are kept as Opaque.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schema/base/id.h"
#include "schema/base/result.h"
#include "schema/base/time.h"
#include "sync/directory/kinds.h"
#include "sync/model/batch.h"
#include "sync/model/position.h"

namespace satchel::payload {

struct OrganisationFounded {
  static constexpr auto kKind = StatementKind::organisation_founded;
  std::string name;
  SignPublic root;
  Digest backup_pin;  // hash of the hub key that would replace the HQ hub's
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const OrganisationFounded&) const = default;
};

// The HQ hub: the only node that orders statements.
struct HubAdmitted {
  static constexpr auto kKind = StatementKind::hub_admitted;
  SignPublic sign;
  BoxPublic box;
  Digest tls_pin;
  std::string address;
  std::string name;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const HubAdmitted&) const = default;
};

// The head from which a restored HQ hub goes on, and the incarnation it orders in from then on.
struct OrderResumed {
  static constexpr auto kKind = StatementKind::order_resumed;
  Position head;
  Digest order_hash;
  std::uint32_t incarnation = 0;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const OrderResumed&) const = default;
};

struct BranchAdded {
  static constexpr auto kKind = StatementKind::branch_added;
  BranchId branch;
  std::string name;
  std::string code;  // part of archive numbers; may be empty
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const BranchAdded&) const = default;
};

struct PersonAdded {
  static constexpr auto kKind = StatementKind::person_added;
  PersonId person;
  std::string name;
  Role role = Role::salesperson;
  BranchId branch;  // none: headquarters
  std::vector<std::string> functions;
  std::vector<PersonId> deputies;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const PersonAdded&) const = default;
};

// What is absent stays as it is.
struct PersonChanged {
  static constexpr auto kKind = StatementKind::person_changed;
  PersonId person;
  std::optional<Role> role;
  std::optional<BranchId> branch;
  std::optional<bool> active;
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> functions;
  std::optional<std::vector<PersonId>> deputies;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const PersonChanged&) const = default;
};

struct Invitation {
  static constexpr auto kKind = StatementKind::invitation;
  InviteId invite;
  SignPublic token;
  InvitePurpose purpose = InvitePurpose::person;
  PersonId person;  // of purpose person
  BranchId branch;  // of purpose hub
  WallTime expiry;
  bool needs_confirmation = true;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Invitation&) const = default;
};

struct HubDetails {
  Digest tls_pin;
  std::string address;
  bool operator==(const HubDetails&) const = default;
};

struct NodeEnrolled {
  static constexpr auto kKind = StatementKind::node_enrolled;
  InviteId invite;
  SignPublic sign;
  BoxPublic box;
  std::string name;
  std::optional<HubDetails> hub;
  Signature token_proof;  // of the token key, over claim()
  // What the token key signs: all of the above, for one organisation.
  Bytes claim(const OrgId& org) const;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NodeEnrolled&) const = default;

 private:
  void put_claim(Writer& out) const;
};

struct NodeConfirmed {
  static constexpr auto kKind = StatementKind::node_confirmed;
  NodeId node;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NodeConfirmed&) const = default;
};

struct NodeRevoked {
  static constexpr auto kKind = StatementKind::node_revoked;
  NodeId node;
  std::string reason;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NodeRevoked&) const = default;
};

struct AudienceKey {
  static constexpr auto kKind = StatementKind::audience_key;
  AudienceId audience;
  std::uint32_t epoch = 0;  // the first is 1
  BoxPublic key;
  std::map<NodeId, Bytes> boxes;  // the secret, boxed to each node with audience_box_context()
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const AudienceKey&) const = default;
};

struct AudienceBox {
  static constexpr auto kKind = StatementKind::audience_box;
  AudienceId audience;
  std::uint32_t epoch = 0;
  NodeId node;
  Bytes box;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const AudienceBox&) const = default;
};

struct PackPublished {
  static constexpr auto kKind = StatementKind::pack_published;
  std::string pack;
  std::uint32_t version = 0;
  std::vector<PersonId> test_group;  // empty: in force for everybody
  PackCoding coding = PackCoding::plain;
  Bytes bytes;
  Digest digest;  // pack_digest(bytes)
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const PackPublished&) const = default;
};
// Of the bytes as they travel, compressed or not.
Digest pack_digest(View bytes);

struct NumberRangeWanted {
  static constexpr auto kKind = StatementKind::number_range_wanted;
  NodeId node;
  std::uint32_t incarnation = 0;
  std::uint32_t count = 0;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NumberRangeWanted&) const = default;
};

struct NumberRange {
  static constexpr auto kKind = StatementKind::number_range;
  NodeId node;
  std::uint32_t incarnation = 0;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NumberRange&) const = default;
};

struct Policy {
  static constexpr auto kKind = StatementKind::policy;
  std::string key;    // a-z, 0-9 and '-'
  std::string value;  // empty: back to the default
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Policy&) const = default;
};

// Text that hubs carry and cannot read: sealed with a key derived from the archive's key of that epoch (sync/node).
struct SealedText {
  std::uint32_t epoch = 0;
  KeyId key;
  Bytes sealed;  // empty: no text
  bool operator==(const SealedText&) const = default;
};

struct VerdictRange {
  NodeId author;
  std::uint32_t incarnation = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // inclusive
  bool holds(const NodeId& node, std::uint32_t life, std::uint64_t seq) const {
    return author == node && incarnation == life && from <= seq && seq <= to;
  }
  bool operator==(const VerdictRange&) const = default;
};

struct Verdict {
  static constexpr auto kKind = StatementKind::verdict;
  std::vector<VerdictRange> ranges;
  VerdictChoice choice = VerdictChoice::admit;
  SealedText reason;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Verdict&) const = default;
};

struct OwnerSet {
  static constexpr auto kKind = StatementKind::owner_set;
  std::vector<PersonId> owners;  // all of them from now on; at least one
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const OwnerSet&) const = default;
};

// Gives an audience a right beside owners, managers and headquarters. A later one for the same audience takes its
// place.
struct Grant {
  static constexpr auto kKind = StatementKind::grant;
  AudienceId audience;
  GrantRights rights = GrantRights::read;
  std::uint32_t epoch_from = 0;  // of the archive's key: nothing older is given
  WallTime expiry;               // 0: until taken back
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Grant&) const = default;
};

struct GrantEnded {
  static constexpr auto kKind = StatementKind::grant_ended;
  AudienceId audience;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const GrantEnded&) const = default;
};

// The statement's archive is shown within `into`: each keeps its key, chain, members and retention.
struct Merge {
  static constexpr auto kKind = StatementKind::merge;
  ArchiveId into;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Merge&) const = default;
};

struct MergeUndone {
  static constexpr auto kKind = StatementKind::merge_undone;
  void put(Writer&) const {}
  void take(Reader&) {}
  bool operator==(const MergeUndone&) const = default;
};

// The archive belongs to another branch from now on, with these owners.
struct Moved {
  static constexpr auto kKind = StatementKind::moved;
  BranchId branch;  // none: headquarters
  std::vector<PersonId> owners;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Moved&) const = default;
};

// A rule, not a list: wherever `from` is an owner of an archive opened without knowledge of this, `to` is one instead.
struct Handover {
  static constexpr auto kKind = StatementKind::handover;
  PersonId from;
  PersonId to;
  std::vector<ArchiveId> only;  // empty: all
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Handover&) const = default;
};

// The first of two persons' words; does nothing by itself.
struct DestroyProposed {
  static constexpr auto kKind = StatementKind::destroy_proposed;
  std::vector<ArchiveId> archives;
  DestroyReason reason = DestroyReason::none;
  std::uint16_t overridden = 0;  // bits: what stood against it and was passed over (client/field/destruction.h)
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const DestroyProposed&) const = default;
};

// The second person's: what that proposal names is destroyed, for ever.
struct Destroy {
  static constexpr auto kKind = StatementKind::destroy;
  Digest proposal;  // the statement's id
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const Destroy&) const = default;
};

// A node's receipt: whatever the directory up to `executed` took from it or had destroyed is gone from its disk. Said
// by nodes that lost every right, too.
struct AccessDropped {
  static constexpr auto kKind = StatementKind::access_dropped;
  Position executed;
  std::uint32_t archives = 0;  // whose keys were dropped since the receipt before
  std::uint32_t unsent = 0;    // own entries it still keeps for a hub
  WallTime backup;             // when its newest backup known to it was made, 0: none
  // Obeyed before headquarters had ordered them: by these it lost every right, and all it had is gone.
  std::vector<Digest> gone_by{};
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const AccessDropped&) const = default;
};

// Two batches of one author under one number, each signed by it: its disk was copied, and both copies live. The work of
// that life waits from here on for a verdict, and that of every other but a later one the directory knew of.
struct NodeFrozen {
  static constexpr auto kKind = StatementKind::node_frozen;
  NodeId node;
  SignedBytes first;  // the smaller id first, so that one finding has one spelling
  SignedBytes second;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NodeFrozen&) const = default;
};

// A node that goes on from a restored copy says so in its new life, when all that it had from before is with a hub:
// whatever still comes of a former life is from a copy that should be off.
struct NodeRenewed {
  static constexpr auto kKind = StatementKind::node_renewed;
  NodeId node;
  std::uint32_t incarnation = 0;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const NodeRenewed&) const = default;
};

// What a former life of headquarters had ordered past the head it was resumed from, with the head it signed then. Said
// by whoever was told so much: most of it gets another place, and stamps that name the old ones stay understood.
struct FormerOrder {
  static constexpr auto kKind = StatementKind::former_order;
  struct Record {
    Scope scope = Scope::organisation;
    std::uint32_t incarnation = 0;
    Digest statement;
    Digest envelope;
    WallTime hub_time;
    bool operator==(const Record&) const = default;
  };
  Position after;  // the common head
  std::vector<Record> records;
  Bytes head;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const FormerOrder&) const = default;
};

// The public half of the key in the recovery kit that hubs' backups are sealed to.
struct BackupKey {
  static constexpr auto kKind = StatementKind::backup_key;
  BoxPublic key;
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const BackupKey&) const = default;
};

// Text that is boxed to an audience's key: everybody carries it, and its members alone read it (Keyring::box_text).
struct BoxedText {
  std::uint32_t epoch = 0;  // of the audience's key
  Bytes box;                // empty, with epoch 0: no text
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const BoxedText&) const = default;
};

// Somebody asks for a right in an archive that he does not hold and knows perhaps by a number or a name.
struct AccessRequested {
  static constexpr auto kKind = StatementKind::access_requested;
  AudienceId audience;  // who is asked: the managers of a branch, or headquarters
  GrantRights rights = GrantRights::read;
  WallTime until;  // as long as it is wanted; 0: no end
  BoxedText text;  // what and what for, to whoever is asked
  BoxedText own;   // the same to the asking person's own nodes
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const AccessRequested&) const = default;
};

// The answer; what an approval gives is said by a grant beside it.
struct AccessAnswered {
  static constexpr auto kKind = StatementKind::access_answered;
  Digest request;  // the statement's id
  AnswerChoice choice = AnswerChoice::refuse;
  GrantRights rights = GrantRights::read;  // of an approval
  WallTime until;                          // of an approval; 0: no end
  BoxedText text;                          // to whoever asked
  void put(Writer& out) const;
  void take(Reader& in);
  bool operator==(const AccessAnswered&) const = default;
};

// Of a kind that has no effect in this version.
struct Opaque {
  StatementKind kind{};
  Bytes bytes;
  bool operator==(const Opaque&) const = default;
};

using Any = std::variant<OrganisationFounded, HubAdmitted, OrderResumed, BranchAdded, PersonAdded, PersonChanged,
                         Invitation, NodeEnrolled, NodeConfirmed, NodeRevoked, AudienceKey, AudienceBox, PackPublished,
                         NumberRangeWanted, NumberRange, Policy, Handover, DestroyProposed, Destroy, AccessDropped,
                         AccessRequested, AccessAnswered, NodeFrozen, NodeRenewed, FormerOrder, BackupKey, Verdict,
                         OwnerSet, Grant, GrantEnded, Merge, MergeUndone, Moved, Opaque>;

}  // namespace satchel::payload

namespace satchel {

template <class P>
Bytes encode_payload(const P& payload) {
  Writer out;
  payload.put(out);
  return out.take();
}

// invalid "directory.bad-payload" with the kind's name.
template <class P>
Result<P> decode_payload(View bytes) {
  Reader in(bytes);
  P payload;
  payload.take(in);
  if (!in.done()) return fail(ErrorKind::invalid, "directory.bad-payload", std::string(kind_name(P::kKind)));
  return payload;
}

// The same for a kind known only when running; Opaque for one without effect here.
Result<payload::Any> decode_any(StatementKind kind, View bytes);

}  // namespace satchel
