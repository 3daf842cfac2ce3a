// SPDX-License-Identifier: AGPL-3.0-or-later
// The LMDB environment behind one LmdbStore: when transactions may begin, how large the map is, what errors mean.
// LMDB lets nobody resize the map while a transaction of this process is live, so every transaction passes a gate that
// counts them. Growing closes the gate for a moment and waits for the count to reach zero, with bounded patience:
// the caller may itself hold a read transaction, and then growing is put off to a later begin_write().
// Read transactions are kept and renewed, because claiming a reader slot costs more than a lookup.
// Included by sync/store only.
#pragma once

#include <lmdb.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sync/store/lmdb_store.h"
#include "sync/store/use_lock.h"

namespace satchel {

inline constexpr std::uint64_t kLmdbMapBytesMax = 1ull << 40;
inline constexpr std::uint64_t kLmdbFreeBytesMin = 32ull << 20;
// Slots in the lock file, over all processes; each live or kept read transaction takes one.
inline constexpr unsigned kLmdbReadersMax = 510;
inline constexpr std::size_t kLmdbIdleReadersMax = 32;
// A dead process's slots pin pages: they are looked for at every opening and after this many write transactions.
inline constexpr std::uint64_t kLmdbReaderCheckEvery = 4096;

// What long values that were read may keep mapped.
inline constexpr std::size_t kLmdbLongValueBytes = 64 * 1024;
inline constexpr std::size_t kLmdbLongReadBytes = 8 * 1024 * 1024;

inline MDB_val lmdb_val(View bytes) {
  static Byte nothing = 0;
  return {bytes.size(), bytes.empty() ? &nothing : const_cast<Byte*>(bytes.data())};
}
inline View lmdb_view(const MDB_val& val) { return {static_cast<const Byte*>(val.mv_data), val.mv_size}; }
// "t00" to "t28".
std::array<char, 4> lmdb_table_name(std::size_t table);

// What an LMDB or system error code means for the caller; `where` is the folder.
Error lmdb_error(int code, const std::filesystem::path& where);

// Makes a new environment aside and moves it to folder/data.mdb, unless there is one. Safe against a power cut and
// against another process that does the same.
Result<void> create_lmdb(const std::filesystem::path& folder);
// Where a store is compacted before it takes the old one's place.
std::filesystem::path compacting_folder(const std::filesystem::path& folder);
// A fresh environment at `aside` with every row of `from`, synced. Whatever was there before is gone.
Result<void> copy_lmdb(MDB_env* from, const std::array<MDB_dbi, kTableCount>& tables,
                       const std::filesystem::path& aside);
// fsync of a file or folder.
Result<void> sync_path(const std::filesystem::path& path, int flags);

class LmdbEnv {
 public:
  explicit LmdbEnv(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~LmdbEnv();
  LmdbEnv(const LmdbEnv&) = delete;
  LmdbEnv& operator=(const LmdbEnv&) = delete;
  Result<void> open(const LmdbOptions& options);
  // Of the file, as far as pages were ever used.
  std::uint64_t bytes_used();

  Result<MDB_txn*> begin_read();
  void end_read(MDB_txn* txn);
  Result<MDB_txn*> begin_write();
  // Commits and ends the turn; LMDB has undone the transaction when this fails, unless the code is "store.unknown".
  Result<void> commit(MDB_txn* txn);
  void abort(MDB_txn* txn);

  // See Store; `only()` says whether this process became the only one.
  Result<bool> only() { return read_only_ ? Result<bool>(false) : use_.become_only(); }
  void not_only() { use_.share_again(); }
  Result<bool> compact();

  MDB_dbi dbi(Table table) const;
  // A value was handed out, in a transaction that is live. Pages of long ones are let go of when others have been read
  // since, or who reads a gigabyte of attachments would have it all mapped, and counted as this process's memory. They
  // stay in the kernel's cache; the map is never written to, and what is touched again comes back by itself.
  void read_long(View value);
  Error error(int code) const { return lmdb_error(code, folder_); }

 private:
  Result<void> claim();
  void disclaim();
  Result<void> open_env(std::uint64_t map_bytes);
  void close_env();
  Result<void> replace_with_copy();
  Result<void> check_length() const;
  Result<void> open_tables(bool read_only);
  Result<void> adopt_map();
  int renew(MDB_txn*& txn);
  void enter();
  void leave();
  void count_in();
  void count_out();
  void end_turn();
  void ensure_room();
  void grow(std::uint64_t bytes);
  bool alone(std::chrono::milliseconds patience, const std::function<void()>& act);

  std::filesystem::path folder_;
  UseLock use_;
  MDB_env* env_ = nullptr;
  bool read_only_ = false;
  unsigned extra_flags_ = 0;
  bool claimed_ = false;
  std::array<MDB_dbi, kTableCount> tables_{};
  std::uint64_t page_bytes_ = 4096;
  dev_t device_ = 0;
  ino_t inode_ = 0;

  std::mutex turn_;  // held by this process's write transaction
  std::atomic<std::thread::id> writer_{};
  std::uint64_t writes_ = 0;

  std::mutex gate_;
  std::condition_variable changed_;
  std::size_t live_ = 0;  // transactions of this process; guarded by gate_, as are the three below
  std::unordered_map<std::thread::id, std::size_t> live_of_;  // by the thread they stay on
  bool resizing_ = false;
  std::vector<MDB_txn*> idle_;
  std::mutex long_;
  std::deque<View> long_read_;  // in the map as it is now
  std::size_t long_bytes_ = 0;
  std::atomic<bool> unmapped_ = false;  // a resize or a compaction took the map away and could not give one back
};

}  // namespace satchel
