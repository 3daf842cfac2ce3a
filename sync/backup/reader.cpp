// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/backup/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sync/backup/io_error.h"
#include "sync/backup/limits.h"

namespace satchel::backup {

namespace fs = std::filesystem;

namespace {

std::unexpected<Error> damaged_file(const fs::path& file) {
  return fail(ErrorKind::integrity, "backup.damaged", file.filename().string());
}

std::unexpected<Error> cut_short(const fs::path& file) {
  return fail(ErrorKind::integrity, "backup.cut-short", file.filename().string());
}

std::unexpected<Error> named(Error error, const fs::path& file) {
  error.detail = file.filename().string() + (error.detail.empty() ? "" : ": " + error.detail);
  return std::unexpected(std::move(error));
}

}  // namespace

BackupReader::BackupReader(BackupReader&& from) noexcept
    : file_(std::move(from.file_)),
      fd_(std::exchange(from.fd_, -1)),
      file_bytes_(from.file_bytes_),
      header_(std::move(from.header_)),
      bound_(from.bound_),
      key_(from.key_),
      chunks_(from.chunks_),
      content_(from.content_),
      counts_(from.counts_),
      last_(from.last_),
      over_(from.over_),
      raw_(std::move(from.raw_)),
      plain_(std::move(from.plain_)) {}

BackupReader::~BackupReader() {
  wipe(plain_);
  if (fd_ >= 0) ::close(fd_);
}

Result<BackupReader> BackupReader::open(const fs::path& file) {
  BackupReader reader;
  reader.file_ = file;
  reader.fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (reader.fd_ < 0 && errno == ENOENT) return fail(ErrorKind::not_found, "backup.missing", file.string());
  struct stat info{};
  if (reader.fd_ < 0 || ::fstat(reader.fd_, &info) != 0) return io_error(file);
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::invalid, "backup.none", file.string());
  reader.file_bytes_ = static_cast<std::uint64_t>(info.st_size);
  Bytes head(kPreludeBytes);
  std::size_t got = 0;
  SATCHEL_TRY(reader.read(head, got));
  if (got < kPreludeBytes) return fail(ErrorKind::invalid, "backup.none", file.filename().string());
  const auto size = header_size(head);
  if (!size) return named(size.error(), file);
  head.resize(*size);
  SATCHEL_TRY(reader.read(std::span(head).subspan(kPreludeBytes), got));
  if (got < *size - kPreludeBytes) return cut_short(file);
  auto header = decode_header(head);
  if (!header) return named(header.error(), file);
  reader.header_ = std::move(*header);
  reader.bound_ = bound_digest(reader.header_);
  return reader;
}

Result<void> BackupReader::read(std::span<Byte> into, std::size_t& got) {
  got = 0;
  while (got < into.size()) {
    const auto count = ::read(fd_, into.data() + got, into.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(file_);
    if (count == 0) return {};
    got += static_cast<std::size_t>(count);
  }
  return {};
}

// False at the end of the file.
Result<bool> BackupReader::read_chunk() {
  raw_.resize(4);
  std::size_t got = 0;
  SATCHEL_TRY(read(raw_, got));
  if (got == 0) return false;
  if (got < 4) return cut_short(file_);
  const auto length = Reader(raw_).u32();
  last_ = (length & kLastChunk) != 0;
  const std::size_t size = length & ~kLastChunk;
  if (size <= kSealOverhead || size > kRecordBytesMax + kChunkBytes) return damaged_file(file_);
  raw_.resize(4 + size);
  SATCHEL_TRY(read(std::span(raw_).subspan(4), got));
  if (got < size) return cut_short(file_);
  return true;
}

Result<void> BackupReader::check_end(View record, const Digest& before, const SignPublic& node) {
  Reader in(record);
  Counts said;
  said.files = in.u64();
  said.rows = in.u64();
  const auto signature = Signature::of(in.raw(Signature::size));
  if (!in.done() || said != counts_ || !verify(node, kEndLabel, end_subject(bound_, before, counts_), signature))
    return damaged_file(file_);
  Byte more = 0;
  std::size_t got = 0;
  SATCHEL_TRY(read(std::span(&more, 1), got));
  if (got > 0) return damaged_file(file_);
  return {};
}

Result<std::optional<std::vector<Record>>> BackupReader::next(const SignPublic& node) {
  if (over_) return std::nullopt;
  SATCHEL_GET(there, read_chunk());
  // It ended without saying so.
  if (!there) return cut_short(file_);
  const View sealed = View(raw_).subspan(4);
  if (!open_into(plain_, key_, chunk_bound(bound_, chunks_, last_), sealed)) return damaged_file(file_);
  std::vector<Record> records;
  Reader in(plain_);
  while (in.ok() && in.left() > 0) {
    Record record;
    record.kind = static_cast<RecordKind>(in.u8());
    record.bytes = in.raw(in.u32());
    if (record.kind < RecordKind::summary || record.kind > RecordKind::end)
      return fail(ErrorKind::failed, "backup.newer", file_.filename().string());
    if (record.kind == RecordKind::file) ++counts_.files;
    if (record.kind == RecordKind::row) ++counts_.rows;
    if (in.ok()) records.push_back(record);
  }
  const bool ends = records.size() == 1 && records.front().kind == RecordKind::end;
  if (!in.ok() || ends != last_) return damaged_file(file_);
  if (last_) {
    SATCHEL_TRY(check_end(records.front().bytes, content_, node));
    over_ = true;
    return std::nullopt;
  }
  content_ = content_after(content_, raw_);
  ++chunks_;
  return records;
}

}  // namespace satchel::backup
