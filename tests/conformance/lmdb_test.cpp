// SPDX-License-Identifier: AGPL-3.0-or-later
// What only the LMDB store has: files, other processes, damage.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "sync/store/lmdb_store.h"
#include "tests/conformance/store_suite.h"

using namespace satchel;
using namespace satchel::store_suite;

namespace fs = std::filesystem;

namespace {

std::unique_ptr<Store> open_at(const fs::path& folder, const LmdbOptions& options = {}) {
  auto opened = open_lmdb(folder, options);
  if (!opened) FAIL(opened.error().code << ": " << opened.error().detail);
  return std::move(*opened);
}

// Runs in another process; the value it returns is its exit code.
int in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int code = 99;
    try {
      code = work();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool save_quietly(Store& store, const std::string& key, const std::string& value) {
  auto txn = store.begin_write();
  return txn && (*txn)->put(Table::meta, view(key), view(value)) && (*txn)->commit();
}

// By a hundred commits of a megabyte each, in another process.
int grow_in_child(const fs::path& folder) {
  return in_child([&] {
    auto other = open_lmdb(folder);
    for (int i = 0; other && i < 100; ++i) {
      if (!save_quietly(**other, std::to_string(1000 + i), std::string(1024 * 1024, 'c'))) return 1;
    }
    return other ? 0 : 1;
  });
}

Bytes file_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_bytes(const fs::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST_CASE("lmdb: a new store appears whole in its folder and leaves nothing beside it", "[store][lmdb]") {
  const TempFolder folder;
  const auto place = folder.path() / "deep" / "node";
  // What a power cut may have left of an earlier attempt.
  fs::create_directories(folder.path() / "deep" / "node.new");
  write_bytes(folder.path() / "deep" / "node.new" / "data.mdb", Bytes(100, 1));
  {
    const auto store = open_at(place);
  }
  CHECK(fs::exists(place / "data.mdb"));
  CHECK_FALSE(fs::exists(folder.path() / "deep" / "node.new"));
  CHECK(check_in_child(place));
  CHECK((fs::status(place / "data.mdb").permissions() & fs::perms::others_all) == fs::perms::none);
}

TEST_CASE("lmdb: made inside a folder that already holds other files", "[store][lmdb]") {
  const TempFolder folder;
  write_bytes(folder.path() / "config.toml", Bytes(10, 'x'));
  save(*open_at(folder.path()), Table::meta, {{"a", "1"}});
  CHECK(get(*reading(*open_at(folder.path())), Table::meta, "a") == "1");
  CHECK(fs::exists(folder.path() / "config.toml"));
}

TEST_CASE("lmdb: several processes that create at once share one store", "[store][lmdb]") {
  const TempFolder folder;
  const auto place = folder.path() / "node";
  std::vector<pid_t> children;
  for (int n = 0; n < 6; ++n) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = open_lmdb(place);
      ::_exit(store && save_quietly(**store, "child " + std::to_string(n), "1") ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(rows(*reading(*open_at(place)), Table::meta).size() == 6);
}

TEST_CASE("lmdb: one process opens a store once", "[store][lmdb]") {
  const TempFolder folder;
  auto first = open_at(folder.path());
  CHECK(code_of(open_lmdb(folder.path())) == "store.open-twice");
  first.reset();
  CHECK(code_of(open_lmdb(folder.path())) == "ok");
}

TEST_CASE("lmdb: a store that is gone is missed, not begun anew", "[store][lmdb]") {
  const TempFolder folder;
  save(*open_at(folder.path()), Table::meta, {{"a", "1"}});
  fs::remove(folder.path() / "data.mdb");
  CHECK(code_of(open_lmdb(folder.path(), {.create = false})) == "store.missing");
  CHECK_FALSE(fs::exists(folder.path() / "data.mdb"));
}

TEST_CASE("lmdb: a file cut short anywhere is told as damage", "[store][lmdb]") {
  const TempFolder folder;
  Rows many;
  for (int i = 0; i < 500; ++i) many.emplace_back("key " + std::to_string(i), std::string(300, 'x'));
  save(*open_at(folder.path()), Table::log, many);
  const auto whole = fs::file_size(folder.path() / "data.mdb");
  for (const auto size : {whole - 4096, whole / 2, std::uintmax_t{3 * 4096}, std::uintmax_t{8192}}) {
    CAPTURE(size);
    fs::resize_file(folder.path() / "data.mdb", size);
    CHECK(code_of(open_lmdb(folder.path(), {.create = false})) == "store.damaged");
  }
}

TEST_CASE("lmdb: read-only opens what exists and writes nothing", "[store][lmdb]") {
  const TempFolder folder;
  CHECK(code_of(open_lmdb(folder.path() / "none", {.read_only = true})) == "store.missing");
  CHECK_FALSE(fs::exists(folder.path() / "none"));
  save(*open_at(folder.path()), Table::meta, {{"a", "1"}});
  const auto store = open_at(folder.path(), {.read_only = true});
  CHECK(get(*reading(*store), Table::meta, "a") == "1");
  CHECK(code_of(store->begin_write()) == "store.read-only");
}

TEST_CASE("lmdb: two processes see each other's commits, also when one grows the file past the other's map",
          "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  save(*store, Table::meta, {{"parent", "1"}});
  const int grown = in_child([&] {
    auto other = open_lmdb(folder.path());
    if (!other || get(**(*other)->begin_read(), Table::meta, "parent") != "1") return 1;
    const std::string value(512 * 1024, 'c');
    for (int i = 0; i < 200; ++i) {
      if (!save_quietly(**other, "child " + std::to_string(1000 + i), value)) return 2;
    }
    return 0;
  });
  CHECK(grown == 0);
  CHECK(*reading(*store)->count(Table::meta) == 201);
  save(*store, Table::meta, {{"parent", "2"}});
  const int seen = in_child([&] {
    auto other = open_lmdb(folder.path(), {.read_only = true});
    return other && get(**(*other)->begin_read(), Table::meta, "parent") == "2" ? 0 : 1;
  });
  CHECK(seen == 0);
  CHECK(check_in_child(folder.path()));
}

TEST_CASE("lmdb: who is reading when another process grows the file is told, not kept waiting, and reads on after that",
          "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  save(*store, Table::meta, {{"parent", "1"}});
  {
    const auto held = reading(*store);
    const int grown = grow_in_child(folder.path());
    CHECK(grown == 0);
    CHECK(code_of(store->begin_read()) == "store.readers");  // the map cannot move under the one that lives
    CHECK(get(*held, Table::meta, "parent") == "1");
  }
  CHECK(*reading(*store)->count(Table::meta) == 101);
}

TEST_CASE("lmdb: the first write after another process grew the file takes the larger map", "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  const int grown = grow_in_child(folder.path());
  CHECK(grown == 0);
  save(*store, Table::meta, {{"after", "1"}});
  CHECK(*reading(*store)->count(Table::meta) == 101);
}

TEST_CASE("lmdb: a process killed in its transaction leaves its turn to others and nothing of its work",
          "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  const int died = in_child([&] {
    auto other = open_lmdb(folder.path());
    auto held = (*other)->begin_read();
    auto txn = (*other)->begin_write();
    if (!(*txn)->put(Table::meta, view("half"), view("1"))) return 1;
    ::kill(::getpid(), SIGKILL);
    return 2;
  });
  CHECK(died == 128 + SIGKILL);
  save(*store, Table::meta, {{"after", "1"}});
  CHECK(rows(*reading(*store), Table::meta) == Rows{{"after", "1"}});
}

TEST_CASE("lmdb: a reader that stays open puts growing off, and it happens once the reader has gone", "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  const std::string value(1024 * 1024, 'v');
  auto held = reading(*store);
  int saved = 0;
  std::string refused;
  while (saved < 200 && refused.empty()) {
    auto txn = writing(*store);
    const auto put = txn->put(Table::batches, view(std::to_string(1000 + saved)), view(value));
    const auto done = put ? txn->commit() : put;
    if (done) ++saved;
    if (!put) CHECK(code_of(txn->commit()) == "store.full");
    refused = done ? "" : done.error().code;
  }
  CHECK(refused == "store.full");
  CHECK(saved > 40);
  held.reset();
  for (int more = 0; more < 100; ++more) save(*store, Table::batches, {{std::to_string(1000 + saved + more), value}});
  CHECK(*reading(*store)->count(Table::batches) == static_cast<std::uint64_t>(saved) + 100);
}

TEST_CASE("lmdb: a transaction larger than the room kept for it is refused, undone and harms nothing",
          "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  save(*store, Table::meta, {{"kept", "1"}});
  {
    const auto txn = writing(*store);
    Result<void> put;
    for (int i = 0; put && i < 200; ++i) put = txn->put(Table::batches, view(std::to_string(i)), Bytes(1024 * 1024));
    CHECK(code_of(put) == "store.full");
    CHECK(put.error().kind == ErrorKind::storage);
    CHECK(code_of(txn->put(Table::meta, view("x"), {})) == "store.full");
    CHECK(code_of(txn->commit()) == "store.full");
  }
  CHECK(*reading(*store)->count(Table::batches) == 0);
  save(*store, Table::meta, {{"after", "1"}});
  CHECK(rows(*reading(*store), Table::meta) == Rows{{"after", "1"}, {"kept", "1"}});
}

TEST_CASE("lmdb: a disk that takes no more stops writing, loses nothing, and goes on when there is room",
          "[store][lmdb]") {
  const TempFolder folder;
  const int code = in_child([&] {
    auto store = open_lmdb(folder.path());
    if (!store || !save_quietly(**store, "first", "1")) return 1;
    // The file size limit of the process stands in for the disk: writes past it fail as on a full one.
    ::signal(SIGXFSZ, SIG_IGN);
    const auto limit = [](rlim_t bytes) {
      rlimit size{bytes, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &size);
    };
    limit(2u << 20);
    int saved = 0;
    while (saved < 100 && save_quietly(**store, std::to_string(1000 + saved), std::string(100'000, 'v'))) ++saved;
    if (saved == 0 || saved == 100) return 2;
    if (save_quietly(**store, "more", std::string(500'000, 'v'))) return 3;
    if (*(**(*store)->begin_read()).count(Table::meta) != static_cast<std::uint64_t>(saved) + 1) return 4;
    limit(RLIM_INFINITY);
    if (!save_quietly(**store, "more", std::string(500'000, 'v'))) return 5;
    return *(**(*store)->begin_read()).count(Table::meta) == static_cast<std::uint64_t>(saved) + 2 ? 0 : 6;
  });
  CHECK(code == 0);
  CHECK(check_in_child(folder.path()));
}

TEST_CASE("lmdb: more readers at once than are kept ready, from many threads, while the file grows", "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  {
    std::vector<std::unique_ptr<ReadTxn>> many;
    for (int i = 0; i < 200; ++i) many.push_back(reading(*store));
  }
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::uint64_t last = 0;
      while (!stop) {
        auto txn = store->begin_read();
        const auto now = txn ? (*txn)->count(Table::batches) : Result<std::uint64_t>(0);
        // A reader that is held up while it begins may see a commit that is just being made public, and the next one
        // the state before (LMDB writes its meta page first): one step back, never more.
        if (!txn || !now || *now + 1 < last) ++wrong;
        last = now.value_or(0);
      }
    });
  }
  for (int i = 0; i < 150; ++i)
    save(*store, Table::batches, {{std::to_string(1000 + i), std::string(1024 * 1024, 'v')}});
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(*reading(*store)->count(Table::batches) == 150);
}

TEST_CASE("lmdb: a read transaction may end in another thread", "[store][lmdb]") {
  const TempFolder folder;
  const auto store = open_at(folder.path());
  save(*store, Table::meta, {{"a", "1"}});
  auto txn = reading(*store);
  std::thread([moved = std::move(txn)]() mutable {
    if (get(*moved, Table::meta, "a") == "1") moved.reset();
  }).join();
  save(*store, Table::meta, {{"a", "2"}});
  CHECK(get(*reading(*store), Table::meta, "a") == "2");
}

TEST_CASE("lmdb: files that are not a store are told from a missing one", "[store][lmdb][damage]") {
  const TempFolder folder;
  CHECK(code_of(check_in_child(folder.path())) == "store.missing");
  write_bytes(folder.path() / "data.mdb", {});
  CHECK(code_of(open_lmdb(folder.path())) == "store.damaged");
  CHECK(code_of(check_in_child(folder.path())) == "store.damaged");
  write_bytes(folder.path() / "data.mdb", Bytes(100'000, 0x5a));
  CHECK(code_of(open_lmdb(folder.path())) == "store.damaged");
  CHECK(open_lmdb(folder.path()).error().kind == ErrorKind::integrity);
  CHECK(code_of(check_in_child(folder.path())) == "store.damaged");
}

TEST_CASE("lmdb: damage kills the child at most, and a file cut short is always noticed", "[store][lmdb][damage]") {
  const TempFolder folder;
  const auto file = folder.path() / "data.mdb";
  {
    const auto store = open_at(folder.path());
    for (int round = 0; round < 20; ++round) {
      const auto txn = writing(*store);
      for (int i = 0; i < 60; ++i)
        set(*txn, Table::log, std::to_string(10000 + round * 60 + i), std::string(150 + i, 'v'));
      for (int i = 0; i < 10; ++i) (void)txn->erase(Table::log, view(std::to_string(10000 + round * 30 + i)));
      commit(*txn);
    }
  }
  CHECK(check_in_child(folder.path()));
  const Bytes sound = file_bytes(file);
  REQUIRE(sound.size() > 100'000);
  write_bytes(file, Bytes(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(sound.size() / 2)));
  CHECK(code_of(check_in_child(folder.path())) == "store.damaged");

  std::mt19937_64 random(7);
  int noticed = 0;
  for (int n = 0; n < 150; ++n) {
    Bytes bytes = sound;
    const std::size_t sector = 2 * 8 + random() % (bytes.size() / 512 - 2 * 8);  // beyond the two meta pages
    for (std::size_t i = 0; i < 512; ++i) bytes[sector * 512 + i] = static_cast<Byte>(random());
    write_bytes(file, bytes);
    fs::remove(folder.path() / "lock.mdb");
    const auto checked = check_in_child(folder.path());
    if (!checked) ++noticed;
    if (!checked) CHECK(checked.error().code == "store.damaged");
  }
  // Values and free pages are not LMDB's to notice; what holds the tables together is.
  CHECK(noticed > 15);
}

TEST_CASE("lmdb: a damaged list of free pages is noticed before a writer trusts it", "[store][lmdb][damage]") {
  const TempFolder folder;
  const auto file = folder.path() / "data.mdb";
  {
    const auto store = open_at(folder.path());
    for (int i = 0; i < 20; ++i) save(*store, Table::meta, {{"a", std::to_string(i)}});
  }
  Bytes bytes = file_bytes(file);
  // Where LMDB keeps them: each of the two meta pages has, after 16 + 24 bytes, the records of the free list's tree and
  // of the main one, 48 bytes each with the root page at 40, then the last page and the transaction's number.
  const auto word = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, &bytes[at], sizeof value);
    return value;
  };
  constexpr std::size_t kPage = 4096, kFreeRoot = 16 + 24 + 40, kTxn = 16 + 24 + 2 * 48 + 8;
  const std::size_t meta = word(kTxn) > word(kPage + kTxn) ? 0 : kPage;
  const std::size_t root = word(meta + kFreeRoot) * kPage;
  REQUIRE(root + kPage <= bytes.size());
  // Entries fill a page from its end; this is the last page number of the first.
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(root + kPage - 8), 8, Byte{0x7f});
  write_bytes(file, bytes);
  CHECK(rows(*reading(*open_at(folder.path(), {.read_only = true})), Table::meta) == Rows{{"a", "19"}});
  CHECK(code_of(check_in_child(folder.path())) == "store.damaged");
}
