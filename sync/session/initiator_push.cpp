// SPDX-License-Identifier: AGPL-3.0-or-later
// The pushing half of Initiator: runs in order, repairs of what a hub lacks, late wraps.
#include "schema/base/planted.h"
#include "sync/node/grants.h"
#include "sync/session/initiator.h"

namespace satchel::session {

bool Initiator::pushing() const {
  return !sent_.empty() || !runs_done_ || !owed_.empty() || !repairs_.empty() || !repair_parts_.empty() ||
         !wraps_sent_ || comparing();
}

Result<void> Initiator::track(Bytes frame, Sent sent) {
  sent.bytes = frame.size();
  sent_bytes_ += frame.size();
  sent_.push_back(std::move(sent));
  out_.push_back(std::move(frame));
  spoke_ = now_;
  return {};
}

Result<void> Initiator::push_more() {
  if (state_ != State::running) return {};
  if (report_.unconfirmed) {
    // Nothing is taken from us yet.
    runs_done_ = wraps_sent_ = compare_done_ = true;
    owed_.clear();
    return {};
  }
  if (sent_bytes_ >= window_ || !pushing()) return {};
  SATCHEL_GET(txn, replica_.store().begin_read());
  for (std::size_t turn = sent_bytes_; sent_bytes_ < window_ && sent_bytes_ - turn < kTurnBytes;) {
    const auto before = out_.size();
    const bool owed = !owed_.empty();
    const bool repairs = !repair_parts_.empty() || !repairs_.empty();
    const bool runs = !runs_done_;
    if (owed) {
      // Oldest first: what comes after may follow them.
      SATCHEL_TRY(push_owed(*txn));
    } else if (repairs) {
      SATCHEL_TRY(push_repairs(*txn));
    } else if (runs) {
      SATCHEL_TRY(push_run(*txn));
    } else if (!wraps_sent_ && compare_done_) {
      SATCHEL_TRY(push_wraps(*txn));
    }
    // Where there turned out to be nothing to send no answer will come to go on from: the next is looked at now.
    const bool came_to_nothing = (owed && owed_.empty()) || (repairs && repairs_.empty() && repair_parts_.empty()) ||
                                 (!owed && !repairs && runs && runs_done_);
    if (out_.size() == before && !came_to_nothing) break;
  }
  return {};
}

Result<void> Initiator::push_run(const ReadTxn& txn) {
  SATCHEL_GET(next, node::next_outgoing(txn, hub_no_, pushed_));
  pushed_ = next.end;
  if (SATCHEL_PLANTED(pushed_mark_early)) marks_.pushed = pushed_;
  if (!next.part) {
    runs_done_ = true;
    return {};
  }
  const auto number = next_number_++;
  SATCHEL_GET(frame, node::build_parcel(txn, *next.part, number, true));
  return track(std::move(frame), {number, next.part->ordinals.size(), 0, next.end, {}, next.part->batch, false});
}

Result<void> Initiator::list_owed() {
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(owed, node::owed(*txn, hub_no_, hub_.incarnation));
  owes_ = !owed.empty();
  if (!std::exchange(offer_owed_, false) || !owes_) return {};
  offered_ = now_;
  owed_.assign(owed.begin(), owed.end());
  return {};
}

Result<void> Initiator::push_owed(const ReadTxn& txn) {
  while (!owed_.empty()) {
    const auto no = owed_.front();
    owed_.pop_front();
    SATCHEL_GET(stored, node::batch_at(txn, no));
    // An author's claim that nobody can confirm, us included: no hub will know better.
    if (replica_.directory()->position() < stored.batch.directory) continue;
    SATCHEL_GET(ordinals, node::ordinals_of(txn, no));
    if (ordinals.empty()) continue;
    const auto number = next_number_++;
    const auto entries = ordinals.size();
    SATCHEL_GET(frame, node::build_parcel(txn, {no, std::move(ordinals)}, number, true));
    return track(std::move(frame), {number, entries, 0, 0, {}, no, true});
  }
  return {};
}

Result<void> Initiator::push_repairs(const ReadTxn& txn) {
  if (repair_parts_.empty()) {
    // Many archives at once, so that those of one batch share a parcel.
    while (!repairs_.empty() && repair_parts_.size() < kPagesInFlight * wire::kTouchedItemsMax) {
      const auto wanted = std::move(repairs_.front());
      repairs_.pop_front();
      SATCHEL_GET(no, node::find_archive(txn, wanted.archive));
      if (!no) continue;
      SATCHEL_GET(lacking, node::difference(txn, *no, wanted.heads));
      for (auto& part : lacking.parts) repair_parts_.push_back(std::move(part));
    }
    repair_parts_ = node::by_batch(std::move(repair_parts_));
    std::ranges::reverse(repair_parts_);
  }
  if (repair_parts_.empty()) return {};
  const auto part = std::move(repair_parts_.back());
  repair_parts_.pop_back();
  const auto number = next_number_++;
  SATCHEL_GET(frame, node::build_parcel(txn, part, number, true));
  return track(std::move(frame), {number, part.ordinals.size(), 0, 0, {}, part.batch, false});
}

Result<void> Initiator::push_wraps(const ReadTxn& txn) {
  // One frame at a time: the queue shrinks when it is answered.
  const bool under_way = std::ranges::any_of(sent_, [](const Sent& s) { return !s.wraps.empty(); });
  if (under_way) return {};
  SATCHEL_GET(wraps, node::queued_wraps(txn, wire::kWrapsMax));
  if (wraps.empty()) {
    wraps_sent_ = true;
    return {};
  }
  wire::Wraps frame;
  Sent sent;
  frame.number = sent.number = next_number_++;
  for (const auto& w : wraps) {
    frame.wraps.push_back(w);
    sent.wraps.push_back(wrap_hash(w));
  }
  return track(wire::encode(frame), std::move(sent));
}

// Whose stamp is the acknowledgement: headquarters' own, at a branch whoever's came first (none).
NodeId Initiator::signing_hub() const { return report_.top ? hub_.node : NodeId{}; }

// Whoever takes of a batch signs for it. A hub that neither signs nor refuses everything has acknowledged nothing: the
// batch is offered again, and counts as unsent until somebody has signed.
Result<bool> Initiator::vouched_for(const wire::Accepted& accepted, node::BatchNo batch) const {
  if (batch == 0) return true;
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(known, node::acknowledged(*txn, batch, signing_hub()));
  if (known) return true;
  SATCHEL_GET(stored, node::batch_at(*txn, batch));
  const Digest id = batch_id(stored.signed_bytes.bytes);
  const bool signs = std::ranges::any_of(accepted.stamps, [&](const wire::SignedView& s) {
    const auto stamp = Stamp::decode(s.bytes);
    return stamp && stamp->batch == id && (signing_hub().none() || stamp->hub.node == signing_hub());
  });
  if (signs) return true;
  std::set<node::ArchiveNo> refused;
  for (const auto& r : accepted.refused) {
    if (r.verdict != wire::EntryVerdict::rejected && r.verdict != wire::EntryVerdict::fork) continue;
    SATCHEL_GET(no, node::find_archive(*txn, r.archive));
    if (no) refused.insert(*no);
  }
  SATCHEL_GET(archives, node::archives_of(*txn, batch));
  return std::ranges::all_of(archives, [&](node::ArchiveNo no) { return refused.contains(no); });
}

Result<void> Initiator::handle(const wire::Accepted& accepted) {
  if (sent_.empty() || sent_.front().number != accepted.number)
    return fail(ErrorKind::integrity, "session.answer-order");
  Answer answer{std::move(sent_.front()), {}, accepted.refused, accepted.moved, false};
  sent_.pop_front();
  sent_bytes_ -= answer.sent.bytes;
  // Wraps are no batch that could be owed: they stay in their queue.
  const bool later = accepted.code == kUnknownAuthor || accepted.code == kIntakeLater;
  if (later && answer.sent.batch != 0) {
    report_.later += answer.sent.entries;
    answer.owed = true;
    return keep_answer(std::move(answer));
  }
  if (!accepted.code.empty()) {
    // The whole parcel was not taken; our pushed mark must not pass it.
    SATCHEL_TRY(store_answers());
    return fail(accepted.code.starts_with("store.") ? ErrorKind::offline : ErrorKind::failed, "session.not-taken",
                accepted.code);
  }
  for (const auto& s : accepted.stamps) answer.stamps.push_back({copy(s.bytes), s.signature});
  SATCHEL_GET(vouched, vouched_for(accepted, answer.sent.batch));
  answer.owed = !vouched;
  if (!vouched && answer.refused.empty()) {
    report_.later += answer.sent.entries;
    return keep_answer(std::move(answer));
  }
  std::size_t refused = 0;
  for (const auto& r : answer.refused) {
    // The peer's numbers: never more than what was sent.
    const auto entries =
        r.have < r.first_seq ? 0 : std::min<std::uint64_t>(r.have - r.first_seq + 1, answer.sent.entries);
    if (r.verdict == wire::EntryVerdict::rejected) refused += entries;
    if (r.verdict == wire::EntryVerdict::held) report_.held += entries;
    if (r.verdict == wire::EntryVerdict::fork) ++report_.forks;
    if (r.verdict != wire::EntryVerdict::gap) continue;
    SATCHEL_TRY(note_gap(r, answer.sent.batch));
    if (repaired_.insert(r.archive).second) {
      repairs_.push_back({r.archive, {}, false});
    } else {
      // The repair is under way, or what is missing was left for later: this follows it another time.
      answer.owed = true;
    }
  }
  report_.sent += answer.sent.entries;
  report_.rejected += refused;
  report_.accepted += answer.sent.entries - std::min(refused, answer.sent.entries);
  return keep_answer(std::move(answer));
}

Result<void> Initiator::keep_answer(Answer answer) {
  answers_.push_back(std::move(answer));
  if (answers_.size() >= kAcksPerCommit || sent_.empty()) SATCHEL_TRY(store_answers());
  return {};
}

Result<void> Initiator::store_answers() {
  if (answers_.empty()) return {};
  const auto answers = std::exchange(answers_, {});
  if (std::ranges::any_of(answers, &Answer::owed) && !std::exchange(owes_, true)) offered_ = now_;
  return replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    for (const auto& answer : answers) {
      std::vector<wire::SignedView> stamps;
      for (const auto& s : answer.stamps) stamps.push_back({s.bytes, s.signature});
      SATCHEL_TRY(node::take_receipts(txn, effects, replica_, stamps));
      for (const auto& m : answer.moved) {
        // Positions the hub made for our own push: nothing to fetch, if nothing of others lies between.
        SATCHEL_GET(cursor, node::feed_cursor(txn, hub_no_, hub_.incarnation, m.audience));
        if (cursor.position != m.from && !SATCHEL_PLANTED(cursor_leaps)) continue;
        cursor.position = m.to;
        SATCHEL_TRY(node::put_feed_cursor(txn, hub_no_, hub_.incarnation, m.audience, cursor));
      }
      for (const auto& r : answer.refused) {
        if (r.verdict == wire::EntryVerdict::fork) SATCHEL_TRY(node::note_refusal(txn, r.archive, r.have, r.code));
        if (r.verdict != wire::EntryVerdict::rejected) continue;
        SATCHEL_TRY(node::note_refusal(txn, r.archive, r.first_seq, r.code));
      }
      for (const auto& hash : answer.sent.wraps) SATCHEL_TRY(node::unqueue_wrap(txn, hash));
      // The mark passes what is owed: a note of it stays, or goes with the answer that took it.
      if (answer.owed) {
        SATCHEL_TRY(node::owe(txn, hub_no_, hub_.incarnation, answer.sent.batch));
      } else if (answer.sent.again) {
        SATCHEL_TRY(node::settle_owed(txn, hub_no_, hub_.incarnation, answer.sent.batch));
      }
      if (!marks_.met && answer.sent.batch != 0) answered_.insert(answer.sent.batch);
      if (answer.sent.end > 0) marks_.pushed = std::max(marks_.pushed, answer.sent.end);
    }
    if (pages_.empty()) SATCHEL_TRY(keep_word(txn));
    return node::put_peer_marks(txn, hub_no_, hub_.incarnation, marks_);
  });
}

}  // namespace satchel::session
