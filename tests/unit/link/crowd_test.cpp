// SPDX-License-Identifier: AGPL-3.0-or-later
// Many at once, and stopping in the middle of it.
#include <sys/resource.h>
#include <catch2/catch.hpp>

#include "tests/unit/link/fixture.h"

using namespace satchel;
using namespace satchel::link_test;

TEST_CASE("crowd: 200 connections at once from one address all get their answers", "[link]") {
  Hub hub(echoes());
  SystemClock clock;
  boost::asio::io_context io;
  const TlsContext tls = TlsContext::client({hub.pin()}).value();
  std::vector<std::unique_ptr<Dialer>> dialers;
  int good = 0;
  for (int i = 0; i < 200; ++i) {
    dialers.push_back(std::make_unique<Dialer>(io, clock, tls));
    dialers.back()->dial(hub.at(), asks({100, 5000, 70'000}),
                         [&](const Result<void>& result) { good += result.has_value(); });
  }
  io.run();
  INFO(hub.log.all());
  CHECK(good == 200);
  CHECK(hub.stop());
}

TEST_CASE("crowd: stop in the middle of busy connections ends every one", "[link]") {
  // Never finishes: each echo is answered by the next frame.
  struct Endless : PlainEndpoint {
    explicit Endless(std::atomic<int>& busy) : busy_(busy) {}
    void on_open(MonoTime) override { out_.push_back(Bytes(100)); }
    void on_frame(MonoTime, View) override {
      if (++frames_ == 20) ++busy_;
      out_.push_back(Bytes(30'000));
    }
    std::atomic<int>& busy_;
    int frames_ = 0;
  };
  std::atomic<int> busy = 0;
  Hub hub(echoes());
  std::vector<std::thread> devices;
  std::atomic<int> cut = 0;
  for (int i = 0; i < 8; ++i) {
    devices.emplace_back([&] {
      const auto result = hub.run([&](const Channel&) { return std::make_unique<Endless>(busy); });
      cut += !result && result.error().code == "link.cut";
    });
  }
  REQUIRE(soon([&] { return busy == 8; }));
  CHECK(hub.stop());
  for (std::thread& device : devices) device.join();
  CHECK(cut == 8);
  CHECK(hub.log.count("link.stopped") == 8);
}

TEST_CASE("crowd: stop does not wait for peers that never answer a farewell", "[link]") {
  Limits limits;
  limits.close = Millis(50);
  Hub hub(echoes(), limits);
  RawPeer silent(hub.at()), mute(hub.at());
  REQUIRE(silent.shake());
  silent.send_frame(10);
  REQUIRE(soon([&] { return hub.listener().connections() == 2; }));
  CHECK(hub.stop());
}

TEST_CASE("crowd: a dialer stopped in mid-connection still tells its end", "[link]") {
  Hub hub(echoes());
  SystemClock clock;
  boost::asio::io_context io;
  struct Stopper : PlainEndpoint {
    explicit Stopper(Dialer& d) : dialer(d) {}
    void on_open(MonoTime) override { out_.push_back({1}); }
    void on_frame(MonoTime, View) override { dialer.stop(); }
    Dialer& dialer;
  };
  Dialer dialer(io, clock, TlsContext::client({hub.pin()}).value());
  std::string code;
  dialer.dial(
      hub.at(), [&](const Channel&) { return std::make_unique<Stopper>(dialer); },
      [&](const Result<void>& result) { code = result ? "finished" : result.error().code; });
  io.run();
  CHECK(code == "link.stopped");
  CHECK_FALSE(dialer.busy());
}

TEST_CASE("crowd: out of descriptors the hub lets callers go and recovers", "[link]") {
  Hub hub(echoes());
  REQUIRE(hub.run(asks({1})));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  std::vector<std::unique_ptr<RawPeer>> peers;
  peers.push_back(std::make_unique<RawPeer>(hub.at()));
  REQUIRE(soon([&] { return hub.listener().connections() >= 1; }));
  // The next accept finds no descriptor: the limit is what is open now, plus the caller's own socket.
  const int probe = ::dup(0);
  ::close(probe);
  const rlimit tight{static_cast<rlim_t>(probe) + 1, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  peers.push_back(std::make_unique<RawPeer>(hub.at()));
  const bool noticed = hub.log.wait_for("link.no-descriptors") && peers.back()->read_to_end();
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(noticed);
  peers.clear();
  CHECK(hub.run(asks({1})));
}
