// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments that are wanted here: one at a time, its list first, then the chunks that are missing, some ahead.
// Nothing is stored before its hash is right.
#include "schema/base/planted.h"
#include "sync/session/initiator.h"

namespace satchel::session {

Result<void> Initiator::pull_blobs() {
  while (!fetching_ && !blob_wants_.empty()) {
    const auto key = blob_wants_.front();
    blob_wants_.pop_front();
    SATCHEL_GET(begun, begin_fetching(key));
    if (begun) break;
  }
  return {};
}

// False: there is nothing to fetch.
Result<bool> Initiator::begin_fetching(const blob::Name& key) {
  blob::Row row;
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(counted, blob::recount(txn, key));
    row = counted;
    if (row.chunks() == 0 || row.whole()) return blob::unwant(txn, key);
    return {};
  }));
  if (row.chunks() == 0 || row.whole()) return false;
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(info, node::archive_info(*txn, key.archive));
  if (!info) return false;
  fetching_.emplace();
  fetching_->name = {info->id, key.root};
  fetching_->key = key;
  fetching_->row = row;
  SATCHEL_GET(ids, blob::ids(*txn, key));
  if (!ids) {
    send(wire::BlobWant{fetching_->name, true, 0, 0, 0});
    return true;
  }
  fetching_->ids = copy(*ids);
  txn.reset();
  SATCHEL_TRY(ask_chunks());
  return fetching_.has_value();
}

// Asks for what is missing, in runs, as far ahead as the window allows; ends when all is here.
Result<void> Initiator::ask_chunks() {
  auto& f = *fetching_;
  SATCHEL_GET(txn, replica_.store().begin_read());
  const auto lacks = [&](std::uint32_t index) -> Result<bool> {
    SATCHEL_GET(here, blob::chunk(*txn, f.key.archive, blob::id_at(f.ids, index)));
    return !here;
  };
  while (f.next < f.row.chunks() && f.expected.size() <= kBlobWindowChunks / 2) {
    SATCHEL_GET(lacking, lacks(f.next));
    if (!lacking) {
      ++f.next;
      continue;
    }
    wire::BlobWant want{f.name, false, f.next, 0, 0};
    if (f.expected.empty() && f.bytes.empty()) {
      SATCHEL_GET(part, blob::part(*txn, f.key));
      if (part && part->index == f.next && part->bytes.size() < blob::chunk_bytes(f.row.sealed, f.next)) {
        f.bytes = copy(part->bytes);
        f.resumed = true;
        want.offset = static_cast<std::uint32_t>(f.bytes.size());
      }
    }
    while (f.next < f.row.chunks() && want.count < kBlobWindowChunks / 2) {
      SATCHEL_GET(more, lacks(f.next));
      if (!more) break;
      f.expected.push_back(f.next++);
      ++want.count;
    }
    send(want);
  }
  if (!f.expected.empty()) return {};
  txn.reset();
  SATCHEL_TRY(store_chunks());
  blob::Row row;
  SATCHEL_TRY(replica_.write([&](WriteTxn& write, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(counted, blob::recount(write, f.key));
    row = counted;
    effects.blobs_changed();
    return blob::unwant(write, f.key);
  }));
  if (row.chunks() > 0 && row.whole()) ++report_.blobs_received;
  return next_fetch();
}

Result<void> Initiator::next_fetch() {
  fetching_.reset();
  return pull_blobs();
}

Result<void> Initiator::handle(const wire::BlobList& list) {
  blobs_heard_ = now_;
  if (!fetching_ || list.name != fetching_->name || !fetching_->ids.empty()) return lie("session.blob-list", list.name);
  auto& f = *fetching_;
  if (!blob::right_ids(f.key, f.row, list.ids)) return lie("blob.list", list.name);
  f.ids = copy(list.ids);
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) { return blob::put_ids(txn, f.key, f.ids); }));
  return ask_chunks();
}

Result<void> Initiator::handle(const wire::BlobPiece& piece) {
  blobs_heard_ = now_;
  // Pieces of one that was given up may still be on their way.
  if (!fetching_ || piece.name != fetching_->name) {
    if (blobs_missing_.empty()) return lie("blob.unasked", piece.name);
    return {};
  }
  auto& f = *fetching_;
  const std::size_t size = f.expected.empty() ? 0 : blob::chunk_bytes(f.row.sealed, f.expected.front());
  if (f.expected.empty() || piece.index != f.expected.front() || piece.offset != f.bytes.size() ||
      piece.bytes.empty() || f.bytes.size() + piece.bytes.size() > size)
    return lie("blob.piece", piece.name);
  f.bytes.reserve(size);
  f.bytes.insert(f.bytes.end(), piece.bytes.begin(), piece.bytes.end());
  if (f.bytes.size() < size) return {};
  return piece_done();
}

Result<void> Initiator::piece_done() {
  auto& f = *fetching_;
  const auto index = f.expected.front();
  f.expected.pop_front();
  Bytes bytes = std::exchange(f.bytes, {});
  const bool resumed = std::exchange(f.resumed, false);
  if (blob::chunk_id(bytes) != blob::id_at(f.ids, index) && !SATCHEL_PLANTED(chunk_unchecked)) {
    if (!resumed) return lie("blob.chunk", f.name);
    // What an earlier session left of it was not the chunk's: once more, from its beginning.
    SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) { return blob::drop_part(txn, f.key); }));
    f.expected.push_back(index);
    send(wire::BlobWant{f.name, false, index, 0, 1});
    return {};
  }
  report_.blob_bytes_down += bytes.size();
  blobs_moved_ = true;
  f.chunk_bytes += bytes.size();
  f.chunks.emplace_back(index, std::move(bytes));
  if (f.chunk_bytes >= kStoreBytes || f.expected.empty()) SATCHEL_TRY(store_chunks());
  return ask_chunks();
}

Result<void> Initiator::store_chunks() {
  auto& f = *fetching_;
  if (f.chunks.empty()) return {};
  const auto chunks = std::exchange(f.chunks, {});
  f.chunk_bytes = 0;
  return replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_TRY(blob::drop_part(txn, f.key));
    for (const auto& [index, bytes] : chunks) {
      SATCHEL_GET(stored, blob::put_chunk(txn, f.key, blob::id_at(f.ids, index), bytes, false));
      if (stored.first) effects.blobs_changed();
    }
    return {};
  });
}

// The line was cut, or the hub has no more of it: what came is kept, to the byte.
Result<void> Initiator::keep_part() {
  if (!fetching_) return {};
  auto& f = *fetching_;
  SATCHEL_TRY(store_chunks());
  if (f.bytes.empty() || f.expected.empty()) return {};
  return replica_.write([&](WriteTxn& txn, node::Effects&) {
    return blob::put_part(txn, f.key, f.expected.front(), std::exchange(f.bytes, {}));
  });
}

}  // namespace satchel::session
