// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/session/acceptor.h"

#include "schema/base/overload.h"
#include "schema/base/planted.h"
#include "sync/node/parcel.h"

namespace satchel::session {

namespace {

// A frame that outlives the call it came in, for jobs that run later.
struct Held {
  Bytes bytes;
  wire::Received received;
  node::VerifiedParcel parcel;
  std::vector<node::VerifiedWrap> wraps;
  node::TakenParcel taken;
};

Result<std::shared_ptr<Held>> hold(View frame) {
  auto held = std::make_shared<Held>();
  held->bytes = copy(frame);
  SATCHEL_GET(received, wire::Received::decode(held->bytes));
  held->received = std::move(received);
  return held;
}

}  // namespace

Acceptor::Acceptor(HubPort& port, Bytes exporter)
    : port_(port), exporter_(std::move(exporter)), alive_(std::make_shared<bool>(true)) {}

Acceptor::~Acceptor() { *alive_ = false; }

void Acceptor::on_open(MonoTime now) { opened_ = now; }

void Acceptor::on_tick(MonoTime now) {
  if (const auto due = next_deadline(); due && *due <= now) turn_away("session.not-enrolled");
}

std::optional<MonoTime> Acceptor::next_deadline() const {
  if (!stranger_ || state_ != State::serving) return std::nullopt;
  return opened_ + kStrangerLifeMax;
}

void Acceptor::on_closed(MonoTime) {
  if (state_ == State::serving) keep_part();
  state_ = State::over;
  out_.clear();
}

void Acceptor::send(const wire::Frame& frame) { out_.push_back(wire::encode(frame)); }

namespace {

// What nobody makes by mistake weighs more. What went wrong at this end is no lie.
unsigned points_of(const std::string& code) {
  for (const std::string_view ours : {"store.", "hub.", "log.", "blob.quota"}) {
    if (code.starts_with(ours)) return 0;
  }
  // Nor is it to be the victim of a headquarters that told two histories.
  if (code == kAccessEnded || code == node::kDirectoryFork || code == "session.unconfirmed") return 0;
  for (const std::string_view forged :
       {"parcel.bad-signature", "parcel.stamp", "parcel.root", "parcel.proof", "blob.chunk", "blob.list"}) {
    if (code == forged) return kForgeryPoints;
  }
  return kLiePoints;
}

}  // namespace

void Acceptor::drop(std::string code, std::string detail) {
  const unsigned points = state_ == State::serving && !stranger_ ? points_of(code) : 0;
  if (points > 0) port_.lied(peer(), points);
  turn_away(std::move(code), std::move(detail));
}

void Acceptor::turn_away(std::string code, std::string detail) {
  if (state_ == State::over) return;
  send(wire::Bye{code, detail});
  reason_ = std::move(code);
  state_ = State::over;
}

void Acceptor::leave(const char* code) {
  if (state_ == State::over) return;
  send(wire::Bye{code, {}});
  state_ = State::over;
}

std::vector<Bytes> Acceptor::take_output() {
  if (state_ == State::serving) {
    if (auto pumped = pump(); !pumped) drop(pumped.error().code, pumped.error().detail);
  }
  return std::exchange(out_, {});
}

void Acceptor::on_backlog(std::size_t bytes) { backlog_ = bytes; }

void Acceptor::on_frame(MonoTime, View frame) {
  if (state_ == State::over) return;
  auto received = wire::Received::decode(frame);
  if (!received) return drop(received.error().code, received.error().detail);
  if (state_ == State::greeting) {
    auto* hello = std::get_if<wire::Hello>(&received->frame());
    if (hello == nullptr) return drop("session.no-hello");
    return handle(*hello);
  }
  std::visit(Overload{
                 [&](wire::Sync& f) { handle(f); },
                 [&](wire::Submit& f) { handle(f); },
                 [&](wire::Want& f) { handle(f); },
                 [&](wire::Compare& f) { handle(f); },
                 [&](wire::DirectoryRun&) { take_order(frame); },
                 [&](wire::Parcel&) { take_parcel(frame); },
                 [&](wire::Wraps&) { take_wraps(frame); },
                 [&](wire::BlobOffer& f) { handle(f); },
                 [&](wire::BlobList& f) { handle(f); },
                 [&](wire::BlobPiece& f) { handle(f); },
                 [&](wire::BlobWant& f) { handle(f); },
                 [&](wire::Ping& f) { send(wire::Pong{f.token}); },
                 [&](wire::Pong&) {},
                 [&](wire::Bye& f) {
                   state_ = State::over;
                   if (f.code == node::kDirectoryFork) note_fork();
                 },
                 [&](auto&) { drop("session.unexpected-frame"); },
             },
             received->frame());
}

Result<void> Acceptor::check_hello(const wire::Hello& hello, const KnownNode* node) const {
  const auto no = [](const char* code) { return fail(ErrorKind::integrity, code); };
  const auto& self = port_.replica().self();
  if (std::ranges::find(hello.versions, wire::kProtocolVersion) == hello.versions.end()) return no("session.version");
  if (hello.org != self.org) return no("session.other-organisation");
  if (!hello.to_hub.none() && hello.to_hub != self.identity.id) return no("session.other-hub");
  if (node == nullptr && node_id(hello.sign_public, hello.box_public) != hello.chain.node)
    return no("session.not-its-keys");
  const SignPublic key = node != nullptr ? node->sign : hello.sign_public;
  if (!verify(key, wire::kHelloLabel, wire::hello_subject(exporter_, hello), hello.signature))
    return no("session.bad-signature");
  // Hubs are told more than devices: which of them it is, the directory says.
  if (node != nullptr && (hello.role == wire::Role::hub) != (node->kind == NodeKind::hub)) return no("session.role");
  return {};
}

void Acceptor::handle(wire::Hello& hello) {
  const auto directory = port_.replica().directory();
  const auto& self = port_.replica().self();
  const KnownNode* node = directory->node(hello.chain.node);
  if (const auto checked = check_hello(hello, node); !checked) return drop(checked.error().code);
  stranger_ = node == nullptr;
  hub_ = node != nullptr && node->kind == NodeKind::hub;
  proved_ = true;
  if (const auto welcome = port_.greet(hello.chain.node, stranger_); !welcome)
    return turn_away(welcome.error().code, welcome.error().detail);
  hello_ = hello;
  lost_ = lost_at(*port_.replica().obeyed()->directory).has_value();
  // Revoked nodes and people who left may still hand in their work; they are sent nothing, because they follow nothing.
  confirmed_ = node != nullptr && node->state() != NodeState::enrolled;

  wire::Welcome welcome;
  welcome.version = wire::kProtocolVersion;
  welcome.hub = self.chain();
  welcome.standing = confirmed_ ? wire::Standing::confirmed : wire::Standing::unconfirmed;
  welcome.window_bytes = kWindowBytes;
  const KnownNode* me = directory->node(self.identity.id);
  welcome.top = me != nullptr && me->hq_hub;
  welcome.time = port_.replica().clock().wall();
  welcome.signature = sign(self.identity.sign, wire::kWelcomeLabel, wire::welcome_subject(exporter_, hello_, welcome));
  send(welcome);
  state_ = State::serving;
  if (confirmed_) keep_hub_time();
}

void Acceptor::refresh_followed() {
  const auto obeyed = port_.replica().obeyed();
  if (obeyed == obeyed_) return;
  obeyed_ = obeyed;
  room_.reset();
  const auto list = node::followed(*obeyed->directory, peer());
  followed_ = {list.begin(), list.end()};
  if (lost_at(*obeyed->directory)) followed_.clear();
  std::erase_if(feeds_, [&](const FeedJob& job) { return !followed_.contains(job.audience); });
  std::erase_if(stamps_,
                [&](const StampJob& job) { return !job.audience.none() && !followed_.contains(job.audience); });
  // Confirmed while it was waiting.
  const KnownNode* node = obeyed->directory->node(peer());
  confirmed_ = node != nullptr && node->state() != NodeState::enrolled;
  stranger_ = node == nullptr;
  hub_ = node != nullptr && node->kind == NodeKind::hub;
}

void Acceptor::handle(const wire::Sync& sync) {
  refresh_followed();
  if (syncing_) return drop("session.sync-in-sync");
  syncing_ = true;
  waiting_ = false;
  news_ = false;
  round_ = sync.round;
  if (!confirmed_) return;  // pump answers with an empty round
  const bool ours = sync.hub == port_.replica().self().chain();
  const auto directory = port_.replica().directory();
  if (sync.directory < directory->position()) directory_at_ = sync.directory;
  auto txn = port_.replica().store().begin_read();
  if (!txn) return drop(txn.error().code);
  if (auto done = look_for_takings(**txn, sync); !done) return drop(done.error().code);
  stamps_.push_back({peer().bytes, {}, ours ? sync.receipts : 0});
  for (const auto& audience : followed_) {
    const auto mark = std::ranges::find(sync.feeds, audience, &wire::FeedMark::audience);
    const bool known = ours && mark != sync.feeds.end();
    feeds_.push_back({audience, known ? mark->position : 0});
    stamps_.push_back({audience.bytes, audience, known ? mark->stamps : 0});
  }
  keep_hub_time();
  if (hello_.role == wire::Role::hub && sync.handed.ms > 0) note_handed(sync.handed);
  // Before any page of the round is read: what is stamped from now on bears a later time.
  through_ = ours ? vouched_for(**txn, sync, *directory) : WallTime{};
  round_obeyed_ = obeyed_;
  if (directory->position() < sync.directory) {
    if (auto shown = show_head(**txn); !shown) return drop(shown.error().code);
  }
  // A position we both have must have the same history.
  const auto held = node::order_hash_at(**txn, sync.directory);
  if (!held) return drop(held.error().code);
  if (!held->none() && !sync.order_hash.none() && *held != sync.order_hash) {
    note_fork();
    // At one place what headquarters signed for us is the proof.
    if (directory->position() == sync.directory) (void)show_head(**txn);
    return drop(node::kDirectoryFork);
  }
  if (auto done = find_common_order(**txn, sync.directory); !done) return drop(done.error().code);
  told_ = directory_at_.value_or(sync.directory);
}

void Acceptor::handle(const wire::Submit& submit) {
  auto envelopes = std::make_shared<std::vector<Envelope>>();
  for (const View bytes : submit.envelopes) {
    auto envelope = decode_envelope(bytes);
    if (!envelope) return drop("session.bad-statement");
    const auto& statement = envelope->statement();
    // Who is not confirmed may say one thing: here I am.
    const bool own_enrolment = statement.kind == StatementKind::node_enrolled && statement.by == peer();
    if (!confirmed_ && !own_enrolment) return drop("session.unconfirmed");
    envelopes->push_back(std::move(*envelope));
  }
  auto answer = std::make_shared<wire::Submitted>();
  auto& replica = port_.replica();
  ++statements_under_way_;
  port_.submit(
      [&replica, envelopes, answer](WriteTxn& txn, node::Effects& effects) -> Result<void> {
        answer->results.clear();
        for (const auto& envelope : *envelopes) {
          SATCHEL_GET(result, node::take_statement(txn, effects, replica, envelope));
          answer->results.push_back(result);
        }
        return {};
      },
      [this, alive = alive_, answer](const Result<void>& done) {
        if (!*alive || state_ != State::serving) return;
        --statements_under_way_;
        if (!done) return drop(done.error().code);
        send(*answer);
      });
}

void Acceptor::take_parcel(View frame) {
  if (!confirmed_) return drop("session.unconfirmed");
  auto held_result = hold(frame);
  if (!held_result) return drop(held_result.error().code);
  auto held = *held_result;
  const auto& parcel = std::get<wire::Parcel>(held->received.frame());
  const auto number = parcel.number;
  auto& replica = port_.replica();
  auto verified = node::verify_parcel(parcel, replica.author_keys(), replica.hub_keys());
  if (!verified && verified.error().code == kUnknownAuthor) {
    // Not a lie: our directory is behind the author's. It will be pushed again.
    wire::Accepted later;
    later.number = number;
    later.code = kUnknownAuthor;
    return send(later);
  }
  if (!verified) return drop(verified.error().code, verified.error().detail);
  held->parcel = std::move(*verified);
  unanswered_bytes_ += frame.size();
  if (unanswered_bytes_ > kWindowBytes + kFrameBytesMax) return drop("session.window");
  port_.submit(
      [&replica, held, from = peer()](WriteTxn& txn, node::Effects& effects) -> Result<void> {
        SATCHEL_GET(taken, node::take_parcel(txn, effects, replica, held->parcel, from, true));
        held->taken = std::move(taken);
        return {};
      },
      [this, alive = alive_, held, number, size = frame.size()](const Result<void>& done) {
        if (!*alive || state_ != State::serving) return;
        unanswered_bytes_ -= size;
        wire::Accepted accepted;
        accepted.number = number;
        if (!done) {
          accepted.code = done.error().code;
          return send(accepted);
        }
        if (held->taken.intake.later) {
          accepted.code = kIntakeLater;
          return send(accepted);
        }
        for (const auto& s : held->taken.stamps) accepted.stamps.push_back({s.bytes, s.signature});
        accepted.refused = held->taken.intake.refused;
        // Only positions of feeds the pusher follows mean anything to it.
        refresh_followed();
        for (const auto& m : held->taken.moved) {
          if (followed_.contains(m.audience)) accepted.moved.push_back(m);
        }
        send(accepted);
      });
}

void Acceptor::take_wraps(View frame) {
  if (!confirmed_) return drop("session.unconfirmed");
  auto held_result = hold(frame);
  if (!held_result) return drop(held_result.error().code);
  auto held = *held_result;
  auto& replica = port_.replica();
  const auto& wraps = std::get<wire::Wraps>(held->received.frame());
  held->wraps = node::verify_wraps(wraps.wraps, replica.author_keys());
  port_.submit(
      [&replica, held](WriteTxn& txn, node::Effects& effects) {
        return node::take_late_wraps(txn, effects, replica, held->wraps, true);
      },
      [this, alive = alive_, number = wraps.number](const Result<void>& done) {
        if (!*alive || state_ != State::serving) return;
        wire::Accepted accepted;
        accepted.number = number;
        if (!done) accepted.code = done.error().code;
        send(accepted);
      });
}

bool Acceptor::on_change(const std::set<AudienceId>& feeds, const std::set<NodeId>& receipts, bool directory) {
  if (state_ != State::serving) return false;
  if (directory && !lost_ && lost_at(*port_.replica().obeyed()->directory) && !SATCHEL_PLANTED(access_not_cut)) {
    // From now on it comes to hand in what it has, and that is all. Who brought the word himself need not come again.
    lost_ = true;
    if (statements_under_way_ == 0) {
      drop(kAccessEnded);
      return true;
    }
  }
  const bool concerns = directory || receipts.contains(peer()) ||
                        std::ranges::any_of(feeds, [&](const AudienceId& a) { return followed_.contains(a); });
  if (!concerns) return false;
  if (!waiting_) {
    news_ = true;
    return false;
  }
  waiting_ = false;
  send(wire::Notify{});
  return true;
}

}  // namespace satchel::session
