// SPDX-License-Identifier: AGPL-3.0-or-later
// Preloaded into a program under test: records what it does to files named data.mdb (write_log.h has the format).
// An entry is written when the call has returned, with one append, so the order over threads and processes is that of
// the returns; a sync is two entries, because only what was written before it began is durable when it ends. Stores
// through a memory map are not seen: MDB_WRITEMAP cannot be tried with this.
//
//   SATCHEL_CRASH_LOG           the log, made if missing; without it nothing is recorded
//   SATCHEL_CRASH_IGNORE_SYNC   1: syncs succeed and do nothing, O_DSYNC promises nothing
//   SATCHEL_CRASH_FAIL          n:enospc, n:eio or n:short, with :forever for every call from the n-th on
//
// Uses the C library only: it must not depend on what the program under test is linked with.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

#include "tests/crash/write_log.h"

namespace {

using satchel::crash::LogHeader;
using satchel::crash::LogKind;

constexpr int kDescriptorsMax = 65536;
constexpr int kShort = -1;

struct Tracked {
  std::atomic<bool> on;
  bool durable;
  dev_t device;
  ino_t inode;
};
Tracked tracked[kDescriptorsMax];
int log_fd = -1;
bool ignore_sync = false;
long fail_from = 0;  // 0: never
bool fail_forever = false;
int fail_with = 0;
std::atomic<long> calls{0};
std::atomic<unsigned> sync_tags{0};

template <class F>
F* real(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

void die(const char* why) {
  (void)!syscall(SYS_write, 2, why, strlen(why));
  abort();
}

void plan_fault(const char* plan) {
  char* rest = nullptr;
  fail_from = strtol(plan, &rest, 10);
  fail_with = strncmp(rest, ":enospc", 7) == 0 ? ENOSPC : strncmp(rest, ":eio", 4) == 0 ? EIO : kShort;
  fail_forever = strstr(rest, ":forever") != nullptr;
}

__attribute__((constructor)) void begin() {
  if (const char* path = getenv("SATCHEL_CRASH_LOG")) {
    const int fd =
        static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (fd < 0) die("record_writes: cannot open SATCHEL_CRASH_LOG\n");
    // Out of the way of programs that count on low numbers.
    log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 500);
    if (log_fd < 0) die("record_writes: no descriptor for the log\n");
    syscall(SYS_close, fd);
  }
  const char* ignore = getenv("SATCHEL_CRASH_IGNORE_SYNC");
  ignore_sync = ignore != nullptr && *ignore == '1';
  if (const char* plan = getenv("SATCHEL_CRASH_FAIL")) plan_fault(plan);
}

void record(LogKind kind, unsigned flags, dev_t device, ino_t inode, unsigned long offset, const iovec* parts,
            int count, size_t size) {
  if (log_fd < 0) return;
  LogHeader header{satchel::crash::kLogMagic, kind, flags, static_cast<unsigned>(size), device, inode, offset};
  iovec entry[IOV_MAX];
  entry[0] = {&header, sizeof header};
  int used = 1;
  size_t left = size;
  for (int i = 0; i < count && left > 0; ++i) {
    if (used == IOV_MAX) die("record_writes: too many parts in one write\n");
    const size_t take = parts[i].iov_len < left ? parts[i].iov_len : left;
    entry[used++] = {parts[i].iov_base, take};
    left -= take;
  }
  const int kept = errno;
  if (syscall(SYS_writev, log_fd, entry, used) != static_cast<long>(sizeof header + size)) {
    die("record_writes: the log takes no more\n");
  }
  errno = kept;
}

// The entry of a descriptor that still stands for the file it was opened on.
Tracked* find(int fd) {
  if (fd < 0 || fd >= kDescriptorsMax || !tracked[fd].on) return nullptr;
  struct stat now;
  const int kept = errno;
  const bool same = fstat(fd, &now) == 0 && now.st_dev == tracked[fd].device && now.st_ino == tracked[fd].inode;
  errno = kept;
  if (same) return &tracked[fd];
  tracked[fd].on = false;
  return nullptr;
}

bool is_data_file(const char* path) {
  const char* slash = strrchr(path, '/');
  return strcmp(slash == nullptr ? path : slash + 1, "data.mdb") == 0;
}

void record_name(const struct stat& file, const char* path, unsigned flags) {
  char whole[PATH_MAX];
  if (realpath(path, whole) == nullptr) return;
  const iovec name{whole, strlen(whole)};
  record(LogKind::named, flags, file.st_dev, file.st_ino, 0, &name, 1, name.iov_len);
}

int opened(int fd, const char* path, int flags) {
  if (fd < 0 || fd >= kDescriptorsMax || !is_data_file(path)) return fd;
  const int kept = errno;
  struct stat file;
  if (fstat(fd, &file) == 0) {
    tracked[fd].durable = (flags & O_DSYNC) != 0 && !ignore_sync;  // O_SYNC contains O_DSYNC
    tracked[fd].device = file.st_dev;
    tracked[fd].inode = file.st_ino;
    tracked[fd].on = true;
    record_name(file, path, 0);
  }
  errno = kept;
  return fd;
}

// The planned fault of this call: an error number, kShort, or 0.
int fault() {
  if (fail_from == 0) return 0;
  const long call = ++calls;
  return call == fail_from || (fail_forever && call > fail_from) ? fail_with : 0;
}

template <class Write>
ssize_t recorded_write(int fd, Tracked* file, off_t offset, const iovec* parts, int count, Write write) {
  const int planned = fault();
  if (planned > 0) {
    errno = planned;
    return -1;
  }
  iovec half;
  if (planned == kShort) {
    half = {parts[0].iov_base, parts[0].iov_len / 2};
    parts = &half;
    count = 1;
  }
  const ssize_t done = planned == kShort ? syscall(SYS_pwrite64, fd, half.iov_base, half.iov_len, offset) : write();
  if (done > 0) {
    record(LogKind::write, file->durable ? satchel::crash::kLogDurable : 0, file->device, file->inode,
           static_cast<unsigned long>(offset), parts, count, static_cast<size_t>(done));
  }
  return done;
}

off_t place(int fd) { return static_cast<off_t>(syscall(SYS_lseek, fd, 0, SEEK_CUR)); }

template <class Sync>
int recorded_sync(int fd, Sync sync) {
  Tracked* file = find(fd);
  if (file == nullptr) return sync();
  if (const int planned = fault(); planned != 0) {
    errno = planned > 0 ? planned : EIO;
    return -1;
  }
  if (ignore_sync) return 0;
  const unsigned long tag = (static_cast<unsigned long>(getpid()) << 32) | ++sync_tags;
  record(LogKind::sync_begin, 0, file->device, file->inode, tag, nullptr, 0, 0);
  const int code = sync();
  if (code == 0) record(LogKind::sync_end, 0, file->device, file->inode, tag, nullptr, 0, 0);
  return code;
}

template <class Resize>
int recorded_resize(int fd, off_t size, Resize resize) {
  Tracked* file = find(fd);
  if (file == nullptr) return resize();
  if (const int planned = fault(); planned != 0) {
    errno = planned > 0 ? planned : EIO;
    return -1;
  }
  const int code = resize();
  if (code == 0) {
    record(LogKind::resize, 0, file->device, file->inode, static_cast<unsigned long>(size), nullptr, 0, 0);
  }
  return code;
}

void renamed(int code, const char* to) {
  struct stat file;
  const int kept = errno;
  if (code == 0 && is_data_file(to) && stat(to, &file) == 0) record_name(file, to, satchel::crash::kLogRenamed);
  errno = kept;
}

mode_t mode_of(int flags, va_list more) { return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0; }

}  // namespace

extern "C" {

void satchel_crash_mark(const char* text, size_t size) {
  const iovec part{const_cast<char*>(text), size};
  record(LogKind::mark, 0, 0, 0, 0, &part, 1, size);
}

#define SATCHEL_OPEN(name)                                             \
  int name(const char* path, int flags, ...) {                         \
    static auto* const next = real<int(const char*, int, ...)>(#name); \
    va_list more;                                                      \
    va_start(more, flags);                                             \
    const mode_t mode = mode_of(flags, more);                          \
    va_end(more);                                                      \
    return opened(next(path, flags, mode), path, flags);               \
  }
SATCHEL_OPEN(open)
SATCHEL_OPEN(open64)

#define SATCHEL_OPENAT(name)                                                \
  int name(int folder, const char* path, int flags, ...) {                  \
    static auto* const next = real<int(int, const char*, int, ...)>(#name); \
    va_list more;                                                           \
    va_start(more, flags);                                                  \
    const mode_t mode = mode_of(flags, more);                               \
    va_end(more);                                                           \
    return opened(next(folder, path, flags, mode), path, flags);            \
  }
SATCHEL_OPENAT(openat)
SATCHEL_OPENAT(openat64)

int __open_2(const char* path, int flags) { return open(path, flags); }
int __open64_2(const char* path, int flags) { return open(path, flags); }

int close(int fd) {
  static auto* const next = real<int(int)>("close");
  if (fd >= 0 && fd < kDescriptorsMax) tracked[fd].on = false;
  return next(fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const next = real<ssize_t(int, const void*, size_t)>("write");
  Tracked* file = find(fd);
  if (file == nullptr) return next(fd, bytes, size);
  const iovec part{const_cast<void*>(bytes), size};
  return recorded_write(fd, file, place(fd), &part, 1, [&] { return next(fd, bytes, size); });
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static auto* const next = real<ssize_t(int, const iovec*, int)>("writev");
  Tracked* file = find(fd);
  if (file == nullptr) return next(fd, parts, count);
  return recorded_write(fd, file, place(fd), parts, count, [&] { return next(fd, parts, count); });
}

#define SATCHEL_PWRITE(name)                                                                          \
  ssize_t name(int fd, const void* bytes, size_t size, off_t offset) {                                \
    static auto* const next = real<ssize_t(int, const void*, size_t, off_t)>(#name);                  \
    Tracked* file = find(fd);                                                                         \
    if (file == nullptr) return next(fd, bytes, size, offset);                                        \
    const iovec part{const_cast<void*>(bytes), size};                                                 \
    return recorded_write(fd, file, offset, &part, 1, [&] { return next(fd, bytes, size, offset); }); \
  }
SATCHEL_PWRITE(pwrite)
SATCHEL_PWRITE(pwrite64)

#define SATCHEL_PWRITEV(name)                                                                              \
  ssize_t name(int fd, const iovec* parts, int count, off_t offset) {                                      \
    static auto* const next = real<ssize_t(int, const iovec*, int, off_t)>(#name);                         \
    Tracked* file = find(fd);                                                                              \
    if (file == nullptr) return next(fd, parts, count, offset);                                            \
    return recorded_write(fd, file, offset, parts, count, [&] { return next(fd, parts, count, offset); }); \
  }
SATCHEL_PWRITEV(pwritev)
SATCHEL_PWRITEV(pwritev64)

int fsync(int fd) {
  static auto* const next = real<int(int)>("fsync");
  return recorded_sync(fd, [&] { return next(fd); });
}
int fdatasync(int fd) {
  static auto* const next = real<int(int)>("fdatasync");
  return recorded_sync(fd, [&] { return next(fd); });
}

#define SATCHEL_TRUNCATE(name)                                        \
  int name(int fd, off_t size) {                                      \
    static auto* const next = real<int(int, off_t)>(#name);           \
    return recorded_resize(fd, size, [&] { return next(fd, size); }); \
  }
SATCHEL_TRUNCATE(ftruncate)
SATCHEL_TRUNCATE(ftruncate64)

int rename(const char* from, const char* to) {
  static auto* const next = real<int(const char*, const char*)>("rename");
  const int code = next(from, to);
  renamed(code, to);
  return code;
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  static auto* const next = real<int(int, const char*, int, const char*)>("renameat");
  const int code = next(from_folder, from, to_folder, to);
  if (to_folder == AT_FDCWD) renamed(code, to);
  return code;
}

}  // extern "C"
