// SPDX-License-Identifier: AGPL-3.0-or-later
// Batch: what a node signs when it pushes (wire.md, 'Batch'): one Merkle root over the ends of all chains the push
// extends, so that a signature costs per push and not per visit. Stamp: what the hub that takes a batch signs in turn:
// when, knowing which directory position and which restrictions not yet ordered. Both travel as the exact bytes
// that were signed and are never re-encoded.
#pragma once

#include <vector>

#include "schema/base/time.h"
#include "sync/model/entry.h"
#include "sync/model/merkle.h"

namespace satchel {

inline constexpr std::size_t kBatchEntriesMax = 1024;
inline constexpr std::size_t kBatchBytesMax = 512 * 1024;  // of bodies and clear parts: a batch always fits one frame
inline constexpr std::size_t kEntryFrameBytes = 224;  // of each entry beside its own bytes: segment, item, proof share

struct Batch {
  ChainId author;
  std::uint64_t number = 0;  // counts the author's batches from 1
  Position directory;
  WallTime claimed;
  MonoTime mono;
  std::uint32_t entries = 0;
  std::uint32_t leaves = 0;
  Digest root;
  bool operator==(const Batch&) const = default;

  Bytes encode() const;
  // invalid "batch.broken".
  static Result<Batch> decode(View bytes);
};

struct SignedBytes {
  Bytes bytes;
  Signature signature;
  bool operator==(const SignedBytes&) const = default;
};

Digest batch_id(View batch_bytes);
SignedBytes sign_batch(const Batch& batch, const SignKeys& keys);
bool verify_batch(const SignedBytes& batch, const SignPublic& pub);

struct Stamp {
  Digest batch;
  ChainId hub;
  WallTime time;
  Position directory;
  std::vector<Digest> restrictions;  // statements the hub obeyed though HQ had not yet ordered them
  bool whole = false;                // every entry of the batch was at the hub when it signed this
  bool operator==(const Stamp&) const = default;

  Bytes encode() const;
  // invalid "stamp.broken".
  static Result<Stamp> decode(View bytes);
};
inline constexpr std::size_t kRestrictionsMax = 256;

SignedBytes sign_stamp(const Stamp& stamp, const SignKeys& keys);
bool verify_stamp(const SignedBytes& stamp, const SignPublic& pub);

}  // namespace satchel
