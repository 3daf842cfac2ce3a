// SPDX-License-Identifier: AGPL-3.0-or-later
// The birth of an environment. LMDB's own is not crash-safe: before its first commit most power cuts leave a file
// that will not open, and it never syncs the folder.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sync/store/lmdb_env.h"

namespace satchel {

namespace fs = std::filesystem;

namespace {

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> make_folder(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return {};
  SATCHEL_TRY(make_folder(folder.parent_path()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(lmdb_error(errno, folder));
  return sync_path(folder.parent_path(), O_RDONLY | O_DIRECTORY);
}

Result<void> write_empty(const fs::path& folder) {
  MDB_env* env = nullptr;
  int code = mdb_env_create(&env);
  if (code != 0) return std::unexpected(lmdb_error(code, folder));
  code = mdb_env_set_maxdbs(env, kTableCount);
  if (code == 0) code = mdb_env_open(env, folder.c_str(), 0, 0600);
  MDB_txn* txn = nullptr;
  if (code == 0) code = mdb_txn_begin(env, nullptr, 0, &txn);
  for (std::size_t table = 0; table < kTableCount && code == 0; ++table) {
    MDB_dbi dbi = 0;
    code = mdb_dbi_open(txn, lmdb_table_name(table).data(), MDB_CREATE, &dbi);
  }
  if (code == 0) {
    code = mdb_txn_commit(txn);
  } else if (txn != nullptr) {
    mdb_txn_abort(txn);
  }
  mdb_env_close(env);
  if (code != 0) return std::unexpected(lmdb_error(code, folder));
  return sync_path(folder / "data.mdb", O_RDWR);
}

// Waits until no other process makes an environment at this place. False: the folder it locked has gone, try again.
Result<bool> lock_aside(const fs::path& aside, const Descriptor& held) {
  if (held.get() < 0) {
    if (errno == ENOENT) return false;
    return std::unexpected(lmdb_error(errno, aside));
  }
  while (::flock(held.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return std::unexpected(lmdb_error(errno, aside));
  }
  struct stat locked{}, named{};
  if (::fstat(held.get(), &locked) != 0) return std::unexpected(lmdb_error(errno, aside));
  return ::stat(aside.c_str(), &named) == 0 && named.st_dev == locked.st_dev && named.st_ino == locked.st_ino;
}

Result<void> move_into_place(const fs::path& aside, const fs::path& folder) {
  SATCHEL_TRY(sync_path(aside, O_RDONLY | O_DIRECTORY));
  SATCHEL_TRY(make_folder(folder));
  if (::rename((aside / "data.mdb").c_str(), (folder / "data.mdb").c_str()) != 0) {
    return std::unexpected(lmdb_error(errno, folder));
  }
  SATCHEL_TRY(sync_path(folder, O_RDONLY | O_DIRECTORY));
  return sync_path(folder.parent_path(), O_RDONLY | O_DIRECTORY);
}

}  // namespace

Result<void> sync_path(const fs::path& path, int flags) {
  const Descriptor file(path, flags);
  if (file.get() < 0 || ::fsync(file.get()) != 0) return std::unexpected(lmdb_error(errno, path));
  return {};
}

Result<void> create_lmdb(const fs::path& folder) {
  std::error_code ignored;
  const fs::path aside = folder.parent_path() / (folder.filename().string() + ".new");
  SATCHEL_TRY(make_folder(folder.parent_path()));
  for (;;) {
    if (fs::exists(folder / "data.mdb", ignored)) return {};
    if (::mkdir(aside.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(lmdb_error(errno, aside));
    const Descriptor held(aside, O_RDONLY | O_DIRECTORY);
    auto locked = lock_aside(aside, held);
    if (!locked) return std::unexpected(locked.error());
    if (!*locked) continue;
    Result<void> made;
    if (!fs::exists(folder / "data.mdb", ignored)) {
      // What a power cut left of an earlier attempt.
      fs::remove(aside / "data.mdb", ignored);
      fs::remove(aside / "lock.mdb", ignored);
      made = write_empty(aside);
      if (made) made = move_into_place(aside, folder);
    }
    fs::remove_all(aside, ignored);
    return made;
  }
}

}  // namespace satchel
