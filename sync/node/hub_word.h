// SPDX-License-Identifier: AGPL-3.0-or-later
// A hub's word: what hubs say of themselves, and where something that comes later shows that it was not so.
// A hub's time never goes back, and no stamp bears a time at which it has spoken before: so when it ends a round with
// 'all I stamped up to t is in what you were shown' (wire.md, 'A hub's word'), an entry that it stamped before t and
// that comes by another way, in an archive the follower could read then, was kept back. The same holds for what a
// branch hub says it handed up, and for a hub that shows less than it signed for. Such a thing is kept for good, with
// the stamp that proves it (store.md: marks), told to people, and changes nothing else. Functions over a transaction.
#pragma once

#include "sync/directory/directory.h"
#include "sync/node/batches.h"
#include "sync/node/outbox.h"

namespace satchel::node {

// ---- at a hub: its own time ----

// It stamps nothing at or before this any more; 0: it never did anything.
Result<WallTime> hub_time(const ReadTxn& txn);
// Moves it up to the clock, where that is ahead: what is said then is fresh.
Result<void> move_hub_time(WriteTxn& txn, WallTime clock);
// For the stamps of one transaction.
Result<WallTime> next_hub_time(WriteTxn& txn, WallTime clock);
// A new life of the hub begins with none: what was said is held against the life that said it alone.
Result<void> forget_hub_time(WriteTxn& txn);
// Whether it is worth a commit to move it.
inline constexpr Millis kHubTimeEvery{60'000};

// ---- at whoever listens ----

// The hub's feeds of these audiences were followed to their end.
struct Followed {
  NodeNo hub = 0;
  std::uint32_t incarnation = 0;
  std::vector<AudienceId> audiences;
  WallTime through;
  Position at;  // the directory both went by
};
// False: nothing new in it.
Result<bool> followed_further(const ReadTxn& txn, const Followed& followed);
Result<void> note_followed(WriteTxn& txn, const Followed& followed);
// Up to when everything of this incarnation of the hub was shown here; 0: never said.
Result<WallTime> shown_through(const ReadTxn& txn, NodeNo hub, std::uint32_t incarnation);
// A lower hub said that it handed up all it had stamped.
Result<WallTime> handed_through(const ReadTxn& txn, NodeNo hub, std::uint32_t incarnation);
Result<void> note_handed(WriteTxn& txn, NodeNo hub, std::uint32_t incarnation, WallTime through);

// Values are permanent.
enum class Breach : std::uint8_t {
  kept_back = 1,      // it had shown everything, it said; this it had not
  not_handed_up = 2,  // it had handed up everything, it said; this it had not
  denied = 3,         // it signed for this and then showed less
};

struct BrokenWord {
  Breach breach{};
  ChainId hub;
  ArchiveId archive;
  ChainId author;
  std::uint64_t seq = 0;  // the first entry it concerns
  WallTime through;       // what it had said; of a denial: when it stamped
  Position at;
  NodeId shown_by;    // whom the entry came from
  WallTime noticed;   // by this node's clock
  SignedBytes stamp;  // the hub's, on the batch that holds the entry
};
// In order of hub and archive; the first of each kind is kept.
Result<std::vector<BrokenWord>> broken_words(const ReadTxn& txn);

// New entries have come in: were they kept back by one of those who stamped them?
struct Arrival {
  std::span<const StoredStamp> stamps;
  std::span<const StoredArchive> touched;
  ChainId author;
  NodeId from;
  NodeId self;
  WallTime now;
};
Result<void> notice_kept_back(WriteTxn& txn, const Directory& directory, const Arrival& arrival);

// The hub says that these are its heads of the archive: does it show less than it signed for? `only`: nothing is known
// of other chains.
struct ShownHeads {
  ChainId hub;
  ArchiveId archive;
  std::span<const ChainHead> heads;
  std::optional<ChainId> only;
};
Result<std::optional<BrokenWord>> denied(const ReadTxn& txn, const ShownHeads& shown);
Result<void> note_broken_word(WriteTxn& txn, const BrokenWord& word);

}  // namespace satchel::node
