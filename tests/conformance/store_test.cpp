// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>
#include <thread>

#include "tests/conformance/store_suite.h"

using namespace satchel;
using namespace satchel::store_suite;

namespace {

// Runs the rest of the test case once for each kind of store.
std::unique_ptr<Bench> each_bench() {
  const auto which = GENERATE(range(std::size_t{0}, all_benches().size()));
  UNSCOPED_INFO("store: " << all_benches()[which].name);
  return all_benches()[which].make();
}

}  // namespace

TEST_CASE("store: put, get and erase, seen at once by the transaction itself", "[store]") {
  const auto bench = each_bench();
  const auto txn = writing(bench->store());
  CHECK(get(*txn, Table::meta, "a") == "(nothing)");
  set(*txn, Table::meta, "a", "1");
  set(*txn, Table::log, "a", "other table");
  CHECK(get(*txn, Table::meta, "a") == "1");
  set(*txn, Table::meta, "a", "2");
  CHECK(get(*txn, Table::meta, "a") == "2");
  CHECK(*txn->count(Table::meta) == 1);
  CHECK(txn->erase(Table::meta, view("a")).value());
  CHECK_FALSE(txn->erase(Table::meta, view("a")).value());
  CHECK(get(*txn, Table::meta, "a") == "(nothing)");
  CHECK(*txn->count(Table::meta) == 0);
  commit(*txn);
  CHECK(get(*reading(bench->store()), Table::log, "a") == "other table");
}

TEST_CASE("store: what was committed is there after reopening, the rest is not", "[store]") {
  const auto bench = each_bench();
  save(bench->store(), Table::meta, {{"kept", "1"}});
  {
    const auto txn = writing(bench->store());
    set(*txn, Table::meta, "dropped", "1");
    CHECK(txn->erase(Table::meta, view("kept")).value());
  }
  CHECK(rows(*reading(bench->store()), Table::meta) == Rows{{"kept", "1"}});
  bench->reopen();
  CHECK(rows(*reading(bench->store()), Table::meta) == Rows{{"kept", "1"}});
}

TEST_CASE("store: append takes rising keys only, and a refused one harms nothing", "[store]") {
  const auto bench = each_bench();
  const auto txn = writing(bench->store());
  CHECK(code_of(txn->append(Table::log, view("b"), view("1"))) == "ok");
  CHECK(code_of(txn->append(Table::log, view("b"), view("2"))) == "store.order");
  CHECK(code_of(txn->append(Table::log, view("a"), view("2"))) == "store.order");
  CHECK(txn->append(Table::log, view("a"), view("2")).error().kind == ErrorKind::failed);
  CHECK(code_of(txn->append(Table::log, view("ba"), view("3"))) == "ok");
  commit(*txn);
  CHECK(rows(*reading(bench->store()), Table::log) == Rows{{"b", "1"}, {"ba", "3"}});
}

TEST_CASE("store: append after the last key was erased in the same transaction", "[store]") {
  const auto bench = each_bench();
  save(bench->store(), Table::log, {{"a", "1"}, {"c", "3"}});
  const auto txn = writing(bench->store());
  CHECK(txn->erase(Table::log, view("c")).value());
  CHECK(code_of(txn->append(Table::log, view("b"), view("2"))) == "ok");
  commit(*txn);
  CHECK(rows(*reading(bench->store()), Table::log) == Rows{{"a", "1"}, {"b", "2"}});
}

TEST_CASE("store: keys sort as unsigned bytes, a prefix before what continues it", "[store]") {
  const auto bench = each_bench();
  const std::string high("\xff", 1), low("\x00", 1), low2("\x00\x00", 2);
  save(bench->store(), Table::meta, {{high, "4"}, {"a", "3"}, {low2, "2"}, {low, "1"}});
  CHECK(rows(*reading(bench->store()), Table::meta) == Rows{{low, "1"}, {low2, "2"}, {"a", "3"}, {high, "4"}});
  CHECK(rows_backwards(*reading(bench->store()), Table::meta) == rows(*reading(bench->store()), Table::meta));
}

TEST_CASE("store: an empty table answers nothing everywhere", "[store][cursor]") {
  const auto bench = each_bench();
  const auto txn = reading(bench->store());
  const auto cursor = txn->cursor(Table::forks).value();
  CHECK(key_of(cursor->next()) == "(nothing)");
  CHECK(key_of(cursor->prev()) == "(nothing)");
  CHECK(key_of(cursor->seek({})) == "(nothing)");
  CHECK(key_of(cursor->seek(view("a"))) == "(nothing)");
  CHECK(key_of(cursor->seek_before({})) == "(nothing)");
  CHECK(key_of(cursor->seek_before(view("a"))) == "(nothing)");
  CHECK(*txn->count(Table::forks) == 0);
  CHECK(rows_with_prefix(*txn, Table::forks, "").empty());
}

TEST_CASE("store: a cursor seeks to the neighbour on either side and comes back from both ends", "[store][cursor]") {
  const auto bench = each_bench();
  save(bench->store(), Table::meta, {{"b", "1"}, {"d", "2"}, {"f", "3"}});
  const auto txn = reading(bench->store());
  const auto cursor = txn->cursor(Table::meta).value();
  CHECK(key_of(cursor->seek(view("d"))) == "d");
  CHECK(key_of(cursor->seek(view("c"))) == "d");
  CHECK(key_of(cursor->prev()) == "b");
  CHECK(key_of(cursor->prev()) == "(nothing)");
  CHECK(key_of(cursor->prev()) == "(nothing)");
  CHECK(key_of(cursor->next()) == "b");
  CHECK(key_of(cursor->seek(view("g"))) == "(nothing)");
  CHECK(key_of(cursor->next()) == "(nothing)");
  CHECK(key_of(cursor->prev()) == "f");
  CHECK(key_of(cursor->next()) == "(nothing)");
  CHECK(key_of(cursor->seek_before(view("d"))) == "b");
  CHECK(key_of(cursor->next()) == "d");
  CHECK(key_of(cursor->seek_before(view("b"))) == "(nothing)");
  CHECK(key_of(cursor->next()) == "b");
  CHECK(key_of(cursor->seek_before(view("zz"))) == "f");
  CHECK(key_of(cursor->seek_before({})) == "f");
  CHECK(key_of(cursor->seek({})) == "b");
}

TEST_CASE("store: a cursor's bound may be longer than any key", "[store][cursor]") {
  const auto bench = each_bench();
  save(bench->store(), Table::meta, {{"b", "1"}, {"d", "2"}});
  const auto txn = reading(bench->store());
  const auto cursor = txn->cursor(Table::meta).value();
  const std::string beyond_b = "b" + std::string(600, '\xff');
  CHECK(key_of(cursor->seek(view(beyond_b))) == "d");
  CHECK(key_of(cursor->seek_before(view(beyond_b))) == "b");
}

TEST_CASE("store: a cursor in a write transaction goes on by key while its pairs change", "[store][cursor]") {
  const auto bench = each_bench();
  save(bench->store(), Table::meta, {{"a", "1"}, {"c", "2"}, {"e", "3"}});
  const auto txn = writing(bench->store());
  const auto cursor = txn->cursor(Table::meta).value();
  CHECK(key_of(cursor->next()) == "a");
  set(*txn, Table::meta, "b", "new");
  CHECK(key_of(cursor->next()) == "b");
  CHECK(txn->erase(Table::meta, view("b")).value());
  CHECK(key_of(cursor->next()) == "c");
  CHECK(txn->erase(Table::meta, view("c")).value());
  CHECK(key_of(cursor->prev()) == "a");
  CHECK(key_of(cursor->next()) == "e");
  set(*txn, Table::meta, "f", std::string(100000, 'x'));
  CHECK(key_of(cursor->next()) == "f");
  CHECK(txn->erase(Table::meta, view("a")).value());
  CHECK(key_of(cursor->prev()) == "e");
  CHECK(key_of(cursor->prev()) == "(nothing)");
  commit(*txn);
  CHECK(key_of(cursor->next()) == "store.ended");
  CHECK(key_of(cursor->seek({})) == "store.ended");
}

TEST_CASE("store: erasing every pair under a cursor meets each of them once", "[store][cursor]") {
  const auto bench = each_bench();
  Rows many;
  for (int i = 1000; i < 4000; ++i) many.emplace_back(std::to_string(i), std::string(100, 'v'));
  save(bench->store(), Table::sheets, many);
  const auto txn = writing(bench->store());
  const auto cursor = txn->cursor(Table::sheets).value();
  std::size_t met = 0;
  for (auto at = cursor->next(); at && *at; at = cursor->next()) {
    CHECK(text((**at).key) == many[met].first);
    const Bytes key = copy((**at).key);
    if (met % 3 != 0) CHECK(txn->erase(Table::sheets, key).value());
    ++met;
  }
  CHECK(met == many.size());
  CHECK(*txn->count(Table::sheets) == 1000);
  commit(*txn);
  CHECK(rows(*reading(bench->store()), Table::sheets).size() == 1000);
}

TEST_CASE("store: transactions and cursors that outlive their use only answer that they ended", "[store]") {
  const auto bench = each_bench();
  auto txn = writing(bench->store());
  auto cursor = txn->cursor(Table::meta).value();
  set(*txn, Table::meta, "a", "1");
  commit(*txn);
  CHECK(code_of(txn->put(Table::meta, view("b"), view("1"))) == "store.ended");
  CHECK(code_of(txn->get(Table::meta, view("a"))) == "store.ended");
  CHECK(code_of(txn->erase(Table::meta, view("a"))) == "store.ended");
  CHECK(code_of(txn->count(Table::meta)) == "store.ended");
  CHECK(code_of(txn->cursor(Table::meta)) == "store.ended");
  CHECK(code_of(txn->commit()) == "store.ended");
  txn.reset();
  CHECK(key_of(cursor->next()) == "store.ended");

  auto read = reading(bench->store());
  cursor = read->cursor(Table::meta).value();
  CHECK(key_of(cursor->next()) == "a");
  read.reset();
  CHECK(key_of(cursor->next()) == "store.ended");
}

TEST_CASE("store: a prefix scan gives exactly its pairs, in order, until told to stop", "[store]") {
  const auto bench = each_bench();
  const std::string edge("a\xff", 2);
  save(bench->store(), Table::heads, {{"a", "0"}, {"a1", "1"}, {"a2", "2"}, {edge, "3"}, {"b", "4"}, {"ab", "5"}});
  const auto txn = reading(bench->store());
  CHECK(rows_with_prefix(*txn, Table::heads, "a") ==
        Rows{{"a", "0"}, {"a1", "1"}, {"a2", "2"}, {"ab", "5"}, {edge, "3"}});
  CHECK(rows_with_prefix(*txn, Table::heads, edge) == Rows{{edge, "3"}});
  CHECK(rows_with_prefix(*txn, Table::heads, "c").empty());
  CHECK(rows_with_prefix(*txn, Table::heads, "").size() == 6);
  int visited = 0;
  CHECK(scan_prefix(*txn, Table::heads, view("a"), [&](KeyValue) { return ++visited < 2; }));
  CHECK(visited == 2);
}

TEST_CASE("store: a reader keeps the state it began with while others commit", "[store]") {
  const auto bench = each_bench();
  save(bench->store(), Table::meta, {{"a", "1"}, {"b", "1"}});
  const auto before = reading(bench->store());
  const auto cursor = before->cursor(Table::meta).value();
  CHECK(key_of(cursor->next()) == "a");
  {
    const auto txn = writing(bench->store());
    set(*txn, Table::meta, "a", "2");
    CHECK(txn->erase(Table::meta, view("b")).value());
    set(*txn, Table::meta, "c", "2");
    CHECK(rows(*reading(bench->store()), Table::meta) == Rows{{"a", "1"}, {"b", "1"}});
    commit(*txn);
  }
  CHECK(rows(*before, Table::meta) == Rows{{"a", "1"}, {"b", "1"}});
  CHECK(key_of(cursor->next()) == "b");
  CHECK(*before->count(Table::meta) == 2);
  CHECK(rows(*reading(bench->store()), Table::meta) == Rows{{"a", "2"}, {"c", "2"}});
}

TEST_CASE("store: the largest key and value, and a value of no bytes, come back whole", "[store]") {
  const auto bench = each_bench();
  const std::string key(kStoreKeyBytesMax, 'k'), value(kStoreValueBytesMax, 'v');
  save(bench->store(), Table::batches, {{key, value}, {"empty", ""}});
  bench->reopen();
  const auto txn = writing(bench->store());
  CHECK(get(*txn, Table::batches, key) == value);
  CHECK(get(*txn, Table::batches, "empty").empty());
  CHECK(rows(*txn, Table::batches).size() == 2);
  CHECK(code_of(txn->put(Table::batches, view(key + "k"), {})) == "store.key-size");
  CHECK(code_of(txn->put(Table::batches, {}, view("v"))) == "store.key-size");
  CHECK(code_of(txn->append(Table::batches, view("z"), view(value + "v"))) == "store.value-size");
  CHECK(code_of(txn->get(Table::batches, {})) == "store.key-size");
  CHECK(code_of(txn->erase(Table::batches, view(key + "k"))) == "store.key-size");
  set(*txn, Table::batches, "still", "usable");
  CHECK(code_of(txn->append(Table::batches, view("z"), {})) == "ok");
  commit(*txn);
  CHECK(get(*reading(bench->store()), Table::batches, "z").empty());
}

TEST_CASE("store: goes on writing while a reader stays open", "[store]") {
  const auto bench = each_bench();
  const std::string value(256 * 1024, 'v');
  const auto held = reading(bench->store());
  for (int round = 0; round < 3; ++round) {
    Rows block;
    for (int i = 0; i < 64; ++i) block.emplace_back(std::to_string(round * 1000 + 100 + i), value);
    save(bench->store(), Table::batches, block);
    CHECK(*reading(bench->store())->count(Table::batches) == static_cast<std::uint64_t>(round + 1) * 64);
  }
  CHECK(rows(*held, Table::batches).empty());
}

TEST_CASE("store: many transactions grow it, and everything is there after reopening", "[store]") {
  const auto bench = each_bench();
  const std::string value(256 * 1024, 'v');
  for (int round = 0; round < 8; ++round) {
    const auto txn = writing(bench->store());
    for (int i = 0; i < 96; ++i) set(*txn, Table::batches, std::to_string(round * 1000 + 100 + i), value);
    commit(*txn);
  }
  bench->reopen();
  std::size_t seen = 0;
  const auto txn = reading(bench->store());
  CHECK(
      scan_prefix(*txn, Table::batches, {}, [&](KeyValue pair) { return ++seen, pair.value.size() == value.size(); }));
  CHECK(seen == 768);
}

TEST_CASE("store: writers of several threads take turns and readers see whole transactions", "[store]") {
  const auto bench = each_bench();
  Store& store = bench->store();
  constexpr int kThreads = 4, kRounds = 50;
  std::atomic<int> torn = 0, failed = 0, running = kThreads;
  const auto add_one = [&](WriteTxn& txn, std::string_view key) {
    const auto now = txn.get(Table::meta, view(key));
    const int value = now && *now ? std::stoi(std::string(text(**now))) : 0;
    if (!txn.put(Table::meta, view(key), view(std::to_string(value + 1)))) ++failed;
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        auto txn = store.begin_write();
        if (!txn) {
          ++failed;
          continue;
        }
        add_one(**txn, "left");
        add_one(**txn, "right");
        if (!(*txn)->commit()) ++failed;
      }
      --running;
    });
  }
  threads.emplace_back([&] {
    while (running > 0) {
      const auto txn = store.begin_read();
      if (!txn) {
        ++failed;
        continue;
      }
      if (get(**txn, Table::meta, "left") != get(**txn, Table::meta, "right")) ++torn;
    }
  });
  for (auto& thread : threads) thread.join();
  CHECK(torn == 0);
  CHECK(failed == 0);
  CHECK(get(*reading(store), Table::meta, "left") == std::to_string(kThreads * kRounds));
}
