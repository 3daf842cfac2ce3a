// SPDX-License-Identifier: AGPL-3.0-or-later
// A hub on a thread of its own, endpoints that echo and ask, and a raw TLS client that behaves as badly as it is told.
// Nothing sleeps: tests wait for a log line, for the end of a connection, or for a condition, with a bound.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "sync/link/client.h"
#include "sync/link/server.h"
#include "sync/link/system_clock.h"

namespace satchel::link_test {

inline constexpr Millis kPatience{10'000};

// Does nothing of its own; tests override what they need.
class PlainEndpoint : public Endpoint {
 public:
  void on_open(MonoTime) override {}
  void on_frame(MonoTime, View) override {}
  void on_tick(MonoTime) override {}
  void on_closed(MonoTime) override { ++closed_; }
  std::optional<MonoTime> next_deadline() const override { return std::nullopt; }
  std::vector<Bytes> take_output() override { return std::exchange(out_, {}); }
  void on_backlog(std::size_t bytes) override { backlog_ = bytes; }
  bool finished() const override { return finished_; }

 protected:
  std::vector<Bytes> out_;
  std::size_t backlog_ = 0;
  bool finished_ = false;
  int closed_ = 0;
};

class Echo : public PlainEndpoint {
 public:
  void on_frame(MonoTime, View frame) override { out_.push_back(copy(frame)); }
};

// Sends a greeting and one frame of each size, one after the other, and has finished when all came back unchanged.
class Asker : public PlainEndpoint {
 public:
  explicit Asker(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {}
  void on_open(MonoTime) override { ask(Bytes(16, 1)); }
  void on_frame(MonoTime, View frame) override {
    if (!equal(frame, asked_)) throw std::runtime_error("the echo differs");
    if (next_ == sizes_.size()) {
      finished_ = true;
    } else {
      Bytes bytes(sizes_[next_++]);
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<Byte>(i * 31 + next_);
      ask(std::move(bytes));
    }
  }

 private:
  void ask(Bytes frame) {
    asked_ = frame;
    out_.push_back(std::move(frame));
  }
  std::vector<std::size_t> sizes_;
  std::size_t next_ = 0;
  Bytes asked_;
};

inline EndpointFactory echoes() {
  return [](const Channel&) { return std::make_unique<Echo>(); };
}
inline EndpointFactory asks(std::vector<std::size_t> sizes) {
  return [sizes = std::move(sizes)](const Channel&) { return std::make_unique<Asker>(sizes); };
}

// What the hub logged, as codes.
class Log {
 public:
  LinkLog sink();
  // Waits until `code` has been logged `times` times; false when it does not happen in time.
  bool wait_for(std::string_view code, std::size_t times = 1, Millis patience = kPatience);
  std::size_t count(std::string_view code);
  std::string all();

 private:
  std::mutex lock_;
  std::condition_variable news_;
  std::multiset<std::string, std::less<>> codes_;
};

class Hub {
 public:
  explicit Hub(EndpointFactory factory, Limits limits = {}, std::string host = "127.0.0.1");
  ~Hub() { stop(); }
  HostPort at() const { return {host_, listener_->port()}; }
  Digest pin() const { return identity_.pin(); }
  const TlsIdentity& identity() const { return identity_; }
  Result<void> run(EndpointFactory device, Limits limits = {}) {
    return run_endpoint(at(), {pin()}, std::move(device), clock_, kPatience, limits);
  }
  // Stops listener and thread; false when the listener did not get to its end by itself.
  bool stop();
  Listener& listener() { return *listener_; }
  Log log;

 private:
  SystemClock clock_;
  TlsIdentity identity_;
  std::string host_;
  boost::asio::io_context io_;
  std::unique_ptr<Listener> listener_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

// A blocking TCP connection, with TLS on request, that is told byte by byte what to do.
class RawPeer {
 public:
  // `receive_buffer`: bytes the kernel keeps unread, 0 for its own choice. `from`: the address it calls from.
  explicit RawPeer(const HostPort& to, int receive_buffer = 0, const char* from = nullptr);
  ~RawPeer();
  // False when the handshake fails.
  bool shake(int max_version = TLS1_3_VERSION);
  // Without TLS.
  void send_plain(std::string_view text);
  // Within TLS, as they are.
  void send(View bytes);
  void send_frame(std::size_t size) { send_frame(size, size); }
  // Announces `size` bytes and sends `count` of them.
  void send_frame(std::size_t size, std::size_t count);
  // Reads until the other end closes; the number of bytes that came. Nothing when it stays open past kPatience.
  std::optional<std::size_t> read_to_end();
  void cut();

 private:
  int socket_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

// Waits for a condition other threads bring about.
bool soon(const std::function<bool()>& condition);

}  // namespace satchel::link_test
