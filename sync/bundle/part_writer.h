// SPDX-License-Identifier: AGPL-3.0-or-later
// PartWriter: records into the files of one bundle, part by part, with bounded memory. Parts are written aside and get
// their headers and names when all are there, synced, so that a folder never holds half a bundle under its name; one
// that is not finished leaves nothing. A record is never split, nor is a chunk. not_found "bundle.no-folder"; storage
// "bundle.io"; usage "bundle.size-too-small"; failed "bundle.too-many-parts".
#pragma once

#include <filesystem>
#include <memory>

#include "sync/bundle/header.h"

namespace satchel::bundle {

// Values are permanent.
enum class RecordKind : std::uint8_t {
  frame = 1,            // a frame as on a line
  acknowledgement = 2,  // what became of a bundle that came the other way (ledger.h)
};

class PartWriter {
 public:
  struct Setup {
    std::filesystem::path folder;
    std::uint64_t part_bytes = 0;  // at most, each; 0: one file
    Header header;                 // all but what is of a part
    Secret32 key;
    const SignKeys& sign;
    Entropy& entropy;
  };
  static Result<std::unique_ptr<PartWriter>> open(Setup setup);
  ~PartWriter();  // what was not finished is removed
  PartWriter(const PartWriter&) = delete;
  PartWriter& operator=(const PartWriter&) = delete;

  Result<void> add(RecordKind kind, View bytes);
  // What follows is taken in another step.
  Result<void> end_chunk();
  std::uint64_t bytes() const { return bytes_; }
  // The files, in order of their parts.
  Result<std::vector<std::filesystem::path>> finish();

 private:
  struct Part;
  explicit PartWriter(Setup setup);
  Result<void> begin_part();
  std::filesystem::path name_of(std::uint32_t part, std::uint32_t parts) const;

  Setup setup_;
  Digest bound_;
  std::size_t header_bytes_ = 0;
  std::vector<std::unique_ptr<Part>> parts_;
  Bytes chunk_;
  std::uint64_t bytes_ = 0;
  bool finished_ = false;
};

}  // namespace satchel::bundle
