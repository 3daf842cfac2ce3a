// SPDX-License-Identifier: AGPL-3.0-or-later
// PartReader: one part of a bundle from a file nobody vouches for. open() reads what stands in the clear; check() the
// whole content against the signed digest, in bounded memory, before anything is believed; then next() opens chunk
// after chunk. The file stays open, and each chunk is sealed for its place, so that nothing slips in between. storage
// "bundle.io"; not_found "bundle.missing"; invalid "bundle.none", "bundle.newer"; integrity "bundle.cut-short",
// "bundle.damaged", "bundle.bad-signature".
#pragma once

#include <filesystem>
#include <optional>

#include "sync/bundle/header.h"
#include "sync/bundle/part_writer.h"

namespace satchel::bundle {

struct Record {
  RecordKind kind{};
  View bytes;
};

class PartReader {
 public:
  static Result<PartReader> open(const std::filesystem::path& file);
  ~PartReader();
  PartReader(PartReader&& from) noexcept;
  PartReader& operator=(PartReader&&) = delete;

  const std::filesystem::path& file() const { return file_; }
  const Header& header() const { return signed_.header; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  // That the content is what the header says.
  Result<void> check();
  bool signed_by(const SignPublic& sender) const { return verify_header(signed_, sender); }
  void use_key(const Secret32& key) { key_ = key; }
  // Goes to chunk `index`, which must be at or behind the place it is at.
  Result<void> skip_to(std::uint32_t index);
  std::uint32_t at() const { return at_; }
  // The next chunk's records; nothing at the end. They live until the next call.
  Result<std::optional<std::vector<Record>>> next();

 private:
  PartReader() = default;
  Result<void> read(std::span<Byte> into);
  // The next chunk as it lies in the file, with its length.
  Result<void> read_chunk();
  Result<void> rewind();

  std::filesystem::path file_;
  int fd_ = -1;
  std::uint64_t file_bytes_ = 0;
  SignedHeader signed_;
  std::size_t header_bytes_ = 0;
  Secret32 key_;
  std::uint32_t at_ = 0;
  Bytes raw_;
  Bytes plain_;
};

}  // namespace satchel::bundle
