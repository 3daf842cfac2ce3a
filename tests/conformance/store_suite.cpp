// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/conformance/store_suite.h"

#include <unistd.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include "sync/store/lmdb_store.h"
#include "sync/store/memory_store.h"

namespace satchel::store_suite {

namespace {

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

 private:
  Folder folder_;
  std::unique_ptr<Store> store_;
};

class MemoryBench final : public Bench {
 public:
  Store& store() override { return *store_; }
  void reopen() override {
    disk_->crash();
    store_ = open_memory(disk_);
  }

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

Folder::Folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "satchel-store-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
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
