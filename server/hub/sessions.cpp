// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/sessions.h"

#include <spdlog/logger.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "schema/wire/limits.h"
#include "sync/session/acceptor.h"

namespace satchel::hub {

// One connection: an Acceptor, the port it writes through, and its entry among the live ones.
class HubSession final : public Endpoint, private session::HubPort {
 public:
  HubSession(Sessions& sessions, std::uint64_t number, Channel channel)
      : sessions_(sessions),
        number_(number),
        remote_(std::move(channel.remote)),
        wake_(std::move(channel.wake)),
        acceptor_(*this, Bytes(channel.exporter.begin(), channel.exporter.end())) {}
  ~HubSession() override {
    *alive_ = false;
    hold(false);
    sessions_.ended(*this);
  }

  void on_open(MonoTime now) override { acceptor_.on_open(now); }
  void on_frame(MonoTime now, View frame) override {
    if (leaving_) return;
    frame_bytes_ = frame.size();
    acceptor_.on_frame(now, frame);
    if (!named_ && !acceptor_.peer().none()) {
      named_ = true;
      sessions_.setup_.log.info("session.open node={} remote={}", acceptor_.peer().hex(), remote_);
    }
  }
  void on_tick(MonoTime now) override { acceptor_.on_tick(now); }
  void on_closed(MonoTime now) override {
    const std::string& reason = acceptor_.reason();
    if (!reason.empty() && !acceptor_.known()) {
      sessions_.setup_.log.warn("session.refused remote={} code={}", remote_, reason);
    } else if (!reason.empty()) {
      sessions_.setup_.log.warn("session.dropped node={} remote={} code={}", acceptor_.peer().hex(), remote_, reason);
    } else if (named_) {
      sessions_.setup_.log.info("session.closed node={}", acceptor_.peer().hex());
    }
    acceptor_.on_closed(now);
  }
  std::optional<MonoTime> next_deadline() const override { return acceptor_.next_deadline(); }
  std::vector<Bytes> take_output() override { return acceptor_.take_output(); }
  void on_backlog(std::size_t bytes) override { acceptor_.on_backlog(bytes); }
  bool finished() const override { return acceptor_.finished(); }
  std::size_t frame_bytes_max() const override { return acceptor_.frame_bytes_max(); }
  bool known() const override { return acceptor_.known(); }
  // Not read beyond its share of what waits for the disk, nor while the queue is full.
  bool ready() const override {
    const bool room = unanswered_bytes_ < kUnansweredBytesMax && sessions_.setup_.queue.roomy();
    hold(!room);
    return room;
  }

  void on_change(const std::set<AudienceId>& feeds, const std::set<NodeId>& receipts, bool directory) {
    if (acceptor_.on_change(feeds, receipts, directory)) wake_();
  }
  void leave() {
    leaving_ = true;
    if (unanswered_ == 0) acceptor_.leave();
    wake_();
  }
  void supersede() {
    acceptor_.leave(session::kSuperseded);
    wake_();
  }
  void resume() {
    if (held_) wake_();
  }
  std::uint64_t number() const { return number_; }
  // Where among the nodes it was let in.
  std::optional<NodeId> place;

 private:
  node::Replica& replica() override { return sessions_.setup_.replica; }

  Result<void> greet(const NodeId& peer, bool stranger) override { return sessions_.greet(*this, peer, stranger); }
  void lied(const NodeId& peer, unsigned points) override {
    sessions_.penalties_.add(peer, points, sessions_.setup_.clock.mono());
  }

  void hold(bool held) const {
    if (held == held_) return;
    held_ = held;
    held ? ++sessions_.held_ : --sessions_.held_;
  }

  void submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t bytes) override {
    ++unanswered_;
    const std::size_t size = std::max(bytes, frame_bytes_);
    unanswered_bytes_ += size;
    Commit commit{std::move(job), size, number_, acceptor_.is_hub() ? kHubWeight : 1, {}};
    commit.answer = [this, alive = alive_, done = std::move(done), wake = wake_, size](const Result<void>& result) {
      done(result);  // knows by itself whether its session is still there
      if (!*alive) return;
      --unanswered_;
      unanswered_bytes_ -= size;
      if (leaving_ && unanswered_ == 0) acceptor_.leave();
      wake();
    };
    const Answer answer = commit.answer;
    if (!sessions_.setup_.queue.add(std::move(commit))) answer(fail(ErrorKind::failed, "hub.busy"));
  }

  Sessions& sessions_;
  std::uint64_t number_;
  std::string remote_;
  std::function<void()> wake_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  session::Acceptor acceptor_;
  std::size_t frame_bytes_ = 0;  // of the frame being handled
  std::size_t unanswered_ = 0;
  std::size_t unanswered_bytes_ = 0;
  mutable bool held_ = false;  // waits for room, and is counted among those
  bool named_ = false;
  bool leaving_ = false;
};

std::unique_ptr<Endpoint> Sessions::admit(Channel channel) {
  if (leaving_) return nullptr;
  const auto number = ++last_number_;
  auto session = std::make_unique<HubSession>(*this, number, std::move(channel));
  live_.emplace(number, session.get());
  return session;
}

void Sessions::announce(const node::Effects& effects, std::uint64_t source) {
  boost::asio::post(setup_.io, [this, source, feeds = effects.feeds(), receipts = effects.receipts(),
                                directory = effects.directory_changed() || effects.pending()] {
    for (const auto& [number, session] : live_) {
      if (number != source) session->on_change(feeds, receipts, directory);
    }
  });
}

void Sessions::resume() {
  if (held_ == 0) return;
  for (const auto& [number, session] : live_) session->resume();
}

Result<void> Sessions::greet(HubSession& session, const NodeId& peer, bool stranger) {
  if (const Millis wait = penalties_.over(peer, setup_.clock.mono()); wait > Millis{0}) {
    setup_.log.warn("session.turned-away node={} for_ms={}", peer.hex(), wait.count());
    return fail(ErrorKind::permission, session::kTurnedAway, std::to_string((wait.count() + 999) / 1000));
  }
  const NodeId place = stranger ? NodeId{} : peer;
  auto& same = by_node_[place];
  if (stranger && same.size() >= setup_.limits.strangers) return fail(ErrorKind::failed, session::kBusy);
  session.place = place;
  same.push_back(&session);
  if (!stranger && same.size() > setup_.limits.sessions_per_node)
    same[same.size() - setup_.limits.sessions_per_node - 1]->supersede();
  return {};
}

void Sessions::leave(std::function<void()> gone) {
  leaving_ = true;
  gone_ = std::move(gone);
  for (const auto& [number, session] : live_) session->leave();
  if (live_.empty()) std::exchange(gone_, nullptr)();
}

void Sessions::ended(HubSession& session) {
  live_.erase(session.number());
  if (session.place) {
    auto& same = by_node_[*session.place];
    std::erase(same, &session);
    if (same.empty()) by_node_.erase(*session.place);
  }
  if (live_.empty() && gone_) std::exchange(gone_, nullptr)();
}

}  // namespace satchel::hub
