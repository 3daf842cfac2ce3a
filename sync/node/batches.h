// SPDX-License-Identifier: AGPL-3.0-or-later
// Batches this node holds, which entries each covers, and the stamps on them (store.md: batches, batch_index, outbox,
// stamps, receipts). A run is a stretch of ordinals that arrived together under one batch; entries of our own get
// their runs when the outbox is sealed. Functions over a transaction.
#pragma once

#include <unordered_map>

#include "sync/directory/judge.h"
#include "sync/model/batch.h"
#include "sync/node/log.h"

namespace satchel::node {

using BatchNo = std::uint64_t;

// What an entry, stored or new, takes of a frame.
template <class Entry>
std::size_t frame_bytes(const Entry& entry) {
  return entry.clear.size() + entry.body.size() + kEntryFrameBytes;
}

struct StoredBatch {
  BatchNo no = 0;
  SignedBytes signed_bytes;
  Batch batch;
  PartialTree tree;
};

struct Run {
  Ordinal first = 0;
  std::uint32_t count = 0;
  BatchNo batch = 0;
  NodeNo from = 0;  // the peer it came from; 0 for our own
};

// What of it matters to the directory. Borrows.
inline StampView stamp_view(const Stamp& stamp) {
  return {stamp.hub.node, stamp.directory, stamp.restrictions, stamp.hub.incarnation};
}

struct StoredStamp {
  Stamp stamp;
  SignedBytes signed_bytes;
};

Result<std::optional<BatchNo>> find_batch(const ReadTxn& txn, const Digest& id);
Result<StoredBatch> batch_at(const ReadTxn& txn, BatchNo no);
// Without its tree, which may be large.
Result<Batch> batch_itself(const ReadTxn& txn, BatchNo no);
Result<BatchNo> add_batch(WriteTxn& txn, const SignedBytes& signed_bytes, const PartialTree& tree);
Result<void> put_tree(WriteTxn& txn, const StoredBatch& batch);

Result<void> add_run(WriteTxn& txn, const Run& run);
// The run that covers `ordinal`; nothing for an own entry not yet in a batch.
Result<std::optional<Run>> run_of(const ReadTxn& txn, Ordinal ordinal);
// The first run that starts at or after `ordinal`.
Result<std::optional<Run>> run_from(const ReadTxn& txn, Ordinal ordinal);

// Whether the stamp was new.
Result<bool> add_stamp(WriteTxn& txn, BatchNo batch, const Stamp& stamp, const SignedBytes& signed_bytes);
Result<std::vector<StoredStamp>> stamps_of(const ReadTxn& txn, BatchNo batch);
// When a hub last took something of each node, as far as its stamps have come here: the latest.
using Heard = std::unordered_map<NodeId, WallTime>;
Result<Heard> heard(const ReadTxn& txn);
// Own batches that no hub has stamped yet, in the order they were sealed.
Result<void> note_unstamped(WriteTxn& txn, BatchNo batch);
Result<std::vector<BatchNo>> unstamped(const ReadTxn& txn);
// As many as go with the batch in one frame: the earliest, which count for most. The others are told as receipts.
Result<std::vector<StoredStamp>> stamps_beside(const ReadTxn& txn, BatchNo batch);

// Stamps that came later than their batch are announced: to its author always, to an audience where they change what
// its readers may believe. One list a channel, in order of arrival.
using Channel = std::array<Byte, 16>;  // a NodeId or an AudienceId
Result<void> add_receipt(WriteTxn& txn, const Channel& channel, BatchNo batch);
struct Receipt {
  std::uint64_t position = 0;
  BatchNo batch = 0;
};
Result<std::vector<Receipt>> receipts_after(const ReadTxn& txn, const Channel& channel, std::uint64_t position,
                                            std::size_t most);
Result<std::uint64_t> receipts_end(const ReadTxn& txn, const Channel& channel);
// A stretch: runs of one batch that lie side by side, as one parcel brought them. Noted where it begins, so that what
// is here of a batch is found without walking the runs of all others.
Result<void> add_stretch(WriteTxn& txn, BatchNo batch, Ordinal first);
// Entries here of the batch, ascending.
Result<std::vector<Ordinal>> ordinals_of(const ReadTxn& txn, BatchNo batch);
// The archives they belong to.
Result<std::vector<ArchiveNo>> archives_of(const ReadTxn& txn, BatchNo batch);

}  // namespace satchel::node
