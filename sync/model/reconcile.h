// SPDX-License-Identifier: AGPL-3.0-or-later
// Range-based set reconciliation (wire.md, 'Reconciliation'): two ends that hold nearly the same (archive, heads
// digest) pairs find out where they differ in a few small messages, whatever the total. The asker sends fingerprints
// of ranges of archive ids; the other end splits what differs, or lists its items when they are few; and so on.
// Pure: no store, no clock; sessions and tests drive it. The answering end keeps nothing between messages but its set.
// A fingerprint is one hash over all items of the range. Sums of hashed items could be made equal by whoever
// chooses items (a lattice problem of practical size); a collision here costs 2^128 hashes, so the worst a peer can do
// is to lie about its own set, as it could by listing it: then it is not given what it claims to have, and stamps and
// heads compared along other paths show it (DESIGN: a hub that withholds becomes visible).
// Foreign messages that do not follow the layout are invalid "reconcile.broken"; answers that do not fit what was asked
// integrity "reconcile.bounds"; those that lead nowhere "reconcile.endless"; too many items "reconcile.too-many".
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "sync/model/entry.h"

namespace satchel {

struct ReconcileItem {
  ArchiveId archive;
  Digest heads;
  bool operator==(const ReconcileItem&) const = default;
};

inline constexpr std::size_t kReconcileListMax = 32;        // up to so many items are listed rather than hashed
inline constexpr std::size_t kReconcileWays = 16;           // a range that differs is split into so many
inline constexpr std::size_t kReconcileFirstWays = 64;      // the first time, to save a round trip
inline constexpr std::size_t kReconcileDepthMax = 24;       // 16^24 is more than there are archives
inline constexpr std::size_t kReconcileBytes = 128 * 1024;  // a message stops growing here; the rest comes later
inline constexpr std::size_t kReconcileRangesMax = 16'384;
inline constexpr std::size_t kReconcileItemsMax = 16'384;  // of one range: 768 KiB

// The items of one end, ascending by archive, each archive once.
class ReconcileSet {
 public:
  ReconcileSet() = default;
  explicit ReconcileSet(std::vector<ReconcileItem> sorted);
  std::size_t size() const { return items_.size(); }
  std::span<const ReconcileItem> items() const { return items_; }
  // From `from` up to, not including, `to` (none: to the end).
  std::span<const ReconcileItem> range(const ArchiveId& from, const std::optional<ArchiveId>& to) const;

 private:
  std::vector<ReconcileItem> items_;
};

// Where two ends differ; a digest is none where that end has nothing of the archive.
struct ReconcileDifference {
  ArchiveId archive;
  Digest mine;
  Digest theirs;
  bool operator==(const ReconcileDifference&) const = default;
};

// What a message is made of: ranges that follow one another and cover all ids.
// Modes are on the wire; values are permanent.
enum class RangeMode : std::uint8_t {
  skip = 0,         // nothing to say: equal, or not asked about
  fingerprint = 1,  // of so many items
  items = 2,        // all the sender has
  difference = 3,   // answer to items: where the two differ, with the sender's digests
  later = 4,        // answer: ask again, this message is full
};
struct ReconcileRange {
  std::optional<ArchiveId> to;  // where it ends; none: it is the last
  RangeMode mode = RangeMode::skip;
  std::uint64_t count = 0;
  Digest fingerprint;
  std::vector<ReconcileItem> items;
};
struct ReconcileMessage {
  bool both_ways = false;  // the asker also wants to know what only the other end has
  std::vector<ReconcileRange> ranges;
};
Bytes encode(const ReconcileMessage& message);
Result<ReconcileMessage> decode_reconcile(View bytes);

Digest range_fingerprint(std::span<const ReconcileItem> items);
inline constexpr DomainLabel kRangeLabel{"satchel range"};

// The asking end: start(), then step() with each answer until it returns nothing; then differences() has them all,
// ascending. Without `both_ways` what only the other end has is left out.
// `set` must outlive it. What it keeps is bounded by its own set, and by `theirs_max` archives it does not hold.
class Reconciler {
 public:
  Reconciler(const ReconcileSet& set, bool both_ways, std::size_t theirs_max = 1'000'000);
  // Nothing when the set is empty and nobody wants to know what the other end has.
  std::optional<Bytes> start();
  Result<std::optional<Bytes>> step(View answer);
  const std::vector<ReconcileDifference>& differences() const { return differences_; }
  std::size_t rounds() const { return rounds_; }

 private:
  struct Ask {
    ArchiveId from;
    std::optional<ArchiveId> to;
    std::size_t depth = 0;
    bool listed = false;
  };
  std::span<const ReconcileItem> mine(const Ask& ask) const { return set_.range(ask.from, ask.to); }
  void split(const Ask& range, std::size_t ways);
  Result<void> take(const Ask& part, ReconcileRange&& answer, bool& progress);
  Result<void> compare(const Ask& part, const std::vector<ReconcileItem>& theirs);
  Result<void> believe(const Ask& part, const std::vector<ReconcileItem>& differing);
  Result<void> note(ReconcileDifference difference);
  std::optional<Bytes> next();

  const ReconcileSet& set_;
  bool both_ways_;
  std::size_t theirs_max_;
  std::deque<Ask> asks_;   // to be sent, ascending, disjoint
  std::vector<Ask> sent_;  // awaiting their answers, likewise
  std::vector<ReconcileDifference> differences_;
  std::size_t theirs_ = 0;
  std::size_t rounds_ = 0;
};

// The answering end.
Result<Bytes> reconcile_answer(const ReconcileSet& set, View message);

}  // namespace satchel
