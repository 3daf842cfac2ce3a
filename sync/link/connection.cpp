// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/connection.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sync/link/frames.h"
#include "sync/link/tls_stream.h"
#include "sync/link/token.h"
#include "sync/link/wake.h"

namespace satchel {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Step = TlsStream::Step;

constexpr MonoTime kNever{INT64_MAX};
constexpr std::size_t kDiscardBytes = 4096;

class LiveConnection : public Connection, public std::enable_shared_from_this<LiveConnection> {
 public:
  explicit LiveConnection(Setup setup)
      : setup_(std::move(setup)),
        socket_(setup_.io),
        timer_(setup_.io),
        pause_(setup_.io),
        tls_(setup_.socket, setup_.tls) {}
  ~LiveConnection() override { wake_->close(); }

  void begin();
  void stop() override;
  void pump();

 private:
  enum class Phase { shaking, open, draining, leaving, over };
  enum class Turn { blocked, more, ended };

  asio::awaitable<void> live();
  asio::awaitable<bool> shake();
  asio::awaitable<void> read();
  asio::awaitable<void> hold();
  asio::awaitable<void> watch();
  asio::awaitable<void> drain();
  void spawn(asio::awaitable<void> task);
  void task_ended(std::exception_ptr fault);

  bool open();
  Turn read_turn();
  bool take_frame(MonoTime now);
  Turn discard_turn();
  bool collect();
  bool send_some(std::size_t& turn);
  void leave_if_done();
  MonoTime frame_due() const;
  MonoTime due() const;
  void on_time();
  void judge_rate(MonoTime now);
  void rearm();
  void abort(Error why);
  void settle();
  void finish();

  std::size_t backlog() const { return queue_.bytes() + tls_.unsent(); }
  MonoTime now() { return setup_.clock.mono(); }
  bool full() const { return backlog() >= setup_.limits.write_queue_bytes; }
  // What the peer has acknowledged, ever; what the kernel merely holds for it does not count as delivered.
  std::uint64_t delivered() const;

  Setup setup_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  asio::steady_timer pause_;  // never expires: read() waits on it while the endpoint takes nothing
  TlsStream tls_;
  std::shared_ptr<WakeGate> wake_ = std::make_shared<WakeGate>(setup_.io);
  std::unique_ptr<Endpoint> endpoint_;
  FrameReader frames_;
  FrameQueue queue_;
  Phase phase_ = Phase::shaking;
  int tasks_ = 0;
  bool blocked_ = false;   // the kernel is full, or others come first
  bool draining_ = false;  // drain() is running
  bool held_ = false;      // hold() is waiting
  bool heard_ = false;     // the first frame has come
  bool settled_ = false;
  std::optional<Error> why_;
  MonoTime armed_ = kNever;        // what watch() waits for
  MonoTime phase_due_ = kNever;    // end of the handshake, of the wait for the first frame, or of leaving
  MonoTime heard_at_{};            // bytes last received
  MonoTime frame_start_ = kNever;  // of the frame under way
  MonoTime window_due_ = kNever;
  std::uint64_t window_start_ = 0;    // delivered() when the rate window began
  std::uint64_t window_waiting_ = 0;  // and what waited then
};

void LiveConnection::begin() {
  boost::system::error_code error;
  wake_->aim([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->pump();
  });
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  const bool named = ::getsockname(setup_.socket, reinterpret_cast<sockaddr*>(&name), &size) == 0;
  socket_.assign(named && name.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), setup_.socket, error);
  if (error) {
    ::close(setup_.socket);
    why_ = Error{ErrorKind::offline, "link.cut", error.message()};
    asio::post(setup_.io, [self = shared_from_this()] { self->finish(); });
    return;
  }
  socket_.non_blocking(true, error);
  socket_.set_option(tcp::no_delay(true), error);
  const int lowat = static_cast<int>(kNotSentLowat);
  ::setsockopt(setup_.socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat);
  phase_due_ = now() + setup_.limits.handshake;
  spawn(watch());
  spawn(live());
}

// Every coroutine keeps the connection; the last one to end finishes it.
void LiveConnection::spawn(asio::awaitable<void> task) {
  ++tasks_;
  asio::co_spawn(setup_.io, std::move(task),
                 [self = shared_from_this()](std::exception_ptr fault) { self->task_ended(fault); });
}

void LiveConnection::task_ended(std::exception_ptr fault) {
  if (fault) {
    try {
      std::rethrow_exception(fault);
    } catch (const std::exception& problem) {
      abort({ErrorKind::failed, "link.fault", problem.what()});
    }
  }
  if (--tasks_ == 0) finish();
}

asio::awaitable<void> LiveConnection::live() {
  const bool shaken = co_await shake();
  if (!shaken || !open()) co_return;
  pump();
  co_await read();
  abort({ErrorKind::offline, "link.cut", tls_.why()});
}

asio::awaitable<bool> LiveConnection::shake() {
  while (phase_ == Phase::shaking) {
    const Step step = tls_.handshake();
    const Step sent = tls_.flush();
    if (step == Step::failed || step == Step::closed || sent == Step::failed) {
      const char* code = tls_.wrong_pin() ? "link.wrong-pin" : "link.tls";
      abort({ErrorKind::offline, code, tls_.why()});
    } else if (step == Step::done) {
      blocked_ = sent == Step::again;
      co_return true;
    } else {
      const auto ready = sent == Step::again ? tcp::socket::wait_write : tcp::socket::wait_read;
      co_await socket_.async_wait(ready, kToken);
    }
  }
  co_return false;
}

bool LiveConnection::open() {
  endpoint_ = setup_.factory({tls_.exporter(), setup_.remote, [gate = wake_] { gate->wake(); }});
  if (!endpoint_) {
    abort({ErrorKind::offline, "link.turned-away", {}});
    return false;
  }
  phase_ = Phase::open;
  heard_at_ = now();
  phase_due_ = heard_at_ + (setup_.tls.is_server() ? setup_.limits.hello : setup_.limits.answer);
  endpoint_->on_open(heard_at_);
  return true;
}

// Until the endpoint takes frames again, or is done.
asio::awaitable<void> LiveConnection::hold() {
  held_ = true;
  pause_.expires_at(asio::steady_timer::time_point::max());
  co_await pause_.async_wait(kToken);
  held_ = false;
  heard_at_ = now();  // our own pause is not held against the peer
  if (frame_start_ != kNever) frame_start_ = heard_at_;
}

asio::awaitable<void> LiveConnection::read() {
  while (phase_ != Phase::over) {
    if (phase_ == Phase::open && !endpoint_->ready()) {
      co_await hold();
      continue;
    }
    if (phase_ == Phase::open && full()) {
      // Who does not read what we send is not read either.
      co_await socket_.async_wait(tcp::socket::wait_write, kToken);
      heard_at_ = now();  // our own pause is not held against it; judge_rate() bounds it
      if (frame_start_ != kNever) frame_start_ = heard_at_;
      pump();
      continue;
    }
    const Turn turn = phase_ == Phase::open ? read_turn() : discard_turn();
    pump();
    if (turn == Turn::ended) co_return;
    if (turn == Turn::more) {
      co_await asio::post(setup_.io, asio::use_awaitable);
    } else if (phase_ != Phase::over && !(phase_ == Phase::open && (full() || !endpoint_->ready()))) {
      co_await socket_.async_wait(tcp::socket::wait_read, kToken);
    }
  }
}

LiveConnection::Turn LiveConnection::read_turn() {
  const MonoTime time = now();
  const std::uint64_t before = tls_.received();
  for (std::size_t used = 0; used < kReadTurnBytes;) {
    std::size_t count = 0;
    const Step step = tls_.read(frames_.want(), count);
    if (step != Step::done) {
      if (tls_.received() != before) heard_at_ = time;
      frames_.release();
      return step == Step::again ? Turn::blocked : Turn::ended;
    }
    used += count;
    const Result<bool> whole = frames_.got(count);
    if (!whole) {
      abort(whole.error());
      return Turn::ended;
    }
    if (*whole && !take_frame(time)) return Turn::more;
    if (!*whole && frame_start_ == kNever) frame_start_ = time;
  }
  heard_at_ = time;
  return Turn::more;
}

// False: no further frame is wanted now.
bool LiveConnection::take_frame(MonoTime time) {
  frame_start_ = kNever;
  if (!heard_) {
    heard_ = true;
    phase_due_ = kNever;
    settle();
  }
  endpoint_->on_frame(time, frames_.frame());
  frames_.limit(std::min(endpoint_->frame_bytes_max(), kFrameBytesMax));
  collect();
  return !endpoint_->finished() && !full() && endpoint_->ready();
}

LiveConnection::Turn LiveConnection::discard_turn() {
  std::array<Byte, kDiscardBytes> nowhere;
  frames_.release();
  for (std::size_t used = 0; used < kReadTurnBytes;) {
    std::size_t count = 0;
    const Step step = tls_.read(nowhere, count);
    if (step != Step::done) return step == Step::again ? Turn::blocked : Turn::ended;
    used += count;
  }
  return Turn::more;
}

// Takes what the Endpoint has; false when there was nothing.
bool LiveConnection::collect() {
  if (phase_ != Phase::open || full()) return false;
  endpoint_->on_backlog(backlog());
  std::vector<Bytes> output = endpoint_->take_output();
  for (Bytes& frame : output) queue_.add(std::move(frame));
  return !output.empty();
}

// Sends until all is gone, the kernel is full or the turn is used up. False: the channel is broken.
bool LiveConnection::send_some(std::size_t& turn) {
  thread_local Bytes plain;
  for (;;) {
    const Step step = tls_.flush();
    if (step == Step::failed) return false;
    blocked_ = step == Step::again || turn >= kWriteTurnBytes;
    if (blocked_ || queue_.empty()) return true;
    plain.clear();
    queue_.gather(plain, kGatherBytes);
    tls_.write(plain);
    turn += plain.size();
  }
}

void LiveConnection::pump() {
  if (phase_ == Phase::shaking || phase_ == Phase::over) return;
  std::size_t turn = 0;
  for (bool more = true; more;) {
    more = collect();
    const std::size_t waiting = backlog();
    if (!send_some(turn)) return abort({ErrorKind::offline, "link.cut", tls_.why()});
    if (blocked_) break;
    // What went made room for what the endpoint held back.
    more = more || backlog() < waiting;
  }
  if (blocked_ && window_due_ == kNever) {
    window_due_ = now() + setup_.limits.rate_window;
    window_start_ = delivered();
    window_waiting_ = backlog() + (tls_.sent() - window_start_);
  }
  if (!blocked_) window_due_ = kNever;
  leave_if_done();
  if (held_ && (phase_ != Phase::open || endpoint_->ready())) pause_.cancel();
  if (blocked_ && !draining_) {
    draining_ = true;
    spawn(drain());
  }
  rearm();
}

asio::awaitable<void> LiveConnection::drain() {
  while (blocked_ && phase_ != Phase::over) {
    co_await socket_.async_wait(tcp::socket::wait_write, kToken);
    pump();
  }
  draining_ = false;
}

void LiveConnection::leave_if_done() {
  if (phase_ == Phase::open && endpoint_->finished()) {
    phase_ = Phase::draining;
    phase_due_ = kNever;
    frame_start_ = kNever;
    settle();
  }
  if (phase_ != Phase::draining || blocked_ || !queue_.empty()) return;
  tls_.farewell();
  const Step step = tls_.flush();
  blocked_ = step == Step::again;
  if (step == Step::again) return;
  phase_ = Phase::leaving;
  phase_due_ = now() + setup_.limits.close;
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void LiveConnection::stop() {
  if (phase_ == Phase::shaking) return abort({ErrorKind::offline, "link.stopped", {}});
  if (phase_ != Phase::open) return;
  collect();
  if (!endpoint_->finished()) why_ = Error{ErrorKind::offline, "link.stopped", {}};
  phase_ = Phase::draining;
  phase_due_ = now() + setup_.limits.close;
  frame_start_ = kNever;
  settle();
  pump();
}

// When the frame under way must be whole.
MonoTime LiveConnection::frame_due() const {
  if (frame_start_ == kNever || held_) return kNever;
  return frame_start_ + setup_.limits.frame_grace + Millis(frames_.expected() * 1000 / setup_.limits.rate_floor);
}

MonoTime LiveConnection::due() const {
  MonoTime first = std::min({phase_due_, frame_due(), window_due_});
  if (phase_ != Phase::open) return first;
  if (!held_) first = std::min(first, heard_at_ + setup_.limits.idle);
  const std::optional<MonoTime> wanted = endpoint_->next_deadline();
  return wanted ? std::min(first, *wanted) : first;
}

asio::awaitable<void> LiveConnection::watch() {
  while (phase_ != Phase::over) {
    armed_ = due();
    const std::int64_t wait = std::max<std::int64_t>(armed_.ms - now().ms, 0);
    timer_.expires_after(Millis(std::min<std::int64_t>(wait, 3'600'000)));
    co_await timer_.async_wait(kToken);
    if (phase_ != Phase::over) on_time();
  }
}

void LiveConnection::rearm() {
  if (phase_ == Phase::over || due() < armed_) timer_.cancel();
}

void LiveConnection::on_time() {
  const MonoTime time = now();
  if (phase_due_ <= time) {
    const char* code = phase_ == Phase::shaking ? "link.slow-handshake"
                       : phase_ == Phase::open  ? "link.silent"
                                                : "link.cut";
    return abort({ErrorKind::offline, code, {}});
  }
  if (frame_due() <= time) return abort({ErrorKind::offline, "link.too-slow", "receiving"});
  if (window_due_ <= time) judge_rate(time);
  if (phase_ != Phase::open) return;
  if (!held_ && heard_at_ + setup_.limits.idle <= time) return abort({ErrorKind::offline, "link.idle", {}});
  const std::optional<MonoTime> wanted = endpoint_->next_deadline();
  if (!wanted || time < *wanted) return;
  endpoint_->on_tick(time);
  pump();
}

void LiveConnection::judge_rate(MonoTime time) {
  const std::uint64_t delivered_now = delivered();
  const std::uint64_t floor =
      setup_.limits.rate_floor * static_cast<std::uint64_t>(setup_.limits.rate_window.count()) / 1000;
  if (delivered_now - window_start_ < std::min(floor, window_waiting_))
    return abort({ErrorKind::offline, "link.too-slow", "sending"});
  window_due_ = time + setup_.limits.rate_window;
  window_start_ = delivered_now;
  window_waiting_ = backlog() + (tls_.sent() - delivered_now);
}

std::uint64_t LiveConnection::delivered() const {
  int held = 0;
  if (::ioctl(setup_.socket, SIOCOUTQ, &held) != 0 || held < 0) held = 0;
  return tls_.sent() - std::min<std::uint64_t>(tls_.sent(), static_cast<std::uint64_t>(held));
}

void LiveConnection::abort(Error why) {
  if (phase_ == Phase::over) return;
  if (!why_) why_ = std::move(why);
  if (phase_ == Phase::open || phase_ == Phase::draining) {
    tls_.farewell();  // as far as it goes at once; nobody waits for it
    tls_.flush();
  }
  phase_ = Phase::over;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  pause_.cancel();
}

void LiveConnection::settle() {
  if (settled_) return;
  settled_ = true;
  if (setup_.settled) setup_.settled();
}

void LiveConnection::finish() {
  phase_ = Phase::over;
  wake_->close();
  settle();
  Result<void> result;
  // Asked before it hears of the end, after which there is nothing more to come in any case.
  const bool finished = endpoint_ && endpoint_->finished();
  const bool known = endpoint_ && endpoint_->known();
  if (endpoint_) endpoint_->on_closed(now());
  if (!finished) result = std::unexpected(why_.value_or(Error{ErrorKind::offline, "link.cut", {}}));
  endpoint_.reset();
  const Done done = std::move(setup_.done);
  if (!known && setup_.stranger) setup_.stranger();
  if (done) done(std::move(result));
}

}  // namespace

std::shared_ptr<Connection> Connection::start(Setup setup) {
  auto connection = std::make_shared<LiveConnection>(std::move(setup));
  connection->begin();
  return connection;
}

}  // namespace satchel
