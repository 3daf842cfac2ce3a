// SPDX-License-Identifier: AGPL-3.0-or-later
// BackupReader: a backup's header, and with its key its records, one chunk in memory at a time. What comes out was
// sealed with the key for this very place; only when next() has given the end is it known that all came and whose it
// is.
//
// Errors: not_found "backup.missing", invalid "backup.none", failed "backup.newer", integrity "backup.damaged" and
// "backup.cut-short", storage "backup.io".
#pragma once

#include "sync/backup/writer.h"

namespace satchel::backup {

struct Record {
  RecordKind kind{};
  View bytes;  // until the next chunk is read
};

class BackupReader {
 public:
  static Result<BackupReader> open(const std::filesystem::path& file);
  BackupReader(BackupReader&& from) noexcept;
  BackupReader& operator=(BackupReader&&) = delete;
  ~BackupReader();

  const Header& header() const { return header_; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  void unlock(const Secret32& key) { key_ = key; }
  // The next chunk's records; nothing after the last chunk, which must hold the end and be signed by `node`.
  Result<std::optional<std::vector<Record>>> next(const SignPublic& node);
  const Counts& counts() const { return counts_; }

 private:
  BackupReader() = default;
  Result<bool> read_chunk();
  Result<void> read(std::span<Byte> into, std::size_t& got);
  Result<void> check_end(View record, const Digest& before, const SignPublic& node);

  std::filesystem::path file_;
  int fd_ = -1;
  std::uint64_t file_bytes_ = 0;
  Header header_;
  Digest bound_;
  Secret32 key_;
  std::uint32_t chunks_ = 0;
  Digest content_;
  Counts counts_;
  bool last_ = false;
  bool over_ = false;
  Bytes raw_;
  Bytes plain_;
};

}  // namespace satchel::backup
