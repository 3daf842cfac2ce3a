// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/backup/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "sync/backup/io_error.h"
#include "sync/backup/limits.h"

namespace satchel::backup {

namespace fs = std::filesystem;

namespace {

constexpr DomainLabel kContentLabel{"satchel bkp body"};

}  // namespace

Bytes chunk_bound(const Digest& bound, std::uint32_t chunk, bool last) {
  return Writer(40).raw(bound.view()).u32(chunk).u8(last ? 1 : 0).take();
}

Digest content_after(const Digest& content, View chunk) { return hash(kContentLabel, {content.view(), chunk}); }

Bytes end_subject(const Digest& bound, const Digest& content, const Counts& counts) {
  return Writer(96).raw(bound.view()).raw(content.view()).u64(counts.files).u64(counts.rows).take();
}

Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = fd >= 0 && ::fsync(fd) == 0;
  const auto failed = io_error(folder);
  if (fd >= 0) ::close(fd);
  if (!good) return failed;
  return {};
}

BackupWriter::BackupWriter(fs::path file, const Header& header, const Secret32& key, Entropy& entropy)
    : file_(std::move(file)), bound_(bound_digest(header)), key_(key), entropy_(entropy) {
  aside_ = file_;
  aside_ += ".new";
}

BackupWriter::BackupWriter(BackupWriter&& from) noexcept
    : file_(std::move(from.file_)),
      aside_(std::move(from.aside_)),
      fd_(std::exchange(from.fd_, -1)),
      bound_(from.bound_),
      key_(from.key_),
      entropy_(from.entropy_),
      chunk_(std::move(from.chunk_)),
      chunks_(from.chunks_),
      content_(from.content_),
      counts_(from.counts_),
      bytes_(from.bytes_) {}

BackupWriter::~BackupWriter() {
  wipe(chunk_);
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(aside_.c_str());
}

Result<BackupWriter> BackupWriter::open(const fs::path& file, const Header& header, const Secret32& key,
                                        Entropy& entropy) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) return fail(ErrorKind::conflict, "backup.exists", file.string());
  // Folders are not made: where a stick is missing, whoever unplugged it is to be told.
  const auto folder = file.parent_path();
  if (!folder.empty() && !fs::exists(folder, ignored))
    return fail(ErrorKind::not_found, "backup.no-folder", folder.string());
  BackupWriter writer(file, header, key, entropy);
  // One that a power cut left is nobody's.
  writer.fd_ = ::open(writer.aside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (writer.fd_ < 0) return io_error(writer.aside_);
  SATCHEL_TRY(writer.write(encode(header)));
  return writer;
}

Result<void> BackupWriter::write(View bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const auto count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return io_error(aside_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> BackupWriter::add(RecordKind kind, View bytes) {
  SATCHEL_ASSERT(bytes.size() <= kRecordBytesMax);
  if (!chunk_.empty() && chunk_.size() + bytes.size() > kChunkBytes) SATCHEL_TRY(end_chunk(false));
  Writer head(8);
  head.u8(static_cast<std::uint8_t>(kind)).u32(static_cast<std::uint32_t>(bytes.size()));
  chunk_.insert(chunk_.end(), head.bytes().begin(), head.bytes().end());
  chunk_.insert(chunk_.end(), bytes.begin(), bytes.end());
  if (kind == RecordKind::file) ++counts_.files;
  if (kind == RecordKind::row) ++counts_.rows;
  return {};
}

Result<void> BackupWriter::end_chunk(bool last) {
  Writer out(chunk_.size() + 64);
  out.u32(static_cast<std::uint32_t>(chunk_.size() + kSealOverhead) | (last ? kLastChunk : 0));
  seal_into(out.buffer(), key_, chunk_bound(bound_, chunks_, last), chunk_, entropy_);
  content_ = content_after(content_, out.bytes());
  ++chunks_;
  wipe(chunk_);
  chunk_.clear();
  return write(out.bytes());
}

Result<std::uint64_t> BackupWriter::finish(const SignKeys& node) {
  if (!chunk_.empty()) SATCHEL_TRY(end_chunk(false));
  const Signature signature = sign(node, kEndLabel, end_subject(bound_, content_, counts_));
  SATCHEL_TRY(add(RecordKind::end, Writer(96).u64(counts_.files).u64(counts_.rows).raw(signature.view()).bytes()));
  SATCHEL_TRY(end_chunk(true));
  if (::fsync(fd_) != 0) return io_error(aside_);
  // Without replacing what came to stand there meanwhile.
  if (::link(aside_.c_str(), file_.c_str()) != 0) {
    if (errno == EEXIST) return fail(ErrorKind::conflict, "backup.exists", file_.string());
    // A stick's file system may have no links.
    if (::rename(aside_.c_str(), file_.c_str()) != 0) return io_error(file_);
  }
  ::close(std::exchange(fd_, -1));
  ::unlink(aside_.c_str());
  SATCHEL_TRY(sync_folder(file_.parent_path()));
  return bytes_;
}

}  // namespace satchel::backup
