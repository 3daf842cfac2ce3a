// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <fstream>

#include "sync/link/address.h"
#include "sync/link/backoff.h"
#include "sync/link/system_clock.h"
#include "sync/link/tls_identity.h"
#include "sync/link/waiting_room.h"
#include "tests/support/temp_folder.h"

using namespace satchel;
namespace fs = std::filesystem;

namespace {

struct ConstantEntropy : Entropy {
  Byte byte;
  explicit ConstantEntropy(Byte b) : byte(b) {}
  void fill(std::span<Byte> out) override { std::ranges::fill(out, byte); }
};

}  // namespace

TEST_CASE("address: host and port as people write them", "[link]") {
  CHECK(parse_address("127.0.0.1:7440").value() == HostPort{"127.0.0.1", 7440});
  CHECK(parse_address("hub.example.cn:1").value() == HostPort{"hub.example.cn", 1});
  CHECK(parse_address("[::1]:7440").value() == HostPort{"::1", 7440});
  CHECK(format_address({"::1", 7440}) == "[::1]:7440");
  for (const char* wrong :
       {"", "host", "host:", ":7440", "host:65536", "host:-1", "host:7x", "::1:7440", "[]:1", "[::1:7"})
    CHECK(parse_address(wrong).error().code == "link.address");
}

TEST_CASE("backoff: doubles up to its bound and draws from the upper half", "[link]") {
  ConstantEntropy low(0), high(0xff);
  Backoff soonest(low, Millis(1000), Millis(8000)), latest(high, Millis(1000), Millis(8000));
  for (const int whole : {1000, 2000, 4000, 8000, 8000}) {
    CHECK(soonest.next() == Millis(whole / 2));
    CHECK(latest.next() == Millis(whole));
  }
  latest.reset();
  CHECK(latest.next() == Millis(1000));
}

TEST_CASE("clock: monotonic time does not go back, wall time is of this century", "[link]") {
  SystemClock clock;
  const MonoTime before = clock.mono();
  CHECK(clock.mono() >= before);
  CHECK(clock.wall().ms > 1'700'000'000'000);
}

TEST_CASE("identity: saved and loaded it is the same key, readable by its owner only", "[link]") {
  const TempFolder folder;
  const fs::path file = folder / "tls.pem";
  const TlsIdentity made = TlsIdentity::make().value();
  REQUIRE(made.save(file));
  struct stat about{};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(TlsIdentity::load(file)->pin() == made.pin());
  CHECK(made.pin() != TlsIdentity::make()->pin());
  REQUIRE(TlsIdentity::make()->save(file));
  CHECK(TlsIdentity::load(file)->pin() != made.pin());
}

TEST_CASE("identity: a missing, exposed, damaged or foreign key file is named as such", "[link]") {
  const TempFolder folder;
  const fs::path file = folder / "tls.pem";
  CHECK(TlsIdentity::load(file).error().code == "link.no-key-file");
  REQUIRE(TlsIdentity::make()->save(file));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(TlsIdentity::load(file).error().code == "link.key-exposed");
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  const auto size = fs::file_size(file);
  fs::resize_file(file, size / 2);
  CHECK(TlsIdentity::load(file).error().code == "link.key-file");
  // The key of one identity with the certificate of another.
  REQUIRE(TlsIdentity::make()->save(file));
  REQUIRE(TlsIdentity::make()->save(folder / "other.pem"));
  std::ifstream one(file), other(folder / "other.pem");
  const std::string mine(std::istreambuf_iterator<char>(one), {}), theirs(std::istreambuf_iterator<char>(other), {});
  const std::string_view border = "-----BEGIN CERTIFICATE";
  std::ofstream(file) << mine.substr(0, mine.find(border)) << theirs.substr(theirs.find(border));
  CHECK(TlsIdentity::load(file).error().code == "link.key-file");
}

TEST_CASE("waiting room: a full address parks its callers in order, others are not held up", "[link]") {
  Limits limits;
  limits.pending_per_address = 2;
  limits.pending = 4;
  limits.parked = 2;
  WaitingRoom room(limits);
  const auto arrive = [&](int socket, std::uint64_t origin) {
    Caller caller{socket, "", origin};
    return room.arrive(caller, {});
  };
  using enum WaitingRoom::Verdict;
  CHECK(arrive(1, 10) == start);
  CHECK(arrive(2, 10) == start);
  CHECK(arrive(3, 10) == parked);
  CHECK(arrive(4, 10) == parked);
  CHECK(arrive(5, 10) == refused);
  CHECK(arrive(6, 20) == start);
  CHECK_FALSE(room.full());
  CHECK(arrive(7, 30) == start);
  CHECK(room.full());
  CHECK(room.leave(10, {})->socket == 3);
  CHECK(room.pending() == 4);
  CHECK(room.leave(10, {})->socket == 4);
  CHECK_FALSE(room.leave(10, {}));
  CHECK_FALSE(room.leave(10, {}));
  CHECK(room.pending() == 2);
  CHECK(room.parked() == 0);
}

TEST_CASE("waiting room: counts stay right under any order of arrivals and departures", "[link]") {
  REQUIRE(rc::check("never more than allowed, nobody lost", [] {
    Limits limits;
    limits.pending_per_address = 3;
    limits.parked = 5;
    WaitingRoom room(limits);
    std::vector<std::uint64_t> started;
    std::size_t parked = 0;
    for (const int move : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6))) {
      if (move < 3) {
        Caller caller{1, "", static_cast<std::uint64_t>(move)};
        const auto verdict = room.arrive(caller, {});
        if (verdict == WaitingRoom::Verdict::start) started.push_back(static_cast<std::uint64_t>(move));
        if (verdict == WaitingRoom::Verdict::parked) ++parked;
      } else if (!started.empty()) {
        const std::uint64_t origin = started[static_cast<std::size_t>(move) % started.size()];
        if (room.leave(origin, {})) {
          --parked;
        } else {
          started.erase(std::ranges::find(started, origin));
        }
      }
      RC_ASSERT(room.pending() == started.size());
      RC_ASSERT(room.parked() == parked);
      for (std::uint64_t origin = 0; origin < 3; ++origin) RC_ASSERT(std::ranges::count(started, origin) <= 3);
    }
    RC_ASSERT(room.empty_out().size() == parked);
  }));
}

TEST_CASE("waiting room: an address whose callers fail again and again gets fewer slots, and its own back in time",
          "[link]") {
  using enum WaitingRoom::Verdict;
  WaitingRoom room({});
  MonoTime now{1'000'000};
  for (unsigned i = 0; i <= kStrikesMax; ++i) room.strike(10, now);
  const auto arrive = [&](std::uint64_t origin) {
    Caller caller{1, {}, origin};
    return room.arrive(caller, now);
  };
  for (std::size_t i = 0; i < kSuspectPendingMax; ++i) CHECK(arrive(10) == start);
  CHECK(arrive(10) == parked);
  CHECK(arrive(20) == start);  // others are none the worse
  CHECK(room.leave(10, now));  // the parked one has its turn all the same
  now = now + kStrikeForgivenAfter;
  CHECK(arrive(10) == start);
}

TEST_CASE("penalties: points add up, are forgiven at their rate, and never turn anybody away for long", "[link]") {
  const PenaltyRule rule{3, 10, Millis{1000}, 4};
  Penalties<int> book(rule);
  MonoTime now{50'000};
  book.add(1, 3, now);
  CHECK(book.over(1, now) == Millis{0});
  book.add(1, 1, now);
  CHECK(book.over(1, now) == Millis{1000});
  CHECK(book.over(2, now) == Millis{0});
  CHECK(book.over(1, now + Millis{1000}) == Millis{0});
  for (int i = 0; i < 1000; ++i) book.add(1, 4, now);
  CHECK(book.over(1, now) == Millis{7000});  // most - max
  for (int peer = 2; peer < 100; ++peer) book.add(peer, 9, now);
  CHECK(book.size() <= rule.kept);
}
