// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/part_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "sync/bundle/io_error.h"
#include "sync/bundle/limits.h"

namespace satchel::bundle {

namespace fs = std::filesystem;

namespace {

std::unexpected<Error> damaged(const fs::path& file) {
  return fail(ErrorKind::integrity, "bundle.damaged", file.filename().string());
}

}  // namespace

PartReader::PartReader(PartReader&& from) noexcept
    : file_(std::move(from.file_)),
      fd_(std::exchange(from.fd_, -1)),
      file_bytes_(from.file_bytes_),
      signed_(std::move(from.signed_)),
      header_bytes_(from.header_bytes_),
      key_(from.key_),
      at_(from.at_) {}

PartReader::~PartReader() {
  if (fd_ >= 0) ::close(fd_);
}

Result<PartReader> PartReader::open(const fs::path& file) {
  PartReader reader;
  reader.file_ = file;
  reader.fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (reader.fd_ < 0 && errno == ENOENT) return fail(ErrorKind::not_found, "bundle.missing", file.string());
  struct stat info{};
  if (reader.fd_ < 0 || ::fstat(reader.fd_, &info) != 0) return io_error(file);
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::invalid, "bundle.none", file.string());
  reader.file_bytes_ = static_cast<std::uint64_t>(info.st_size);
  if (reader.file_bytes_ < kPreludeBytes) return fail(ErrorKind::invalid, "bundle.none", file.filename().string());
  Bytes head(kPreludeBytes);
  SATCHEL_TRY(reader.read(head));
  auto size = header_size(head);
  if (!size) {
    if (size.error().detail.empty()) size.error().detail = file.filename().string();
    return std::unexpected(size.error());
  }
  if (*size > reader.file_bytes_) return fail(ErrorKind::integrity, "bundle.cut-short", file.filename().string());
  head.resize(*size);
  SATCHEL_TRY(reader.read(std::span(head).subspan(kPreludeBytes)));
  SATCHEL_GET(decoded, decode_header(head));
  reader.signed_ = std::move(decoded);
  reader.header_bytes_ = *size;
  return reader;
}

Result<void> PartReader::read(std::span<Byte> into) {
  while (!into.empty()) {
    const auto count = ::read(fd_, into.data(), into.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(file_);
    if (count == 0) return fail(ErrorKind::integrity, "bundle.cut-short", file_.filename().string());
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> PartReader::rewind() {
  if (::lseek(fd_, static_cast<off_t>(header_bytes_), SEEK_SET) < 0) return io_error(file_);
  at_ = 0;
  return {};
}

Result<void> PartReader::read_chunk() {
  raw_.resize(4);
  SATCHEL_TRY(read(raw_));
  const std::size_t size = Reader(raw_).u32();
  if (size <= kSealOverhead || size > kChunkBytesMax + kSealOverhead) return damaged(file_);
  raw_.resize(4 + size);
  SATCHEL_TRY(read(std::span(raw_).subspan(4)));
  ++at_;
  return {};
}

Result<void> PartReader::check() {
  const Header& h = header();
  const std::uint64_t whole = header_bytes_ + h.content_bytes;
  if (file_bytes_ < whole) return fail(ErrorKind::integrity, "bundle.cut-short", file_.filename().string());
  if (file_bytes_ > whole) return damaged(file_);
  SATCHEL_TRY(rewind());
  Digest digest;
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < h.chunks; ++i) {
    SATCHEL_TRY(read_chunk());
    digest = content_after(digest, raw_);
    bytes += raw_.size();
  }
  if (bytes != h.content_bytes || digest != h.content) return damaged(file_);
  return rewind();
}

Result<void> PartReader::skip_to(std::uint32_t index) {
  while (at_ < std::min(index, header().chunks)) SATCHEL_TRY(read_chunk());
  return {};
}

Result<std::optional<std::vector<Record>>> PartReader::next() {
  if (at_ >= header().chunks) return std::nullopt;
  const auto index = at_;
  SATCHEL_TRY(read_chunk());
  const Bytes bound = chunk_bound(bound_digest(header()), header().part, index);
  if (!open_into(plain_, key_, bound, View(raw_).subspan(4))) return damaged(file_);
  std::vector<Record> records;
  Reader in(plain_);
  while (in.ok() && in.left() > 0) {
    Record record;
    record.kind = static_cast<RecordKind>(in.u8());
    const std::size_t size = in.u32();
    record.bytes = in.raw(size);
    if (in.ok()) records.push_back(record);
  }
  if (!in.ok()) return damaged(file_);
  return records;
}

}  // namespace satchel::bundle
