// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "sync/store/lmdb_env.h"

namespace satchel {

namespace {

enum ChildExit : int { kSound = 0, kDamaged = 1, kUnreadable = 2 };

// Reads every byte, so that a page outside the file is met here. The volatile sink keeps the reading.
volatile Byte sink = 0;
void touch(View bytes) {
  Byte sum = 0;
  for (const Byte byte : bytes) sum = static_cast<Byte>(sum + byte);
  sink = sum;
}

// Keys must rise: that also ends a walk through pages that point back at one another.
bool walk_table(MDB_txn* txn, MDB_dbi dbi) {
  MDB_stat stat{};
  MDB_cursor* cursor = nullptr;
  if (mdb_stat(txn, dbi, &stat) != 0 || mdb_cursor_open(txn, dbi, &cursor) != 0) return false;
  MDB_val key{}, value{};
  Bytes last;
  std::size_t seen = 0;
  int code = 0;
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
    const View now = lmdb_view(key);
    if (now.empty() || now.size() > kStoreKeyBytesMax || value.mv_size > kStoreValueBytesMax) return false;
    if (++seen > stat.ms_entries) return false;
    if (seen > 1 && !std::lexicographical_compare(last.begin(), last.end(), now.begin(), now.end())) return false;
    touch(lmdb_view(value));
    last.assign(now.begin(), now.end());
  }
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND && seen == stat.ms_entries;
}

std::uint64_t pages_of(MDB_txn* txn, MDB_dbi dbi) {
  MDB_stat stat{};
  if (mdb_stat(txn, dbi, &stat) != 0) return 0;
  return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

// LMDB's list of free pages (always its table 0): transaction id -> count, then page numbers in falling order.
// A damaged one is harmless to readers and fatal to the next writer.
bool walk_free_list(MDB_txn* txn, std::uint64_t pages, std::uint64_t used) {
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(txn, 0, &cursor) != 0) return false;
  MDB_val key{}, value{};
  std::uint64_t free = 0, last_txn = 0;
  int code = 0;
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
    if (key.mv_size != sizeof(std::uint64_t) || value.mv_size < sizeof(std::uint64_t)) return false;
    const auto* txn_id = static_cast<const std::uint64_t*>(key.mv_data);
    const auto* list = static_cast<const std::uint64_t*>(value.mv_data);
    if (*txn_id <= last_txn || list[0] > value.mv_size / sizeof(std::uint64_t) - 1) return false;
    last_txn = *txn_id;
    for (std::uint64_t i = 1; i <= list[0]; ++i) {
      if (list[i] < 2 || list[i] >= pages || (i > 1 && list[i] >= list[i - 1])) return false;
    }
    free += list[0];
  }
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND && free + used + 2 <= pages;
}

int walk(MDB_env* env) {
  MDB_txn* txn = nullptr;
  MDB_envinfo info{};
  MDB_stat main{};
  MDB_dbi main_dbi = 0;
  if (mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) != 0 || mdb_env_info(env, &info) != 0) return kDamaged;
  if (mdb_dbi_open(txn, nullptr, 0, &main_dbi) != 0 || mdb_stat(txn, main_dbi, &main) != 0) return kDamaged;
  std::uint64_t used = pages_of(txn, 0) + pages_of(txn, main_dbi);
  std::size_t tables = 0;
  for (; tables < kTableCount; ++tables) {
    MDB_dbi dbi = 0;
    const int code = mdb_dbi_open(txn, lmdb_table_name(tables).data(), 0, &dbi);
    if (code == MDB_NOTFOUND) break;  // an older version had fewer, but no gaps
    if (code != 0 || !walk_table(txn, dbi)) return kDamaged;
    used += pages_of(txn, dbi);
  }
  // A newer version may have more tables: those are only counted.
  if (tables == 0 || main.ms_entries < tables || (tables < kTableCount && main.ms_entries != tables)) return kDamaged;
  return walk_free_list(txn, info.me_last_pgno + 1, used) ? kSound : kDamaged;
}

[[noreturn]] void check_as_child(const char* folder) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // LMDB prints a failed assertion before it aborts.
  if (const int null = ::open("/dev/null", O_WRONLY); null >= 0) ::dup2(null, STDERR_FILENO);
  MDB_env* env = nullptr;
  if (mdb_env_create(&env) != 0 || mdb_env_set_maxdbs(env, kTableCount) != 0) _exit(kUnreadable);
  if (mdb_env_set_maxreaders(env, kLmdbReadersMax) != 0) _exit(kUnreadable);
  const int code = mdb_env_open(env, folder, MDB_RDONLY | MDB_NOTLS, 0600);
  if (code != 0) _exit(lmdb_error(code, folder).kind == ErrorKind::integrity ? kDamaged : kUnreadable);
  _exit(walk(env));
}

}  // namespace

Result<void> check_in_child(const std::filesystem::path& folder) {
  std::error_code error;
  const auto file = folder / "data.mdb";
  if (!std::filesystem::exists(file, error)) return fail(ErrorKind::not_found, "store.missing", file.string());
  if (std::filesystem::file_size(file, error) == 0) {
    return fail(ErrorKind::integrity, "store.damaged", file.string() + ": empty");
  }
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(lmdb_error(errno, folder));
  if (child == 0) check_as_child(folder.c_str());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::unexpected(lmdb_error(errno, folder));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kSound) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == kUnreadable) {
    return fail(ErrorKind::storage, "store.io", file.string() + ": cannot be opened");
  }
  return fail(ErrorKind::integrity, "store.damaged", file.string());
}

}  // namespace satchel
