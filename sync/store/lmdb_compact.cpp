// SPDX-License-Identifier: AGPL-3.0-or-later
// Compaction: every row that is in force goes into a fresh environment aside, which then takes the old one's place. Not
// by LMDB's own compacting copy: 0.9.24 loses pages when a large transaction spills, and refuses to copy a file that
// ever did (MDB_INCOMPATIBLE); such a node could never say that something is gone.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sync/store/lmdb_env.h"

namespace satchel {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

// One commit's worth: bounds memory, and stays far below what LMDB takes in one transaction.
constexpr std::size_t kCopyBytesAtOnce = 16 * 1024 * 1024;
// For transactions of this process that are under way; long ones are not waited for.
constexpr std::chrono::milliseconds kPatience = 250ms;

// A fresh environment that is being filled, table after table in key order.
class Copy {
 public:
  explicit Copy(const fs::path& folder) : folder_(folder) {}
  ~Copy() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
    if (env_ != nullptr) mdb_env_close(env_);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  Result<void> begin(std::uint64_t map_bytes) {
    int code = mdb_env_create(&env_);
    if (code == 0) code = mdb_env_set_maxdbs(env_, kTableCount);
    if (code == 0) code = mdb_env_set_mapsize(env_, map_bytes);
    if (code == 0) code = mdb_env_open(env_, folder_.c_str(), 0, 0600);
    if (code == 0) code = mdb_txn_begin(env_, nullptr, 0, &txn_);
    for (std::size_t table = 0; table < kTableCount && code == 0; ++table)
      code = mdb_dbi_open(txn_, lmdb_table_name(table).data(), MDB_CREATE, &tables_[table]);
    return outcome(code);
  }

  Result<void> take(MDB_txn* from, MDB_dbi from_table, std::size_t table) {
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(from, from_table, &cursor);
    MDB_val key{}, value{};
    while (code == 0 && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
      code = mdb_put(txn_, tables_[table], &key, &value, MDB_APPEND);
      uncommitted_ += key.mv_size + value.mv_size;
      if (code == 0 && uncommitted_ >= kCopyBytesAtOnce) code = commit(true);
    }
    if (cursor != nullptr) mdb_cursor_close(cursor);
    return outcome(code == MDB_NOTFOUND ? 0 : code);
  }

  Result<void> finish() { return outcome(commit(false)); }

 private:
  int commit(bool go_on) {
    uncommitted_ = 0;
    const int code = mdb_txn_commit(std::exchange(txn_, nullptr));
    return code == 0 && go_on ? mdb_txn_begin(env_, nullptr, 0, &txn_) : code;
  }
  Result<void> outcome(int code) const {
    if (code == 0) return {};
    return std::unexpected(lmdb_error(code, folder_));
  }

  const fs::path& folder_;
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  std::array<MDB_dbi, kTableCount> tables_{};
  std::size_t uncommitted_ = 0;
};

}  // namespace

fs::path compacting_folder(const fs::path& folder) {
  return folder.parent_path() / (folder.filename().string() + ".compact");
}

Result<void> copy_lmdb(MDB_env* from, const std::array<MDB_dbi, kTableCount>& tables, const fs::path& aside) {
  std::error_code ignored;
  fs::remove_all(aside, ignored);
  if (::mkdir(aside.c_str(), 0700) != 0) return std::unexpected(lmdb_error(errno, aside));
  MDB_envinfo info{};
  MDB_txn* txn = nullptr;
  int code = mdb_env_info(from, &info);
  if (code == 0) code = mdb_txn_begin(from, nullptr, MDB_RDONLY, &txn);
  if (code != 0) return std::unexpected(lmdb_error(code, aside));
  Copy copy(aside);
  // Rows packed anew may for a moment need a little more than they did.
  auto done = copy.begin(info.me_mapsize + info.me_mapsize / 4);
  for (std::size_t table = 0; table < kTableCount && done; ++table) done = copy.take(txn, tables[table], table);
  mdb_txn_abort(txn);
  if (done) done = copy.finish();
  if (done) done = sync_path(aside / "data.mdb", O_RDWR);
  if (done) done = sync_path(aside, O_RDONLY | O_DIRECTORY);
  return done;
}

Result<bool> LmdbEnv::compact() {
  if (read_only_) return fail(ErrorKind::failed, "store.read-only", folder_.string());
  SATCHEL_ASSERT(writer_.load() != std::this_thread::get_id());
  const std::lock_guard turn(turn_);
  Result<void> done;
  if (!alone(kPatience, [&] { done = replace_with_copy(); })) return false;
  if (!done) return std::unexpected(done.error());
  return true;
}

// Alone in this process and over all of them, so nobody holds the old file but us. The old lock file goes first: it
// counts transactions of the old file, and whoever opens an environment alone makes it anew.
Result<void> LmdbEnv::replace_with_copy() {
  if (env_ == nullptr || unmapped_) return fail(ErrorKind::storage, "store.io", folder_.string());
  const auto aside = compacting_folder(folder_);
  std::error_code ignored;
  if (auto copied = copy_lmdb(env_, tables_, aside); !copied) {
    fs::remove_all(aside, ignored);
    return copied;
  }
  MDB_envinfo info{};
  mdb_env_info(env_, &info);
  {
    const std::lock_guard lock(long_);
    long_read_.clear();
    long_bytes_ = 0;
  }
  close_env();
  disclaim();
  Result<void> moved;
  if (::unlink((folder_ / "lock.mdb").c_str()) != 0 && errno != ENOENT) moved = std::unexpected(error(errno));
  if (moved && ::rename((aside / "data.mdb").c_str(), (folder_ / "data.mdb").c_str()) != 0)
    moved = std::unexpected(error(errno));
  if (moved) moved = sync_path(folder_, O_RDONLY | O_DIRECTORY);
  fs::remove_all(aside, ignored);
  unmapped_ = true;
  SATCHEL_TRY(claim());
  SATCHEL_TRY(open_env(info.me_mapsize));
  unmapped_ = false;
  return moved;
}

}  // namespace satchel
