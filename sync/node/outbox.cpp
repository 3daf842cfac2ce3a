// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/outbox.h"

#include <map>

#include "schema/base/planted.h"
#include "sync/node/grants.h"
#include "sync/node/restored.h"

namespace satchel::node {

namespace {

constexpr std::string_view kBatchedCounter = "batched";
constexpr std::string_view kBatchNumberCounter = "batch_number";
// Beside the peers' marks, whose numbers never reach this one: from here on kOwedMarks, and what batches, hub words,
// volumes and grants keep.
constexpr std::uint32_t kNoPeer = 0xfffffff0;
constexpr std::uint32_t kOwedMarks = 0xfffffffc;

struct OpenBatch {
  ChainId chain;
  std::vector<Ordinal> ordinals;
  std::map<ArchiveId, Ordinal> ends;  // the chain end of each archive so far
  Position directory;                 // the last place that one of them names
  std::size_t bytes = 0;
};

class Sealer {
 public:
  Sealer(WriteTxn& txn, const Author& author) : txn_(txn), author_(author) {}

  Result<std::size_t> run() {
    SATCHEL_GET(done, counter(txn_, kBatchedCounter));
    SATCHEL_GET(last, last_ordinal(txn_));
    if (done == last) return 0;
    for (Ordinal at = done + 1; at <= last;) {
      SATCHEL_GET(run, run_from(txn_, at));
      const Ordinal own_end = run ? run->first : last + 1;
      for (; at < own_end; ++at) SATCHEL_TRY(add(at));
      if (!run) break;
      // A batch is one stretch of the log, so that pushing run by run never sends part of a chain.
      SATCHEL_TRY(close());
      at = run->first + run->count;
    }
    SATCHEL_TRY(close());
    SATCHEL_TRY(set_counter(txn_, kBatchedCounter, last));
    // Only now: finding the gaps above relies on there being no runs for own entries.
    for (const auto& run : runs_) SATCHEL_TRY(add_run(txn_, run));
    return covered_;
  }

 private:
  Result<std::size_t> wraps_size(const StoredEntry& entry) {
    const auto opening = Opening::decode(entry.clear);
    if (!opening || opening->wraps.empty()) return 0;
    SATCHEL_GET(no, find_archive(txn_, entry.header.archive));
    SATCHEL_GET(wraps, wraps_of(txn_, *no));
    std::size_t bytes = 0;
    for (const auto& w : wraps) bytes += w.size() + 16;
    return bytes;
  }

  // Another process may have written on in the life before this one: what it left is signed as that life's.
  Result<std::uint64_t> next_number(const Digest& root) {
    if (open_.chain != author_.chain) return kSignedAgain | (be64(root.view()) >> 2);
    if (author_.first_number != 0) return author_.first_number + sealed_++;
    SATCHEL_GET(number, counter(txn_, kBatchNumberCounter));
    SATCHEL_TRY(set_counter(txn_, kBatchNumberCounter, number + 1));
    return number + 1;
  }

  Result<void> add(Ordinal at) {
    SATCHEL_GET(entry, entry_at(txn_, at));
    SATCHEL_ASSERT(entry.header.chain.node == author_.chain.node);
    SATCHEL_GET(wraps, wraps_size(entry));
    const auto bytes = entry.body.size() + entry.clear.size() + wraps + kEntryFrameBytes;
    if (open_.ordinals.size() == kBatchEntriesMax || open_.chain != entry.header.chain ||
        (open_.bytes + bytes > kBatchBytesMax && open_.bytes > 0))
      SATCHEL_TRY(close());
    open_.chain = entry.header.chain;
    open_.directory = std::max(open_.directory, entry.header.directory);
    open_.ordinals.push_back(at);
    open_.ends[entry.header.archive] = at;
    open_.bytes += bytes;
    return {};
  }

  Result<void> close() {
    if (open_.ordinals.empty()) return {};
    std::vector<Digest> ends;
    for (const auto& [archive, at] : open_.ends) {
      SATCHEL_GET(entry, entry_at(txn_, at));
      ends.push_back(header_hash(entry.header.encode()));
    }
    Batch batch;
    batch.root = merkle_root(ends);
    SATCHEL_GET(number, next_number(batch.root));
    batch.author = open_.chain;
    batch.number = number;
    batch.directory = std::max(author_.directory, open_.directory);
    batch.claimed = author_.claimed;
    batch.mono = author_.mono;
    batch.entries = static_cast<std::uint32_t>(open_.ordinals.size());
    batch.leaves = static_cast<std::uint32_t>(ends.size());
    SATCHEL_GET(no, add_batch(txn_, sign_batch(batch, author_.keys), PartialTree::full(ends)));
    SATCHEL_TRY(add_stretch(txn_, no, open_.ordinals.front()));
    SATCHEL_TRY(note_unstamped(txn_, no));
    for (const Ordinal at : open_.ordinals) {
      if (!runs_.empty() && runs_.back().batch == no && runs_.back().first + runs_.back().count == at) {
        ++runs_.back().count;
      } else {
        runs_.push_back({at, 1, no, 0});
      }
    }
    covered_ += open_.ordinals.size();
    open_ = {};
    return {};
  }

  WriteTxn& txn_;
  const Author& author_;
  OpenBatch open_;
  std::vector<Run> runs_;
  std::size_t covered_ = 0;
  std::uint64_t sealed_ = 0;
};

Bytes peer_key(NodeNo peer, std::uint32_t incarnation, View rest) {
  Bytes key = key_of(peer, incarnation);
  key.insert(key.end(), rest.begin(), rest.end());
  return key;
}

}  // namespace

Result<std::size_t> seal_outbox(WriteTxn& txn, const Author& author) { return Sealer(txn, author).run(); }

Result<bool> has_unsealed(const ReadTxn& txn) {
  SATCHEL_GET(done, counter(txn, kBatchedCounter));
  SATCHEL_GET(last, last_ordinal(txn));
  return done != last;
}

Result<Outgoing> next_outgoing(const ReadTxn& txn, NodeNo peer, Ordinal after) {
  Outgoing out;
  out.end = after;
  while (true) {
    SATCHEL_GET(run, run_from(txn, out.end + 1));
    // A gap is own entries not yet in a batch: the mark must not pass them.
    if (!run || run->first != out.end + 1) return out;
    const bool from_peer = run->from == peer && peer != 0;
    if (out.part && !from_peer && run->batch != out.part->batch) return out;
    out.end = run->first + run->count - 1;
    if (from_peer) continue;
    if (!out.part) out.part = BatchPart{run->batch, {}};
    for (std::uint32_t i = 0; i < run->count; ++i) out.part->ordinals.push_back(run->first + i);
  }
}

Result<PeerMarks> peer_marks(const ReadTxn& txn, NodeNo peer, std::uint32_t incarnation) {
  SATCHEL_GET(found, txn.get(Table::marks, peer_key(peer, incarnation, {})));
  if (!found) return PeerMarks{};
  Reader in(*found);
  PeerMarks marks;
  marks.met = in.u8() != 0;
  marks.pushed = in.u64();
  marks.receipts = in.u64();
  if (!in.done()) return damaged("marks");
  return marks;
}

Result<void> put_peer_marks(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, const PeerMarks& marks) {
  return txn.put(Table::marks, peer_key(peer, incarnation, {}),
                 Writer().u8(marks.met ? 1 : 0).u64(marks.pushed).u64(marks.receipts).bytes());
}

namespace {

constexpr std::size_t kCursorBytes = 16;
constexpr std::size_t kFollowedBytes = 36;

}  // namespace

Result<FeedCursor> feed_cursor(const ReadTxn& txn, NodeNo peer, std::uint32_t incarnation, const AudienceId& audience) {
  SATCHEL_GET(found, txn.get(Table::marks, peer_key(peer, incarnation, audience.view())));
  if (!found) return FeedCursor{};
  FeedCursor cursor;
  const bool sound = found->size() == kCursorBytes || found->size() == kFollowedBytes;
  if (!sound) return damaged("marks");
  cursor.position = be64(*found);
  cursor.stamps = be64(found->subspan(8));
  if (found->size() == kCursorBytes) return cursor;
  Reader in(found->subspan(kCursorBytes));
  cursor.through.ms = in.i64();
  cursor.at.incarnation = in.u32();
  cursor.at.n = in.u64();
  return cursor;
}

Result<void> put_feed_cursor(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, const AudienceId& audience,
                             const FeedCursor& cursor) {
  Bytes value = key_of(cursor.position);
  put_be64(value, cursor.stamps);
  if (cursor.through.ms != 0) {
    const Bytes followed = Writer(32).i64(cursor.through.ms).u32(cursor.at.incarnation).u64(cursor.at.n).take();
    value.insert(value.end(), followed.begin(), followed.end());
  }
  return txn.put(Table::marks, peer_key(peer, incarnation, audience.view()), value);
}

Result<void> forget_feed_cursors(WriteTxn& txn) {
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, {}, [&](KeyValue pair) {
    // peer, incarnation, audience; what is kept beside the marks has numbers no peer reaches
    const bool cursor = pair.key.size() == 8 + AudienceId::size && be32(pair.key) < kNoPeer;
    if (cursor) keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::marks, key));
  return {};
}

namespace {

Bytes owed_key(NodeNo peer, std::uint32_t incarnation, BatchNo batch) {
  Bytes key = key_of(kOwedMarks, peer, incarnation);
  put_be64(key, batch);
  return key;
}

}  // namespace

Result<void> owe(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, BatchNo batch) {
  if (SATCHEL_PLANTED(owed_batch_forgotten)) return {};
  return txn.put(Table::marks, owed_key(peer, incarnation, batch), {});
}

Result<void> settle_owed(WriteTxn& txn, NodeNo peer, std::uint32_t incarnation, BatchNo batch) {
  SATCHEL_TRY(txn.erase(Table::marks, owed_key(peer, incarnation, batch)));
  return {};
}

Result<std::vector<BatchNo>> owed(const ReadTxn& txn, NodeNo peer, std::uint32_t incarnation) {
  std::vector<BatchNo> batches;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kOwedMarks, peer, incarnation), [&](KeyValue pair) {
    batches.push_back(be64(pair.key.last(sizeof(BatchNo))));
    return true;
  }));
  return batches;
}

Result<std::set<BatchNo>> owed_to_any(const ReadTxn& txn) {
  std::set<BatchNo> batches;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kOwedMarks), [&](KeyValue pair) {
    batches.insert(be64(pair.key.last(sizeof(BatchNo))));
    return true;
  }));
  return batches;
}

Result<bool> acknowledged(const ReadTxn& txn, BatchNo batch, const NodeId& hub) {
  SATCHEL_GET(stamps, stamps_of(txn, batch));
  return std::ranges::any_of(stamps, [&](const StoredStamp& s) { return hub.none() || s.stamp.hub.node == hub; });
}

Result<std::vector<BatchNo>> unacknowledged(const ReadTxn& txn, Ordinal up_to, const NodeId& hub, bool own) {
  std::vector<BatchNo> out;
  std::set<BatchNo> seen;
  for (Ordinal at = 1; at <= up_to;) {
    SATCHEL_GET(run, run_from(txn, at));
    if (!run || run->first > up_to) break;
    at = run->first + run->count;
    if ((own && run->from != 0) || !seen.insert(run->batch).second) continue;
    SATCHEL_GET(known, acknowledged(txn, run->batch, hub));
    if (!known) out.push_back(run->batch);
  }
  return out;
}

Result<void> note_refusal(WriteTxn& txn, const ArchiveId& archive, std::uint64_t seq, std::string_view code) {
  Bytes key = key_of(kRefusedMarks);
  key.insert(key.end(), archive.bytes.begin(), archive.bytes.end());
  put_be64(key, seq);
  return txn.put(Table::marks, key, view(code));
}

Result<void> forget_refusals(WriteTxn& txn, const ArchiveId& archive, std::string_view code) {
  Bytes prefix = key_of(kRefusedMarks);
  prefix.insert(prefix.end(), archive.bytes.begin(), archive.bytes.end());
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, prefix, [&](KeyValue pair) {
    if (text(pair.value) == code) keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::marks, key));
  return {};
}

namespace {

Bytes incarnation_key(const NodeId& hub) { return Writer(32).raw(view("hub")).raw(hub.view()).take(); }

}  // namespace

Result<std::uint32_t> hub_incarnation(const ReadTxn& txn, const NodeId& hub) {
  SATCHEL_GET(found, txn.get(Table::meta, incarnation_key(hub)));
  return found ? be32(*found) : 0;
}

Result<void> put_hub_incarnation(WriteTxn& txn, const NodeId& hub, std::uint32_t incarnation) {
  return txn.put(Table::meta, incarnation_key(hub), key_of(incarnation));
}

namespace {

// Own entries not yet in a batch: what no run covers.
Result<std::size_t> count_unsealed(const ReadTxn& txn, const ChainId& self) {
  SATCHEL_GET(done, counter(txn, kBatchedCounter));
  SATCHEL_GET(last, last_ordinal(txn));
  std::size_t unsealed = 0;
  for (Ordinal at = done + 1; at <= last;) {
    SATCHEL_GET(run, run_from(txn, at));
    for (const Ordinal end = run ? run->first : last + 1; at < end; ++at) {
      SATCHEL_GET(entry, entry_at(txn, at));
      if (entry.header.chain == self) ++unsealed;
    }
    if (run) at = run->first + run->count;
  }
  return unsealed;
}

}  // namespace

Result<std::size_t> count_unsent(const ReadTxn& txn, const ChainId& self) {
  SATCHEL_GET(unsent, count_unsealed(txn, self));
  SATCHEL_GET(sealed, unstamped(txn));
  for (const auto no : sealed) {
    SATCHEL_GET(batch, batch_itself(txn, no));
    if (batch.author == self) unsent += batch.entries;
  }
  SATCHEL_GET(before, count_unsent_before(txn, self));
  return unsent + before;
}

Result<void> pass_unsealed(WriteTxn& txn, Ordinal first, Ordinal last) {
  SATCHEL_GET(done, counter(txn, kBatchedCounter));
  if (done + 1 != first) return {};
  return set_counter(txn, kBatchedCounter, last);
}

}  // namespace satchel::node
