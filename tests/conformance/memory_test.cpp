// SPDX-License-Identifier: AGPL-3.0-or-later
// What only the memory store has: crashes, planned faults, copies of the disk.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "sync/store/memory_store.h"
#include "tests/conformance/store_suite.h"

using namespace satchel;
using namespace satchel::store_suite;

TEST_CASE("memory: a crash drops the open transaction and ends every old handle", "[store][memory]") {
  const auto disk = std::make_shared<MemoryDisk>();
  const auto store = open_memory(disk);
  save(*store, Table::meta, {{"a", "1"}});
  const auto open = writing(*store);
  set(*open, Table::meta, "b", "1");
  disk->crash();
  CHECK(code_of(open->commit()) == "store.ended");
  CHECK(code_of(store->begin_read()) == "store.ended");
  CHECK(code_of(store->begin_write()) == "store.ended");
  const auto again = open_memory(disk);
  save(*again, Table::meta, {{"c", "1"}});
  CHECK(rows(*reading(*again), Table::meta) == Rows{{"a", "1"}, {"c", "1"}});
}

TEST_CASE("memory: the transaction a crash took does not give back the turn of a later one", "[store][memory]") {
  const auto disk = std::make_shared<MemoryDisk>();
  const auto before = open_memory(disk);
  auto lost = writing(*before);
  disk->crash();
  const auto after = open_memory(disk);
  const auto open = writing(*after);
  lost.reset();
  std::string seen;
  std::atomic<bool> began = false;
  std::thread other([&] {
    const auto txn = after->begin_write();
    began = true;
    if (txn) seen = get(**txn, Table::meta, "a");
  });
  for (int i = 0; i < 20'000 && !began; ++i) std::this_thread::yield();
  CHECK_FALSE(began);
  set(*open, Table::meta, "a", "1");
  commit(*open);
  other.join();
  CHECK(seen == "1");
}

TEST_CASE("memory: a full disk undoes one commit and the next one works", "[store][memory]") {
  const auto fault = GENERATE(CommitFault::full, CommitFault::io);
  const auto disk = std::make_shared<MemoryDisk>();
  const auto store = open_memory(disk);
  disk->fail_commit(2, fault);
  save(*store, Table::meta, {{"a", "1"}});
  {
    const auto txn = writing(*store);
    set(*txn, Table::meta, "b", "1");
    const auto done = txn->commit();
    CHECK(code_of(done) == (fault == CommitFault::full ? "store.full" : "store.io"));
    CHECK(done.error().kind == ErrorKind::storage);
  }
  save(*store, Table::meta, {{"c", "1"}});
  CHECK(rows(*reading(*store), Table::meta) == Rows{{"a", "1"}, {"c", "1"}});
}

TEST_CASE("memory: after an unknown outcome the store must be reopened, and shows either", "[store][memory]") {
  const bool kept = GENERATE(true, false);
  const auto disk = std::make_shared<MemoryDisk>();
  const auto store = open_memory(disk);
  disk->fail_commit(1, kept ? CommitFault::unknown_kept : CommitFault::unknown_lost);
  {
    const auto txn = writing(*store);
    set(*txn, Table::meta, "a", "1");
    CHECK(code_of(txn->commit()) == "store.unknown");
  }
  CHECK(code_of(store->begin_write()) == "store.unknown");
  CHECK(code_of(store->begin_read()) == "store.unknown");
  CHECK(get(*reading(*open_memory(disk)), Table::meta, "a") == (kept ? "1" : "(nothing)"));
}

TEST_CASE("memory: a copy of the disk and its original go their own ways", "[store][memory]") {
  const auto disk = std::make_shared<MemoryDisk>();
  const auto store = open_memory(disk);
  save(*store, Table::meta, {{"a", "1"}});
  const auto copy_of = disk->clone();
  save(*store, Table::meta, {{"b", "1"}});
  save(*open_memory(copy_of), Table::meta, {{"c", "1"}});
  CHECK(rows(*reading(*store), Table::meta) == Rows{{"a", "1"}, {"b", "1"}});
  CHECK(rows(*reading(*open_memory(copy_of)), Table::meta) == Rows{{"a", "1"}, {"c", "1"}});
}
