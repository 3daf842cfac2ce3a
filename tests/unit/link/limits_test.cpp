// SPDX-License-Identifier: AGPL-3.0-or-later
// Peers that are hostile, slow or gone: every one is let go within its limit and costs bounded memory until then.
#include <catch2/catch.hpp>

#include "tests/unit/link/fixture.h"

using namespace satchel;
using namespace satchel::link_test;

namespace {

// Counts what becomes of it, from outside.
struct Seen {
  std::atomic<int> opened = 0, frames = 0, closed = 0, destroyed = 0;
};

struct Watched : Echo {
  explicit Watched(Seen& seen) : seen_(seen) {}
  ~Watched() override { ++seen_.destroyed; }
  void on_open(MonoTime) override { ++seen_.opened; }
  void on_frame(MonoTime now, View frame) override {
    ++seen_.frames;
    Echo::on_frame(now, frame);
  }
  void on_closed(MonoTime) override { ++seen_.closed; }
  Seen& seen_;
};

EndpointFactory watched(Seen& seen) {
  return [&seen](const Channel&) { return std::make_unique<Watched>(seen); };
}

}  // namespace

TEST_CASE("limits: an empty or oversize frame closes the connection before the endpoint sees it", "[link]") {
  Seen seen;
  Hub hub(watched(seen));
  RawPeer peer(hub.at());
  REQUIRE(peer.shake());
  SECTION("oversize hello") {
    peer.send_frame(kHelloBytesMax + 1, 100);
    CHECK(hub.log.wait_for("link.frame-too-long"));
    CHECK(seen.frames == 0);
  }
  SECTION("empty hello") {
    peer.send_frame(0);
    CHECK(hub.log.wait_for("link.frame-empty"));
    CHECK(seen.frames == 0);
  }
  SECTION("oversize frame after a good hello") {
    peer.send_frame(kHelloBytesMax);
    peer.send_frame(kFrameBytesMax + 1, 100);
    CHECK(hub.log.wait_for("link.frame-too-long"));
    CHECK(seen.frames == 1);
  }
  CHECK(peer.read_to_end());
  REQUIRE(hub.stop());
  CHECK(seen.closed == 1);
  CHECK(seen.destroyed == 1);
}

TEST_CASE("limits: a cut in the middle of a frame delivers nothing of it", "[link]") {
  Seen seen;
  Hub hub(watched(seen));
  RawPeer peer(hub.at());
  REQUIRE(peer.shake());
  peer.send_frame(100);
  peer.send_frame(1000, 999);
  REQUIRE(soon([&] { return seen.frames == 1; }));
  peer.cut();
  CHECK(hub.log.wait_for("link.cut"));
  CHECK(seen.frames == 1);
  CHECK(seen.closed == 1);
}

TEST_CASE("limits: silence is cut off in every phase", "[link]") {
  Seen seen;
  Limits limits;
  SECTION("before the handshake") {
    limits.handshake = Millis(30);
    Hub hub(watched(seen), limits);
    RawPeer peer(hub.at());
    CHECK(peer.read_to_end());
    CHECK(hub.log.wait_for("link.slow-handshake"));
    CHECK(seen.opened == 0);
  }
  SECTION("before the hello") {
    limits.hello = Millis(30);
    Hub hub(watched(seen), limits);
    RawPeer peer(hub.at());
    REQUIRE(peer.shake());
    CHECK(peer.read_to_end());
    CHECK(hub.log.wait_for("link.silent"));
  }
  SECTION("in the middle of a frame, however slowly its bytes trickle") {
    limits.frame_grace = Millis(30);
    limits.rate_floor = 100'000'000;
    Hub hub(watched(seen), limits);
    RawPeer peer(hub.at());
    REQUIRE(peer.shake());
    peer.send_frame(10);
    peer.send_frame(kFrameBytesMax, 1);
    for (std::size_t i = 2; i < kFrameBytesMax && hub.log.count("link.too-slow") == 0; ++i) peer.send(Bytes{0});
    CHECK(hub.log.wait_for("link.too-slow"));
    CHECK(seen.frames == 1);
  }
  SECTION("a frame that never ends") {
    limits.frame_grace = Millis(30);
    limits.rate_floor = 1'000'000;
    Hub hub(watched(seen), limits);
    RawPeer peer(hub.at());
    REQUIRE(peer.shake());
    peer.send_frame(10);
    peer.send_frame(1000, 500);
    CHECK(hub.log.wait_for("link.too-slow"));
    CHECK(seen.frames == 1);
  }
  SECTION("afterwards") {
    limits.idle = Millis(50);
    Hub hub(watched(seen), limits);
    RawPeer peer(hub.at());
    REQUIRE(peer.shake());
    peer.send_frame(10);
    CHECK(peer.read_to_end() == std::optional<std::size_t>(14));
    CHECK(hub.log.wait_for("link.idle"));
    CHECK(seen.closed == 1);
  }
}

TEST_CASE("limits: a hub that does not answer the hello is given up", "[link]") {
  Hub hub([](const Channel&) { return std::make_unique<PlainEndpoint>(); });
  Limits limits;
  limits.answer = Millis(30);
  const auto result = hub.run(asks({1}), limits);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "link.silent");
}

TEST_CASE("limits: a peer that never reads holds a bounded queue, is not read, and is dropped", "[link]") {
  // Answers every frame with a hundredfold and ignores what it is told of the backlog.
  static constexpr std::size_t kAnswer = 256 * 1024;
  static std::atomic<std::size_t> made, most_backlog;
  made = most_backlog = 0;
  struct Gusher : PlainEndpoint {
    void on_frame(MonoTime, View) override {
      out_.push_back(Bytes(made == 0 ? kHelloBytesMax : kAnswer));
      made += out_.back().size();
    }
    void on_backlog(std::size_t bytes) override { most_backlog = std::max<std::size_t>(most_backlog, bytes); }
  };
  Limits limits;
  limits.write_queue_bytes = 1024 * 1024;
  limits.rate_window = Millis(300);
  Hub hub([](const Channel&) { return std::make_unique<Gusher>(); }, limits);
  RawPeer peer(hub.at());
  REQUIRE(peer.shake());
  for (int i = 0; i < 200; ++i) peer.send_frame(64);  // asks for 50 MiB
  CHECK(hub.log.wait_for("link.too-slow"));
  CHECK(most_backlog <= limits.write_queue_bytes + kAnswer + kGatherBytes);
  CHECK(made < 40 * kAnswer);  // the rest was never even read: queue, and what the kernel holds
}

TEST_CASE("limits: a slow reader above the floor is kept", "[link]") {
  static constexpr int kFrames = 12;
  struct Giver : PlainEndpoint {
    void on_frame(MonoTime, View) override {
      for (int i = 0; i < kFrames; ++i) out_.push_back(Bytes(i == 0 ? 1 : kFrameBytesMax));
    }
  };
  // Takes a twentieth of a second over each frame: several windows in all.
  struct Slow : PlainEndpoint {
    void on_open(MonoTime) override { out_.push_back({1}); }
    void on_frame(MonoTime now, View) override {
      while (clock.mono() < now + Millis(50)) continue;
      finished_ = ++frames == kFrames;
    }
    SystemClock clock;
    int frames = 0;
  };
  Limits limits;
  limits.rate_window = Millis(200);
  limits.rate_floor = 500'000;  // a tenth of a megabyte a window, against four
  limits.write_queue_bytes = 64 * 1024 * 1024;
  Hub hub([](const Channel&) { return std::make_unique<Giver>(); }, limits);
  CHECK(hub.run([](const Channel&) { return std::make_unique<Slow>(); }));
  CHECK(hub.log.count("link.too-slow") == 0);
}

TEST_CASE("limits: callers beyond an address's share wait until strangers are gone", "[link]") {
  Seen seen;
  Limits limits;
  limits.pending_per_address = 2;
  limits.handshake = Millis(200);
  limits.parked = 2;
  Hub hub(watched(seen), limits);
  RawPeer one(hub.at()), two(hub.at());  // say nothing and hold both slots
  CHECK(hub.run(asks({10})));            // parked at first
  CHECK(hub.log.count("link.slow-handshake") >= 1);
  CHECK(hub.log.count("link.crowded") == 0);
}

TEST_CASE("limits: beyond what may be parked callers are turned away", "[link]") {
  Seen seen;
  Limits limits;
  limits.pending_per_address = 1;
  limits.parked = 1;
  Hub hub(watched(seen), limits);
  RawPeer one(hub.at()), two(hub.at()), three(hub.at());
  CHECK(three.read_to_end());
  CHECK(hub.log.wait_for("link.crowded"));
  CHECK(hub.stop());
}

TEST_CASE("limits: at most so many connections, and room again when one goes", "[link]") {
  Seen seen;
  Limits limits;
  limits.connections = 3;
  Hub hub(watched(seen), limits);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<RawPeer>(hub.at()));
    REQUIRE(peers.back()->shake());
    peers.back()->send_frame(10);
  }
  REQUIRE(soon([&] { return seen.frames == 3; }));
  std::thread late([&] { CHECK(hub.run(asks({10}))); });
  peers.clear();
  late.join();
}

TEST_CASE("limits: an endpoint that takes nothing is not read, not timed out, and goes on when it was woken",
          "[link]") {
  static std::atomic<bool> open;
  static std::atomic<int> taken;
  static std::function<void()> wake;
  open = false;
  taken = 0;
  struct Busy : PlainEndpoint {
    void on_frame(MonoTime, View) override { ++taken; }
    bool ready() const override { return taken == 0 || open; }
  };
  Limits limits;
  limits.idle = Millis(400);
  limits.frame_grace = Millis(400);
  std::mutex lock;
  Hub hub(
      [&](Channel channel) {
        const std::lock_guard guard(lock);
        wake = channel.wake;
        return std::make_unique<Busy>();
      },
      limits);
  RawPeer peer(hub.at());
  REQUIRE(peer.shake());
  for (int i = 0; i < 20; ++i) peer.send_frame(1000);
  REQUIRE(soon([] { return taken == 1; }));
  CHECK_FALSE(hub.log.wait_for("link.idle", 1, Millis(900)));
  CHECK(taken == 1);
  open = true;
  {
    const std::lock_guard guard(lock);
    wake();
  }
  CHECK(soon([] { return taken == 20; }));
  CHECK(hub.log.wait_for("link.idle"));  // from here on its silence counts again
}

TEST_CASE("limits: an endpoint says how large a frame it takes next", "[link]") {
  struct Small : Echo {
    std::size_t frame_bytes_max() const override { return 100; }
  };
  Hub hub([](const Channel&) { return std::make_unique<Small>(); });
  RawPeer peer(hub.at());
  REQUIRE(peer.shake());
  peer.send_frame(kHelloBytesMax);
  peer.send_frame(100);
  peer.send_frame(101, 10);
  CHECK(hub.log.wait_for("link.frame-too-long"));
  CHECK(peer.read_to_end());
}

TEST_CASE("limits: callers nobody ever knows cost their address its slots, and others nothing", "[link]") {
  struct Unknown : PlainEndpoint {
    void on_frame(MonoTime, View) override { finished_ = true; }
    bool known() const override { return false; }
  };
  Limits limits;
  limits.parked = 1;
  limits.handshake = Millis(60'000);
  Hub hub([](const Channel&) { return std::make_unique<Unknown>(); }, limits);
  constexpr unsigned kForgivenMeanwhile = 10;  // one every ten seconds
  for (unsigned i = 0; i <= kStrikesMax + kForgivenMeanwhile; ++i) {
    RawPeer peer(hub.at());
    REQUIRE(peer.shake());
    peer.send_frame(10);
    CHECK(peer.read_to_end());
  }
  std::vector<std::unique_ptr<RawPeer>> silent;
  for (std::size_t i = 0; i < kSuspectPendingMax + 2; ++i) silent.push_back(std::make_unique<RawPeer>(hub.at()));
  CHECK(hub.log.wait_for("link.crowded"));
  RawPeer other(hub.at(), 0, "127.0.0.9");
  CHECK(other.shake());
}
