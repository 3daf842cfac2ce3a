// SPDX-License-Identifier: AGPL-3.0-or-later
// Heads digests of all archives, for whoever reconciles (sync/model/reconcile.h): kept in a derived table as of some
// ordinal (store.md: digests), so that a hundred thousand archives are not hashed anew for each first contact, and so
// that writing an entry costs nothing for it. What came into the log since is looked at when somebody asks; what that
// gave can be kept. Functions over a transaction.
#pragma once

#include "sync/model/reconcile.h"
#include "sync/node/log.h"

namespace satchel::node {

struct Digests {
  std::vector<Digest> by_no;       // index archive no - 1; none: no entry of it is here
  Ordinal up_to = 0;               // the log's end when they were read
  std::vector<ArchiveNo> to_keep;  // ascending: not yet in the table
};
Result<Digests> read_digests(const ReadTxn& txn);
// Worth a write?
bool worth_keeping(const Digests& digests);
// Right also when the log has grown since they were read.
Result<void> keep_digests(WriteTxn& txn, const Digests& digests);

// Archives with entries here that one of these audiences (ascending) may read or could, as a hub's feeds have them:
// what one who follows them may know of. One flag an archive no - 1.
Result<std::vector<bool>> in_feeds(const ReadTxn& txn, std::span<const AudienceId> audiences, std::size_t archives);
// The same for a node without feeds, by the archives' audiences.
Result<std::vector<bool>> opened_for(const ReadTxn& txn, std::span<const AudienceId> audiences, std::size_t archives);

// What is chosen, ready to be reconciled, and what is not, in the same order.
struct Chosen {
  std::vector<ReconcileItem> items;
  std::vector<ReconcileItem> others;
};
Result<Chosen> choose(const ReadTxn& txn, const Digests& digests, const std::vector<bool>& chosen);

}  // namespace satchel::node
