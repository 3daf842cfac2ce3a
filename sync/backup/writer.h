// SPDX-License-Identifier: AGPL-3.0-or-later
// BackupWriter: records into one file, sealed chunk by chunk with bounded memory. The file is written aside, synced and
// renamed, so that a name never leads to half a backup; one that is not finished leaves nothing. A record is never
// split. The last chunk is marked as such and signed over all before it, so that nothing can be cut off or exchanged.
// storage "backup.io", conflict "backup.exists", not_found "backup.no-folder".
#pragma once

#include <filesystem>

#include "sync/backup/header.h"

namespace satchel::backup {

// Values are permanent.
enum class RecordKind : std::uint8_t {
  summary = 1,  // first: what is in it, for people
  file = 2,     // a small file of the node's folder
  row = 3,      // of the store, in order of table and key
  end = 4,      // last and alone: how many of each, and the node's signature
};

struct Counts {
  std::uint64_t files = 0;
  std::uint64_t rows = 0;
  bool operator==(const Counts&) const = default;
};

class BackupWriter {
 public:
  // `entropy` must outlive it.
  static Result<BackupWriter> open(const std::filesystem::path& file, const Header& header, const Secret32& key,
                                   Entropy& entropy);
  BackupWriter(BackupWriter&& from) noexcept;
  BackupWriter& operator=(BackupWriter&&) = delete;
  ~BackupWriter();  // what was not finished is removed

  Result<void> add(RecordKind kind, View bytes);
  // Signs, syncs and renames. How long the file is.
  Result<std::uint64_t> finish(const SignKeys& node);

 private:
  BackupWriter(std::filesystem::path file, const Header& header, const Secret32& key, Entropy& entropy);
  Result<void> end_chunk(bool last);
  Result<void> write(View bytes);

  std::filesystem::path file_;
  std::filesystem::path aside_;
  int fd_ = -1;
  Digest bound_;
  Secret32 key_;
  Entropy& entropy_;
  Bytes chunk_;
  std::uint32_t chunks_ = 0;
  Digest content_;
  Counts counts_;
  std::uint64_t bytes_ = 0;
};

// In a chunk's length: it is the last one. Bound to the chunk, too, so nobody can set or clear it.
inline constexpr std::uint32_t kLastChunk = 0x8000'0000;
// The associated data of a chunk, and what the digest of the content becomes by it.
Bytes chunk_bound(const Digest& bound, std::uint32_t chunk, bool last);
Digest content_after(const Digest& content, View chunk);
inline constexpr DomainLabel kEndLabel{"satchel bkp end"};
// What the node signs at the end.
Bytes end_subject(const Digest& bound, const Digest& content, const Counts& counts);
// A folder's entries are durable. storage "backup.io".
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace satchel::backup
