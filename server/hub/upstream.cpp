// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/upstream.h"

#include <spdlog/logger.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "schema/wire/limits.h"
#include "sync/link/client.h"

namespace satchel::hub {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kExchangeKey = "upstream";
constexpr std::size_t kCodeBytesMax = 256;

}  // namespace

Result<Exchange> last_exchange(const ReadTxn& txn) {
  Exchange exchange;
  SATCHEL_GET(found, txn.get(Table::meta, view(kExchangeKey)));
  if (!found) return exchange;
  Reader in(*found);
  exchange.complete.ms = in.i64();
  exchange.tried.ms = in.i64();
  exchange.code = in.string(kCodeBytesMax);
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", "upstream");
  return exchange;
}

class Upstream::Live {
 public:
  explicit Live(Setup setup)
      : setup_(std::move(setup)), backoff_(setup_.entropy, setup_.backoff_first, setup_.backoff_most), timer_(io_) {}
  ~Live() { stop(); }

  void start() {
    asio::post(io_, [this] {
      id_ = std::this_thread::get_id();
      attempt();
    });
    thread_ = std::thread([this] { io_.run(); });
  }
  void poke() {
    asio::post(io_, [this] {
      if (caller_ != nullptr) caller_->poke();
    });
  }
  void stop();
  bool on_its_thread() const { return std::this_thread::get_id() == id_.load(); }
  bool settled() const { return settled_; }

 private:
  std::optional<HubPlace> place() const;
  void attempt();
  std::unique_ptr<Endpoint> call(const NodeId& hub, Channel channel);
  void round_done(const session::SyncReport& report);
  void over(const Result<void>& result);
  void note(const Exchange& exchange);

  Setup setup_;
  Backoff backoff_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer timer_;
  std::unique_ptr<Dialer> dialer_;
  Caller* caller_ = nullptr;  // while connected
  Result<void> outcome_{};    // of the session that ended last
  Exchange noted_;
  bool stopping_ = false;
  std::atomic<bool> settled_ = false;
  std::atomic<std::thread::id> id_{};
  std::thread thread_;
};

std::optional<HubPlace> Upstream::Live::place() const {
  auto found = headquarters(*setup_.replica.directory());
  if (!found) found = setup_.invited;
  if (found && !setup_.address.empty()) found->address = setup_.address;
  return found;
}

void Upstream::Live::attempt() {
  if (stopping_) return;
  const auto to = place();
  if (!to) return over(fail(ErrorKind::failed, "hub.no-headquarters"));
  const auto address = parse_address(to->address);
  if (!address) return over(std::unexpected(address.error()));
  auto tls = TlsContext::client(to->pins);
  if (!tls) return over(std::unexpected(tls.error()));
  outcome_ = {};
  dialer_ = std::make_unique<Dialer>(io_, setup_.clock, std::move(*tls), setup_.limits);
  dialer_->dial(
      *address, [this, hub = to->hub](Channel channel) { return call(hub, std::move(channel)); },
      [this](const Result<void>& result) { over(result && !outcome_ ? outcome_ : result); });
}

std::unique_ptr<Endpoint> Upstream::Live::call(const NodeId& hub, Channel channel) {
  Caller::Setup caller{setup_.replica, hub, true};
  caller.hooks.settled = [this](const session::SyncReport& report) { round_done(report); };
  caller.ended = [this](const session::Initiator& initiator) {
    caller_ = nullptr;
    settled_ = false;
    outcome_ = initiator.outcome();
  };
  auto made = std::make_unique<Caller>(std::move(caller), std::move(channel));
  caller_ = made.get();
  return made;
}

void Upstream::Live::round_done(const session::SyncReport& report) {
  backoff_.reset();
  if (!settled_.exchange(true)) {
    setup_.log.info("upstream.settled hub={} confirmed={}", report.hub.hex(), !report.unconfirmed);
  }
  setup_.log.debug("upstream.round sent={} received={} rejected={} statements={}", report.sent, report.received,
                   report.rejected, report.statements);
  if (report.unconfirmed) return;
  note({setup_.clock.wall(), {}, {}});
}

// On disk for `status`, which is another process; not oftener than anybody would look.
void Upstream::Live::note(const Exchange& exchange) {
  const bool soon = exchange.code.empty() && noted_.code.empty() &&
                    exchange.complete.ms < noted_.complete.ms + kExchangeNoteEvery.count();
  if (soon) return;
  noted_ = exchange;
  auto written = setup_.replica.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    Exchange whole = exchange;
    if (whole.complete == WallTime{}) {
      SATCHEL_GET(before, last_exchange(txn));
      whole.complete = before.complete;
    }
    return txn.put(
        Table::meta, view(kExchangeKey),
        Writer().i64(whole.complete.ms).i64(whole.tried.ms).sized(whole.code.substr(0, kCodeBytesMax)).bytes());
  });
  if (!written) setup_.log.error("upstream.note code={}", written.error().code);
}

void Upstream::Live::over(const Result<void>& result) {
  if (stopping_) {
    work_.reset();
    return;
  }
  const Error why = result ? Error{ErrorKind::offline, "link.cut", {}} : result.error();
  const Millis wait = backoff_.next();
  setup_.log.warn("upstream.down code={} detail={} again_in_ms={}", why.code, why.detail, wait.count());
  note({{}, setup_.clock.wall(), why.code});
  timer_.expires_after(wait);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) attempt();
  });
}

void Upstream::Live::stop() {
  asio::post(io_, [this] {
    stopping_ = true;
    timer_.cancel();
    if (dialer_ && dialer_->busy()) {
      dialer_->stop();  // over() follows
    } else {
      work_.reset();
    }
  });
  if (thread_.joinable()) thread_.join();
}

Upstream::Upstream(Setup setup) : live_(std::make_unique<Live>(std::move(setup))) {}
Upstream::~Upstream() = default;
void Upstream::start() { live_->start(); }
void Upstream::poke() { live_->poke(); }
void Upstream::stop() { live_->stop(); }
bool Upstream::on_its_thread() const { return live_->on_its_thread(); }
bool Upstream::settled() const { return live_->settled(); }

}  // namespace satchel::hub
