// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments from a bundle: taken only where an entry names them and the bytes are the right ones, as in a session.
#include "sync/bundle/importer.h"

namespace satchel::bundle {

namespace {

std::unexpected<Error> lie(const char* code, const wire::BlobName& name) {
  return fail(ErrorKind::integrity, code, name.root.hex());
}

}  // namespace

// Nothing when no entry here names it, or when the sender has nothing to do with the archive.
Result<std::optional<blob::Name>> Importer::blob_of(const ReadTxn& txn, const wire::BlobName& name) {
  SATCHEL_GET(no, node::find_archive(txn, name.archive));
  if (!no) return std::nullopt;
  SATCHEL_GET(info, node::archive_info(txn, *no));
  if (!info) return std::nullopt;
  const NodeId& from = reader_.header().from.node;
  const auto right = replica_.directory()->right(from, node::access_of(*info));
  if (pushed_ && !from_hub_ && right == WriteRight::never) return std::nullopt;
  const blob::Name key{*no, name.root};
  SATCHEL_GET(row, blob::find(txn, key));
  return row ? std::optional(key) : std::nullopt;
}

Result<void> Importer::note_whole(WriteTxn& txn, const blob::Name& name) {
  ++step_.attachments;
  return pushed_ ? put_whole(txn, source_.node, name) : Result<void>{};
}

Result<void> Importer::take_blob(WriteTxn& txn, const wire::BlobList& list) {
  SATCHEL_GET(key, blob_of(txn, list.name));
  if (!key) return {};
  SATCHEL_GET(row, blob::find(txn, *key));
  if (!row) return {};
  if (!blob::right_ids(*key, *row, list.ids)) return lie("blob.list", list.name);
  SATCHEL_TRY(blob::put_ids(txn, *key, list.ids));
  SATCHEL_GET(counted, blob::recount(txn, *key));
  return counted.whole() ? note_whole(txn, *key) : Result<void>{};
}

Result<void> Importer::take_blob(WriteTxn& txn, node::Effects& effects, const wire::BlobPiece& piece) {
  SATCHEL_GET(key, blob_of(txn, piece.name));
  if (!key) return {};
  SATCHEL_GET(row, blob::find(txn, *key));
  SATCHEL_GET(ids, blob::ids(txn, *key));
  if (!row || !ids) return {};
  if (piece.offset != 0 || piece.index >= row->chunks() ||
      piece.bytes.size() != blob::chunk_bytes(row->sealed, piece.index))
    return lie("blob.piece", piece.name);
  const Digest id = blob::id_at(*ids, piece.index);
  if (blob::chunk_id(piece.bytes) != id) return lie("blob.chunk", piece.name);
  SATCHEL_GET(stored, blob::put_chunk(txn, *key, id, piece.bytes, is_hub()));
  if (stored.put == blob::Put::over_quota) ++step_.chunks_refused;
  if (stored.put != blob::Put::fresh) return {};
  ++step_.chunks;
  if (stored.first || stored.whole) effects.blobs_changed();
  return stored.whole ? note_whole(txn, *key) : Result<void>{};
}

// What the hub has of ours.
Result<void> Importer::take_blob(WriteTxn& txn, const wire::BlobStates& states) {
  if (!from_hub_) return {};
  const auto life = reader_.header().from.incarnation;
  SATCHEL_GET(due, blob::due(txn, source_.node, life, 0, SIZE_MAX));
  for (const auto& state : states.items) {
    SATCHEL_GET(no, node::find_archive(txn, state.name.archive));
    if (!no || state.status != wire::BlobStatus::whole) continue;
    for (const auto& d : due) {
      if (d.name == blob::Name{*no, state.name.root}) SATCHEL_TRY(blob::settle(txn, source_.node, life, d));
    }
  }
  return {};
}

// Given with the next bundle to the sender, if it may have it by then; a hub that lacks it asks further up.
Result<void> Importer::take_blob(WriteTxn& txn, node::Effects& effects, const wire::BlobWant& want) {
  SATCHEL_GET(no, node::find_archive(txn, want.name.archive));
  if (!no || !standing_counts_) return {};
  const blob::Name key{*no, want.name.root};
  SATCHEL_GET(row, blob::find(txn, key));
  if (!row) return {};
  SATCHEL_TRY(put_wanted(txn, source_.node, key));
  const KnownNode* me = replica_.directory()->node(replica_.self().identity.id);
  if (!is_hub() || row->whole() || (me != nullptr && me->hq_hub)) return {};
  effects.blobs_changed();
  return blob::want(txn, key);
}

}  // namespace satchel::bundle
