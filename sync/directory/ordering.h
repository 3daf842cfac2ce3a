// SPDX-License-Identifier: AGPL-3.0-or-later
// The order of the log. The HQ hub gives each statement a place: an Ordered record that names the statement, commits
// to its envelope and to the record before. A receiver that may not see an archive's statement gets the record
// alone and still checks the chain. The head is signed by the HQ hub: two heads that differ at one position are
// proof that it ordered twice. Layouts are permanent (docs/directory.md, 'Bytes').
#pragma once

#include "sync/directory/statement.h"

namespace satchel {

struct Ordered {
  static constexpr std::size_t kBytes = 118;
  Position position;
  Digest statement;   // Envelope::id()
  Digest envelope;    // Envelope::digest(): the signatures as they were ordered
  Digest prev;        // order_hash of the record before, none for the first
  WallTime hub_time;  // never less than the one before; expiries are judged by it
  Scope scope = Scope::organisation;
  bool operator==(const Ordered&) const = default;
};

Bytes encode(const Ordered& ordered);
// invalid "directory.bad-order".
Result<Ordered> decode_ordered(View bytes);
Digest order_hash(const Ordered& ordered);

struct DirectoryHead {
  OrgId org;
  Position position;
  Digest order_hash;
  WallTime time;
  NodeId hub;
  Signature signature;
  bool operator==(const DirectoryHead&) const = default;
};

Bytes encode(const DirectoryHead& head);
// invalid "directory.bad-head".
Result<DirectoryHead> decode_head(View bytes);
// Fills in the signature.
void sign_head(DirectoryHead& head, const SignKeys& hub);
bool verify_head(const DirectoryHead& head, const SignPublic& hub);

// Both signed by `hub` for one organisation, one position and different logs: evidence against it.
bool proves_fork(const DirectoryHead& a, const DirectoryHead& b, const SignPublic& hub);

}  // namespace satchel
