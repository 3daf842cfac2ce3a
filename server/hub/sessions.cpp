// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/sessions.h"

#include <spdlog/logger.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

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
    sessions_.ended(number_);
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
    if (!reason.empty()) {
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

  void on_change(const std::set<AudienceId>& feeds, const std::set<NodeId>& receipts, bool directory) {
    if (acceptor_.on_change(feeds, receipts, directory)) wake_();
  }
  void leave() {
    leaving_ = true;
    if (unanswered_ == 0) acceptor_.leave();
    wake_();
  }

 private:
  node::Replica& replica() override { return sessions_.setup_.replica; }

  void submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t bytes) override {
    ++unanswered_;
    Commit commit{std::move(job), std::max(bytes, frame_bytes_), number_, {}};
    commit.answer = [this, alive = alive_, done = std::move(done), wake = wake_](const Result<void>& result) {
      done(result);  // knows by itself whether its session is still there
      if (!*alive) return;
      --unanswered_;
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

void Sessions::leave(std::function<void()> gone) {
  leaving_ = true;
  gone_ = std::move(gone);
  for (const auto& [number, session] : live_) session->leave();
  if (live_.empty()) std::exchange(gone_, nullptr)();
}

void Sessions::ended(std::uint64_t number) {
  live_.erase(number);
  if (live_.empty() && gone_) std::exchange(gone_, nullptr)();
}

}  // namespace satchel::hub
