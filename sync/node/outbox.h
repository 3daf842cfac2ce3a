// SPDX-License-Identifier: AGPL-3.0-or-later
// The outbox: what this node still owes a hub. Own entries are first sealed into signed batches (stored before they are
// sent, so that a push cut short is repeated with the same bytes), then pushed run by run above the hub's pushed
// mark; a hub pushes upward what it took from others the same way (store.md: outbox, marks).
#pragma once

#include <set>

#include "sync/node/parcel.h"

namespace satchel::node {

// Set in the number of a batch that a life signed after another had begun: two batches under one number would pass for
// the work of two pens.
inline constexpr std::uint64_t kSignedAgain = 1ull << 63;

struct Author {
  ChainId chain;
  SignKeys keys;
  Position directory;
  WallTime claimed;
  MonoTime mono;
  std::uint64_t first_number = 0;  // of the batches sealed now; 0: they are counted on
};

// Signs batches over all own entries not yet in one. Returns how many entries it covered.
Result<std::size_t> seal_outbox(WriteTxn& txn, const Author& author);
// Whether there are entries seal_outbox() has not looked at.
Result<bool> has_unsealed(const ReadTxn& txn);

// Nothing of our own is among these, which a peer brought: where all before was looked at, they are too.
Result<void> pass_unsealed(WriteTxn& txn, Ordinal first, Ordinal last);

// What goes to `peer` next: the runs above `after` that did not come from it, joined while they are of one batch.
// `end` is the last ordinal looked at, also when there is nothing.
struct Outgoing {
  std::optional<BatchPart> part;
  Ordinal end = 0;
};
Result<Outgoing> next_outgoing(const ReadTxn& txn, NodeNo peer, Ordinal after);

// Per peer incarnation: how far this node has pushed to it, and what it has taken from it.
struct PeerMarks {
  bool met = false;  // false: never completed a first comparison with this incarnation of the peer
  Ordinal pushed = 0;
  std::uint64_t receipts = 0;
};
Result<PeerMarks> peer_marks(const ReadTxn& txn, NodeNo peer, std::uint32_t incarnation);
Result<void> put_peer_marks(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, const PeerMarks& marks);
// Where we are in an audience's feed, and in its late stamps; and what the hub said when we had followed it to its end.
struct FeedCursor {
  std::uint64_t position = 0;
  std::uint64_t stamps = 0;
  WallTime through{};  // all it had stamped up to this time of its own was shown; 0: never said
  Position at{};       // by the directory up to here
};
Result<FeedCursor> feed_cursor(const ReadTxn& txn, NodeNo peer, std::uint32_t incarnation, const AudienceId& audience);
Result<void> put_feed_cursor(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, const AudienceId& audience,
                             const FeedCursor& cursor);
// All feeds are followed from their beginning again, at every hub.
Result<void> forget_feed_cursors(WriteTxn& txn);

// Batches that this incarnation of a hub could not take yet, because its directory was behind their author's: the
// pushed mark has passed them, and they are pushed whole once more.
Result<void> owe(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, BatchNo batch);
Result<void> settle_owed(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, BatchNo batch);
Result<std::vector<BatchNo>> owed(const ReadTxn& txn, NodeNo peer, std::uint32_t incarnation);
// To any hub.
Result<std::set<BatchNo>> owed_to_any(const ReadTxn& txn);

// Whether there is a stamp by `hub` (none: by any) on the batch, as far as this node was told.
Result<bool> acknowledged(const ReadTxn& txn, BatchNo batch, const NodeId& hub);
// Batches up to that ordinal on which there is none; own ones, or all.
Result<std::vector<BatchNo>> unacknowledged(const ReadTxn& txn, Ordinal up_to, const NodeId& hub, bool own);

// In Table::marks beside the peers' marks, whose numbers never reach this one.
inline constexpr std::uint32_t kRefusedMarks = 0xfffffffd;
// A hub's refusal of an entry, kept for people to see.
Result<void> note_refusal(WriteTxn& txn, const ArchiveId& archive, std::uint64_t seq, std::string_view code);
// Those of the archive with that code.
Result<void> forget_refusals(WriteTxn& txn, const ArchiveId& archive, std::string_view code);

// What is known of a hub's life: the newest incarnation met, 0: none.
Result<std::uint32_t> hub_incarnation(const ReadTxn& txn, const NodeId& hub);
Result<void> put_hub_incarnation(WriteTxn& txn, const NodeId& hub, std::uint32_t incarnation);

// Own entries not yet acknowledged by any hub (no stamp), counted.
Result<std::size_t> count_unsent(const ReadTxn& txn, const ChainId& self);

}  // namespace satchel::node
