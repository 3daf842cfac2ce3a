// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/store/lmdb_env.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <tuple>

namespace satchel {

namespace {

using namespace std::chrono_literals;

// Files this process has open. A fact about the process, as the locks are that a second opening would lose.
std::mutex open_files_mutex;
std::set<std::tuple<pid_t, dev_t, ino_t>> open_files;

bool no_room(const std::filesystem::path& where) {
  struct statvfs disk{};
  return statvfs(where.c_str(), &disk) == 0 && disk.f_bavail * disk.f_frsize < (1u << 20);
}

bool address_space_has(std::uint64_t bytes) {
  void* probe = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, bytes);
  return true;
}

}  // namespace

std::array<char, 4> lmdb_table_name(std::size_t table) {
  return {'t', static_cast<char>('0' + table / 10), static_cast<char>('0' + table % 10), '\0'};
}

Error lmdb_error(int code, const std::filesystem::path& where) {
  std::string detail = where.string() + ": " + mdb_strerror(code);
  switch (code) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {ErrorKind::storage, "store.full", std::move(detail)};
    case MDB_PANIC:
      return {ErrorKind::storage, "store.unknown", std::move(detail)};
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CURSOR_FULL:
    case MDB_INCOMPATIBLE:
      return {ErrorKind::integrity, "store.damaged", std::move(detail)};
    case MDB_READERS_FULL:
      return {ErrorKind::storage, "store.readers", std::move(detail)};
    case MDB_TXN_FULL:
      return {ErrorKind::failed, "store.too-large", std::move(detail)};
    case EIO:
      // LMDB reports a short write, which is how a disk usually fills up, as EIO.
      return {ErrorKind::storage, no_room(where) ? "store.full" : "store.io", std::move(detail)};
    default:
      return {ErrorKind::storage, "store.io", std::move(detail)};
  }
}

LmdbEnv::~LmdbEnv() {
  SATCHEL_ASSERT(live_ == 0);
  close_env();
  disclaim();
}

void LmdbEnv::close_env() {
  for (MDB_txn* txn : idle_) mdb_txn_abort(txn);
  idle_.clear();
  if (env_ != nullptr) mdb_env_close(env_);
  env_ = nullptr;
}

void LmdbEnv::disclaim() {
  if (!claimed_) return;
  std::lock_guard lock(open_files_mutex);
  open_files.erase({getpid(), device_, inode_});
  claimed_ = false;
}

Result<void> LmdbEnv::claim() {
  struct stat info{};
  const auto file = folder_ / "data.mdb";
  if (stat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) return fail(ErrorKind::not_found, "store.missing", file.string());
    return std::unexpected(error(errno));
  }
  // LMDB would quietly begin anew in an empty file, but every file of ours was born with a commit in it.
  if (info.st_size == 0) return fail(ErrorKind::integrity, "store.damaged", file.string() + ": empty");
  std::lock_guard lock(open_files_mutex);
  if (!open_files.insert({getpid(), info.st_dev, info.st_ino}).second) {
    return fail(ErrorKind::failed, "store.open-twice", file.string());
  }
  device_ = info.st_dev;
  inode_ = info.st_ino;
  claimed_ = true;
  return {};
}

Result<void> LmdbEnv::open(const LmdbOptions& options) {
  SATCHEL_TRY(claim());
  SATCHEL_TRY(use_.share(folder_, options.read_only));
  // While we waited another process may have put a compacted file in its place.
  disclaim();
  SATCHEL_TRY(claim());
  read_only_ = options.read_only;
  extra_flags_ = options.extra_flags_for_tests;
  // While this process holds its share nobody compacts: what lies there a power cut has left.
  std::error_code ignored;
  if (!read_only_) std::filesystem::remove_all(compacting_folder(folder_), ignored);
  return open_env(options.map_bytes);
}

Result<void> LmdbEnv::open_env(std::uint64_t map_bytes) {
  int code = mdb_env_create(&env_);
  if (code == 0) code = mdb_env_set_maxdbs(env_, kTableCount);
  if (code == 0) code = mdb_env_set_maxreaders(env_, kLmdbReadersMax);
  if (code == 0) code = mdb_env_set_mapsize(env_, map_bytes);
  // NOTLS: a read transaction belongs to its object, not to the thread that happened to begin it.
  const unsigned flags = MDB_NOTLS | (read_only_ ? MDB_RDONLY : 0u) | extra_flags_;
  if (code == 0) code = mdb_env_open(env_, folder_.c_str(), flags, 0600);
  int dead = 0;
  if (code == 0) code = mdb_reader_check(env_, &dead);
  MDB_stat stat{};
  if (code == 0) code = mdb_env_stat(env_, &stat);
  if (code != 0) return std::unexpected(error(code));
  page_bytes_ = stat.ms_psize;
  SATCHEL_TRY(check_length());
  return open_tables(read_only_);
}

std::uint64_t LmdbEnv::bytes_used() {
  enter();  // a compaction closes the environment for a moment
  MDB_envinfo info{};
  const int code = mdb_env_info(env_, &info);
  leave();
  return code == 0 ? (info.me_last_pgno + 1) * page_bytes_ : UINT64_MAX;
}

// A file cut short ends the process at the first page that is missing. One may be shorter than LMDB counts when its
// last pages were given back before they were ever written, so a short file is read whole, in another process.
Result<void> LmdbEnv::check_length() const {
  MDB_envinfo info{};
  struct stat file{};
  if (mdb_env_info(env_, &info) != 0 || stat((folder_ / "data.mdb").c_str(), &file) != 0) return {};
  if (static_cast<std::uint64_t>(file.st_size) >= (info.me_last_pgno + 1) * page_bytes_) return {};
  return check_in_child(folder_);
}

Result<void> LmdbEnv::open_tables(bool read_only) {
  // Read first, so that opening does not wait for another process's writer; written only for a file that an older
  // version with fewer tables made.
  for (const bool write : {false, true}) {
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env_, nullptr, write ? 0 : MDB_RDONLY, &txn);
    if (code != 0) return std::unexpected(error(code));
    for (std::size_t table = 0; table < kTableCount && code == 0; ++table) {
      code = mdb_dbi_open(txn, lmdb_table_name(table).data(), write ? MDB_CREATE : 0, &tables_[table]);
    }
    if (code == 0) {
      code = mdb_txn_commit(txn);
    } else {
      mdb_txn_abort(txn);
    }
    if (code == 0) return {};
    if (code != MDB_NOTFOUND) return std::unexpected(error(code));
    if (read_only) break;
  }
  return fail(ErrorKind::integrity, "store.damaged", folder_.string() + ": a table is missing");
}

MDB_dbi LmdbEnv::dbi(Table table) const {
  SATCHEL_ASSERT(static_cast<std::size_t>(table) < kTableCount);
  return tables_[static_cast<std::size_t>(table)];
}

void LmdbEnv::enter() {
  std::unique_lock lock(gate_);
  changed_.wait(lock, [this] { return !resizing_; });
  count_in();
}

void LmdbEnv::leave() {
  std::lock_guard lock(gate_);
  count_out();
}

void LmdbEnv::count_in() {
  ++live_;
  ++live_of_[std::this_thread::get_id()];
}

void LmdbEnv::count_out() {
  --live_;
  const auto own = live_of_.find(std::this_thread::get_id());
  if (own != live_of_.end() && --own->second == 0) live_of_.erase(own);
  if (resizing_) changed_.notify_all();
}

bool LmdbEnv::alone(std::chrono::milliseconds patience, const std::function<void()>& act) {
  std::unique_lock lock(gate_);
  if (!changed_.wait_for(lock, patience, [this] { return !resizing_; })) return false;
  resizing_ = true;
  const bool quiet = changed_.wait_for(lock, patience, [this] { return live_ == 0; });
  if (quiet) act();
  resizing_ = false;
  changed_.notify_all();
  return quiet;
}

void LmdbEnv::read_long(View value) {
  if (value.size() < kLmdbLongValueBytes) return;
  const std::lock_guard lock(long_);
  long_read_.push_back(value);
  long_bytes_ += value.size();
  while (long_bytes_ > kLmdbLongReadBytes) {
    const View oldest = long_read_.front();
    long_read_.pop_front();
    long_bytes_ -= oldest.size();
    // A long value has its pages for itself.
    const auto begin = reinterpret_cast<std::uintptr_t>(oldest.data()) / page_bytes_ * page_bytes_;
    const auto end = reinterpret_cast<std::uintptr_t>(oldest.data()) + oldest.size();
    ::madvise(reinterpret_cast<void*>(begin), (end - begin + page_bytes_ - 1) / page_bytes_ * page_bytes_,
              MADV_DONTNEED);
  }
}

void LmdbEnv::grow(std::uint64_t bytes) {
  {
    const std::lock_guard lock(long_);
    long_read_.clear();
    long_bytes_ = 0;
  }
  // mdb_env_set_mapsize unmaps before it maps, so a refusal would leave no map at all: ask first.
  if (bytes != 0 && !address_space_has(bytes)) return;
  if (mdb_env_set_mapsize(env_, bytes) != 0) unmapped_ = true;
}

void LmdbEnv::ensure_room() {
  MDB_envinfo info{};
  if (mdb_env_info(env_, &info) != 0) return;
  const std::uint64_t used = (info.me_last_pgno + 1) * page_bytes_;
  const auto room = [used](std::uint64_t map) { return map > used ? map - used : 0; };
  const auto wanted = [](std::uint64_t map) { return std::max(kLmdbFreeBytesMin, map * 3 / 10); };
  std::uint64_t map = info.me_mapsize;
  while (room(map) < wanted(map) && map < kLmdbMapBytesMax) {
    map = std::min(std::max<std::uint64_t>(map * 2, map + (64ull << 20)), kLmdbMapBytesMax);
  }
  if (map <= info.me_mapsize) return;
  // Overlapping readers may keep the count above zero for ever; once half of the room is gone they are made to wait.
  const bool pressing = room(info.me_mapsize) < wanted(info.me_mapsize) / 2;
  alone(pressing ? 50ms : 0ms, [&] { grow(map); });
}

// Another process made the file larger than this process's map.
Result<void> LmdbEnv::adopt_map() {
  const bool waits_for_itself = [this] {
    std::lock_guard lock(gate_);
    return live_of_.contains(std::this_thread::get_id());
  }();
  if (!waits_for_itself && alone(5000ms, [this] { grow(0); })) return {};
  return fail(ErrorKind::storage, "store.readers", folder_.string() + ": a transaction stayed open for too long");
}

int LmdbEnv::renew(MDB_txn*& txn) {
  if (unmapped_) return ENOMEM;
  if (txn == nullptr) return mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  const int code = mdb_txn_renew(txn);
  if (code != 0) {
    mdb_txn_abort(txn);
    txn = nullptr;
  }
  return code;
}

Result<MDB_txn*> LmdbEnv::begin_read() {
  int code = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    MDB_txn* txn = nullptr;
    {
      std::unique_lock lock(gate_);
      changed_.wait(lock, [this] { return !resizing_; });
      count_in();
      if (!idle_.empty()) {
        txn = idle_.back();
        idle_.pop_back();
      }
    }
    code = renew(txn);
    if (code == 0) return txn;
    leave();
    if (code == MDB_MAP_RESIZED) {
      SATCHEL_TRY(adopt_map());
    } else if (code == MDB_READERS_FULL) {
      int dead = 0;
      enter();
      mdb_reader_check(env_, &dead);
      leave();
    } else {
      break;
    }
  }
  return std::unexpected(error(code));
}

void LmdbEnv::end_read(MDB_txn* txn) {
  mdb_txn_reset(txn);
  std::unique_lock lock(gate_);
  count_out();
  if (idle_.size() < kLmdbIdleReadersMax) {
    idle_.push_back(txn);
    txn = nullptr;
  }
  if (txn != nullptr) mdb_txn_abort(txn);
}

Result<MDB_txn*> LmdbEnv::begin_write() {
  if (read_only_) return fail(ErrorKind::failed, "store.read-only", folder_.string());
  // A second one on the same thread would wait for itself for ever.
  SATCHEL_ASSERT(writer_.load() != std::this_thread::get_id());
  std::unique_lock turn(turn_);
  if (++writes_ % kLmdbReaderCheckEvery == 0) {
    int dead = 0;
    mdb_reader_check(env_, &dead);
  }
  ensure_room();
  int code = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    enter();
    MDB_txn* txn = nullptr;
    code = unmapped_ ? ENOMEM : mdb_txn_begin(env_, nullptr, 0, &txn);
    if (code == 0) {
      writer_ = std::this_thread::get_id();
      turn.release();
      return txn;
    }
    leave();
    if (code != MDB_MAP_RESIZED) break;
    SATCHEL_TRY(adopt_map());
  }
  return std::unexpected(error(code));
}

void LmdbEnv::end_turn() {
  leave();
  writer_ = std::thread::id{};
  turn_.unlock();
}

Result<void> LmdbEnv::commit(MDB_txn* txn) {
  int code = mdb_txn_commit(txn);
  if (code != 0) {
    // A failed meta write closes the environment to everybody; only then is the outcome unknown.
    MDB_txn* probe = nullptr;
    const int probed = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &probe);
    if (probed == 0) mdb_txn_abort(probe);
    if (probed == MDB_PANIC) code = MDB_PANIC;
  }
  end_turn();
  if (code != 0) return std::unexpected(error(code));
  return {};
}

void LmdbEnv::abort(MDB_txn* txn) {
  mdb_txn_abort(txn);
  end_turn();
}

}  // namespace satchel
