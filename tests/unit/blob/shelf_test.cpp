// SPDX-License-Identifier: AGPL-3.0-or-later
// The shelf: what may lie there, what is counted, and what is taken off.
#include <catch2/catch.hpp>

#include "sync/blob/audit.h"
#include "sync/blob/chunk.h"
#include "sync/store/memory_store.h"
#include "tests/unit/seal/test_entropy.h"

using namespace satchel;

namespace {

template <class T>
T must(Result<T> r) {
  if (!r) FAIL(r.error().code);
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

// A file that is named by an entry, its chunks in hand.
struct Shelf {
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  std::unique_ptr<Store> store = open_memory(disk);
  TestEntropy entropy{5};
  blob::Name name{1, {}};
  std::uint64_t sealed = 0;
  std::vector<blob::Cutter::Chunk> chunks;
  Bytes ids;

  explicit Shelf(std::size_t size = 2 * blob::kChunkPlainBytes + 5'000) {
    ArchiveId archive;
    archive.bytes[0] = 1;
    blob::Cutter cutter(Secret32::random(entropy), archive, random_id<blob::BlobId>(entropy), size, entropy);
    Bytes content(blob::kChunkPlainBytes, 9);
    while (!cutter.done()) chunks.push_back(cutter.cut(View(content).first(cutter.want())));
    name.root = cutter.root();
    sealed = cutter.sealed_bytes();
    ids = cutter.ids();
  }

  void write(const std::function<Result<void>(WriteTxn&)>& work) {
    auto txn = must(store->begin_write());
    must(work(*txn));
    must(txn->commit());
  }
  std::unique_ptr<ReadTxn> read() { return must(store->begin_read()); }
  void refer(std::uint32_t author = 4) {
    write([&](WriteTxn& txn) {
      return blob::refer(txn, name.archive, author, 17, std::vector<blob::Reference>{{name.root, sealed}});
    });
  }
  blob::Stored put(std::size_t i, bool bounded = true) {
    blob::Stored stored;
    write([&](WriteTxn& txn) -> Result<void> {
      SATCHEL_TRY(blob::put_ids(txn, name, ids));
      SATCHEL_GET(done, blob::put_chunk(txn, name, chunks[i].id, chunks[i].sealed, bounded));
      stored = done;
      return {};
    });
    return stored;
  }
  std::vector<std::string> findings(bool referred = true) {
    std::vector<std::string> out;
    std::set<Digest> roots;
    if (referred) roots.insert(name.root);
    must(blob::audit(*read(), name.archive, roots, [&](std::string code, std::string) { out.push_back(code); }));
    return out;
  }
  std::uint64_t rows_of(Table table) { return must(read()->count(table)); }
};

}  // namespace

TEST_CASE("shelf: nothing is stored that no entry names", "[blob]") {
  Shelf shelf;
  shelf.put(0);
  CHECK(shelf.rows_of(Table::chunks) == 0);
  CHECK(shelf.rows_of(Table::blobs) == 0);
  shelf.refer();
  CHECK(shelf.put(0).put == blob::Put::fresh);
  CHECK(shelf.rows_of(Table::chunks) == 1);
}

TEST_CASE("shelf: chunks are counted once, the first and the last are told, and bits say which are here", "[blob]") {
  Shelf shelf;
  shelf.refer();
  CHECK(shelf.put(2).first);
  CHECK(shelf.put(2).put == blob::Put::known);
  CHECK_FALSE(shelf.put(0).first);
  const auto row = *must(blob::find(*shelf.read(), shelf.name));
  CHECK(row.have == 2);
  CHECK(row.chunks() == 3);
  const auto bits = must(blob::held(*shelf.read(), shelf.name, row));
  CHECK(bits == Bytes{0b101});
  CHECK(shelf.put(1).whole);
  CHECK(must(blob::find(*shelf.read(), shelf.name))->whole());
  CHECK(shelf.findings().empty());
  const auto totals = must(blob::totals(*shelf.read()));
  CHECK(totals.named == 1);
  CHECK(totals.whole == 1);
  CHECK(totals.bytes == shelf.sealed);
}

TEST_CASE("shelf: a hub takes no more of an archive or an author than its bounds", "[blob]") {
  Shelf shelf;
  shelf.refer();
  // As if so much of it lay there.
  const auto say = [&](char tag, std::uint32_t who, std::uint64_t bytes) {
    shelf.write([&](WriteTxn& txn) {
      Bytes key{static_cast<Byte>(tag)}, value;
      put_be32(key, who);
      put_be64(value, bytes);
      return txn.put(Table::blobs, key, value);
    });
  };
  say('s', 1, blob::kArchiveBytesMax);
  CHECK(shelf.put(0).put == blob::Put::over_quota);
  CHECK(shelf.put(0, false).put == blob::Put::fresh);  // a device takes what its person asks for
  say('s', 1, 0);
  say('t', 4, blob::kAuthorBytesMax);
  CHECK(shelf.put(1).put == blob::Put::over_quota);
  say('t', 4, 0);
  CHECK(shelf.put(1).put == blob::Put::fresh);
}

TEST_CASE("shelf: a loss takes the bytes and leaves the reference, a destruction leaves nothing", "[blob]") {
  Shelf shelf;
  shelf.refer();
  for (std::size_t i = 0; i < 3; ++i) shelf.put(i);
  shelf.write([&](WriteTxn& txn) { return blob::drop_blobs(txn, 1, blob::Drop::lost); });
  CHECK(shelf.rows_of(Table::chunks) == 0);
  CHECK(must(blob::find(*shelf.read(), shelf.name))->have == 0);
  CHECK(must(blob::totals(*shelf.read())).bytes == 0);
  CHECK(shelf.put(0).first);  // should it come back
  shelf.write([&](WriteTxn& txn) { return blob::drop_blobs(txn, 1, blob::Drop::destroyed); });
  CHECK_FALSE(must(blob::find(*shelf.read(), shelf.name)));
  shelf.put(0);
  CHECK(shelf.rows_of(Table::chunks) == 0);
}

TEST_CASE("shelf: what no hub has yet survives a loss of access, not a destruction", "[blob]") {
  Shelf shelf;
  const auto cut = random_id<blob::CutId>(shelf.entropy);
  shelf.write([&](WriteTxn& txn) -> Result<void> {
    for (const auto& chunk : shelf.chunks) SATCHEL_TRY(blob::put_cut_chunk(txn, 1, chunk.id, chunk.sealed));
    SATCHEL_TRY(blob::note_cut(txn, cut, 1, {}, shelf.ids));
    SATCHEL_TRY(blob::refer(txn, 1, 4, 17, std::vector<blob::Reference>{{shelf.name.root, shelf.sealed}}));
    return blob::finish_cut(txn, cut, shelf.name, shelf.ids);
  });
  CHECK(must(blob::unsent(*shelf.read())) == std::pair<std::uint64_t, std::uint64_t>(1, shelf.sealed));
  shelf.write([&](WriteTxn& txn) { return blob::drop_blobs(txn, 1, blob::Drop::lost); });
  CHECK(must(blob::find(*shelf.read(), shelf.name))->whole());
  CHECK(shelf.findings().empty());
  shelf.write([&](WriteTxn& txn) -> Result<void> {
    SATCHEL_TRY(blob::make_due(txn, 8, 1));
    return {};
  });
  const auto due = must(blob::due(*shelf.read(), 8, 1, 0, 10));
  REQUIRE(due.size() == 1);
  CHECK(due[0].name == shelf.name);
  shelf.write([&](WriteTxn& txn) { return blob::settle(txn, 8, 1, due[0]); });
  CHECK(must(blob::unsent(*shelf.read())).first == 0);
  CHECK(must(blob::due(*shelf.read(), 8, 1, 0, 10)).empty());
  CHECK(must(blob::find(*shelf.read(), shelf.name))->at_hub);
  shelf.write([&](WriteTxn& txn) { return blob::drop_blobs(txn, 1, blob::Drop::destroyed); });
  CHECK(shelf.rows_of(Table::chunks) == 0);
}

TEST_CASE("shelf: a cut that was left unfinished is swept when its time has come", "[blob]") {
  Shelf shelf;
  shelf.write([&](WriteTxn& txn) -> Result<void> {
    for (const auto& chunk : shelf.chunks) SATCHEL_TRY(blob::put_cut_chunk(txn, 1, chunk.id, chunk.sealed));
    return blob::note_cut(txn, random_id<blob::CutId>(shelf.entropy), 1, WallTime{1000}, shelf.ids);
  });
  CHECK(shelf.findings(false).empty());  // known for what it is
  shelf.write([&](WriteTxn& txn) -> Result<void> {
    SATCHEL_GET(early, blob::forget_cuts(txn, WallTime{1000}));
    CHECK(early == 0);
    SATCHEL_GET(late, blob::forget_cuts(txn, WallTime{1001}));
    CHECK(late == 1);
    return {};
  });
  CHECK(shelf.rows_of(Table::chunks) == 0);
  CHECK(shelf.rows_of(Table::blobs) == 0);
}

TEST_CASE("shelf: verification finds altered chunks, lists, strays and what no entry names", "[blob]") {
  const auto after = [](const std::function<Result<void>(Shelf&, WriteTxn&)>& harm, bool referred = true) {
    Shelf shelf;
    shelf.refer();
    for (std::size_t i = 0; i < 3; ++i) shelf.put(i);
    shelf.write([&](WriteTxn& txn) { return harm(shelf, txn); });
    const auto found = shelf.findings(referred);
    return found.empty() ? std::string() : found.front();
  };
  const auto key_of = [](const Digest& id) {
    Bytes key;
    put_be32(key, 1);
    key.insert(key.end(), id.bytes.begin(), id.bytes.end());
    return key;
  };
  CHECK(after([](Shelf&, WriteTxn&) -> Result<void> { return {}; }).empty());
  CHECK(after([](Shelf&, WriteTxn&) -> Result<void> { return {}; }, false) == "verify.attachment");
  CHECK(after([&](Shelf& s, WriteTxn& txn) {
          Bytes bent = s.chunks[1].sealed;
          bent[50] ^= 1;
          return txn.put(Table::chunks, key_of(s.chunks[1].id), bent);
        }) == "verify.chunk");
  CHECK(after([&](Shelf& s, WriteTxn& txn) -> Result<void> {
          SATCHEL_TRY(txn.erase(Table::chunks, key_of(s.chunks[1].id)));
          return {};
        }) == "verify.attachment-count");
  CHECK(after([&](Shelf&, WriteTxn& txn) { return txn.put(Table::chunks, key_of(Digest{}), view("stray")); }) ==
        "verify.chunk-stray");
  CHECK(after([&](Shelf& s, WriteTxn& txn) {
          Bytes key{static_cast<Byte>('l')};
          put_be32(key, 1);
          key.insert(key.end(), s.name.root.bytes.begin(), s.name.root.bytes.end());
          Bytes bent = s.ids;
          bent[0] ^= 1;
          return txn.put(Table::blobs, key, bent);
        }) == "verify.attachment-list");
}
