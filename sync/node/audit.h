// SPDX-License-Identifier: AGPL-3.0-or-later
// The audit of keys: for whom every archive's current key is wrapped, and which of that the directory does not justify.
// A hub may stay silent about a removal and a member may give a key away; so each device looks for itself. What is
// found right after a removal is not yet wrong: the next entry there opens a new epoch.
#pragma once

#include "sync/node/epochs.h"

namespace satchel::node {

struct WrapFinding {
  ArchiveId archive;
  WrappedFor wrap;
  std::vector<NodeId> nodes;  // that could open it and may not; empty: the directory names no such audience
};

// The current key of one archive, and everybody it is wrapped for.
struct AuditedKey {
  ArchiveId archive;
  std::uint32_t epoch = 0;
  std::vector<AudienceId> readers;
};

inline constexpr std::size_t kWrapFindingsMax = 200;  // kept; all are counted

struct WrapAudit {
  std::uint64_t archives = 0;  // looked at
  std::vector<AuditedKey> keys;
  std::map<AudienceId, std::uint64_t> readers;  // audience -> archives whose current key is wrapped for it
  std::uint64_t rotation_due = 0;               // archives whose next entry opens a new epoch
  std::uint64_t found = 0;                      // wraps the directory does not justify
  std::vector<WrapFinding> findings;
};

// Of the archives this node may read. Errors are those of the store alone.
Result<WrapAudit> audit_wraps(const ReadTxn& txn, const Directory& directory, const NodeId& self, WallTime now);

}  // namespace satchel::node
