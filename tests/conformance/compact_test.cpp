// SPDX-License-Identifier: AGPL-3.0-or-later
// Having a store to oneself, and rewriting it so that nothing is left of what was erased.
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "sync/store/lmdb_store.h"
#include "tests/conformance/store_suite.h"

using namespace satchel;
using namespace satchel::store_suite;

namespace fs = std::filesystem;

namespace {

std::unique_ptr<Bench> one_of_each() {
  const auto which = GENERATE(range(std::size_t{0}, all_benches().size()));
  UNSCOPED_INFO("store: " << all_benches()[which].name);
  return all_benches()[which].make();
}

bool compact(Store& store) {
  const auto sole = store.sole_use();
  REQUIRE(sole);
  REQUIRE(*sole);
  const auto done = store.compact(**sole);
  if (!done) FAIL(done.error().code << ": " << done.error().detail);
  return *done;
}

void erase(Store& store, Table table, std::string_view key) {
  const auto txn = writing(store);
  REQUIRE(txn->erase(table, view(key)).value());
  commit(*txn);
}

std::string secret(int n) { return "opens everything, number " + std::to_string(n) + "."; }

// Small rows side by side and long ones, in three tables; each third is a secret.
Rows some_rows(int count) {
  Rows out;
  for (int n = 0; n < count; ++n) {
    std::string key = std::to_string(100'000 + n);
    out.emplace_back(key,
                     n % 3 == 0 ? secret(n) : std::string(n % 7 == 0 ? 9'000 : 40, static_cast<char>('a' + n % 26)));
  }
  return out;
}

}  // namespace

TEST_CASE("store: compacting keeps every row and leaves nothing of what was erased or overwritten",
          "[store][compact]") {
  const auto bench = one_of_each();
  for (const Table table : {Table::keys, Table::grants, Table::meta}) save(bench->store(), table, some_rows(120));
  // One by one, the newest first: the row that lies last in its page is what nobody writes over.
  for (int n = 117; n >= 0; n -= 3) {
    const std::string key = std::to_string(100'000 + n);
    erase(bench->store(), Table::keys, key);
    erase(bench->store(), Table::grants, key);
    save(bench->store(), Table::meta, {{key, "other"}});
  }
  bool left = false;
  for (int n = 0; n < 120; n += 3) left = left || bench->holds(secret(n));
  CHECK(left);
  std::vector<Rows> before;
  for (const Table table : {Table::keys, Table::grants, Table::meta})
    before.push_back(rows(*reading(bench->store()), table));
  REQUIRE(compact(bench->store()));
  for (int n = 0; n < 120; n += 3) {
    CAPTURE(n);
    CHECK_FALSE(bench->holds(secret(n)));
  }
  const auto all_there = [&] {
    std::vector<Rows> now;
    for (const Table table : {Table::keys, Table::grants, Table::meta})
      now.push_back(rows(*reading(bench->store()), table));
    return now == before;
  };
  CHECK(all_there());
  bench->reopen();
  CHECK(all_there());
  save(bench->store(), Table::log, {{"goes on", "1"}});
  REQUIRE(compact(bench->store()));
  CHECK(all_there());
  CHECK(get(*reading(bench->store()), Table::log, "goes on") == "1");
}

TEST_CASE("store: while another process has it open nobody has it alone", "[store][compact]") {
  const auto bench = one_of_each();
  save(bench->store(), Table::meta, {{"a", "1"}});
  {
    const auto elsewhere = bench->open_elsewhere();
    const auto sole = bench->store().sole_use();
    REQUIRE(sole);
    CHECK(*sole == nullptr);
    save(bench->store(), Table::meta, {{"b", "2"}});
  }
  CHECK(compact(bench->store()));
  // What it was refused and what came after leaves the way free for others.
  const auto elsewhere = bench->open_elsewhere();
  CHECK(rows(*reading(bench->store()), Table::meta) == Rows{{"a", "1"}, {"b", "2"}});
}

TEST_CASE("store: compacting does not pull a transaction's rows away; it is done later", "[store][compact]") {
  const auto bench = one_of_each();
  save(bench->store(), Table::meta, {{"a", "1"}});
  {
    const auto txn = reading(bench->store());
    CHECK_FALSE(compact(bench->store()));
    CHECK(get(*txn, Table::meta, "a") == "1");
  }
  CHECK(compact(bench->store()));
}

TEST_CASE("store: readers and writers of other threads go on around a compaction", "[store][compact]") {
  const auto bench = one_of_each();
  Store& store = bench->store();
  save(store, Table::log, some_rows(300));
  std::atomic<bool> stop = false, wrong = false;
  std::atomic<std::uint64_t> written = 0;
  std::thread reader([&] {
    while (!stop) {
      const auto txn = store.begin_read();
      if (!txn || (*txn)->count(Table::log).value_or(0) != 300) wrong = true;
    }
  });
  std::thread writer([&] {
    for (std::uint64_t n = 1; !stop; ++n) {
      auto txn = store.begin_write();
      Bytes key;
      put_be64(key, n);
      if (!txn || !(*txn)->put(Table::meta, key, key) || !(*txn)->commit()) wrong = true;
      written = n;
    }
  });
  // One that finds a transaction open is left for later; that may be every one of twelve.
  constexpr int kTriesMax = 100'000;
  int done = 0;
  for (int n = 0; n < 12 || ((done == 0 || written == 0) && n < kTriesMax); ++n) done += compact(store) ? 1 : 0;
  stop = true;
  reader.join();
  writer.join();
  CHECK_FALSE(wrong);
  CHECK(done > 0);
  CHECK(reading(store)->count(Table::meta).value() == written);
  bench->reopen();
  CHECK(reading(bench->store())->count(Table::meta).value() == written);
}

TEST_CASE("lmdb: what a power cut left of a compaction is cleared away, and never taken for the store",
          "[store][lmdb][compact]") {
  const TempFolder folder;
  const auto place = folder.path() / "node";
  {
    auto store = open_lmdb(place);
    REQUIRE(store);
    save(**store, Table::meta, {{"a", "1"}});
  }
  fs::create_directories(folder.path() / "node.compact");
  std::ofstream(folder.path() / "node.compact" / "data.mdb") << "half of a copy";
  auto store = open_lmdb(place);
  REQUIRE(store);
  CHECK(rows(*reading(**store), Table::meta) == Rows{{"a", "1"}});
  CHECK_FALSE(fs::exists(folder.path() / "node.compact"));
}
