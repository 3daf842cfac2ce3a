// SPDX-License-Identifier: AGPL-3.0-or-later
// The programs that kill_test.cpp kills; each runs until then and says on its standard output what it promises.
//   crash_kill_child hub FOLDER               a hub as `satcheld serve` runs it. "ready"
//   crash_kill_child write VAULT ARCHIVE      saves numbered visits, alone and in batches, and exchanges in between:
//                                             "saved 17" (own entries in the archive), "taken 17" (a hub has them)
//   crash_kill_child shred VAULT              renews the vault's key and rewrites its store over and over: "shredded
//   17" crash_kill_child follow VAULT             exchanges again and again: "holds 17" (entries), derived tables
//   included crash_kill_child back-up VAULT FOLDER     a visit and a backup by turns, numbered files: "made 17"
//   crash_kill_child back-up-hub HUB FOLDER   backups of a hub that another process serves: "made 17"
//   crash_kill_child restore FILE TARGET [KIT]  over and over, replacing what stands there: "restored 17"
#include <unistd.h>

#include <cstdio>
#include <random>

#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include "server/hub/hub_folder.h"
#include "server/hub/hub_service.h"
#include "sync/backup/restore.h"
#include "sync/holder/backups.h"
#include "sync/holder/exchange.h"
#include "sync/node/shredding.h"
#include "tests/crash/kill_company.h"

using namespace satchel;
using namespace satchel::crash;
namespace fs = std::filesystem;

namespace {

// One write, so that no line is half said.
void say(const std::string& line) {
  const std::string whole = line + "\n";
  if (::write(STDOUT_FILENO, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::exit(1);
}

int serve(const std::string& folder) {
  SystemClock clock;
  SystemEntropy entropy;
  spdlog::logger log("hub", std::make_shared<spdlog::sinks::null_sink_mt>());
  auto open = must(hub::open_hub({folder}));
  hub::HubService::Setup setup{*open.store,   clock,           entropy,  log,
                               open.identity, open.config.org, open.tls, open.config.listen};
  const auto service = must(hub::HubService::start(std::move(setup)));
  say("ready");
  for (;;) ::pause();
}

void save(holder::Device& device, const ArchiveId& archive, std::uint64_t first, std::uint64_t count) {
  must(device.write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(no, node::find_archive(txn, archive));
    SATCHEL_GET(info, node::archive_info(txn, no.value_or(0)));
    for (std::uint64_t n = first; n < first + count; ++n) {
      RecordChange visit{random_id<RecordId>(device.entropy()), "visit", 1, {}};
      visit.ops.push_back({"date", Date{kVisitDay}, {}});
      visit.ops.push_back({"summary", std::to_string(n), {}});
      SATCHEL_TRY(scribe.write(*info, {visit}));
    }
    return {};
  }));
}

int write_visits(const std::string& folder, const ArchiveId& archive) {
  const auto device = must(holder::Device::open(folder, kPassphrase));
  std::mt19937_64 random(device->clock().mono().ms);
  for (;;) {
    std::uint64_t held =
        own_entries(*must(device->replica().store().begin_read()), archive, device->replica().self().chain());
    const std::uint64_t count = random() % 8 == 0 ? 1 + random() % 30 : 1;
    save(*device, archive, held + 1, count);
    held += count;
    say("saved " + std::to_string(held));
    if (random() % 10 != 0) continue;
    const auto done = holder::exchange(*device);
    if (done && done->sync.complete) say("taken " + std::to_string(held));
  }
}

int shred(const std::string& folder) {
  const auto device = must(holder::Device::open(folder, kPassphrase));
  for (std::uint64_t done = 0;;) {
    must(device->replica().write([&](WriteTxn& txn, node::Effects& effects) {
      return node::owe_shredding(txn, effects, 0, device->clock().wall());
    }));
    if (must(node::shred(device->replica(), &device->keyring()))) say("shredded " + std::to_string(++done));
  }
}

int follow(const std::string& folder) {
  const auto device = must(holder::Device::open(folder, kPassphrase));
  for (;;) {
    if (!holder::exchange(*device)) continue;
    const auto txn = must(device->replica().store().begin_read());
    say("holds " + std::to_string(must(txn->count(Table::log))));
  }
}

// The next number that no file in the folder has.
fs::path numbered(const fs::path& folder, std::uint64_t& number) {
  while (fs::exists(folder / (std::to_string(number) + ".backup"))) ++number;
  return folder / (std::to_string(number) + ".backup");
}

int back_up(const std::string& vault, const fs::path& folder) {
  const auto device = must(holder::Device::open(vault, kPassphrase));
  for (std::uint64_t number = 1;;) {
    must(holder::back_up(*device, numbered(folder, number)));
    say("made " + std::to_string(number));
  }
}

int back_up_hub(const std::string& data, const fs::path& folder) {
  SystemClock clock;
  SystemEntropy entropy;
  const auto open = must(hub::open_hub({data}));
  const auto replica = must(
      node::Replica::open(*open.store, clock, entropy, node::Self{open.identity, open.config.org, wire::Role::hub}));
  for (std::uint64_t number = 1;;) {
    const auto directory = replica->directory();
    must(backup::create({backup::Kind::hub, data, open.config.org, open.identity, *open.store, *directory},
                        numbered(folder, number), clock.wall(), entropy));
    say("made " + std::to_string(number));
  }
}

int restore(const fs::path& file, const fs::path& target, const std::string& kit) {
  SystemClock clock;
  SystemEntropy entropy;
  backup::RestoreWishes wishes{file, target, kit.empty() ? backup::Unlock{kPassphrase, {}} : unlock_with(kit), true,
                               false};
  for (std::uint64_t number = 1;; ++number) {
    const auto done = must(backup::restore(wishes, clock, entropy));
    say("restored " + std::to_string(number));
    if (!done.kept.empty()) fs::remove_all(done.kept);
  }
}

}  // namespace

int main(int count, char** words) {
  start_crypto();
  const std::vector<std::string> args(words + 1, words + count);
  if (args.size() == 2 && args[0] == "hub") return serve(args[1]);
  if (args.size() == 3 && args[0] == "write")
    return write_visits(args[1], ArchiveId::parse(args[2]).value_or(ArchiveId{}));
  if (args.size() == 2 && args[0] == "shred") return shred(args[1]);
  if (args.size() == 2 && args[0] == "follow") return follow(args[1]);
  if (args.size() == 3 && args[0] == "back-up") return back_up(args[1], args[2]);
  if (args.size() == 3 && args[0] == "back-up-hub") return back_up_hub(args[1], args[2]);
  if (args.size() >= 3 && args[0] == "restore") return restore(args[1], args[2], args.size() > 3 ? args[3] : "");
  return 2;
}
