// SPDX-License-Identifier: AGPL-3.0-or-later
// Cutting a file into sealed chunks, and joining them again: one chunk in memory at a time. Each chunk is sealed with a
// key of the file's own, derived from the archive's epoch key, and bound to archive, file, place and number of chunks,
// so that none passes for another and none can be left out. The file is padded with zeros (manifest.h). wire.md,
// 'Attachments'. Keys and entropy must outlive what is made with them.
#pragma once

#include "sync/blob/manifest.h"

namespace satchel::blob {

class Cutter {
 public:
  // `size` is that of the whole file, at most kFileBytesMax.
  Cutter(const Secret32& epoch_key, const ArchiveId& archive, const BlobId& blob, std::uint64_t size, Entropy& entropy);

  bool done() const { return index_ == count_; }
  // How much of the file goes into the next chunk; 0 when it is all padding.
  std::size_t want() const;
  struct Chunk {
    Digest id;
    Bytes sealed;
  };
  // `content`: exactly want() bytes.
  Chunk cut(View content);

  std::uint32_t count() const { return count_; }
  std::uint64_t sealed_bytes() const;
  // Of the chunks so far, 32 bytes each.
  const Bytes& ids() const { return ids_; }
  // When done().
  Digest root() const;
  Digest digest() const;

 private:
  Secret32 key_;
  ArchiveId archive_;
  BlobId blob_;
  std::uint64_t size_;
  std::uint64_t padded_;
  std::uint32_t count_;
  Entropy& entropy_;
  std::uint32_t index_ = 0;
  Bytes ids_;
  Bytes pieces_;  // hashes of the pieces of the content
  Bytes plain_;
};

class Joiner {
 public:
  Joiner(const Secret32& epoch_key, const ArchiveId& archive, const Manifest& manifest);

  std::uint32_t count() const { return count_; }
  // The next chunk, in order: its part of the file, which lives until the next call. integrity "attachment.broken" when
  // it is not what was cut.
  Result<View> join(View sealed);
  // After the last: whether it was the file that was cut. integrity "attachment.broken".
  Result<void> finish() const;

 private:
  Secret32 key_;
  ArchiveId archive_;
  Manifest manifest_;
  std::uint64_t padded_;
  std::uint32_t count_;
  std::uint32_t index_ = 0;
  Bytes pieces_;
  Bytes plain_;
};

// Of a file's content: a hash over its size and the hashes of its pieces of kChunkPlainBytes, so that it can be taken
// while the file is read.
class FileDigest {
 public:
  void add(View piece);
  Digest finish(std::uint64_t size) const;

 private:
  Bytes pieces_;
};

}  // namespace satchel::blob
