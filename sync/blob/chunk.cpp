// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/blob/chunk.h"

namespace satchel::blob {

namespace {

constexpr DomainLabel kKeyLabel{"satchel blob key"};
constexpr DomainLabel kPieceLabel{"satchel piece"};
constexpr DomainLabel kFileLabel{"satchel file"};

Secret32 key_of(const Secret32& epoch_key, const ArchiveId& archive, const BlobId& blob) {
  return derive(kKeyLabel, epoch_key, Writer(32).raw(archive.view()).raw(blob.view()).bytes());
}

Bytes bound_to(const ArchiveId& archive, const BlobId& blob, std::uint32_t index, std::uint32_t count) {
  return Writer(40).raw(archive.view()).raw(blob.view()).u32(index).u32(count).take();
}

std::uint32_t count_of(std::uint64_t padded) {
  return static_cast<std::uint32_t>((padded + kChunkPlainBytes - 1) / kChunkPlainBytes);
}

// Bytes of [0, whole) that lie in the chunk.
std::size_t part_of(std::uint64_t whole, std::uint32_t index) {
  const std::uint64_t begin = std::uint64_t{index} * kChunkPlainBytes;
  return begin >= whole ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(whole - begin, kChunkPlainBytes));
}

void add_piece(Bytes& pieces, View piece) {
  if (piece.empty()) return;
  const Digest id = hash(kPieceLabel, piece);
  pieces.insert(pieces.end(), id.bytes.begin(), id.bytes.end());
}

Digest file_digest(std::uint64_t size, View pieces) {
  const Bytes front = Writer(8).u64(size).take();
  return hash(kFileLabel, {front, pieces});
}

}  // namespace

Cutter::Cutter(const Secret32& epoch_key, const ArchiveId& archive, const BlobId& blob, std::uint64_t size,
               Entropy& entropy)
    : key_(key_of(epoch_key, archive, blob)),
      archive_(archive),
      blob_(blob),
      size_(size),
      padded_(padded_file(size)),
      count_(count_of(padded_)),
      entropy_(entropy) {
  SATCHEL_ASSERT(size <= kFileBytesMax);
}

std::size_t Cutter::want() const { return done() ? 0 : part_of(size_, index_); }

Cutter::Chunk Cutter::cut(View content) {
  SATCHEL_ASSERT(!done() && content.size() == want());
  add_piece(pieces_, content);
  plain_.assign(content.begin(), content.end());
  plain_.resize(part_of(padded_, index_));
  Chunk chunk;
  chunk.sealed = seal(key_, bound_to(archive_, blob_, index_, count_), plain_, entropy_);
  chunk.id = chunk_id(chunk.sealed);
  ids_.insert(ids_.end(), chunk.id.bytes.begin(), chunk.id.bytes.end());
  ++index_;
  return chunk;
}

std::uint64_t Cutter::sealed_bytes() const { return sealed_file(size_); }
Digest Cutter::root() const { return root_of(sealed_bytes(), ids_); }
Digest Cutter::digest() const { return file_digest(size_, pieces_); }

Joiner::Joiner(const Secret32& epoch_key, const ArchiveId& archive, const Manifest& manifest)
    : key_(key_of(epoch_key, archive, manifest.blob)),
      archive_(archive),
      manifest_(manifest),
      padded_(padded_file(manifest.size)),
      count_(count_of(padded_)) {}

Result<View> Joiner::join(View sealed) {
  const auto broken = [&] { return fail(ErrorKind::integrity, "attachment.broken", manifest_.name); };
  if (index_ == count_) return broken();
  if (!open_into(plain_, key_, bound_to(archive_, manifest_.blob, index_, count_), sealed)) return broken();
  const std::size_t part = part_of(manifest_.size, index_);
  const bool padding =
      std::ranges::all_of(View(plain_).subspan(std::min(part, plain_.size())), [](Byte b) { return b == 0; });
  if (plain_.size() != part_of(padded_, index_) || !padding) return broken();
  ++index_;
  add_piece(pieces_, View(plain_).first(part));
  return View(plain_).first(part);
}

Result<void> Joiner::finish() const {
  if (index_ != count_ || file_digest(manifest_.size, pieces_) != manifest_.digest)
    return fail(ErrorKind::integrity, "attachment.broken", manifest_.name);
  return {};
}

void FileDigest::add(View piece) { add_piece(pieces_, piece); }
Digest FileDigest::finish(std::uint64_t size) const { return file_digest(size, pieces_); }

}  // namespace satchel::blob
