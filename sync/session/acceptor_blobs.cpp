// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments at the hub's end: what is pushed is taken only where an entry names it and the bytes are the right ones;
// what is asked for is served only to who may have the archive (wire.md, 'Attachments').
#include "sync/session/acceptor.h"

namespace satchel::session {

namespace {

constexpr const char* kUnknownBlob = "blob.unknown";
constexpr const char* kQuota = "blob.quota";

struct TakenChunk {
  blob::Name key;
  std::uint32_t index = 0;
  Digest id;
  Bytes bytes;
  blob::Stored stored;
};

}  // namespace

// What exists is told only to who has to do with the archive; also to who only reads it, and may have what was lost
// here.
Result<bool> Acceptor::may_push(const ReadTxn& txn, const wire::BlobName& name, blob::Name& key, blob::Row& row) {
  SATCHEL_GET(no, node::find_archive(txn, name.archive));
  if (!no) return false;
  SATCHEL_GET(info, node::archive_info(txn, *no));
  if (!info) return false;
  const auto directory = port_.replica().directory();
  const KnownNode* node = directory->node(peer());
  const bool hub = node != nullptr && node->kind == NodeKind::hub && node->state() == NodeState::confirmed;
  const auto access = node::access_of(*info);
  if (!hub && directory->right(peer(), access) == WriteRight::never &&
      !directory->may_read(peer(), access, port_.replica().clock().wall()))
    return false;
  key = {*no, name.root};
  SATCHEL_GET(found, blob::find(txn, key));
  if (found) row = *found;
  return found.has_value();
}

Result<wire::BlobState> Acceptor::state_of(const ReadTxn& txn, const wire::BlobName& name, Bytes& held) {
  wire::BlobState state;
  state.name = name;
  blob::Name key;
  blob::Row row;
  SATCHEL_GET(allowed, may_push(txn, name, key, row));
  if (!allowed) return state;
  state.status = wire::BlobStatus::whole;
  if (row.whole()) return state;
  SATCHEL_GET(bits, blob::held(txn, key, row));
  held = std::move(bits);
  bool all = true;
  for (std::uint32_t i = 0; i < row.chunks(); ++i) all = all && blob::has_bit(held, i);
  if (all) return state;
  SATCHEL_GET(full, blob::over_quota(txn, key, row));
  if (full) {
    state.status = wire::BlobStatus::refused;
    state.code = kQuota;
    return state;
  }
  state.status = wire::BlobStatus::lacking;
  SATCHEL_GET(ids, blob::ids(txn, key));
  state.list = !ids;
  state.held = held;
  SATCHEL_GET(part, blob::part(txn, key));
  if (part) {
    state.part_index = part->index;
    state.part_bytes = static_cast<std::uint32_t>(part->bytes.size());
  }
  return state;
}

void Acceptor::handle(const wire::BlobOffer& offer) {
  if (!confirmed_) return drop("session.unconfirmed");
  auto txn = port_.replica().store().begin_read();
  if (!txn) return drop(txn.error().code);
  wire::BlobStates answer;
  std::vector<Bytes> held(offer.items.size());
  for (std::size_t i = 0; i < offer.items.size(); ++i) {
    auto state = state_of(**txn, offer.items[i], held[i]);
    if (!state) return drop(state.error().code);
    answer.items.push_back(std::move(*state));
  }
  send(answer);
}

// False: it is not taken; the caller was told.
Result<bool> Acceptor::begin_taking(const wire::BlobName& name) {
  if (!taking_.bytes.empty()) keep_part();
  taking_ = {};
  taking_.name = name;
  SATCHEL_GET(txn, port_.replica().store().begin_read());
  blob::Name key;
  SATCHEL_GET(allowed, may_push(*txn, name, key, taking_.row));
  if (!allowed) {
    send(wire::BlobTaken{name, 0, kUnknownBlob});
    return false;
  }
  SATCHEL_GET(ids, blob::ids(*txn, key));
  if (ids) taking_.ids = std::make_shared<const Bytes>(copy(*ids));
  taking_.key = key;
  return true;
}

void Acceptor::handle(const wire::BlobList& list) {
  if (!confirmed_) return drop("session.unconfirmed");
  auto begun = begin_taking(list.name);
  if (!begun) return drop(begun.error().code);
  if (!*begun) return;
  if (!blob::right_ids(taking_.key, taking_.row, list.ids)) return drop("blob.list", list.name.root.hex());
  // Stored with the first chunk.
  if (!taking_.ids) taking_.ids = std::make_shared<const Bytes>(copy(list.ids));
}

void Acceptor::handle(const wire::BlobPiece& piece) {
  if (!confirmed_) return drop("session.unconfirmed");
  if (taking_.name != piece.name) {
    auto begun = begin_taking(piece.name);
    if (!begun) return drop(begun.error().code);
  }
  auto& t = taking_;
  if (t.key.archive == 0) return;  // refused already
  const std::size_t size = blob::chunk_bytes(t.row.sealed, piece.index);
  if (!t.ids || piece.bytes.empty() || std::size_t{piece.offset} + piece.bytes.size() > size)
    return drop("blob.piece", piece.name.root.hex());
  if (piece.offset == 0) {
    t.index = piece.index;
    t.resumed = false;
    t.bytes.clear();
    t.bytes.reserve(size);
  } else if (t.bytes.empty()) {
    auto txn = port_.replica().store().begin_read();
    if (!txn) return drop(txn.error().code);
    const auto part = blob::part(**txn, t.key);
    if (!part) return drop(part.error().code);
    if (!*part || (*part)->index != piece.index || (*part)->bytes.size() < piece.offset)
      return drop("blob.piece", piece.name.root.hex());
    t.index = piece.index;
    t.resumed = true;
    t.bytes = copy((*part)->bytes.first(piece.offset));
  }
  if (t.index != piece.index || t.bytes.size() != piece.offset) return drop("blob.piece", piece.name.root.hex());
  t.bytes.insert(t.bytes.end(), piece.bytes.begin(), piece.bytes.end());
  if (t.bytes.size() == size) chunk_done();
}

void Acceptor::chunk_done() {
  auto chunk = std::make_shared<TakenChunk>();
  chunk->key = taking_.key;
  chunk->index = taking_.index;
  chunk->id = blob::id_at(*taking_.ids, taking_.index);
  chunk->bytes = std::exchange(taking_.bytes, {});
  const bool right = blob::chunk_id(chunk->bytes) == chunk->id;
  if (!right && !taking_.resumed) return drop("blob.chunk", taking_.name.root.hex());
  if (++chunks_unanswered_ > kBlobWindowChunks + 1) return drop("session.window");
  const std::size_t bytes = chunk->bytes.size();
  port_.submit(
      [chunk, right, ids = taking_.ids](WriteTxn& txn, node::Effects& effects) -> Result<void> {
        SATCHEL_TRY(blob::drop_part(txn, chunk->key));
        if (!right) return {};
        SATCHEL_TRY(blob::put_ids(txn, chunk->key, *ids));
        SATCHEL_GET(stored, blob::put_chunk(txn, chunk->key, chunk->id, chunk->bytes, true));
        chunk->stored = stored;
        // Whoever hands it on begins with the first and ends with the last.
        if (stored.put == blob::Put::fresh && (stored.first || stored.whole)) effects.blobs_changed();
        return {};
      },
      [this, alive = alive_, chunk, right, name = taking_.name](const Result<void>& done) {
        if (!*alive || state_ != State::serving) return;
        --chunks_unanswered_;
        std::string code;
        // What an earlier session left of it was not the chunk's: once more, from its beginning.
        if (!right) code = kBlobAgain;
        if (chunk->stored.put == blob::Put::over_quota) code = kQuota;
        if (!done) code = done.error().code;
        send(wire::BlobTaken{name, chunk->index, std::move(code)});
      },
      bytes);
}

// The line was cut within a chunk: what came of it is kept, and goes on there.
void Acceptor::keep_part() {
  if (taking_.key.archive == 0 || taking_.bytes.empty()) return;
  auto bytes = std::make_shared<Bytes>(std::exchange(taking_.bytes, {}));
  port_.submit([key = taking_.key, index = taking_.index, bytes](
                   WriteTxn& txn, node::Effects&) { return blob::put_part(txn, key, index, *bytes); },
               [](const Result<void>&) {}, bytes->size());
}

void Acceptor::handle(const wire::BlobWant& want) {
  if (!confirmed_) return drop("session.unconfirmed");
  refresh_followed();
  auto txn = port_.replica().store().begin_read();
  if (!txn) return drop(txn.error().code);
  node::StoredArchive info;
  auto allowed = may_have(**txn, want.name.archive, info);
  if (!allowed) return drop(allowed.error().code);
  const blob::Name key{info.no, want.name.root};
  Result<std::optional<blob::Row>> row{};
  if (*allowed) row = blob::find(**txn, key);
  if (!row) return drop(row.error().code);
  auto ids = *row ? blob::ids(**txn, key) : std::optional<View>();
  if (!ids) return drop(ids.error().code);
  if (!*row || !*ids) {
    wire::BlobState state;
    state.name = want.name;
    state.status = *row ? wire::BlobStatus::lacking : wire::BlobStatus::unknown;
    send(wire::BlobStates{{std::move(state)}, true});
  } else {
    if (want.list) send(wire::BlobList{want.name, **ids});
    if (wants_.size() >= kBlobWantsMax || want.count > kBlobWindowChunks ||
        std::uint64_t{want.first} + want.count > (*row)->chunks() ||
        (want.count > 0 && want.offset >= blob::chunk_bytes((*row)->sealed, want.first)))
      return drop("blob.want", want.name.root.hex());
    if (want.count > 0) wants_.push_back({want.name, key, want.first, want.first + want.count, want.offset});
  }
  const KnownNode* me = port_.replica().directory()->node(port_.replica().self().identity.id);
  const bool top = me != nullptr && me->hq_hub;
  const bool lacking = *row && !(*row)->whole() && !top;
  txn->reset();
  // Whoever is above this hub may have it; then it is here the next time.
  if (!lacking) return;
  port_.submit(
      [key](WriteTxn& write, node::Effects& effects) {
        effects.blobs_changed();
        return blob::want(write, key);
      },
      [](const Result<void>&) {}, sizeof(key));
}

Result<bool> Acceptor::pump_blobs(const ReadTxn& txn) {
  if (wants_.empty()) return false;
  BlobServing& job = wants_.front();
  node::StoredArchive info;
  SATCHEL_GET(allowed, may_have(txn, job.name.archive, info));  // it may have been taken from them since
  SATCHEL_GET(ids, blob::ids(txn, job.key));
  std::optional<View> chunk;
  if (allowed && ids) {
    SATCHEL_GET(found, blob::chunk(txn, job.key.archive, blob::id_at(*ids, job.index)));
    chunk = found;
  }
  if (!chunk || job.offset >= chunk->size()) {
    wire::BlobState state;
    state.name = job.name;
    state.status = wire::BlobStatus::lacking;
    send(wire::BlobStates{{std::move(state)}, true});
    wants_.pop_front();
    return true;
  }
  const std::size_t size = std::min(kBlobPieceBytes, chunk->size() - job.offset);
  send(wire::BlobPiece{job.name, job.index, static_cast<std::uint32_t>(job.offset), chunk->subspan(job.offset, size)});
  job.offset += size;
  if (job.offset < chunk->size()) return true;
  job.offset = 0;
  if (++job.index == job.end) wants_.pop_front();
  return true;
}

}  // namespace satchel::session
