// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/conformance/store_suite.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "sync/store/lmdb_store.h"
#include "sync/store/memory_store.h"

namespace satchel::store_suite {

namespace {

// A process that has the store open until its line is closed.
class OtherProcess final : public Elsewhere {
 public:
  explicit OtherProcess(const std::filesystem::path& place) {
    int told[2], end[2];
    REQUIRE((::pipe(told) == 0 && ::pipe(end) == 0));
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::close(end[1]);
      hold(place, told[1], end[0]);
    }
    ::close(told[1]);
    ::close(end[0]);
    end_ = end[1];
    char open = 0;
    REQUIRE(::read(told[0], &open, 1) == 1);
    ::close(told[0]);
  }
  ~OtherProcess() override {
    ::close(end_);
    ::waitpid(child_, nullptr, 0);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

 private:
  // The parent's own handle is in this process, too, and must not be touched.
  [[noreturn]] static void hold(const std::filesystem::path& place, int told, int end) {
    const auto store = open_lmdb(place);
    char byte = 0;
    if (store && ::write(told, "o", 1) == 1) (void)!::read(end, &byte, 1);
    ::_exit(0);
  }

  pid_t child_ = 0;
  int end_ = -1;
};

class LmdbBench final : public Bench {
 public:
  LmdbBench() { reopen(); }
  Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    auto opened = open_lmdb(folder_.path() / "node");
    if (!opened) FAIL(opened.error().code << ": " << opened.error().detail);
    store_ = std::move(*opened);
  }
  std::unique_ptr<Elsewhere> open_elsewhere() override {
    return std::make_unique<OtherProcess>(folder_.path() / "node");
  }
  bool holds(std::string_view bytes) const override {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(in), {}};
      if (content.find(bytes) != std::string::npos) return true;
    }
    return false;
  }

 private:
  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

class OtherStore final : public Elsewhere {
 public:
  explicit OtherStore(std::shared_ptr<MemoryDisk> disk) : store_(open_memory(std::move(disk))) {}

 private:
  std::unique_ptr<Store> store_;
};

class MemoryBench final : public Bench {
 public:
  MemoryBench() { disk_->keep_old_values(); }
  Store& store() override { return *store_; }
  void reopen() override {
    disk_->crash();
    store_ = open_memory(disk_);
  }
  std::unique_ptr<Elsewhere> open_elsewhere() override { return std::make_unique<OtherStore>(disk_); }
  bool holds(std::string_view bytes) const override { return disk_->holds(view(bytes)); }

 private:
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  std::unique_ptr<Store> store_ = open_memory(disk_);
};

}  // namespace

const std::vector<BenchKind>& all_benches() {
  static const std::vector<BenchKind> kinds{
      {"lmdb", [] { return std::unique_ptr<Bench>(std::make_unique<LmdbBench>()); }},
      {"memory", [] { return std::unique_ptr<Bench>(std::make_unique<MemoryBench>()); }},
  };
  return kinds;
}

std::unique_ptr<ReadTxn> reading(Store& store) {
  auto txn = store.begin_read();
  if (!txn) FAIL(txn.error().code << ": " << txn.error().detail);
  return std::move(*txn);
}

std::unique_ptr<WriteTxn> writing(Store& store) {
  auto txn = store.begin_write();
  if (!txn) FAIL(txn.error().code << ": " << txn.error().detail);
  return std::move(*txn);
}

void set(WriteTxn& txn, Table table, std::string_view key, std::string_view value) {
  const auto done = txn.put(table, view(key), view(value));
  if (!done) FAIL(done.error().code << ": " << done.error().detail);
}

void commit(WriteTxn& txn) {
  const auto done = txn.commit();
  if (!done) FAIL(done.error().code << ": " << done.error().detail);
}

void save(Store& store, Table table, const Rows& rows) {
  const auto txn = writing(store);
  for (const auto& [key, value] : rows) set(*txn, table, key, value);
  commit(*txn);
}

std::string get(const ReadTxn& txn, Table table, std::string_view key) {
  const auto found = txn.get(table, view(key));
  if (!found) return found.error().code;
  return *found ? std::string(text(**found)) : "(nothing)";
}

Rows rows(const ReadTxn& txn, Table table) {
  Rows all;
  auto cursor = txn.cursor(table);
  REQUIRE(cursor);
  for (auto at = (*cursor)->next(); at && *at; at = (*cursor)->next()) {
    all.emplace_back(text((**at).key), text((**at).value));
  }
  return all;
}

Rows rows_backwards(const ReadTxn& txn, Table table) {
  Rows all;
  auto cursor = txn.cursor(table);
  REQUIRE(cursor);
  for (auto at = (*cursor)->seek_before({}); at && *at; at = (*cursor)->prev()) {
    all.emplace_back(text((**at).key), text((**at).value));
  }
  std::reverse(all.begin(), all.end());
  return all;
}

Rows rows_with_prefix(const ReadTxn& txn, Table table, std::string_view prefix) {
  Rows all;
  const auto done = scan_prefix(txn, table, view(prefix), [&](KeyValue pair) {
    all.emplace_back(text(pair.key), text(pair.value));
    return true;
  });
  REQUIRE(done);
  return all;
}

std::string key_of(const Result<std::optional<KeyValue>>& found) {
  if (!found) return found.error().code;
  return *found ? std::string(text((**found).key)) : "(nothing)";
}

}  // namespace satchel::store_suite
