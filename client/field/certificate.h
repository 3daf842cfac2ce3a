// SPDX-License-Identifier: AGPL-3.0-or-later
// What became of a destruction: which nodes have said that it is gone from their disks, which are silent, whose backups
// may still hold it; and that in writing, signed by this device's key. A certificate is a text for people with the same
// as one line of JSON; the signature covers every byte before it. It says 'everywhere' only when nobody is silent and
// no backup is unexpired. Whoever has the organisation's directory can check it without a network.
#pragma once

#include "client/field/destruction.h"

namespace satchel::field {

struct NodeWord {
  NodeId node;
  std::string name;
  NodeKind kind = NodeKind::device;
  PersonId person;
  NodeState state = NodeState::confirmed;
  std::optional<DropReceipt> receipt;  // that covers this destruction
  // There are two devices of one disk: a receipt under their common name speaks of one of them.
  bool copied = false;
  // Of a node that holds keys: when its newest backup stops opening; none: it has none, or it is over.
  std::optional<WallTime> backup_until;
  bool backup_for_ever = false;
  bool silent() const { return !receipt || copied; }
};

// Whether the receipt speaks of what was destroyed at `executed`, too. A node that has lost every right lets go of all
// keys it had and is given nothing after it, so its word from then holds for whatever is destroyed later; not while it
// keeps wraps for work that no hub has taken, and not for a hub (docs/destruction.md).
bool covers(const Directory& directory, const KnownNode& node, const DropReceipt& receipt, const Position& executed);

struct DestructionStatus {
  Digest proposal;
  std::vector<ArchiveId> archives;
  DestroyReason reason{};
  std::uint16_t overridden = 0;
  PersonId proposed_by, signed_by;
  WallTime proposed, ordered;
  std::vector<NodeWord> nodes;  // every node that was there before and was ever confirmed; silent ones first
  std::vector<const NodeWord*> silent() const;
  std::vector<const NodeWord*> backups() const;
  bool everywhere() const { return silent().empty() && backups().empty(); }
};
// conflict "destroy.not-signed" while only one person has.
Result<DestructionStatus> status_of(Book& book, const ListedProposal& proposal);

// The whole text, signed. Names are as the directory has them now.
Result<std::string> write_certificate(Book& book, const DestructionStatus& status);

struct CheckedCertificate {
  PersonId person;  // whose device signed it
  NodeId node;
  Digest proposal;
  WallTime made;
  bool everywhere = false;
  std::size_t archives = 0;
};
inline constexpr std::size_t kCertificateBytesMax = 4 * 1024 * 1024;
// invalid "certificate.none" (not one, or cut short), integrity "certificate.bad-signature", not_found
// "certificate.unknown-node", integrity "certificate.contradicts" when our directory knows of another destruction than
// it claims.
Result<CheckedCertificate> check_certificate(Book& book, std::string_view text);

}  // namespace satchel::field
