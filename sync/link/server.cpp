// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/server.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <unordered_set>

#include "sync/link/token.h"
#include "sync/link/waiting_room.h"

namespace satchel {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr int kAcceptTurn = 64;  // callers taken before others get their turn

Caller describe(int socket, const tcp::endpoint& from) {
  const asio::ip::address address = from.address();
  Caller caller{socket, format_address({address.to_string(), from.port()}), 0};
  if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
    caller.origin = be64(View(address.to_v6().to_bytes()).first(8));
  } else {
    caller.origin =
        (address.is_v4() ? address.to_v4() : make_address_v4(asio::ip::v4_mapped, address.to_v6())).to_uint();
  }
  return caller;
}

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

class Listener::Live : public std::enable_shared_from_this<Live> {
 public:
  explicit Live(Setup setup)
      : setup_(std::move(setup)), acceptor_(setup_.io), timer_(setup_.io), room_(setup_.limits), spare_(open_spare()) {}
  ~Live() {
    if (spare_ >= 0) ::close(spare_);
    for (const Caller& caller : room_.empty_out()) ::close(caller.socket);
  }

  Result<void> listen();
  void begin();
  // From any thread.
  void close();
  void stop(std::function<void()> stopped);
  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return count_; }

 private:
  asio::awaitable<void> accept();
  bool accept_turn();
  bool full() const { return room_.full() || connections_.size() + room_.parked() >= setup_.limits.connections; }
  void greet(Caller caller);
  void start(Caller caller);
  void shed();
  void settled(std::uint64_t origin);
  void gone(const std::shared_ptr<Connection>& connection, const std::string& remote, const Result<void>& result);
  void note(std::string_view code, std::string_view remote, std::string_view detail) {
    if (setup_.log) setup_.log(code, remote, detail);
  }
  void close_here();
  void stop_here(std::function<void()> stopped);
  void check_stopped();

  Setup setup_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;  // while paused or full
  WaitingRoom room_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::atomic<std::size_t> count_ = 0;  // of them, for any thread
  std::vector<std::function<void()>> stopped_;
  Millis pause_ = kAcceptPauseMin;
  std::uint16_t port_ = 0;
  int spare_;  // a descriptor to give up when there are no others
  bool accepting_ = false;
  bool waiting_ = false;  // accept() waits for room
  bool closed_ = false;   // no more callers
  bool stopping_ = false;
};

Result<void> Listener::Live::listen() {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(setup_.listen.host, error);
  const tcp::endpoint at(address, setup_.listen.port);
  if (!error) acceptor_.open(at.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(at, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) return fail(ErrorKind::failed, "link.listen", format_address(setup_.listen) + ": " + error.message());
  return {};
}

void Listener::Live::begin() {
  accepting_ = true;
  asio::co_spawn(setup_.io, accept(), [self = shared_from_this()](std::exception_ptr fault) {
    if (fault) self->note("link.accept-fault", {}, "the listener has stopped");
    self->accepting_ = false;
    self->check_stopped();
  });
}

asio::awaitable<void> Listener::Live::accept() {
  while (!closed_) {
    if (full()) {
      waiting_ = true;
      timer_.expires_after(kAcceptPauseMax);
      co_await timer_.async_wait(kToken);
      waiting_ = false;
      continue;
    }
    co_await acceptor_.async_wait(tcp::acceptor::wait_read, kToken);
    if (closed_ || accept_turn()) continue;
    timer_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, kAcceptPauseMax);
    co_await timer_.async_wait(kToken);
  }
}

// False: out of descriptors or memory.
bool Listener::Live::accept_turn() {
  for (int taken = 0; taken < kAcceptTurn && !full(); ++taken) {
    tcp::endpoint from;
    auto size = static_cast<socklen_t>(from.capacity());
    const int socket = ::accept4(acceptor_.native_handle(), from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      from.resize(size);
      pause_ = kAcceptPauseMin;
      greet(describe(socket, from));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;  // that caller's trouble
    note("link.no-descriptors", {}, std::strerror(errno));
    shed();
    return false;
  }
  return true;
}

// With no descriptor left, a waiting caller could not even be told so: the spare one lets it go.
void Listener::Live::shed() {
  if (spare_ >= 0) ::close(spare_);
  const int socket = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
  if (socket >= 0) ::close(socket);
  spare_ = open_spare();
}

void Listener::Live::greet(Caller caller) {
  switch (room_.arrive(caller, setup_.clock.mono())) {
    case WaitingRoom::Verdict::start:
      return start(std::move(caller));
    case WaitingRoom::Verdict::parked:
      return;
    case WaitingRoom::Verdict::refused:
      note("link.crowded", caller.remote, {});
      ::close(caller.socket);
  }
}

void Listener::Live::start(Caller caller) {
  auto slot = std::make_shared<std::weak_ptr<Connection>>();
  const auto self = shared_from_this();
  auto connection = Connection::start(
      {setup_.io, setup_.clock, setup_.tls, caller.socket, caller.remote, setup_.factory, setup_.limits,
       [self, origin = caller.origin] { self->settled(origin); },
       [self, origin = caller.origin] { self->room_.strike(origin, self->setup_.clock.mono()); },
       [self, slot, remote = caller.remote](const Result<void>& result) { self->gone(slot->lock(), remote, result); }});
  *slot = connection;
  connections_.insert(std::move(connection));
  count_ = connections_.size();
}

void Listener::Live::settled(std::uint64_t origin) {
  std::optional<Caller> next = room_.leave(origin, setup_.clock.mono());
  if (next) start(std::move(*next));
  if (waiting_ && !full()) timer_.cancel();
}

void Listener::Live::gone(const std::shared_ptr<Connection>& connection, const std::string& remote,
                          const Result<void>& result) {
  note(result ? "link.finished" : result.error().code, remote, result ? std::string() : result.error().detail);
  connections_.erase(connection);
  count_ = connections_.size();
  if (waiting_ && !full()) timer_.cancel();
  check_stopped();
}

void Listener::Live::stop(std::function<void()> stopped) {
  asio::dispatch(setup_.io, [self = shared_from_this(), stopped = std::move(stopped)]() mutable {
    self->stop_here(std::move(stopped));
  });
}

void Listener::Live::close() {
  asio::dispatch(setup_.io, [self = shared_from_this()] { self->close_here(); });
}

void Listener::Live::close_here() {
  closed_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  for (const Caller& caller : room_.empty_out()) ::close(caller.socket);
}

void Listener::Live::stop_here(std::function<void()> stopped) {
  if (stopped) stopped_.push_back(std::move(stopped));
  if (!stopping_) {
    stopping_ = true;
    close_here();
    const auto all = connections_;  // stopping one may end it at once
    for (const auto& connection : all) connection->stop();
  }
  check_stopped();
}

void Listener::Live::check_stopped() {
  if (!stopping_ || accepting_ || !connections_.empty()) return;
  const auto callbacks = std::move(stopped_);
  stopped_.clear();
  for (const auto& stopped : callbacks) stopped();
}

Listener::Listener(std::shared_ptr<Live> live) : live_(std::move(live)) {}

Result<std::unique_ptr<Listener>> Listener::open(Setup setup) {
  const auto live = std::make_shared<Live>(std::move(setup));
  SATCHEL_TRY(live->listen());
  live->begin();
  return std::unique_ptr<Listener>(new Listener(live));
}

Listener::~Listener() { live_->stop({}); }
void Listener::close() { live_->close(); }
void Listener::stop(std::function<void()> stopped) { live_->stop(std::move(stopped)); }
std::uint16_t Listener::port() const { return live_->port(); }
std::size_t Listener::connections() const { return live_->connections(); }

}  // namespace satchel
