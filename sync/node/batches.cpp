// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/batches.h"

#include <set>

#include "sync/wire/frame.h"

namespace satchel::node {

namespace {

constexpr std::size_t kBatchStoredMax = 1024;
constexpr std::size_t kStretchKeyBytes = sizeof(BatchNo) + sizeof(Ordinal);
// In Table::marks beside the peers' marks, whose numbers never reach these (outbox.cpp).
constexpr std::uint32_t kUnstampedMarks = 0xfffffff8;
constexpr std::uint32_t kHeardMarks = 0xfffffff9;

Bytes encode_stored(const SignedBytes& s, const PartialTree& tree) {
  Writer out(256);
  out.sized(s.bytes).raw(s.signature.view()).raw(tree.encode());
  return out.take();
}

Result<Run> decode_run(KeyValue pair) {
  Reader in(pair.value);
  Run run;
  run.first = be64(pair.key);
  run.count = in.u32();
  run.batch = in.u64();
  run.from = in.u32();
  if (!in.done()) return damaged("outbox");
  return run;
}

Bytes channel_key(const Channel& channel, std::uint64_t position) {
  Bytes key(channel.begin(), channel.end());
  put_be64(key, position);
  return key;
}

Bytes stamp_key(BatchNo batch, NodeNo hub, std::uint32_t incarnation) {
  Bytes key = key_of(batch);
  put_be32(key, hub);
  put_be32(key, incarnation);
  return key;
}

Bytes unstamped_key(BatchNo batch) {
  Bytes key = key_of(kUnstampedMarks);
  put_be64(key, batch);
  return key;
}

Bytes heard_key(const NodeId& node) {
  Bytes key = key_of(kHeardMarks);
  key.insert(key.end(), node.bytes.begin(), node.bytes.end());
  return key;
}

Result<void> note_heard(WriteTxn& txn, const NodeId& node, WallTime stamped) {
  const Bytes key = heard_key(node);
  SATCHEL_GET(before, txn.get(Table::marks, key));
  if (before && before->size() != sizeof stamped.ms) return damaged("marks");
  if (before && stamped.ms <= static_cast<std::int64_t>(be64(*before))) return {};
  return txn.put(Table::marks, key, key_of(static_cast<std::uint64_t>(stamped.ms)));
}

}  // namespace

Result<std::optional<BatchNo>> find_batch(const ReadTxn& txn, const Digest& id) {
  SATCHEL_GET(found, txn.get(Table::batch_index, id.view()));
  if (!found) return std::nullopt;
  return be64(*found);
}

Result<StoredBatch> batch_at(const ReadTxn& txn, BatchNo no) {
  SATCHEL_GET(found, txn.get(Table::batches, key_of(no)));
  if (!found) return damaged("batches");
  Reader in(*found);
  StoredBatch stored;
  stored.no = no;
  stored.signed_bytes.bytes = copy(in.sized(kBatchStoredMax));
  stored.signed_bytes.signature = Signature::of(in.raw(Signature::size));
  auto tree = PartialTree::decode(in.raw(in.left()));
  auto batch = Batch::decode(stored.signed_bytes.bytes);
  if (!in.ok() || !tree || !batch) return damaged("batches");
  stored.tree = std::move(*tree);
  stored.batch = *batch;
  return stored;
}

Result<Batch> batch_itself(const ReadTxn& txn, BatchNo no) {
  SATCHEL_GET(found, txn.get(Table::batches, key_of(no)));
  if (!found) return damaged("batches");
  Reader in(*found);
  auto batch = Batch::decode(in.sized(kBatchStoredMax));
  if (!batch) return damaged("batches");
  return *batch;
}

Result<BatchNo> add_batch(WriteTxn& txn, const SignedBytes& signed_bytes, const PartialTree& tree) {
  SATCHEL_GET(cursor, txn.cursor(Table::batches));
  SATCHEL_GET(last, cursor->seek_before({}));
  const BatchNo no = (last ? be64(last->key) : 0) + 1;
  SATCHEL_TRY(txn.append(Table::batches, key_of(no), encode_stored(signed_bytes, tree)));
  SATCHEL_TRY(txn.put(Table::batch_index, batch_id(signed_bytes.bytes).view(), key_of(no)));
  return no;
}

Result<void> put_tree(WriteTxn& txn, const StoredBatch& batch) {
  return txn.put(Table::batches, key_of(batch.no), encode_stored(batch.signed_bytes, batch.tree));
}

Result<void> add_run(WriteTxn& txn, const Run& run) {
  return txn.put(Table::outbox, key_of(run.first), Writer().u32(run.count).u64(run.batch).u32(run.from).bytes());
}

Result<std::optional<Run>> run_of(const ReadTxn& txn, Ordinal ordinal) {
  SATCHEL_GET(cursor, txn.cursor(Table::outbox));
  SATCHEL_GET(found, cursor->seek_before(key_of(ordinal + 1)));
  if (!found) return std::nullopt;
  SATCHEL_GET(run, decode_run(*found));
  if (ordinal >= run.first + run.count) return std::nullopt;
  return run;
}

Result<std::optional<Run>> run_from(const ReadTxn& txn, Ordinal ordinal) {
  SATCHEL_GET(cursor, txn.cursor(Table::outbox));
  SATCHEL_GET(found, cursor->seek(key_of(ordinal)));
  if (!found) return std::nullopt;
  SATCHEL_GET(run, decode_run(*found));
  return run;
}

Result<bool> add_stamp(WriteTxn& txn, BatchNo batch, const Stamp& stamp, const SignedBytes& signed_bytes) {
  SATCHEL_GET(hub, node_no(txn, stamp.hub.node));
  const Bytes key = stamp_key(batch, hub, stamp.hub.incarnation);
  SATCHEL_GET(known, txn.get(Table::stamps, key));
  if (known) return false;
  SATCHEL_TRY(
      txn.put(Table::stamps, key, Writer().sized(signed_bytes.bytes).raw(signed_bytes.signature.view()).bytes()));
  SATCHEL_GET(stamped, batch_itself(txn, batch));
  SATCHEL_TRY(note_heard(txn, stamped.author.node, stamp.time));
  SATCHEL_TRY(txn.erase(Table::marks, unstamped_key(batch)));
  return true;
}

Result<Heard> heard(const ReadTxn& txn) {
  Heard out;
  const Bytes prefix = key_of(kHeardMarks);
  SATCHEL_TRY(scan_prefix(txn, Table::marks, prefix, [&](KeyValue pair) {
    out.emplace(NodeId::of(pair.key.subspan(prefix.size())), WallTime{static_cast<std::int64_t>(be64(pair.value))});
    return true;
  }));
  return out;
}

Result<void> note_unstamped(WriteTxn& txn, BatchNo batch) { return txn.put(Table::marks, unstamped_key(batch), {}); }

Result<std::vector<BatchNo>> unstamped(const ReadTxn& txn) {
  std::vector<BatchNo> out;
  const Bytes prefix = key_of(kUnstampedMarks);
  SATCHEL_TRY(scan_prefix(txn, Table::marks, prefix, [&](KeyValue pair) {
    out.push_back(be64(pair.key.subspan(prefix.size())));
    return true;
  }));
  return out;
}

Result<std::vector<StoredStamp>> stamps_of(const ReadTxn& txn, BatchNo batch) {
  std::vector<StoredStamp> stamps;
  bool sound = true;
  SATCHEL_TRY(scan_prefix(txn, Table::stamps, key_of(batch), [&](KeyValue pair) {
    Reader in(pair.value);
    StoredStamp stored;
    stored.signed_bytes.bytes = copy(in.sized(kStoreValueBytesMax));
    stored.signed_bytes.signature = Signature::of(in.raw(Signature::size));
    auto stamp = Stamp::decode(stored.signed_bytes.bytes);
    sound = in.done() && stamp.has_value();
    if (!sound) return false;
    stored.stamp = std::move(*stamp);
    stamps.push_back(std::move(stored));
    return true;
  }));
  if (!sound) return damaged("stamps");
  return stamps;
}

Result<std::vector<StoredStamp>> stamps_beside(const ReadTxn& txn, BatchNo batch) {
  SATCHEL_GET(stamps, stamps_of(txn, batch));
  if (stamps.size() <= wire::kStampsMax) return stamps;
  std::ranges::stable_sort(stamps, {},
                           [](const StoredStamp& s) { return std::tuple(s.stamp.directory, s.stamp.time); });
  stamps.resize(wire::kStampsMax);
  return stamps;
}

Result<void> add_receipt(WriteTxn& txn, const Channel& channel, BatchNo batch) {
  SATCHEL_GET(end, receipts_end(txn, channel));
  return txn.put(Table::receipts, channel_key(channel, end + 1), key_of(batch));
}

Result<std::vector<Receipt>> receipts_after(const ReadTxn& txn, const Channel& channel, std::uint64_t position,
                                            std::size_t most) {
  std::vector<Receipt> receipts;
  SATCHEL_GET(cursor, txn.cursor(Table::receipts));
  auto pair = cursor->seek(channel_key(channel, position + 1));
  while (pair && *pair && receipts.size() < most && equal((*pair)->key.first(channel.size()), channel)) {
    receipts.push_back({be64((*pair)->key.subspan(channel.size())), be64((*pair)->value)});
    pair = cursor->next();
  }
  if (!pair) return std::unexpected(pair.error());
  return receipts;
}

Result<std::uint64_t> receipts_end(const ReadTxn& txn, const Channel& channel) {
  SATCHEL_GET(cursor, txn.cursor(Table::receipts));
  SATCHEL_GET(last, cursor->seek_before(channel_key(channel, UINT64_MAX)));
  if (!last || !equal(last->key.first(channel.size()), channel)) return 0;
  return be64(last->key.subspan(channel.size()));
}

Result<void> add_stretch(WriteTxn& txn, BatchNo batch, Ordinal first) {
  Bytes key = key_of(batch);
  put_be64(key, first);
  return txn.put(Table::batch_index, key, {});
}

Result<std::vector<Ordinal>> ordinals_of(const ReadTxn& txn, BatchNo batch) {
  std::vector<Ordinal> firsts;
  SATCHEL_TRY(scan_prefix(txn, Table::batch_index, key_of(batch), [&](KeyValue pair) {
    // A batch's id may begin like a number.
    if (pair.key.size() == kStretchKeyBytes) firsts.push_back(be64(pair.key.subspan(sizeof(BatchNo))));
    return true;
  }));
  std::vector<Ordinal> ordinals;
  for (const auto first : firsts) {
    SATCHEL_GET(cursor, txn.cursor(Table::outbox));
    auto pair = cursor->seek(key_of(first));
    for (Ordinal next = first; pair && *pair; pair = cursor->next()) {
      SATCHEL_GET(run, decode_run(**pair));
      if (run.batch != batch || run.first != next) break;
      next += run.count;
      for (std::uint32_t i = 0; i < run.count; ++i) ordinals.push_back(run.first + i);
    }
    if (!pair) return std::unexpected(pair.error());
  }
  // Two parcels that came one after the other are one stretch and two rows.
  std::ranges::sort(ordinals);
  ordinals.erase(std::ranges::unique(ordinals).begin(), ordinals.end());
  return ordinals;
}

Result<std::vector<ArchiveNo>> archives_of(const ReadTxn& txn, BatchNo batch) {
  std::set<ArchiveId> ids;
  SATCHEL_GET(ordinals, ordinals_of(txn, batch));
  for (const auto ordinal : ordinals) {
    SATCHEL_GET(entry, entry_at(txn, ordinal));
    ids.insert(entry.header.archive);
  }
  std::vector<ArchiveNo> archives;
  for (const auto& id : ids) {
    SATCHEL_GET(no, find_archive(txn, id));
    if (no) archives.push_back(*no);
  }
  return archives;
}

}  // namespace satchel::node
