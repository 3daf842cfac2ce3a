// SPDX-License-Identifier: AGPL-3.0-or-later
// Manifest: what the sealed body of an entry says of an attachment (wire.md, 'Attachments'). It is a value of the field
// kField of the record it was added to; values of that field are appended, never replaced but to strike one out, so
// that adding never conflicts. A plain value; its layout is permanent.
#pragma once

#include <string>

#include "sync/blob/reference.h"

namespace satchel::blob {

using BlobId = Id<struct BlobTag, 16>;

// The record's attachments; like '_standing', no template has to name it.
inline constexpr std::string_view kField = "_attachment";

struct Manifest {
  BlobId blob;              // random; every chunk is sealed to it
  std::uint32_t epoch = 0;  // of the archive key its chunks are sealed with
  std::uint64_t size = 0;   // of the file
  Digest digest;            // of the file's content: digest_of_file()
  Digest root;
  std::string name;   // of the file, without folders
  std::string media;  // its type, or empty
  bool operator==(const Manifest&) const = default;

  Bytes encode() const;
  // invalid "attachment.manifest".
  static Result<Manifest> decode(View bytes);
  Reference reference() const;
};

// What the file's content takes up: padded so that its size tells little more than its magnitude.
std::uint64_t padded_file(std::uint64_t size);
std::uint64_t sealed_file(std::uint64_t size);

// A name that is safe to give a file in a folder of one's own: no folders, no control or direction characters, not
// hidden, never empty, at most kNameBytesMax bytes.
std::string safe_name(std::string_view name);

}  // namespace satchel::blob
