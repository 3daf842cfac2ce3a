// SPDX-License-Identifier: AGPL-3.0-or-later
// A hub's folder: sealed to the recovery kit, without anything that opens an archive.
#include <thread>

#include "server/hub/founding.h"
#include "server/hub/hub_folder.h"
#include "server/hub/recovery_kit.h"
#include "sync/backup/restore.h"
#include "sync/link/system_clock.h"
#include "sync/node/replica.h"
#include "sync/seal/system_entropy.h"
#include "tests/unit/backup/folder.h"

using namespace satchel;
using namespace satchel::backup_test;

namespace {

struct Headquarters {
  TempFolder folder;
  SystemClock clock;
  SystemEntropy entropy;
  hub::HubFolder data{folder / "hq"};
  std::optional<hub::OpenHub> open;
  std::unique_ptr<node::Replica> replica;
  backup::Unlock kit;

  Headquarters() {
    start_crypto();
    const hub::Founding wishes{data, "华兴食品", "总部", "管理员", {"127.0.0.1", 7440}, "hub.example.cn:7440"};
    REQUIRE(hub::found_organisation(wishes, clock, entropy));
    const Bytes text = read(data.recovery_kit());
    kit.root = hub::read_kit(satchel::text(text))->root;
    start();
  }
  void start() {
    open.emplace(*hub::open_hub(data));
    replica = *node::Replica::open(*open->store, clock, entropy, {open->identity, open->config.org, wire::Role::hub});
  }
  Result<backup::Made> back_up(const std::filesystem::path& file) {
    const auto directory = replica->directory();
    return backup::create({backup::Kind::hub, data.root, open->config.org, open->identity, *open->store, *directory},
                          file, clock.wall(), entropy);
  }
  Result<backup::RestoreResult> restore(const std::filesystem::path& file, const char* target) {
    return backup::restore({file, folder / target, kit, false, false}, clock, entropy);
  }
};

}  // namespace

TEST_CASE("backup: a hub's opens with the recovery kit alone, and comes back in a new life", "[backup][hub]") {
  Headquarters hq;
  const auto file = hq.folder / "hq.backup";
  const auto made = hq.back_up(file);
  REQUIRE(made);
  CHECK(made->header.expires.ms == 0);
  const auto verified = backup::verify(file, hq.kit, hq.entropy);
  REQUIRE(verified);
  CHECK(verified->sound());
  // Neither the machine's own key nor another organisation's kit.
  const auto seed = hq.open->identity.sign.seed;
  const Bytes bytes = read(file);
  CHECK(std::ranges::search(bytes, seed.view()).empty());
  CHECK(code(backup::verify(file, {{}, make_sign_keys(Secret32::random(hq.entropy))}, hq.entropy)) ==
        "backup.other-kit");
  CHECK(code(backup::verify(file, {"a passphrase", {}}, hq.entropy)) == "backup.other-kind");

  const auto back = hq.restore(file, "new");
  REQUIRE(back);
  const auto again = hub::open_hub({hq.folder / "new"});
  REQUIRE(again);
  CHECK(again->identity.id == hq.open->identity.id);
  CHECK(again->identity.incarnation == back->incarnation);
  CHECK(again->tls.pin() == hq.open->tls.pin());
  CHECK(again->config.name == "总部");
  const auto replica =
      node::Replica::open(*again->store, hq.clock, hq.entropy, {again->identity, again->config.org, wire::Role::hub});
  REQUIRE(replica);
  CHECK((*replica)->directory()->position() == hq.replica->directory()->position());
  CHECK_FALSE(node::may_order((*replica)->self(), *(*replica)->directory()));
  CHECK(node::may_order(hq.replica->self(), *hq.replica->directory()));
}

TEST_CASE("backup: a hub's holds no wraps, wherever the store keeps them", "[backup][hub]") {
  Headquarters hq;
  const Bytes wrap(120, 0x77);
  const auto put = hq.replica->write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_TRY(txn.put(Table::grants, Bytes(40, 1), wrap));
    SATCHEL_TRY(txn.put(Table::marks, Bytes{0xff, 0xff, 0xff, 0xfe, 1, 2, 3}, wrap));
    SATCHEL_TRY(txn.put(Table::bundles, Bytes{'p', 1}, wrap));
    return txn.put(Table::marks, Bytes{0xff, 0xff, 0xff, 0xfd, 1}, Bytes{9});
  });
  REQUIRE(put);
  REQUIRE(hq.back_up(hq.folder / "hq.backup"));
  std::filesystem::create_directories(hq.folder / "unpacked");
  const auto opened = backup::unpack(hq.folder / "hq.backup", hq.folder / "unpacked", hq.kit);
  REQUIRE(opened);
  const auto txn = *opened->store->begin_read();
  CHECK(*txn->count(Table::grants) == 0);
  CHECK(*txn->count(Table::bundles) == 0);
  CHECK(*txn->count(Table::marks) == 1);
  std::size_t found = 0;
  for (std::size_t t = 0; t < kTableCount; ++t) {
    REQUIRE(scan_prefix(*txn, static_cast<Table>(t), {}, [&](KeyValue pair) {
      found += equal(pair.value, wrap) ? 1 : 0;
      return true;
    }));
  }
  CHECK(found == 0);
}

TEST_CASE("backup: without a recovery key in the directory a hub makes none", "[backup][hub]") {
  Headquarters hq;
  const Directory empty(hq.open->config.org);
  const auto made =
      backup::create({backup::Kind::hub, hq.data.root, hq.open->config.org, hq.open->identity, *hq.open->store, empty},
                     hq.folder / "x", hq.clock.wall(), hq.entropy);
  CHECK(code(made) == "backup.no-key");
  CHECK_FALSE(std::filesystem::exists(hq.folder / "x"));
}

TEST_CASE("backup: is of one moment, while the hub goes on writing", "[backup][hub]") {
  Headquarters hq;
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread busy([&] {
    // Two rows that always agree, in transactions of their own.
    for (std::uint64_t i = 1; !stop; ++i) {
      const auto done = hq.replica->write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
        SATCHEL_TRY(txn.put(Table::meta, view("pair a"), Writer().u64(i).bytes()));
        return txn.put(Table::chunks, Bytes(36, 9), Writer().u64(i).bytes());
      });
      if (done) ++written;
    }
  });
  while (written == 0) std::this_thread::yield();
  for (int i = 0; i < 3; ++i) {
    const std::string name = "busy" + std::to_string(i);
    REQUIRE(hq.back_up(hq.folder / name.c_str()));
    const std::string place = name + ".unpacked";
    std::filesystem::create_directories(hq.folder / place.c_str());
    const auto opened = backup::unpack(hq.folder / name.c_str(), hq.folder / place.c_str(), hq.kit);
    REQUIRE(opened);
    const auto txn = *opened->store->begin_read();
    const auto a = *txn->get(Table::meta, view("pair a"));
    const auto b = *txn->get(Table::chunks, Bytes(36, 9));
    REQUIRE(a.has_value());
    REQUIRE(b.has_value());
    CHECK(equal(*a, *b));
  }
  stop = true;
  busy.join();
}
