// SPDX-License-Identifier: AGPL-3.0-or-later
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "sync/link/dial.h"
#include "sync/link/frames.h"
#include "tests/unit/link/fixture.h"

using namespace satchel;
using namespace satchel::link_test;

TEST_CASE("channel: frames of every size come back unchanged", "[link]") {
  Hub hub(echoes());
  const auto result = hub.run(asks({1, 7, 8, 4096, 16'384, 16'385, 65'536, 600 * 1024, kFrameBytesMax}));
  INFO((result ? "" : result.error().code + " " + result.error().detail));
  REQUIRE(result);
  REQUIRE(hub.log.wait_for("link.cut"));  // the echo never finishes by itself
  CHECK(hub.stop());
}

TEST_CASE("channel: works over IPv6 and through a name", "[link]") {
  SystemClock clock;
  Hub hub(echoes(), {}, "::1");
  CHECK(hub.run(asks({100})));
  Hub named(echoes());
  CHECK(run_endpoint({"localhost", named.at().port}, {named.pin()}, asks({100}), clock, kPatience));
}

TEST_CASE("channel: a hub with another key is refused, whatever certificate it shows", "[link]") {
  SystemClock clock;
  Hub hub(echoes());
  const TlsIdentity other = TlsIdentity::make().value();
  int made = 0;
  const EndpointFactory counted = [&](const Channel&) {
    return ++made, std::make_unique<Asker>(std::vector<std::size_t>{1});
  };
  SECTION("wrong pin, also when the system would trust the certificate") {
    const auto folder = std::filesystem::temp_directory_path() / ("satchel-pin-" + std::to_string(::getpid()));
    REQUIRE(hub.identity().save(folder));
    ::setenv("SSL_CERT_FILE", folder.c_str(), 1);
    const auto result = run_endpoint(hub.at(), {other.pin()}, counted, clock, kPatience);
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(folder);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "link.wrong-pin");
    CHECK(result.error().kind == ErrorKind::offline);
    CHECK(made == 0);
  }
  SECTION("no pin accepts nobody") {
    const auto result = run_endpoint(hub.at(), {}, counted, clock, kPatience);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "link.wrong-pin");
  }
  SECTION("the backup pin will do") {
    CHECK(run_endpoint(hub.at(), {other.pin(), hub.pin()}, counted, clock, kPatience));
    CHECK(made == 1);
  }
}

TEST_CASE("channel: a client without TLS 1.3 is refused", "[link]") {
  Hub hub(echoes());
  RawPeer old(hub.at());
  CHECK_FALSE(old.shake(TLS1_2_VERSION));
  CHECK(hub.log.wait_for("link.tls"));
  RawPeer current(hub.at());
  CHECK(current.shake());
}

TEST_CASE("channel: bytes that are not TLS end the connection", "[link]") {
  Hub hub(echoes());
  RawPeer peer(hub.at());
  // A plain HTTP request, as a port scanner sends it.
  peer.send_plain("GET / HTTP/1.1\r\nHost: hub\r\n\r\n");
  CHECK(peer.read_to_end());
  CHECK(hub.log.wait_for("link.tls"));
}

TEST_CASE("channel: nobody there, nobody answering, and too late are told apart", "[link]") {
  SystemClock clock;
  std::uint16_t free_port = 0;
  {
    Hub gone(echoes());
    free_port = gone.at().port;
  }
  CHECK(run_endpoint({"127.0.0.1", free_port}, {}, echoes(), clock, kPatience).error().code == "link.refused");
  CHECK(run_endpoint({"no-such-host.invalid", 1}, {}, echoes(), clock, kPatience).error().code == "link.unreachable");
  Hub hub(echoes());
  const EndpointFactory waits = [](const Channel&) { return std::make_unique<PlainEndpoint>(); };
  CHECK(run_endpoint(hub.at(), {hub.pin()}, waits, clock, Millis(100)).error().code == "link.timeout");
}

TEST_CASE("channel: both ends export the same bytes, every connection others", "[link]") {
  std::mutex lock;
  std::multiset<std::string> hub_side, device_side;
  Hub hub([&](const Channel& channel) {
    const std::lock_guard guard(lock);
    hub_side.insert(hex(channel.exporter));
    return std::make_unique<Echo>();
  });
  for (int i = 0; i < 5; ++i) {
    REQUIRE(hub.run([&](const Channel& channel) {
      device_side.insert(hex(channel.exporter));
      return std::make_unique<Asker>(std::vector<std::size_t>{1});
    }));
  }
  hub.stop();
  CHECK(hub_side == device_side);
  CHECK(std::set<std::string>(hub_side.begin(), hub_side.end()).size() == 5);
}

TEST_CASE("channel: what an endpoint wrote before it finished arrives whole", "[link]") {
  // A plain close loses what the kernel still holds as soon as the peer sends anything more: hence the farewell, and
  // waiting for its answer.
  static constexpr std::size_t kGift = 256 * 1024;
  static std::atomic<bool> given;
  given = false;
  struct Giver : PlainEndpoint {
    void on_frame(MonoTime, View) override {
      out_ = {Bytes(kHelloBytesMax), Bytes(kGift)};
      finished_ = given = true;
    }
  };
  Hub hub([](const Channel&) { return std::make_unique<Giver>(); });
  RawPeer talker(hub.at(), 16 * 1024);  // most of the gift waits in the hub's kernel
  REQUIRE(talker.shake());
  talker.send_frame(10);
  REQUIRE(soon([] { return given.load(); }));
  SystemClock clock;
  for (const MonoTime start = clock.mono(); clock.mono() < start + Millis(20);) talker.send_frame(10);
  CHECK(talker.read_to_end() == std::optional<std::size_t>(kHelloBytesMax + kGift + 2 * kFramePrefixBytes));
  CHECK(hub.log.wait_for("link.finished"));
}

TEST_CASE("channel: deadlines tick, wakes from other threads are heard, late wakes do no harm", "[link]") {
  struct Ticker : PlainEndpoint {
    explicit Ticker(SystemClock& clock) : due_(clock.mono() + Millis(5)) {}
    std::optional<MonoTime> next_deadline() const override { return due_; }
    void on_tick(MonoTime now) override {
      if (due_ && now >= *due_) out_.push_back({1});
      due_.reset();
    }
    std::optional<MonoTime> due_;
  };
  struct Sleeper : PlainEndpoint {
    Sleeper(std::atomic<bool>& ready, std::function<void()> wake) : ready_(ready), wake_(std::move(wake)) {}
    void on_frame(MonoTime, View) override {
      waker_ = std::thread([this] {
        ready_ = true;
        wake_();
      });
    }
    std::vector<Bytes> take_output() override {
      return ready_.exchange(false) ? std::vector<Bytes>{{2}} : std::vector<Bytes>{};
    }
    ~Sleeper() override { waker_.join(); }
    std::atomic<bool>& ready_;
    std::function<void()> wake_;
    std::thread waker_;
  };
  struct Waiter : Ticker {
    using Ticker::Ticker;
    void on_frame(MonoTime, View frame) override { finished_ = equal(frame, Bytes{2}); }
  };
  SystemClock clock;
  std::atomic<bool> ready = false;
  std::function<void()> wake;
  {
    Hub hub([&](const Channel& channel) {
      wake = channel.wake;
      return std::make_unique<Sleeper>(ready, channel.wake);
    });
    CHECK(hub.run([&](const Channel&) { return std::make_unique<Waiter>(clock); }));
    hub.log.wait_for("link.cut");
    wake();
  }
  wake();  // connection, listener and io_context are gone
}

TEST_CASE("channel: dial as a coroutine, one connection after the other", "[link]") {
  Hub hub(echoes());
  SystemClock clock;
  boost::asio::io_context io;
  Dialer dialer(io, clock, TlsContext::client({hub.pin()}).value());
  int good = 0;
  const auto twice = [](Dialer& d, HostPort at, int& count) -> boost::asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      EndpointFactory factory = asks({10});
      auto wait = dial(d, at, factory);
      const Result<void> result = co_await std::move(wait);
      count += result.has_value();
    }
  };
  boost::asio::co_spawn(io, twice(dialer, hub.at(), good), [](std::exception_ptr fault) { CHECK_FALSE(fault); });
  io.run();
  CHECK(good == 2);
}
