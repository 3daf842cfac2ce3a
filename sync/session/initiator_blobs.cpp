// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments at the caller's end: offered and pushed, or asked for, while text has nothing to do (wire.md,
// 'Attachments'). A round of text begins between two pieces.
#include "sync/node/dropping.h"
#include "sync/session/initiator.h"

namespace satchel::session {

namespace {

Result<std::optional<wire::BlobName>> wire_name(const ReadTxn& txn, const blob::Name& key) {
  SATCHEL_GET(info, node::archive_info(txn, key.archive));
  if (!info) return std::nullopt;
  return wire::BlobName{info->id, key.root};
}

}  // namespace

bool Initiator::blobs_busy() const {
  return !blob_queue_.empty() || !blobs_offered_.empty() || !blobs_sending_.empty() || !blob_wants_.empty() ||
         fetching_.has_value();
}

// What there is to do, looked at whenever text has come to rest.
Result<void> Initiator::begin_blobs() {
  if (report_.unconfirmed || hooks_.text_only) return {};
  blobs_heard_ = now_;
  if (now_.ms - blobs_retried_.ms >= kOwedAgainAfter.count()) {
    blobs_tried_.clear();
    blobs_missing_.clear();
    blobs_retried_ = now_;
  }
  SATCHEL_TRY(list_due());
  if (hooks_.fetch_blobs) SATCHEL_TRY(want_all());
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(wanted, blob::wanted(*txn, kBlobQueueMax));
  blob_wants_.clear();
  for (const auto& key : wanted) {
    const bool under_way = fetching_ && fetching_->key == key;
    if (under_way || blobs_missing_.contains(key)) continue;
    SATCHEL_GET(row, blob::find(*txn, key));
    if (row && counted_.insert(key).second)
      report_.blob_bytes_wanted +=
          row->sealed - std::min(row->sealed, std::uint64_t{row->have} * blob::kChunkSealedBytes);
    blob_wants_.push_back(key);
  }
  return {};
}

Result<void> Initiator::list_due() {
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(undue, blob::has_undue(*txn, hub_no_, hub_.incarnation));
    txn.reset();
    if (undue)
      SATCHEL_TRY(replica_.write(
          [&](WriteTxn& write, node::Effects&) { return blob::make_due(write, hub_no_, hub_.incarnation); }));
  }
  std::vector<blob::Due> gone;
  blob_queue_.clear();
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(due, blob::due(*txn, hub_no_, hub_.incarnation, 0, kBlobQueueMax));
  for (const auto& d : due) {
    SATCHEL_GET(row, blob::find(*txn, d.name));
    if (!row || row->have == 0) {
      gone.push_back(d);
      continue;
    }
    const bool under_way =
        std::ranges::any_of(blobs_sending_, [&](const auto& s) { return s.due.number == d.number; }) ||
        std::ranges::any_of(blobs_offered_, [&](const auto& o) { return o.number == d.number; });
    const auto tried = blobs_tried_.find(d.number);
    if (!under_way && (tried == blobs_tried_.end() || tried->second != row->have)) blob_queue_.push_back(d);
    if (!row->at_hub && counted_.insert(d.name).second)
      report_.blob_bytes_due += std::min(row->sealed, std::uint64_t{row->have} * blob::kChunkSealedBytes);
  }
  txn.reset();
  if (gone.empty()) return {};
  return replica_.write([&](WriteTxn& write, node::Effects&) -> Result<void> {
    for (const auto& d : gone) SATCHEL_TRY(blob::forget_due(write, hub_no_, hub_.incarnation, d));
    return {};
  });
}

Result<void> Initiator::want_all() {
  std::vector<blob::Name> lacking;
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(all, blob::rows(*txn));
    for (const auto& [name, row] : all) {
      if (row.whole()) continue;
      SATCHEL_GET(lost, node::is_dropped(*txn, name.archive));
      if (!lost && lacking.size() < kBlobQueueMax) lacking.push_back(name);
    }
  }
  if (lacking.empty()) return {};
  return replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (const auto& name : lacking) SATCHEL_TRY(blob::want(txn, name));
    return {};
  });
}

Result<void> Initiator::carry_blobs() {
  if (state_ != State::waiting || report_.unconfirmed) return {};
  const bool busy = blobs_busy();
  if (busy) {
    SATCHEL_TRY(offer_blobs());
    SATCHEL_TRY(push_pieces());
    SATCHEL_TRY(pull_blobs());
  }
  if (blobs_busy()) {
    if (live_ || !std::exchange(blobs_moved_, false)) return {};
    // Something may have been written meanwhile: it goes first.
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(unsealed, node::has_unsealed(*txn));
    txn.reset();
    if (unsealed) begin_round();
    return {};
  }
  if (!live_) {
    stop({});
  } else if (std::exchange(blobs_moved_, false) && hooks_.settled) {
    hooks_.settled(report_);
  }
  return {};
}

// ---- pushing ----

Result<void> Initiator::offer_blobs() {
  // As much as keeps the line busy while answers are under way.
  if (!blobs_offered_.empty() || blob_queue_.empty() || blobs_sending_.size() >= wire::kBlobsMax) return {};
  SATCHEL_GET(txn, replica_.store().begin_read());
  wire::BlobOffer offer;
  while (!blob_queue_.empty() && offer.items.size() < wire::kBlobsMax) {
    const auto due = blob_queue_.front();
    blob_queue_.pop_front();
    SATCHEL_GET(row, blob::find(*txn, due.name));
    SATCHEL_GET(name, wire_name(*txn, due.name));
    if (!row || !name) continue;
    blobs_tried_[due.number] = row->have;
    blobs_offered_.push_back(due);
    offer.items.push_back(*name);
  }
  if (!offer.items.empty()) send(offer);
  return {};
}

// Where the right to it was lost before, it was kept for this alone.
Result<void> Initiator::hub_has(const blob::Due& due) {
  blobs_tried_.erase(due.number);
  return replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_TRY(blob::settle(txn, hub_no_, hub_.incarnation, due));
    SATCHEL_GET(lost, node::is_dropped(txn, due.name.archive));
    return lost ? blob::drop_blobs(txn, due.name.archive, blob::Drop::lost) : Result<void>();
  });
}

Result<void> Initiator::handle(const wire::BlobStates& states) {
  blobs_heard_ = now_;
  if (states.want) {
    // Not all of it is there.
    if (states.items.size() != 1 || !fetching_ || states.items.front().name != fetching_->name) return {};
    ++report_.blobs_missing;
    blobs_missing_.insert(fetching_->key);
    SATCHEL_TRY(keep_part());
    // A hub asks for others; what does not concern it any more they ask for elsewhere, or here again.
    if (replica_.self().role == wire::Role::hub && states.items.front().status == wire::BlobStatus::unknown) {
      const auto key = fetching_->key;
      SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) { return blob::unwant(txn, key); }));
    }
    return next_fetch();
  }
  if (states.items.size() != blobs_offered_.size() || states.items.empty())
    return fail(ErrorKind::integrity, "session.blob-states");
  const auto offered = std::exchange(blobs_offered_, {});
  SATCHEL_GET(txn, replica_.store().begin_read());
  std::vector<blob::Due> whole;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const auto& state = states.items[i];
    SATCHEL_GET(name, wire_name(*txn, offered[i].name));
    if (!name || state.name != *name) return lie("session.blob-states", state.name);
    SATCHEL_GET(row, blob::find(*txn, offered[i].name));
    if (!row) continue;
    if (state.status == wire::BlobStatus::whole) whole.push_back(offered[i]);
    if (state.status == wire::BlobStatus::refused) {
      ++report_.blobs_refused;
      report_.blob_refusal = state.code;
    }
    if (state.status != wire::BlobStatus::lacking) continue;
    BlobSending sending;
    sending.due = offered[i];
    sending.name = *name;
    sending.row = *row;
    sending.held = copy(state.held);
    sending.list = state.list;
    sending.part_index = state.part_index;
    if (state.part_bytes < blob::chunk_bytes(row->sealed, state.part_index)) sending.part_bytes = state.part_bytes;
    blobs_sending_.push_back(std::move(sending));
  }
  txn.reset();
  for (const auto& due : whole) SATCHEL_TRY(hub_has(due));
  return {};
}

namespace {

// The next chunk that the hub lacks and that is here; the end when there is none.
template <class Sending>
Result<std::uint32_t> next_chunk(const ReadTxn& txn, Sending& s, View ids) {
  while (!s.again.empty()) {
    const auto index = s.again.front();
    s.again.pop_front();
    return index;
  }
  // One that was begun first.
  if (s.part_bytes > 0 && !blob::has_bit(s.held, s.part_index)) {
    SATCHEL_GET(here, blob::chunk(txn, s.due.name.archive, blob::id_at(ids, s.part_index)));
    if (here) return s.part_index;
  }
  for (; s.index < s.row.chunks(); ++s.index) {
    if (blob::has_bit(s.held, s.index)) continue;
    SATCHEL_GET(here, blob::chunk(txn, s.due.name.archive, blob::id_at(ids, s.index)));
    if (here) return s.index;
  }
  return s.row.chunks();
}

void mark_held(Bytes& bits, std::uint32_t index, std::uint32_t chunks) {
  bits.resize((chunks + 7) / 8);
  bits[index / 8] = static_cast<Byte>(bits[index / 8] | 1u << (index % 8));
}

}  // namespace

Result<void> Initiator::push_pieces() {
  const auto waiting = [&] {
    std::size_t bytes = backlog_;
    for (const auto& frame : out_) bytes += frame.size();
    return bytes;
  };
  std::unique_ptr<ReadTxn> txn;
  while (chunks_unanswered_ < kBlobWindowChunks && waiting() < kBlobBacklogBytes) {
    const auto at = std::ranges::find(blobs_sending_, false, &BlobSending::sent);
    if (at == blobs_sending_.end()) return {};
    if (!txn) {
      SATCHEL_GET(begun, replica_.store().begin_read());
      txn = std::move(begun);
    }
    SATCHEL_GET(ids, blob::ids(*txn, at->due.name));
    if (!ids) {  // dropped meanwhile
      blobs_sending_.erase(at);
      continue;
    }
    if (std::exchange(at->list, false)) send(wire::BlobList{at->name, *ids});
    if (!at->current) {
      SATCHEL_GET(index, next_chunk(*txn, *at, *ids));
      if (index == at->row.chunks()) {
        at->sent = true;
        if (at->awaited.empty()) blobs_sending_.erase(at);  // the rest is not here yet
        continue;
      }
      at->current = index;
      at->offset = index == at->part_index ? std::exchange(at->part_bytes, 0) : 0;
      mark_held(at->held, index, at->row.chunks());
    }
    SATCHEL_GET(chunk, blob::chunk(*txn, at->due.name.archive, blob::id_at(*ids, *at->current)));
    if (!chunk || at->offset >= chunk->size()) {
      blobs_sending_.erase(at);
      continue;
    }
    const std::size_t size = std::min(kBlobPieceBytes, chunk->size() - at->offset);
    send(wire::BlobPiece{at->name, *at->current, static_cast<std::uint32_t>(at->offset),
                         chunk->subspan(at->offset, size)});
    blobs_heard_ = now_;
    at->offset += size;
    if (at->offset < chunk->size()) continue;
    at->awaited.insert(*at->current);
    at->current.reset();
    ++chunks_unanswered_;
  }
  return {};
}

Result<void> Initiator::handle(const wire::BlobTaken& taken) {
  blobs_heard_ = now_;
  const auto at = std::ranges::find(blobs_sending_, taken.name, &BlobSending::name);
  // Of one that was given up: its chunks were counted off then.
  if (at == blobs_sending_.end()) return {};
  const bool awaited = at->awaited.erase(taken.index) > 0;
  if (awaited) --chunks_unanswered_;
  blobs_moved_ = true;
  if (taken.code == kBlobAgain && awaited) {
    at->again.push_back(taken.index);
    at->sent = false;
    return {};
  }
  if (!taken.code.empty()) {
    ++report_.blobs_refused;
    report_.blob_refusal = taken.code;
    chunks_unanswered_ -= std::min(chunks_unanswered_, at->awaited.size());
    blobs_sending_.erase(at);
    return {};
  }
  if (!awaited) return lie("session.blob-taken", taken.name);
  report_.blob_bytes_up += blob::chunk_bytes(at->row.sealed, taken.index);
  if (!at->sent || !at->awaited.empty()) return {};
  // Everything that is here is there.
  bool all = true;
  for (std::uint32_t i = 0; i < at->row.chunks(); ++i) all = all && blob::has_bit(at->held, i);
  const auto due = at->due;
  blobs_sending_.erase(at);
  if (!all) return {};
  ++report_.blobs_sent;
  return hub_has(due);
}

}  // namespace satchel::session
