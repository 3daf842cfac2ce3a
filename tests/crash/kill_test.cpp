// SPDX-License-Identifier: AGPL-3.0-or-later
// kill -9 at random moments: real processes on loopback, a hub, a device that saves and exchanges without pause, and
// one that follows. After each kill the files of the dead are looked at before anything opens them for writing; at the
// end everything has arrived everywhere, each visit once. (kill -9 keeps the page cache: what a power cut does to the
// disk is the other tests' subject.)
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "sync/holder/book.h"
#include "sync/holder/exchange.h"
#include "sync/holder/verify.h"
#include "sync/node/shredding.h"
#include "tests/crash/kill_scene.h"

using namespace satchel;
using namespace satchel::crash;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRounds = 45;

// What was promised so far, and the processes that promise.
class Run {
 public:
  explicit Run(Company& company, std::uint64_t seed) : company_(company), random_(seed) {}

  void round(std::uint64_t number) {
    if (!company_.hub().running()) company_.start_hub();
    if (!writer_.running()) {
      writer_.start({SATCHEL_CRASH_KILL_CHILD, "write", company_.vault("rep").string(), company_.customer().hex()});
    }
    if (!follower_.running()) follower_.start({SATCHEL_CRASH_KILL_CHILD, "follow", company_.vault("admin").string()});
    // A vault takes some 200 ms to open, and every fifth time it does not get that far.
    writer_.listen(std::chrono::microseconds(number % 5 == 4 ? random_() % 200'000 : 250'000 + random_() % 250'000));
    const auto whom = number % 4;
    // The hub first: while the writer is at work with it.
    if (whom == 1 || whom == 3) kill_hub();
    if (whom != 1) kill_writer();
    if (random_() % 2 == 0) kill_follower();
  }

  void kill_all() {
    kill_writer();
    kill_follower();
    kill_hub();
  }

  std::uint64_t saved() const { return saved_; }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t kills() const { return kills_; }

 private:
  void hear() {
    for (const auto& line : writer_.take_lines()) {
      saved_ = std::max(saved_, number_after(line, "saved"));
      taken_ = std::max(taken_, number_after(line, "taken"));
    }
  }
  void kill_writer() {
    writer_.kill();
    ++kills_;
    hear();
    REQUIRE(company_.look_at_writer() >= saved_);
  }
  void kill_hub() {
    company_.hub().kill();
    ++kills_;
    // What the writer says after this was promised before, or is not the hub's.
    const auto held = company_.look_at_hub();
    hear();
    REQUIRE(held >= taken_);
  }
  void kill_follower() {
    follower_.kill();
    ++kills_;
    std::uint64_t held = 0;
    for (const auto& line : follower_.take_lines()) held = std::max(held, number_after(line, "holds"));
    followed_ = std::max(followed_, held);
    REQUIRE(company_.look_at_follower() >= followed_);
  }

  Company& company_;
  std::mt19937_64 random_;
  Child writer_;
  Child follower_;
  std::uint64_t saved_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t followed_ = 0;
  std::uint64_t kills_ = 0;
};

// Every number of 2 (the card is entry 1) to `last` exactly once, as people would see them.
void check_visits(holder::Device& device, std::uint64_t last) {
  holder::Book book(device);
  must(book.refresh());
  const auto* sheet = must(book.sheet(holder::kVisitTemplate));
  std::multiset<std::uint64_t> numbers;
  sheet->table.each([&](const SheetView& row) {
    numbers.insert(std::stoull(std::string(sheet->text(row, "summary"))));
    return true;
  });
  REQUIRE(numbers.size() == last - 1);
  CHECK(std::set<std::uint64_t>(numbers.begin(), numbers.end()).size() == last - 1);
  CHECK(*numbers.begin() == 2);
  CHECK(*numbers.rbegin() == last);
  CHECK(must(holder::verify_device(device)).sound());
}

}  // namespace

TEST_CASE("kill -9: of a hub and two devices at work nothing acknowledged is lost and nothing is there twice",
          "[crash][kill]") {
  Company company;
  const auto seed = number_from("SATCHEL_CRASH_SEED").value_or(1);
  Run run(company, seed);
  for (std::uint64_t n = 0; n < number_from("SATCHEL_CRASH_KILLS").value_or(kRounds); ++n) {
    INFO("seed " << seed << ", round " << n);
    run.round(n);
  }
  run.kill_all();
  company.start_hub();
  const auto rep = company.open("rep");
  const auto admin = company.open("admin");
  must(holder::exchange(*rep));
  must(holder::exchange(*admin));
  company.hub().kill();
  const std::uint64_t all =
      own_entries(*must(rep->replica().store().begin_read()), company.customer(), company.writer());
  CHECK(all >= run.saved());
  CHECK(company.look_at_hub() == all);
  check_visits(*rep, all);
  check_visits(*admin, all);
  WARN(run.kills() << " kills, " << all << " entries, " << run.saved() << " said to be saved, " << run.taken()
                   << " taken");
  CHECK(run.kills() >= 30);
  CHECK(run.taken() > 100);
}

TEST_CASE("kill -9: cut anywhere while a vault's key is renewed and its store rewritten, it opens and keeps everything",
          "[crash][kill]") {
  Company company;
  const auto seed = number_from("SATCHEL_CRASH_SEED").value_or(1);
  std::mt19937_64 random(seed);
  Child child;
  std::uint64_t shredded = 0, begun = 0;
  for (std::uint64_t n = 0; n < number_from("SATCHEL_CRASH_KILLS").value_or(25); ++n) {
    INFO("seed " << seed << ", round " << n);
    child.start({SATCHEL_CRASH_KILL_CHILD, "shred", company.vault("rep").string()});
    REQUIRE(child.listen(kPatience, "shredded 1"));
    child.listen(std::chrono::microseconds(random() % 60'000));
    child.kill();
    for (const auto& line : child.take_lines()) shredded += number_after(line, "shredded") > 0 ? 1 : 0;
    // A file that still has both keys: the cut was between them.
    begun += fs::file_size(company.vault("rep") / "vault.key") != 264 ? 1 : 0;
    const auto rep = company.open("rep");
    CHECK(fs::file_size(company.vault("rep") / "vault.key") == 264);
    CHECK_FALSE(fs::exists(company.vault("rep") / "store.compact"));
    {
      const auto txn = must(rep->replica().store().begin_read());
      const auto no = must(node::find_archive(*txn, company.customer()));
      REQUIRE(no);
      CHECK(must(rep->keyring().has_key(*txn, *rep->directory(), *must(node::archive_info(*txn, *no)))));
      CHECK_FALSE(must(node::shredding_owed(*txn)));  // what was cut is finished by opening
    }
    REQUIRE(must(holder::verify_device(*rep)).sound());
  }
  WARN(shredded << " times shredded, " << begun << " cut between the two keys");
  CHECK(shredded >= 25);
}
