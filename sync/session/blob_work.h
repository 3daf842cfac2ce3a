// SPDX-License-Identifier: AGPL-3.0-or-later
// What an Initiator keeps of the attachments it moves (initiator_blobs.cpp, initiator_fetch.cpp). Plain values: a chunk
// at most of each is in memory, and of the one that is fetched what one commit takes.
#pragma once

#include <deque>
#include <set>

#include "sync/blob/shelf.h"
#include "sync/wire/frame.h"

namespace satchel::session {

inline std::unexpected<Error> lie(const char* code, const wire::BlobName& name) {
  return fail(ErrorKind::integrity, code, name.root.hex());
}

// One that is being pushed.
struct BlobSending {
  blob::Due due;
  wire::BlobName name;
  blob::Row row;
  Bytes held;  // bits of what the hub has
  bool list = false;
  std::uint32_t part_index = 0;
  std::size_t part_bytes = 0;  // of the chunk that was begun, there
  std::uint32_t index = 0;     // to be looked at next
  std::optional<std::uint32_t> current;
  std::size_t offset = 0;  // of it that was sent
  std::deque<std::uint32_t> again;
  std::set<std::uint32_t> awaited;
  bool sent = false;
};

// One that is being fetched.
struct BlobFetching {
  wire::BlobName name;
  blob::Name key;
  blob::Row row;
  Bytes ids;  // empty: asked for
  std::uint32_t next = 0;
  std::deque<std::uint32_t> expected;
  Bytes bytes;                                          // of the chunk expected first
  bool resumed = false;                                 // its beginning is from an earlier session, and unchecked
  std::vector<std::pair<std::uint32_t, Bytes>> chunks;  // to be stored
  std::size_t chunk_bytes = 0;
};

}  // namespace satchel::session
