// SPDX-License-Identifier: AGPL-3.0-or-later
// kill -9 while a backup is made or restored: a name never leads to half a backup, and a folder is the one that stood
// there or the new one, whole; whatever lies about afterwards is no hindrance to the next.
#include <catch2/catch.hpp>
#include <random>

#include "server/hub/hub_folder.h"
#include "sync/backup/restore.h"
#include "sync/holder/backups.h"
#include "sync/holder/exchange.h"
#include "sync/holder/verify.h"
#include "tests/crash/kill_scene.h"

using namespace satchel;
using namespace satchel::crash;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRounds = 10;

std::uint64_t rounds() { return number_from("SATCHEL_CRASH_KILLS").value_or(kRounds); }

// Visits enough that a backup or a rewrite takes a few milliseconds.
void work_a_while(Company& company) {
  Child writer;
  writer.start({SATCHEL_CRASH_KILL_CHILD, "write", company.vault("rep").string(), company.customer().hex()});
  std::uint64_t saved = 0;  // in leaps: it saves in batches, too
  for (int slice = 0; slice < 300 && saved < 400; ++slice) {
    writer.listen(std::chrono::milliseconds(100));
    for (const auto& line : writer.take_lines()) saved = std::max(saved, number_after(line, "saved"));
  }
  REQUIRE(saved >= 400);
  writer.kill();
}

// Kills it after its first piece of work, at a moment that chance chooses; how many it said it had done.
std::uint64_t kill_at_work(const std::vector<std::string>& command, const std::string& word, std::uint64_t most_us,
                           std::mt19937_64& random) {
  Child child;
  child.start(command);
  REQUIRE(child.listen(kPatience, word + " 1"));
  child.listen(std::chrono::microseconds(random() % most_us));
  child.kill();
  std::uint64_t last = 0;
  for (const auto& line : child.take_lines()) last = std::max(last, number_after(line, word));
  return last;
}

struct Backups {
  std::uint64_t whole = 0;       // under their names
  std::uint64_t unfinished = 0;  // aside
};

// Everything under a final name opens to its last byte.
Backups look_at(const fs::path& folder, const backup::Unlock& unlock) {
  SystemEntropy entropy;
  Backups found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    INFO(entry.path().string());
    if (entry.path().extension() != ".backup") {
      ++found.unfinished;
    } else {
      ++found.whole;
      CHECK(must(backup::verify(entry.path(), unlock, entropy)).sound());
    }
  }
  return found;
}

void clear(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
}

}  // namespace

TEST_CASE("kill -9: a backup that has its name is whole, of a device and of a hub that is served", "[crash][kill]") {
  Company company;
  work_a_while(company);
  company.start_hub();
  must(holder::exchange(*company.open("rep")));
  const fs::path folder = company.vault("backups");
  fs::create_directory(folder);
  std::mt19937_64 random(number_from("SATCHEL_CRASH_SEED").value_or(1));
  std::uint64_t unfinished = 0;
  const auto kit = unlock_with(hub::HubFolder{company.hub_folder()}.recovery_kit());
  for (std::uint64_t n = 0; n < rounds(); ++n) {
    INFO("round " << n);
    const bool of_hub = n % 2 == 1;
    const auto made =
        kill_at_work({SATCHEL_CRASH_KILL_CHILD, of_hub ? "back-up-hub" : "back-up",
                      of_hub ? company.hub_folder().string() : company.vault("rep").string(), folder.string()},
                     "made", 30'000, random);
    // Those said to be made, and the one that was cut between its name and saying so.
    const auto found = look_at(folder, of_hub ? kit : backup::Unlock{kPassphrase, {}});
    CHECK(found.whole >= made);
    CHECK(found.unfinished <= 1);
    unfinished += found.unfinished;
    clear(folder);
  }
  company.hub().kill();
  CHECK(company.look_at_hub() == company.look_at_writer());
  WARN(rounds() << " kills, " << unfinished << " while a file was being written");
  CHECK(unfinished > 0);
}

TEST_CASE("kill -9: a restore leaves the folder that was there or the new one, and the next one goes through",
          "[crash][kill]") {
  Company company;
  work_a_while(company);
  SystemEntropy entropy;
  const auto file = company.vault("rep.backup");
  must(holder::back_up(*company.open("rep"), file));
  const auto entries = company.look_at_writer();
  const auto target = company.vault("restored");
  std::mt19937_64 random(number_from("SATCHEL_CRASH_SEED").value_or(1));
  std::uint32_t life = 0;
  std::uint64_t left = 0;
  for (std::uint64_t n = 0; n < rounds(); ++n) {
    INFO("round " << n);
    const auto said = kill_at_work({SATCHEL_CRASH_KILL_CHILD, "restore", file.string(), target.string()}, "restored",
                                   300'000, random);
    REQUIRE(said > 0);
    const auto device = must(holder::Device::open(target, kPassphrase));
    CHECK(device->identity().incarnation > 1);
    CHECK(own_entries(*must(device->replica().store().begin_read()), company.customer(), company.writer()) == entries);
    CHECK(must(holder::verify_device(*device)).sound());
    CHECK(device->identity().incarnation != life);  // no two restores make one life
    life = device->identity().incarnation;
    left += fs::exists(target.string() + ".restoring") ? 1 : 0;
  }
  WARN(rounds() << " kills, " << left << " left a folder aside");
  CHECK(left > 0);
}

TEST_CASE("kill -9: so does a hub's", "[crash][kill]") {
  Company company;
  work_a_while(company);
  company.start_hub();
  must(holder::exchange(*company.open("rep")));
  std::mt19937_64 random(number_from("SATCHEL_CRASH_SEED").value_or(1));
  const auto folder = company.vault("backups");
  fs::create_directory(folder);
  kill_at_work({SATCHEL_CRASH_KILL_CHILD, "back-up-hub", company.hub_folder().string(), folder.string()}, "made", 1,
               random);
  company.hub().kill();
  const auto target = company.vault("restored-hq");
  const auto kit = hub::HubFolder{company.hub_folder()}.recovery_kit();
  for (std::uint64_t n = 0; n < rounds(); ++n) {
    INFO("round " << n);
    const auto said = kill_at_work(
        {SATCHEL_CRASH_KILL_CHILD, "restore", (folder / "1.backup").string(), target.string(), kit.string()},
        "restored", 100'000, random);
    REQUIRE(said > 0);
    CHECK(must(hub::open_hub({target})).identity.incarnation > 1);
    CHECK(company.look_at_hub(target) == company.look_at_hub());
  }
}

TEST_CASE("kill -9: what a restore may leave aside at its worst moments is named or cleared by the next",
          "[crash][kill]") {
  Company company;
  SystemClock clock;
  SystemEntropy entropy;
  const auto file = company.vault("rep.backup");
  must(holder::back_up(*company.open("rep"), file));
  const auto target = company.vault("restored");
  const fs::path aside = target.string() + ".restoring";
  const backup::RestoreWishes wishes{file, target, {kPassphrase, {}}, true, false};

  fs::create_directory(aside);  // killed before it was marked
  must(backup::restore(wishes, clock, entropy));
  CHECK_FALSE(fs::exists(aside));

  // Killed between the swap and the naming: what stands aside is the folder that was there before, and is kept.
  fs::rename(target, aside);
  const auto again = must(backup::restore(wishes, clock, entropy));
  CHECK_FALSE(fs::exists(aside));
  CHECK(again.kept.empty());
  bool kept = false;
  for (const auto& entry : fs::directory_iterator(target.parent_path())) {
    const auto name = entry.path().filename().string();
    kept =
        kept || (name.starts_with("restored.before-") && holder::Device::open(entry.path(), kPassphrase).has_value());
  }
  CHECK(kept);

  // Somebody's own folder of that name is nobody's to take away.
  fs::create_directory(aside);
  std::ofstream(aside / "letter.txt") << "mine";
  const auto refused = backup::restore(wishes, clock, entropy);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "restore.in-the-way");
  CHECK(fs::exists(aside / "letter.txt"));
}
