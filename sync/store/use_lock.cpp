// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/store/use_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "sync/store/lmdb_env.h"

namespace satchel {

namespace {

int lock(int fd, int command, short type) {
  struct flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  int code = 0;
  do {
    code = ::fcntl(fd, command, &range);
  } while (code != 0 && errno == EINTR);
  return code == 0 ? 0 : errno;
}

}  // namespace

UseLock::~UseLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> UseLock::share(const std::filesystem::path& folder, bool read_only) {
  const auto file = folder / "use.lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0 && read_only && (errno == EROFS || errno == EACCES)) return {};
  if (fd_ < 0) return std::unexpected(lmdb_error(errno, folder));
  if (const int error = lock(fd_, F_OFD_SETLKW, F_RDLCK)) return std::unexpected(lmdb_error(error, folder));
  return {};
}

Result<bool> UseLock::become_only() {
  SATCHEL_ASSERT(fd_ >= 0);
  const int error = lock(fd_, F_OFD_SETLK, F_WRLCK);
  if (error == EAGAIN || error == EACCES) return false;
  if (error != 0) return fail(ErrorKind::storage, "store.io", "use.lock");
  return true;
}

void UseLock::share_again() { SATCHEL_ASSERT(lock(fd_, F_OFD_SETLK, F_RDLCK) == 0); }

}  // namespace satchel
