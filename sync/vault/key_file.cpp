// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/vault/key_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace satchel {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> io_error(const fs::path& file, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(ErrorKind::storage, full ? "vault.full" : "vault.io",
              file.string() + ": " + std::generic_category().message(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

template <class Call>
auto uninterrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

// Whether the name still leads to the open file: the writer we waited for may have renamed or removed it.
bool still_named(int fd, const fs::path& path) {
  struct stat open_file{};
  struct stat named{};
  return ::fstat(fd, &open_file) == 0 && ::lstat(path.c_str(), &named) == 0 && open_file.st_dev == named.st_dev &&
         open_file.st_ino == named.st_ino;
}

Result<void> write_all(int fd, View bytes, const fs::path& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n =
        uninterrupted([&] { return ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done)); });
    if (n <= 0) return io_error(path, n == 0 ? EIO : errno);
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Result<void> sync_folder(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return io_error(folder, errno);
  return {};
}

}  // namespace

Result<std::optional<Bytes>> read_key_file(const fs::path& file) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<Bytes>();
    return io_error(file, errno);
  }
  Bytes bytes(kKeyFileBytesMax + 1);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = uninterrupted([&] { return ::read(fd.get(), bytes.data() + done, bytes.size() - done); });
    if (n < 0) return io_error(file, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

KeyFileChange::KeyFileChange(fs::path file, fs::path staged, int fd)
    : file_(std::move(file)), staged_(std::move(staged)), fd_(fd) {}

KeyFileChange::KeyFileChange(KeyFileChange&& from) noexcept
    : file_(std::move(from.file_)),
      staged_(std::move(from.staged_)),
      fd_(std::exchange(from.fd_, -1)),
      renamed_(from.renamed_) {}

KeyFileChange::~KeyFileChange() {
  if (fd_ < 0) return;
  // Still under the lock, so it is our own file that goes.
  if (!renamed_) ::unlink(staged_.c_str());
  ::close(fd_);
}

Result<KeyFileChange> KeyFileChange::begin(const fs::path& file) {
  fs::path staged = file;
  staged += ".new";
  // The staged file is also the lock; one left behind by a power cut is taken over.
  for (;;) {
    Descriptor fd(::open(staged.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd.get() < 0) return io_error(staged, errno);
    if (uninterrupted([&] { return ::flock(fd.get(), LOCK_EX); }) != 0) return io_error(staged, errno);
    if (!still_named(fd.get(), staged)) continue;
    KeyFileChange change(file, staged, fd.release());
    if (::fchmod(change.fd_, 0600) != 0) return io_error(staged, errno);
    return change;
  }
}

Result<void> KeyFileChange::commit(View bytes) {
  if (::ftruncate(fd_, 0) != 0) return io_error(staged_, errno);
  SATCHEL_TRY(write_all(fd_, bytes, staged_));
  if (::fsync(fd_) != 0) return io_error(staged_, errno);
  if (std::rename(staged_.c_str(), file_.c_str()) != 0) return io_error(file_, errno);
  renamed_ = true;
  return sync_folder(file_);
}

void write_checksum(Writer& out) {
  const Digest sum = hash("satchel key file", out.bytes());
  out.raw(sum.view());
}

std::optional<View> without_checksum(View bytes) {
  if (bytes.size() < Digest::size || bytes.size() > kKeyFileBytesMax) return std::nullopt;
  const View content = bytes.first(bytes.size() - Digest::size);
  if (!equal(hash("satchel key file", content).view(), bytes.last(Digest::size))) return std::nullopt;
  return content;
}

}  // namespace satchel
