// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/hub_service.h"

#include <spdlog/logger.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "schema/wire/limits.h"
#include "server/hub/sessions.h"
#include "sync/node/shredding.h"

namespace satchel::hub {

namespace asio = boost::asio;

class HubService::Live {
 public:
  explicit Live(Setup setup) : setup_(std::move(setup)) {}
  ~Live() { stop(); }

  Result<void> start();
  void stop();

  std::uint16_t port() const { return listener_->port(); }
  bool is_headquarters() const { return !upstream_; }
  bool upstream_settled() const { return upstream_ && upstream_->settled(); }
  std::uint64_t commit_groups() const { return queue_->groups(); }
  node::Replica& replica() { return *replica_; }
  void pulse(std::function<void()> alive) { asio::post(io_, std::move(alive)); }

 private:
  Result<void> lease_numbers();
  void shred();
  void changed(const node::Effects& effects);
  void deliver(std::vector<Answered> answers);
  void trouble(const Error& error);
  void note(std::string_view code, std::string_view remote, std::string_view detail);
  void end_sessions();

  Setup setup_;
  std::unique_ptr<node::Replica> replica_;
  std::unique_ptr<CommitQueue> queue_;
  std::unique_ptr<Sessions> sessions_;
  asio::io_context io_{1};  // goes before the sessions: connections that would not end go with it
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Upstream> upstream_;
  std::thread thread_;
};

Result<void> HubService::Live::start() {
  node::Self self{setup_.identity, setup_.org, wire::Role::hub};
  SATCHEL_GET(opened, node::Replica::open(setup_.store, setup_.clock, setup_.entropy, std::move(self)));
  replica_ = std::move(opened);
  const KnownNode* me = replica_->directory()->node(setup_.identity.id);
  if (me != nullptr && me->revoked) return fail(ErrorKind::permission, "hub.revoked", me->reason);
  const bool top = me != nullptr && me->hq_hub;
  if (top) SATCHEL_TRY(lease_numbers());
  shred();
  SATCHEL_GET(tls, TlsContext::server(setup_.tls));

  queue_ =
      std::make_unique<CommitQueue>(CommitQueue::Setup{*replica_, [this](auto answers) { deliver(std::move(answers)); },
                                                       [this](const Error& error) { trouble(error); }});
  sessions_ =
      std::make_unique<Sessions>(Sessions::Setup{io_, *replica_, *queue_, setup_.log, setup_.clock, setup_.limits});
  SATCHEL_GET(listener, Listener::open({io_, setup_.clock, tls, setup_.listen,
                                        [this](Channel channel) { return sessions_->admit(std::move(channel)); },
                                        [this](auto code, auto remote, auto detail) { note(code, remote, detail); },
                                        setup_.limits}));
  listener_ = std::move(listener);
  if (!top) {
    upstream_ = std::make_unique<Upstream>(Upstream::Setup{*replica_, setup_.clock, setup_.entropy, setup_.log,
                                                           setup_.invited, setup_.upstream_address, setup_.limits,
                                                           setup_.backoff_first, setup_.backoff_most});
  }
  replica_->watch([this](const node::Effects& effects) { changed(effects); });
  thread_ = std::thread([this] { io_.run(); });
  if (upstream_) upstream_->start();
  setup_.log.info("hub.listening node={} port={} role={}", setup_.identity.id.hex(), port(),
                  top ? "headquarters" : "branch");
  return {};
}

// Every ordered statement leases what it made due; this is for a program that was upgraded in between.
Result<void> HubService::Live::lease_numbers() {
  return replica_->write(
      [this](WriteTxn& txn, node::Effects& effects) { return node::lease_due_numbers(txn, effects, *replica_); });
}

// What a larger store could not do while it served. A full disk must not keep the hub from serving.
void HubService::Live::shred() {
  const auto done = node::shred(*replica_, nullptr);
  if (!done) setup_.log.warn("hub.shredding code={} detail={}", done.error().code, done.error().detail);
  if (done && *done) setup_.log.info("hub.shredded");
}

// On the thread that wrote.
void HubService::Live::changed(const node::Effects& effects) {
  sessions_->announce(effects, queue_->source_now());
  if (upstream_ && !upstream_->on_its_thread()) upstream_->poke();
}

void HubService::Live::deliver(std::vector<Answered> answers) {
  asio::post(io_, [this, answers = std::move(answers)] {
    for (const auto& [answer, result] : answers) answer(result);
    sessions_->resume();
  });
}

void HubService::Live::trouble(const Error& error) {
  setup_.log.error("store.refused code={} detail={}", error.code, error.detail);
  // The outcome of that commit is only known when the store is opened anew.
  if (error.code == "store.unknown" && setup_.broken) setup_.broken(error);
}

void HubService::Live::note(std::string_view code, std::string_view remote, std::string_view detail) {
  const bool usual = code == "link.finished" || code == "link.cut" || code == "link.stopped";
  setup_.log.log(usual ? spdlog::level::debug : spdlog::level::warn, "{} remote={} detail={}", code, remote, detail);
}

void HubService::Live::end_sessions() {
  listener_->close();
  auto gone = std::make_shared<std::promise<void>>();
  auto left = gone->get_future();
  asio::post(io_, [this, gone] { sessions_->leave([gone] { gone->set_value(); }); });
  if (left.wait_for(kLeaveMax) != std::future_status::ready) setup_.log.warn("hub.stop sessions still open");
  auto stopped = std::make_shared<std::promise<void>>();
  auto over = stopped->get_future();
  listener_->stop([stopped] { stopped->set_value(); });
  if (over.wait_for(kCutMax) != std::future_status::ready) setup_.log.warn("hub.stop connections cut");
}

void HubService::Live::stop() {
  if (thread_.joinable()) {
    end_sessions();
    queue_->finish();
    if (upstream_) upstream_->stop();
    work_.reset();
    io_.stop();
    thread_.join();
    setup_.log.info("hub.stopped");
  }
  if (queue_) queue_->finish();
}

HubService::HubService(std::unique_ptr<Live> live) : live_(std::move(live)) {}
HubService::~HubService() = default;

Result<std::unique_ptr<HubService>> HubService::start(Setup setup) {
  auto live = std::make_unique<Live>(std::move(setup));
  SATCHEL_TRY(live->start());
  return std::unique_ptr<HubService>(new HubService(std::move(live)));
}

void HubService::stop() { live_->stop(); }
void HubService::pulse(std::function<void()> alive) { live_->pulse(std::move(alive)); }
std::uint16_t HubService::port() const { return live_->port(); }
bool HubService::is_headquarters() const { return live_->is_headquarters(); }
bool HubService::upstream_settled() const { return live_->upstream_settled(); }
std::uint64_t HubService::commit_groups() const { return live_->commit_groups(); }
node::Replica& HubService::replica() { return live_->replica(); }

}  // namespace satchel::hub
