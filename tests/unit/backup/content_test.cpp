// SPDX-License-Identifier: AGPL-3.0-or-later
// Backups whose format is sound and whose content is not: no honest node made them.
#include <catch2/catch.hpp>

#include "sync/backup/content.h"
#include "sync/backup/reader.h"
#include "sync/backup/writer.h"
#include "sync/seal/system_entropy.h"
#include "sync/store/lmdb_store.h"
#include "tests/unit/backup/folder.h"

using namespace satchel;
using namespace satchel::backup;
using namespace satchel::backup_test;

namespace {

struct Copyist {
  TempFolder folder;
  SystemEntropy entropy;
  SignKeys node = make_sign_keys(Secret32::random(entropy));
  Secret32 key = Secret32::random(entropy);
  std::unique_ptr<Store> store;

  Copyist() {
    start_crypto();
    store = std::move(*open_lmdb(folder / "from"));
    auto txn = std::move(*store->begin_write());
    REQUIRE(txn->put(Table::meta, view("a"), view("1")));
    REQUIRE(txn->put(Table::batches, view("batch"), view("2")));
    REQUIRE(txn->commit());
  }

  // What reading it into a new folder says; empty when all is well.
  std::string take(std::span<const NamedFile> files, const std::function<void(BackupWriter&)>& more = {}) {
    backup::Header header;
    header.kind = Kind::device;
    header.org = random_id<OrgId>(entropy);
    header.node = {random_id<NodeId>(entropy), 3};
    header.id = random_id<BackupId>(entropy);
    header.made = {1'795'000'000'000};
    header.lock = Bytes(100, 7);
    header.vault = Bytes(100, 8);
    const auto file = folder / "a.satchel-backup";
    std::filesystem::remove(file);
    {
      auto writer = BackupWriter::open(file, header, key, entropy);
      REQUIRE(writer);
      const auto txn = std::move(*store->begin_read());
      REQUIRE(write_content(*writer, *txn, header.kind, files));
      if (more) more(*writer);
      REQUIRE(writer->finish(node));
    }
    const auto target = folder / ("to" + std::to_string(++targets_));
    std::filesystem::create_directory(target);
    auto reader = BackupReader::open(file);
    REQUIRE(reader);
    reader->unlock(key);
    return code(read_content(*reader, target, node.pub));
  }

 private:
  int targets_ = 0;
};

}  // namespace

TEST_CASE("backup content: what an honest node wrote is read", "[backup]") {
  Copyist c;
  CHECK(c.take({}) == "");
}

TEST_CASE("backup content: a file is written under no name but those a node has", "[backup]") {
  Copyist c;
  for (const char* name : {"../escaped", "hub.identity", "store", "", "/tmp/satchel-escaped"}) {
    CAPTURE(name);
    const NamedFile file{name, copy(view("x"))};
    CHECK(c.take(std::span(&file, 1)) == "backup.newer");
  }
  CHECK_FALSE(std::filesystem::exists(c.folder / "escaped"));
  CHECK_FALSE(std::filesystem::exists("/tmp/satchel-escaped"));
}

TEST_CASE("backup content: rows that its summary does not count, or count too many, are damage", "[backup]") {
  Copyist c;
  const auto row = [](Table table, std::string_view key) {
    return Writer().u8(static_cast<std::uint8_t>(table)).sized(view(key)).raw(view("3")).take();
  };
  CHECK(c.take({}, [&](BackupWriter& out) { REQUIRE(out.add(RecordKind::row, row(Table::batches, "more"))); }) ==
        "backup.damaged");
  CHECK(c.take({}, [&](BackupWriter& out) { REQUIRE(out.add(RecordKind::row, row(Table::meta, "Z"))); }) ==
        "backup.damaged");  // out of order
  CHECK(c.take({}, [&](BackupWriter& out) { REQUIRE(out.add(RecordKind::row, row(Table::meta, "b"))); }) == "");
  const auto unknown = Writer().u8(kTableCount).sized(view("k")).raw(view("v")).take();
  CHECK(c.take({}, [&](BackupWriter& out) { REQUIRE(out.add(RecordKind::row, unknown)); }) == "backup.newer");
  CHECK(c.take({}, [&](BackupWriter& out) { REQUIRE(out.add(RecordKind::summary, Bytes(20, 1))); }) ==
        "backup.damaged");
}
