// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/store_script.h"

#include <functional>
#include <random>

#include "sync/store/memory_store.h"

namespace satchel::crash {

namespace {

std::uint64_t number_at(const ReadTxn& txn, std::string_view key) {
  const auto found = txn.get(Table::meta, view(key));
  return found && *found ? be64(**found) : 0;
}

Result<void> put_number(WriteTxn& txn, std::string_view key, std::uint64_t value) {
  Bytes bytes;
  put_be64(bytes, value);
  return txn.put(Table::meta, view(key), bytes);
}

// Bytes that say which step wrote them, and where.
Bytes value_of(std::uint64_t n, std::uint64_t salt, std::size_t size) {
  Bytes bytes(size);
  std::uint64_t word = n * 1'000'003 + salt;
  for (auto& byte : bytes) {
    word = word * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<Byte>(word >> 56);
  }
  return bytes;
}

Result<void> append_entries(WriteTxn& txn, std::uint64_t n, std::mt19937_64& random) {
  std::uint64_t ordinal = number_at(txn, "ordinal");
  const std::uint64_t entries = n % 17 == 0 ? 40 : 1 + random() % 3;
  for (std::uint64_t i = 0; i < entries; ++i) {
    Bytes key;
    put_be64(key, ++ordinal);
    const std::size_t size = n % 23 == 0 && i == 0 ? 20'000 : 100 + random() % 600;
    SATCHEL_TRY(txn.append(Table::log, key, value_of(n, ordinal, size)));
  }
  return put_number(txn, "ordinal", ordinal);
}

Result<void> erase_oldest(WriteTxn& txn, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    auto cursor = txn.cursor(Table::log);
    if (!cursor) return std::unexpected(cursor.error());
    const auto first = (*cursor)->next();
    if (!first) return std::unexpected(first.error());
    if (!*first) return {};
    const Bytes key = copy((**first).key);
    SATCHEL_TRY(txn.erase(Table::log, key));
  }
  return {};
}

}  // namespace

Result<void> run_script_step(Store& store, std::uint64_t n) {
  auto txn = store.begin_write();
  if (!txn) return std::unexpected(txn.error());
  std::mt19937_64 random(n);
  SATCHEL_TRY(append_entries(**txn, n, random));
  for (std::uint64_t i = 0; i < 3; ++i) {
    Bytes key;
    put_be64(key, random() % 60 * 0x0123456789abcdef);
    SATCHEL_TRY((**txn).put(Table::heads, key, value_of(n, i, random() % 120)));
  }
  // Keeps the file small, so that pages are used again.
  const std::uint64_t held = *(**txn).count(Table::log);
  if (held > 150) SATCHEL_TRY(erase_oldest(**txn, n % 29 == 0 ? 100 : random() % 6));
  SATCHEL_TRY(put_number(**txn, "steps", n));
  return (**txn).commit();
}

Result<std::uint64_t> steps_done(const ReadTxn& txn) {
  const auto found = txn.get(Table::meta, view("steps"));
  if (!found) return std::unexpected(found.error());
  if (!*found) return 0;
  if ((**found).size() != 8) return fail(ErrorKind::integrity, "script.steps");
  return be64(**found);
}

std::vector<std::uint64_t> expected_digests(std::uint64_t steps) {
  const auto store = open_memory();
  std::vector<std::uint64_t> digests;
  for (std::uint64_t n = 0; n <= steps; ++n) {
    SATCHEL_ASSERT(n == 0 || run_script_step(*store, n));
    digests.push_back(*content_digest(**store->begin_read()));
  }
  return digests;
}

}  // namespace satchel::crash
