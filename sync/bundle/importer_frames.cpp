// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/overload.h"
#include "sync/bundle/importer.h"
#include "sync/bundle/limits.h"
#include "sync/node/handed_down.h"
#include "sync/node/scribe.h"

namespace satchel::bundle {

namespace {

Result<Position> last_position(const wire::DirectoryRun& run) {
  Position last;
  for (const auto& record : run.records) {
    SATCHEL_GET(ordered, decode_ordered(record.ordered));
    last = std::max(last, ordered.position);
  }
  return last;
}

}  // namespace

Result<void> Importer::take_item(WriteTxn& txn, node::Effects& effects, Item& item) {
  if (item.kind == RecordKind::frame) return take_frame(txn, effects, item);
  SATCHEL_GET(ack, decode_acknowledgement(item.bytes));
  return take_acknowledgement(txn, ack);
}

Result<void> Importer::take_frame(WriteTxn& txn, node::Effects& effects, Item& item) {
  return std::visit(
      Overload{
          [&](const wire::Synced& f) -> Result<void> {
            for (const auto& mark : f.feeds) taken_.from[mark.audience] = {mark.position, mark.stamps};
            taken_.from[AudienceId{}] = {0, f.receipts};
            return {};
          },
          [&](const wire::Sync& f) -> Result<void> {
            // A position we both have must have the same history.
            SATCHEL_GET(held, node::order_hash_at(txn, f.directory));
            if (!held.none() && !f.order_hash.none() && held != f.order_hash)
              return fail(ErrorKind::integrity, node::kDirectoryFork);
            if (!standing_counts_) return {};
            return put_standing(txn, source_.node, {source_.incarnation, source_.number, item.bytes});
          },
          [&](const wire::DirectoryRun& f) { return take_run(txn, effects, item, f); },
          [&](const wire::Submit& f) { return take_statements(txn, effects, f); },
          [&](const wire::Submitted& f) { return take_answers(txn, effects, f); },
          [&](const wire::Parcel&) { return take_parcel(txn, effects, item); },
          [&](const wire::Wraps&) -> Result<void> {
            step_.wraps += item.wraps.size();
            return node::take_late_wraps(txn, effects, replica_, item.wraps, pushed_);
          },
          [&](const wire::Receipts& f) { return take_receipts(txn, effects, f); },
          [&](const wire::Touched&) -> Result<void> {
            if (!from_hub_) return {};
            return put_waiting(txn, Waits::page, source_, reader_.header().part, static_cast<std::uint8_t>(item.kind),
                               item.bytes);
          },
          [&](const wire::Want& f) { return take_holdings(txn, f); },
          [&](const wire::BlobList& f) { return take_blob(txn, f); },
          [&](const wire::BlobPiece& f) { return take_blob(txn, effects, f); },
          [&](const wire::BlobStates& f) { return take_blob(txn, f); },
          [&](const wire::BlobWant& f) { return take_blob(txn, effects, f); },
          [&](const auto&) -> Result<void> { return fail(ErrorKind::integrity, "session.unexpected-frame"); },
      },
      item.received.frame());
}

// ---- parcels ----

Result<void> Importer::take_parcel(WriteTxn& txn, node::Effects& effects, Item& item) {
  if (item.unknown_author) {
    // Not a lie: our directory is behind the author's. A hub says so; others are given it again by their pages.
    ++step_.later;
    return pushed_ ? add_owed(txn, source_, *item.unknown_author) : Result<void>{};
  }
  auto& parcel = *item.parcel;
  if (!is_hub() && parcel.strange_stamps) {
    // Of a hub admitted meanwhile: taken when the stamp is understood.
    ++step_.later;
    return {};
  }
  if (!is_hub() && !from_hub_) {
    // Nobody has chosen for us: only what we may read is kept.
    std::vector<node::VerifiedSegment> chosen;
    for (auto& segment : parcel.segments) {
      SATCHEL_GET(wanted, ours(txn, effects.directory(), segment));
      if (wanted) chosen.push_back(segment);
    }
    step_.passed_over += parcel.segments.size() - chosen.size();
    if (chosen.empty() && !parcel.segments.empty()) return {};
    if (chosen.size() < parcel.segments.size()) {
      node::VerifiedParcel some = parcel;
      some.segments = std::move(chosen);
      SATCHEL_GET(taken, node::take_parcel(txn, effects, replica_, some, reader_.header().from.node, false));
      return note_outcome(txn, effects, some, taken);
    }
  }
  SATCHEL_GET(taken, node::take_parcel(txn, effects, replica_, parcel, reader_.header().from.node, pushed_));
  return note_outcome(txn, effects, parcel, taken);
}

Result<void> Importer::note_outcome(WriteTxn& txn, node::Effects& effects, const node::VerifiedParcel& parcel,
                                    const node::TakenParcel& taken) {
  const auto& intake = taken.intake;
  if (intake.later) {
    ++step_.later;
    return add_owed(txn, source_, parcel.id);
  }
  step_.received += intake.appended;
  step_.known += intake.known;
  step_.forks += intake.forks;
  for (const auto& r : intake.refused) {
    const std::size_t entries = r.have < r.first_seq ? 0 : r.have - r.first_seq + 1;
    if (r.verdict == wire::EntryVerdict::held) step_.held += entries;
    if (r.verdict == wire::EntryVerdict::rejected) step_.rejected += entries;
    if (r.verdict == wire::EntryVerdict::gap) ++step_.gaps;
    if (pushed_ && r.verdict != wire::EntryVerdict::held) SATCHEL_TRY(add_refusal(txn, source_, r));
  }
  if (!pushed_ || taken.stamps.empty()) return {};
  // The sender hears of our stamp with the next bundle back: once, however often it hands the batch in.
  const auto& channel = reader_.header().from.node.bytes;
  if (intake.appended == 0) {
    for (std::uint64_t at = 0;;) {
      SATCHEL_GET(told, node::receipts_after(txn, channel, at, wire::kReceiptsMax));
      if (std::ranges::find(told, intake.batch, &node::Receipt::batch) != told.end()) return {};
      if (told.empty()) break;
      at = told.back().position;
    }
  }
  effects.receipts_for(reader_.header().from.node);
  return node::add_receipt(txn, channel, intake.batch);
}

// The archive is here, or is one that we may read as what comes opens it.
Result<bool> Importer::ours(const ReadTxn& txn, const Directory& directory, const node::VerifiedSegment& segment) {
  SATCHEL_GET(no, node::find_archive(txn, segment.archive));
  if (no) return true;
  const auto may_read = [&](const node::SeenOpening& seen) {
    const Opening& o = seen.opening;
    ArchiveAccess access{segment.archive, o.owners, node::audiences_for(directory.org(), o.kind, o.branch, o.owners),
                         o.branch, seen.seen};
    for (const auto& wrap : o.wraps) access.audiences.push_back(wrap.audience);
    return directory.may_read(replica_.self().identity.id, access, replica_.clock().wall());
  };
  return std::ranges::any_of(segment.openings, may_read);
}

// ---- the directory ----

Result<void> Importer::take_run(WriteTxn& txn, node::Effects& effects, const Item& item,
                                const wire::DirectoryRun& run) {
  SATCHEL_GET(last, last_position(run));
  // A hub vouches for the order it tells, as on a line. From a device statements prove themselves, but not their
  // order: what goes beyond ours waits for the head that headquarters signed, and is taken with it or not at all.
  if (from_hub_ || last <= effects.directory().position()) return apply_run(txn, effects, run);
  SATCHEL_GET(rows, waiting(txn, Waits::directory, source_));
  if (run.head.empty()) {
    if (rows.size() * kFrameBytesMax / 2 > kWaitingBytesMax) return fail(ErrorKind::failed, "bundle.too-large");
    return put_waiting(txn, Waits::directory, source_, reader_.header().part, static_cast<std::uint8_t>(item.kind),
                       item.bytes);
  }
  for (const auto& row : rows) {
    SATCHEL_GET(bytes, waiting_bytes(txn, row));
    SATCHEL_GET(received, wire::Received::decode(bytes));
    SATCHEL_TRY(apply_run(txn, effects, std::get<wire::DirectoryRun>(received.frame())));
    SATCHEL_TRY(erase_waiting(txn, row));
  }
  SATCHEL_TRY(apply_run(txn, effects, run));
  SATCHEL_GET(head, decode_head(run.head));
  if (head.position != effects.directory().position()) return fail(ErrorKind::integrity, "directory.bad-head");
  return {};
}

Result<void> Importer::apply_run(WriteTxn& txn, node::Effects& effects, wire::DirectoryRun run) {
  if (!run.head.empty()) {
    // A head between what we have and what comes says nothing; an older one than ours must still be of our log.
    SATCHEL_GET(head, decode_head(run.head));
    SATCHEL_GET(last, last_position(run));
    if (head.position > effects.directory().position() && head.position < last) run.head = {};
  }
  SATCHEL_GET(fresh, node::take_directory(txn, effects, replica_, run));
  SATCHEL_GET(handed, node::take_handed_down(txn, effects, replica_, run.waiting));
  step_.statements += fresh + handed;
  return {};
}

Result<void> Importer::take_statements(WriteTxn& txn, node::Effects& effects, const wire::Submit& submit) {
  if (!is_hub() || !standing_counts_) return {};
  for (const View bytes : submit.envelopes) {
    auto envelope = decode_envelope(bytes);
    if (!envelope) return fail(ErrorKind::integrity, "session.bad-statement");
    SATCHEL_GET(result, node::take_statement(txn, effects, replica_, *envelope));
    ++step_.handed_in;
    if (result.status != wire::SubmitStatus::refused) continue;
    ++step_.refused_statements;
    SATCHEL_TRY(put_refused(txn, source_.node, result.id, result.code));
  }
  return {};
}

// What headquarters refused of ours.
Result<void> Importer::take_answers(WriteTxn& txn, node::Effects& effects, const wire::Submitted& submitted) {
  if (!from_hub_) return {};
  SATCHEL_GET(pending, node::all_pending(txn));
  for (auto& p : pending) {
    const auto result = std::ranges::find(submitted.results, p.id, &wire::SubmitResult::id);
    if (result == submitted.results.end() || result->status != wire::SubmitStatus::refused) continue;
    p.status = result->status;
    p.code = result->code;
    ++step_.refused_statements;
    SATCHEL_TRY(node::put_pending(txn, p));
    effects.pending_changed();
  }
  return {};
}

// ---- stamps, and what the sender holds ----

Result<void> Importer::take_receipts(WriteTxn& txn, node::Effects& effects, const wire::Receipts& receipts) {
  SATCHEL_GET(known, node::take_receipts(txn, effects, replica_, receipts.stamps));
  step_.stamps += receipts.stamps.size();
  if (!from_hub_) return {};
  // One that we do not understand yet keeps the cursor where it is.
  auto& up_to = taken_.stamps[receipts.audience];
  if (!known) up_to = UINT64_MAX;
  if (up_to != UINT64_MAX) up_to = std::max(up_to, receipts.up_to);
  return {};
}

Result<void> Importer::take_holdings(WriteTxn& txn, const wire::Want& holdings) {
  if (!standing_counts_) return {};
  for (const auto& item : holdings.items) {
    SATCHEL_GET(no, node::find_archive(txn, item.archive));
    if (!no) continue;
    // Only what is here can be left out of what we send: nothing else is worth a row, whatever a peer claims.
    SATCHEL_GET(here, node::heads_of(txn, *no));
    std::vector<ChainHead> known;
    for (const auto& h : here) {
      const auto theirs = std::ranges::find(item.heads, h.chain.chain, &ChainHead::chain);
      if (theirs != item.heads.end()) known.push_back(*theirs);
    }
    SATCHEL_TRY(add_known_heads(txn, source_.node, *no, known));
  }
  return {};
}

}  // namespace satchel::bundle
