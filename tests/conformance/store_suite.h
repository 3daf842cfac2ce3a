// SPDX-License-Identifier: AGPL-3.0-or-later
// What every Store must do, as one suite: a test case asks for each kind of store in turn (`Bench`), and an
// implementation joins by one more line in all_benches(). The words (set, get, rows…) fail the test on any error, so
// that a case reads as the behaviour it is about.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sync/store/store.h"
#include "tests/support/temp_folder.h"

namespace satchel::store_suite {

// Somebody else's hold on a bench's place, until it is dropped.
class Elsewhere {
 public:
  virtual ~Elsewhere() = default;
};

// One store on one durable place.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual Store& store() = 0;
  // Closes and opens again, as a program that is started anew.
  virtual void reopen() = 0;
  // Opens the same place as another process would.
  virtual std::unique_ptr<Elsewhere> open_elsewhere() = 0;
  // Whether the bytes stand anywhere on the disk, in force or not.
  virtual bool holds(std::string_view bytes) const = 0;
};

struct BenchKind {
  const char* name;
  std::unique_ptr<Bench> (*make)();
};
const std::vector<BenchKind>& all_benches();

using Rows = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<ReadTxn> reading(Store& store);
std::unique_ptr<WriteTxn> writing(Store& store);
void set(WriteTxn& txn, Table table, std::string_view key, std::string_view value);
void commit(WriteTxn& txn);
// One transaction of these pairs.
void save(Store& store, Table table, const Rows& rows);
// "(nothing)" when there is no such key.
std::string get(const ReadTxn& txn, Table table, std::string_view key);
Rows rows(const ReadTxn& txn, Table table);
Rows rows_backwards(const ReadTxn& txn, Table table);
Rows rows_with_prefix(const ReadTxn& txn, Table table, std::string_view prefix);
// The key found, "(nothing)" at the end, or the error's code.
std::string key_of(const Result<std::optional<KeyValue>>& found);
// The error's code, or "ok".
template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "ok" : result.error().code;
}

}  // namespace satchel::store_suite
