// SPDX-License-Identifier: AGPL-3.0-or-later
// Reference: what an entry that adds attachments says of them in the clear (wire.md, 'Attachments'): per file a root
// and the sealed size. The root is a hash over that size and the ids of all chunks in order; a chunk's id is the hash
// of its sealed bytes. So whoever holds the entry, key or not, can tell for every chunk whether it belongs to the
// archive, where its place is and how long it is, and takes no other. Layouts are permanent.
#pragma once

#include <vector>

#include "schema/base/result.h"
#include "sync/blob/limits.h"

namespace satchel::blob {

struct Reference {
  Digest root;
  std::uint64_t sealed = 0;  // bytes of all chunks
  bool operator==(const Reference&) const = default;
};

// Whether a clear part is one of these, and not an opening.
bool names_attachments(View clear);
Bytes encode_references(std::span<const Reference> references);
// invalid "entry.attachments" on anything that does not follow the format or its limits.
Result<std::vector<Reference>> decode_references(View clear);

// How many chunks make `sealed` bytes, and how long each is. 0 when no file has that size.
std::uint32_t chunk_count(std::uint64_t sealed);
std::size_t chunk_bytes(std::uint64_t sealed, std::uint32_t index);

Digest chunk_id(View sealed_chunk);
// `ids`: 32 bytes each, in order.
Digest root_of(std::uint64_t sealed, View ids);

}  // namespace satchel::blob
