// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/client.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sync/link/token.h"

namespace satchel {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::unexpected<Error> unreachable(const HostPort& to, const boost::system::error_code& error) {
  const bool refused = error == asio::error::connection_refused;
  return fail(ErrorKind::offline, refused ? "link.refused" : "link.unreachable",
              format_address(to) + ": " + error.message());
}

}  // namespace

class Dialer::Live : public std::enable_shared_from_this<Live> {
 public:
  Live(asio::io_context& io, Clock& clock, TlsContext tls, Limits limits)
      : io_(io), clock_(clock), tls_(std::move(tls)), limits_(limits), resolver_(io), socket_(io), timer_(io) {}

  void dial(const HostPort& to, EndpointFactory factory, Done done);
  void stop();
  bool busy() const { return busy_; }

 private:
  asio::awaitable<void> reach();
  asio::awaitable<void> find(std::vector<tcp::endpoint>& found);
  void give_up_connecting();
  void connected(const tcp::endpoint& at);
  void over(Result<void> result);

  asio::io_context& io_;
  Clock& clock_;
  TlsContext tls_;
  Limits limits_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;  // over name look-up and connect
  HostPort to_;
  EndpointFactory factory_;
  Done done_;
  std::weak_ptr<Connection> connection_;
  boost::system::error_code problem_;
  bool busy_ = false;
  bool stopped_ = false;
};

void Dialer::Live::dial(const HostPort& to, EndpointFactory factory, Done done) {
  SATCHEL_ASSERT(!busy_);
  busy_ = true;
  stopped_ = false;
  to_ = to;
  factory_ = std::move(factory);
  done_ = std::move(done);
  timer_.expires_after(limits_.connect);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->give_up_connecting();
  });
  asio::co_spawn(io_, reach(), [self = shared_from_this()](std::exception_ptr fault) {
    if (fault) self->over(fail(ErrorKind::failed, "link.fault"));
  });
}

void Dialer::Live::give_up_connecting() {
  stopped_ = true;
  problem_ = asio::error::timed_out;
  resolver_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> Dialer::Live::find(std::vector<tcp::endpoint>& found) {
  const asio::ip::address literal = asio::ip::make_address(to_.host, problem_);
  if (!problem_) {
    found.emplace_back(literal, to_.port);
    co_return;
  }
  const std::string port = std::to_string(to_.port);
  auto [error, results] = co_await resolver_.async_resolve(to_.host, port, kToken);
  if (!stopped_) problem_ = error;
  for (const auto& result : results) found.push_back(result.endpoint());
}

// Tries every address of the hub in turn.
asio::awaitable<void> Dialer::Live::reach() {
  std::vector<tcp::endpoint> found;
  problem_ = {};
  co_await find(found);
  for (const tcp::endpoint& at : found) {
    if (stopped_) break;
    boost::system::error_code ignored;
    socket_.close(ignored);
    auto [error] = co_await socket_.async_connect(at, kToken);
    if (stopped_) break;
    problem_ = error;
    if (!error) {
      connected(at);
      co_return;
    }
  }
  if (!problem_) problem_ = asio::error::host_not_found;
  over(unreachable(to_, problem_));
}

void Dialer::Live::connected(const tcp::endpoint& at) {
  timer_.cancel();
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  const int socket = error ? -1 : socket_.release(error);
  if (error) return over(unreachable(to_, error));
  connection_ =
      Connection::start({io_,
                         clock_,
                         tls_,
                         socket,
                         format_address({at.address().to_string(), at.port()}),
                         std::move(factory_),
                         limits_,
                         {},
                         {},
                         [self = shared_from_this()](Result<void> result) { self->over(std::move(result)); }});
}

void Dialer::Live::over(Result<void> result) {
  timer_.cancel();
  busy_ = false;
  factory_ = nullptr;
  const Done done = std::move(done_);
  done_ = nullptr;
  if (done) done(std::move(result));  // may dial again
}

void Dialer::Live::stop() {
  if (!busy_) return;
  if (const auto connection = connection_.lock()) return connection->stop();
  stopped_ = true;
  problem_ = asio::error::operation_aborted;
  resolver_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

Dialer::Dialer(asio::io_context& io, Clock& clock, TlsContext tls, Limits limits)
    : live_(std::make_shared<Live>(io, clock, std::move(tls), limits)) {}
Dialer::~Dialer() { stop(); }
void Dialer::dial(const HostPort& to, EndpointFactory factory, Done done) {
  live_->dial(to, std::move(factory), std::move(done));
}
bool Dialer::busy() const { return live_->busy(); }
void Dialer::stop() { live_->stop(); }

Result<void> run_endpoint(const HostPort& to, std::vector<Digest> pins, EndpointFactory factory, Clock& clock,
                          Millis timeout, const Limits& limits) {
  Result<TlsContext> tls = TlsContext::client(std::move(pins));
  if (!tls) return std::unexpected(tls.error());
  Result<void> outcome = fail(ErrorKind::offline, "link.cut");
  asio::io_context io(1);
  Dialer dialer(io, clock, std::move(*tls), limits);
  asio::steady_timer timer(io, timeout);
  bool late = false;
  timer.async_wait([&](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    late = true;
    dialer.stop();
  });
  dialer.dial(to, std::move(factory), [&](Result<void> result) {
    outcome = std::move(result);
    timer.cancel();
  });
  io.run();
  if (!outcome && late) return fail(ErrorKind::offline, "link.timeout", format_address(to));
  return outcome;
}

}  // namespace satchel
