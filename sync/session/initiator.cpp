// SPDX-License-Identifier: AGPL-3.0-or-later
// Greeting, rounds and statements; pushing and pulling are in the two files beside this one.
#include "sync/session/initiator.h"

#include "schema/base/overload.h"
#include "schema/base/planted.h"
#include "sync/node/grants.h"
#include "sync/node/handed_down.h"
#include "sync/node/hub_word.h"
#include "sync/node/upkeep.h"

namespace satchel::session {

void SyncReport::add(const SyncReport& before) {
  for (const auto count :
       {&SyncReport::sent, &SyncReport::accepted, &SyncReport::held, &SyncReport::rejected, &SyncReport::later,
        &SyncReport::received, &SyncReport::statements, &SyncReport::refused_statements, &SyncReport::forks,
        &SyncReport::blobs_sent, &SyncReport::blobs_received, &SyncReport::blobs_missing, &SyncReport::blobs_refused}) {
    this->*count += before.*count;
  }
  if (blob_refusal.empty()) blob_refusal = before.blob_refusal;
  blob_bytes_up += before.blob_bytes_up;
  blob_bytes_down += before.blob_bytes_down;
  blob_bytes_due += before.blob_bytes_due;
  blob_bytes_wanted += before.blob_bytes_wanted;
  bytes_up += before.bytes_up;
  bytes_down += before.bytes_down;
}

Initiator::Initiator(node::Replica& replica, Bytes exporter, NodeId hub, bool live, InitiatorHooks hooks)
    : replica_(replica), exporter_(std::move(exporter)), hub_id_(hub), live_(live), hooks_(std::move(hooks)) {}

void Initiator::send(const wire::Frame& frame) {
  out_.push_back(wire::encode(frame));
  spoke_ = now_;
}

void Initiator::stop(Result<void> outcome) {
  if (state_ == State::over) return;
  if (outcome) send(wire::Bye{});
  outcome_ = std::move(outcome);
  state_ = State::over;
}

void Initiator::on_open(MonoTime now) {
  now_ = heard_ = now;
  const auto& self = replica_.self();
  hello_.versions = {wire::kProtocolVersion};
  hello_.org = self.org;
  hello_.chain = self.chain();
  hello_.role = self.role;
  hello_.to_hub = hub_id_;
  hello_.sign_public = self.identity.sign.pub;
  hello_.box_public = self.identity.box.pub;
  hello_.signature = sign(self.identity.sign, wire::kHelloLabel, wire::hello_subject(exporter_, hello_));
  send(hello_);
  state_ = State::greeting;
}

void Initiator::on_frame(MonoTime now, View frame) {
  now_ = heard_ = now;
  if (state_ == State::over) return;
  report_.bytes_down += frame.size() + 4;
  auto received = wire::Received::decode(frame);
  auto done = received ? dispatch(frame, *received) : std::unexpected(received.error());
  if (done && state_ == State::running) done = push_more();
  if (done && state_ == State::running) done = settle();
  if (done && state_ == State::waiting) done = carry_blobs();
  if (done) done = count_idle();
  if (!done) stop(std::unexpected(done.error()));
  const bool busy = state_ == State::running || (state_ == State::waiting && blobs_busy());
  if (hooks_.progress && busy) hooks_.progress(report_);
}

// A hub that keeps us busy without end and without anything new.
Result<void> Initiator::count_idle() {
  const std::uint64_t news =
      report_.received + report_.statements + report_.sent + report_.blob_bytes_down + report_.blob_bytes_up;
  // A live line is idle for days, a frame now and then.
  const bool slow = state_ == State::waiting && now_.ms - idle_since_.ms > kPingAfter.count();
  if (news != news_ || slow) {
    news_ = news;
    idle_frames_ = 0;
    idle_since_ = now_;
  }
  if (++idle_frames_ > kFramesWithoutNewsMax) return fail(ErrorKind::integrity, "session.endless");
  return {};
}

Result<void> Initiator::dispatch(View frame, wire::Received& received) {
  if (state_ == State::greeting && !std::holds_alternative<wire::Welcome>(received.frame()) &&
      !std::holds_alternative<wire::Bye>(received.frame())) {
    return fail(ErrorKind::integrity, "session.unexpected-frame");
  }
  return std::visit(
      Overload{
          [&](const wire::Welcome& f) { return handle(f); },
          [&](const wire::Submitted& f) { return handle(f); },
          [&](const wire::DirectoryRun& f) { return handle(f); },
          [&](const wire::Receipts& f) { return handle(f); },
          [&](const wire::Touched& f) { return handle(f); },
          [&](const wire::Served& f) { return handle(f); },
          [&](const wire::Differ& f) { return handle(f); },
          [&](const wire::Accepted& f) { return handle(f); },
          [&](const wire::Parcel&) { return take_parcel(frame); },
          [&](const wire::BlobStates& f) { return handle(f); },
          [&](const wire::BlobTaken& f) { return handle(f); },
          [&](const wire::BlobList& f) { return handle(f); },
          [&](const wire::BlobPiece& f) { return handle(f); },
          [&](const wire::Synced& f) -> Result<void> {
            if (f.round != round_) return {};
            synced_ = true;
            told_through_ = f.through;
            report_.order_waits = report_.top && !report_.unconfirmed && f.order_waits;
            return {};
          },
          [&](const wire::Notify&) -> Result<void> {
            notified_ = true;
            offer_owed_ = offer_owed_ || now_.ms - offered_.ms >= kOwedAgainAfter.count();
            if (state_ == State::waiting) begin_round();
            return {};
          },
          [&](const wire::DirectoryWanted& f) { return give_order(f); },
          [&](const wire::Ping& f) -> Result<void> {
            send(wire::Pong{f.token});
            return {};
          },
          [](const wire::Pong&) -> Result<void> { return {}; },
          [&](const wire::Bye& f) -> Result<void> {
            // What was answered before the goodbye is answered.
            if (hub_no_ != 0) SATCHEL_TRY(store_answers());
            if (f.code == node::kDirectoryFork) SATCHEL_TRY(note_fork({}));
            // It is worth coming again: to another hub, or to hand in what there is.
            if (f.code == kGoingAway || f.code == kAccessEnded || f.code == kBusy || f.code == kTurnedAway)
              return fail(ErrorKind::offline, f.code, f.detail);
            return fail(ErrorKind::failed, f.code.empty() ? "session.closed" : f.code, f.detail);
          },
          [](const auto&) -> Result<void> { return fail(ErrorKind::integrity, "session.unexpected-frame"); },
      },
      received.frame());
}

Result<void> Initiator::handle(const wire::Welcome& welcome) {
  if (state_ != State::greeting) return fail(ErrorKind::integrity, "session.unexpected-frame");
  if (welcome.version != wire::kProtocolVersion) return fail(ErrorKind::failed, "session.version");
  if (!hub_id_.none() && welcome.hub.node != hub_id_) return fail(ErrorKind::integrity, "session.other-hub");
  const auto directory = replica_.directory();
  const KnownNode* hub = directory->node(welcome.hub.node);
  if (hub != nullptr) {
    // Before the directory knows it, the pin of the invitation vouches for the hub.
    const auto subject = wire::welcome_subject(exporter_, hello_, welcome);
    if (!verify(hub->sign, wire::kWelcomeLabel, subject, welcome.signature))
      return fail(ErrorKind::integrity, "session.bad-signature");
  }
  hub_ = welcome.hub;
  window_ = std::min(welcome.window_bytes, kWindowBytes);
  report_.hub = hub_.node;
  report_.top = welcome.top;
  report_.clock_ahead = Millis{replica_.clock().own().ms - welcome.time.ms};
  report_.unconfirmed = welcome.standing == wire::Standing::unconfirmed;
  bool renewed = false;
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(no, node::node_no(txn, hub_.node));
    hub_no_ = no;
    SATCHEL_GET(before, node::hub_incarnation(txn, hub_.node));
    renewed = before != 0 && before != hub_.incarnation;
    if (renewed && replica_.self().role != wire::Role::hub) SATCHEL_TRY(node::begin_wrapping_again(txn));
    return node::put_hub_incarnation(txn, hub_.node, hub_.incarnation);
  }));
  if (renewed) SATCHEL_TRY(node::hand_wraps_again(replica_));
  SATCHEL_TRY(look_for_room());
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(marks, node::peer_marks(*txn, hub_no_, hub_.incarnation));
    marks_ = marks;
  }
  pushed_ = marks_.pushed;
  compare_done_ = marks_.met;
  // With a hub that was never met nothing is pushed run by run: the comparison tells what it lacks.
  runs_done_ = !marks_.met;
  state_ = State::running;
  begin_round();
  return {};
}

// Archives that a hub kept back are asked for again when the limit is another one, and once a day.
Result<void> Initiator::look_for_room() {
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(kept_back, node::count_kept_back(*txn));
    report_.kept_back = kept_back;
    if (kept_back == 0) return {};
  }
  return replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(again, node::ask_again(txn, *replica_.directory(), replica_.clock().wall()));
    if (again) report_.kept_back = 0;
    return {};
  });
}

void Initiator::begin_round() {
  state_ = State::running;
  ++round_;
  ++rounds_;
  synced_ = false;
  more_ = false;
  notified_ = false;
  strange_receipts_.clear();
  unkept_.clear();
  told_through_ = {};
  word_doubtful_ = false;
  if (marks_.met) runs_done_ = false;
  wraps_sent_ = false;
  auto done = [&]() -> Result<void> {
    SATCHEL_TRY(seal_own());
    SATCHEL_TRY(list_owed());
    if (hooks_.upkeep && !report_.unconfirmed) {
      SATCHEL_GET(left, hooks_.upkeep());
      more_ = left;
    }
    SATCHEL_TRY(submit_pending());
    SATCHEL_TRY(send_sync());
    SATCHEL_TRY(compare_more());
    return push_more();
  }();
  if (!done) stop(std::unexpected(done.error()));
}

Result<void> Initiator::seal_own() {
  // A hub has no entries of its own. Looked at without the write lock first: most rounds have nothing to seal.
  if (replica_.self().role == wire::Role::hub) return {};
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(unsealed, node::has_unsealed(*txn));
  txn.reset();
  if (!unsealed) return {};
  return replica_.write([&](WriteTxn& write, node::Effects&) -> Result<void> {
    SATCHEL_TRY(node::seal_outbox(write, replica_.author()));
    return {};
  });
}

Result<void> Initiator::send_sync() {
  const auto directory = replica_.directory();
  SATCHEL_GET(txn, replica_.store().begin_read());
  wire::Sync sync;
  sync.round = round_;
  sync.directory = directory->position();
  sync.order_hash = directory->last_order_hash();
  sync.receipts = marks_.receipts;
  sync.hub = hub_;
  for (const auto& audience : node::followed(*directory, replica_.self().identity.id)) {
    SATCHEL_GET(cursor, node::feed_cursor(*txn, hub_no_, hub_.incarnation, audience));
    sync.feeds.push_back({audience, cursor.position, cursor.stamps});
  }
  SATCHEL_GET(handed, handed_up(*txn));
  sync.handed = handed;
  send(sync);
  asked_ = std::move(sync);
  return {};
}

Result<void> Initiator::submit_pending() {
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(pending, node::all_pending(*txn));
  wire::Submit submit;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (submit.envelopes.empty()) return;
    send(submit);
    ++submitted_;
    submit.envelopes.clear();
    bytes = 0;
  };
  for (const auto& p : pending) {
    const auto envelope = decode_envelope(p.envelope);
    const bool enrolment = envelope && envelope->statement().kind == StatementKind::node_enrolled;
    if (p.status == wire::SubmitStatus::refused || (!enrolment && report_.unconfirmed)) continue;
    // What takes from us may end our right to hand in: the work goes first.
    const bool ours = !envelope || envelope->statement().by == replica_.self().identity.id;
    if (rounds_ == 1 && !ours && replica_.self().role != wire::Role::hub) {
      more_ = true;
      continue;
    }
    // As many as a frame holds: packs are large.
    if (bytes + p.envelope.size() > kTurnBytes || submit.envelopes.size() == wire::kStatementsMax / 2) flush();
    submit.envelopes.push_back(p.envelope);
    bytes += p.envelope.size();
  }
  flush();
  return {};
}

Result<void> Initiator::handle(const wire::Submitted& submitted) {
  if (submitted_ == 0) return fail(ErrorKind::integrity, "session.unexpected-frame");
  --submitted_;
  const auto& self = replica_.self().identity;
  return replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(pending, node::all_pending(txn));
    for (auto& p : pending) {
      const auto result = std::ranges::find(submitted.results, p.id, &wire::SubmitResult::id);
      if (result == submitted.results.end()) continue;
      if (result->status == wire::SubmitStatus::pending) {
        if (SATCHEL_PLANTED(statement_forgotten)) SATCHEL_TRY(node::erase_pending(txn, p.id));
        continue;
      }
      SATCHEL_GET(envelope, decode_envelope(p.envelope));
      const bool own = envelope.statement().by == self.id;
      if (result->status == wire::SubmitStatus::ordered) {
        // Who lost every right is not sent what was ordered since, nor the place of its own receipt.
        const bool told = own && envelope.statement().kind != StatementKind::access_dropped;
        const bool lost = replica_.directory()->lost_at(self.id, self.incarnation).has_value();
        if (lost && !told) {
          SATCHEL_TRY(node::erase_pending(txn, p.id));
          effects.pending_changed();
        } else if (!report_.unconfirmed || rounds_ == 1) {
          // Fetch it with its place; that of an enrolment is told once it is confirmed, which may be at once.
          more_ = true;
        }
        continue;
      }
      // Somebody else was there first with the same evidence: that concerns nobody but whom a hub has yet to tell.
      const bool evidence = envelope.statement().kind == StatementKind::former_order;
      if (evidence && (own || replica_.self().role != wire::Role::hub)) {
        SATCHEL_TRY(node::erase_pending(txn, p.id));
        continue;
      }
      if (own || replica_.self().role == wire::Role::hub) ++report_.refused_statements;
      p.status = result->status;
      p.code = result->code;
      SATCHEL_TRY(node::put_pending(txn, p));
      effects.pending_changed();  // what it takes away is obeyed no longer
    }
    return {};
  });
}

Result<void> Initiator::handle(const wire::DirectoryRun& run) {
  std::size_t fresh = 0;
  const auto taken_in = replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(taken, node::take_directory(txn, effects, replica_, run));
    SATCHEL_GET(handed, node::take_handed_down(txn, effects, replica_, run.waiting));
    fresh = taken + handed;
    return {};
  });
  if (!taken_in) {
    if (taken_in.error().code == node::kDirectoryFork) SATCHEL_TRY(note_fork(run.head));
    return taken_in;
  }
  report_.statements += fresh;
  // Who may follow what may have changed, and with it what this round should have asked for.
  if (fresh > 0) more_ = word_doubtful_ = true;
  const KnownNode* self = replica_.directory()->node(replica_.self().identity.id);
  const bool unconfirmed = self == nullptr || self->state() == NodeState::enrolled;
  const bool just_confirmed = report_.unconfirmed && !unconfirmed;
  report_.unconfirmed = unconfirmed;
  if (!just_confirmed) return {};
  compare_done_ = marks_.met;
  return compare_more();
}

// A restored headquarters is told what of the order it lost. Hubs may see all of it.
Result<void> Initiator::give_order(const wire::DirectoryWanted& wanted) {
  if (!report_.top) return fail(ErrorKind::integrity, "session.unexpected-frame");
  SATCHEL_GET(txn, replica_.store().begin_read());
  for (Position at = wanted.after;;) {
    SATCHEL_GET(run, node::run_after(*txn, at, [](const ArchiveId&, const Position&) { return true; }));
    wire::DirectoryRun frame;
    for (const auto& r : run.records) frame.records.push_back({r.ordered, r.envelope});
    frame.head = run.head;
    // Without the head that it signed itself it would not believe any of it.
    if (run.records.empty() || (!run.more && run.head.empty())) return {};
    send(frame);
    if (!run.more) return {};
    SATCHEL_GET(last, decode_ordered(run.records.back().ordered));
    at = last.position;
  }
}

Result<void> Initiator::handle(const wire::Receipts& receipts) {
  return replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    std::span<const wire::SignedView> stamps = receipts.stamps;
    if (SATCHEL_PLANTED(receipts_forgotten)) stamps = {};
    SATCHEL_GET(known, node::take_receipts(txn, effects, replica_, stamps));
    // A hub admitted while the round was under way: the directory comes first in the next one.
    if (!known) more_ = true;
    if (!known || strange_receipts_.contains(receipts.audience)) {
      strange_receipts_.insert(receipts.audience);
      return {};
    }
    if (receipts.audience.none()) {
      marks_.receipts = std::max(marks_.receipts, receipts.up_to);
      return node::put_peer_marks(txn, hub_no_, hub_.incarnation, marks_);
    }
    SATCHEL_GET(cursor, node::feed_cursor(txn, hub_no_, hub_.incarnation, receipts.audience));
    cursor.stamps = std::max(cursor.stamps, receipts.up_to);
    return node::put_feed_cursor(txn, hub_no_, hub_.incarnation, receipts.audience, cursor);
  });
}

Result<void> Initiator::settle() {
  const bool quiet = synced_ && pages_.empty() && submitted_ == 0 && !pushing() && compare_done_;
  if (!quiet) return {};
  SATCHEL_TRY(store_answers());
  SATCHEL_TRY(keep_word());
  if (!marks_.met && !report_.unconfirmed) {
    // All that was here when we began was compared: from there on runs are enough.
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(last, node::last_ordinal(*txn));
    marks_.met = true;
    marks_.pushed = pushed_ = compared_end_.value_or(0);
    // What the hub has, too, but never acknowledged here is offered once more, for its stamps.
    const bool own = replica_.self().role != wire::Role::hub;
    SATCHEL_GET(unanswered, node::unacknowledged(*txn, pushed_, signing_hub(), own));
    std::erase_if(unanswered, [&](node::BatchNo batch) { return answered_.contains(batch); });
    answered_.clear();
    more_ = more_ || last > pushed_ || !unanswered.empty();
    offer_owed_ = offer_owed_ || !unanswered.empty();
    txn.reset();
    SATCHEL_TRY(replica_.write([&](WriteTxn& write, node::Effects&) -> Result<void> {
      for (const auto batch : unanswered) SATCHEL_TRY(node::owe(write, hub_no_, hub_.incarnation, batch));
      return node::put_peer_marks(write, hub_no_, hub_.incarnation, marks_);
    }));
  }
  if ((more_ || notified_) && rounds_ < kRoundsMax) {
    begin_round();
    return {};
  }
  report_.complete = !report_.unconfirmed;
  rounds_ = 0;
  repaired_.clear();
  if (hooks_.settled) hooks_.settled(report_);
  SATCHEL_TRY(begin_blobs());
  if (live_ || blobs_busy()) {
    state_ = State::waiting;
  } else {
    stop({});
  }
  return {};
}

void Initiator::on_tick(MonoTime now) {
  now_ = now;
  if (state_ == State::over || state_ == State::idle) return;
  if (state_ == State::waiting) {
    if (owes_ && now.ms - offered_.ms >= kOwedAgainAfter.count()) offer_owed_ = true;
    if (std::exchange(poked_, false) || offer_owed_) return begin_round();
    if (now.ms - heard_.ms > kAnswerWithin.count() + kPingAfter.count())
      return stop(fail(ErrorKind::offline, "session.silent"));
    // Pings are answered, but nothing comes.
    if (blobs_busy() && now.ms - blobs_heard_.ms > kBlobAnswerWithin.count())
      return stop(fail(ErrorKind::offline, "session.silent"));
    if (now.ms - spoke_.ms >= kPingAfter.count()) send(wire::Ping{static_cast<std::uint64_t>(now.ms)});
    return;
  }
  if (now.ms - heard_.ms > kAnswerWithin.count()) stop(fail(ErrorKind::offline, "session.silent"));
}

std::optional<MonoTime> Initiator::next_deadline() const {
  if (state_ == State::over || state_ == State::idle) return std::nullopt;
  if (state_ == State::waiting) return poked_ ? now_ : spoke_ + kPingAfter;
  return heard_ + kAnswerWithin + Millis{1};
}

void Initiator::on_closed(MonoTime) {
  out_.clear();
  if (state_ == State::over) return;
  // What was answered is answered, whatever happened to the link.
  if (hub_no_ != 0) {
    if (auto stored = store_answers(); !stored) outcome_ = stored;
    if (auto kept = keep_part(); !kept) outcome_ = kept;
  }
  if (outcome_) outcome_ = fail(ErrorKind::offline, "session.cut");
  state_ = State::over;
}

std::vector<Bytes> Initiator::take_output() {
  if (state_ == State::running) {
    if (auto more = push_more(); !more) stop(std::unexpected(more.error()));
  }
  if (state_ == State::waiting) {
    if (auto more = carry_blobs(); !more) stop(std::unexpected(more.error()));
  }
  for (const auto& frame : out_) report_.bytes_up += frame.size() + 4;
  return std::exchange(out_, {});
}

}  // namespace satchel::session
