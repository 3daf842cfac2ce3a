// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/disk_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace satchel::holder {

namespace fs = std::filesystem;

namespace {

std::unexpected<Error> io(const fs::path& path) {
  return fail(ErrorKind::storage, errno == ENOSPC ? "file.full" : "file.io",
              path.string() + ": " + std::strerror(errno));
}

}  // namespace

Result<DiskFile> DiskFile::open(const fs::path& path) {
  // Without waiting for whoever writes a named pipe.
  const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (handle < 0)
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::failed,
                errno == ENOENT ? "file.missing" : "file.unreadable", path.string());
  struct stat about{};
  if (::fstat(handle, &about) != 0 || !S_ISREG(about.st_mode)) {
    ::close(handle);
    return fail(ErrorKind::usage, "attach.not-a-file", path.string());
  }
  return DiskFile(handle, static_cast<std::uint64_t>(about.st_size), path.string());
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), size_(other.size_), path_(std::move(other.path_)) {}

DiskFile::~DiskFile() {
  if (handle_ >= 0) ::close(handle_);
}

Result<std::size_t> DiskFile::read(std::span<Byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto count = ::read(handle_, into.data() + done, into.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorKind::failed, "file.unreadable", path_);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> may_make(const fs::path& target) {
  std::error_code trouble;
  if (fs::exists(target, trouble)) return fail(ErrorKind::failed, "file.exists", target.string());
  const fs::path parent = target.parent_path().empty() ? fs::path(".") : target.parent_path();
  if (::access((parent / "").c_str(), W_OK | X_OK) != 0) return io(target);
  return {};
}

Result<AsideFile> AsideFile::make(const fs::path& target, Entropy& entropy) {
  std::array<Byte, 6> random{};
  entropy.fill(random);
  const fs::path aside = target.parent_path() / (".satchel-" + hex(random) + ".part");
  const int handle = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (handle < 0) return io(target);
  return AsideFile(handle, aside, target);
}

AsideFile::AsideFile(AsideFile&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), aside_(std::move(other.aside_)), target_(std::move(other.target_)) {}

AsideFile::~AsideFile() {
  if (handle_ < 0) return;
  ::close(handle_);
  ::unlink(aside_.c_str());
}

Result<void> AsideFile::write(View bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(handle_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io(target_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> AsideFile::keep(bool replace) {
  if (::fsync(handle_) != 0) return io(target_);
  const unsigned flags = replace ? 0 : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, aside_.c_str(), AT_FDCWD, target_.c_str(), flags) != 0) {
    if (errno == EEXIST) return fail(ErrorKind::failed, "file.exists", target_.string());
    // File systems that cannot refuse to replace: a link can.
    if (replace || errno != EINVAL || ::link(aside_.c_str(), target_.c_str()) != 0) return io(target_);
    ::unlink(aside_.c_str());
  }
  ::close(std::exchange(handle_, -1));
  const fs::path parent = target_.parent_path();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

Result<Bytes> read_all(const fs::path& path, std::size_t most) {
  SATCHEL_GET(file, DiskFile::open(path));
  if (file.size() > most) return fail(ErrorKind::usage, "file.too-large", path.string());
  Bytes bytes(file.size());
  SATCHEL_GET(read, file.read(bytes));
  bytes.resize(read);
  return bytes;
}

}  // namespace satchel::holder
