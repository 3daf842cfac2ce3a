// SPDX-License-Identifier: AGPL-3.0-or-later
// Parcels: part or all of one batch on its way, with what proves it (wire.md, 'Parcel'). Pushing, pulling, relaying
// and bundles all use the same two steps: build_parcel() from the store, verify_parcel() on arrival. Verification is
// pure: it recomputes every header and body hash, the Merkle root and the signatures, and touches no store;
// what it returns borrows from the received frame.
#pragma once

#include <functional>

#include "sync/node/batches.h"
#include "sync/wire/frame.h"

namespace satchel::node {

// The signing key of a node, or null when the directory does not know it (or not as a hub, for stamps).
using KeyLookup = std::function<const SignPublic*(const NodeId&)>;

// An entry's clear part, with what its header says.
struct SeenOpening {
  Opening opening;
  Position seen;  // what the author knew of the directory
  std::uint64_t seq = 0;
};

struct VerifiedSegment {
  ArchiveId archive;
  std::uint64_t first_seq = 0;
  Digest previous;
  std::vector<NewEntry> entries;
  std::vector<SeenOpening> openings;  // of the entries that have a clear part, in order
};

struct VerifiedWrap {
  Wrap wrap;
  View bytes;
  Digest hash;
};

struct VerifiedParcel {
  Batch batch;
  SignedBytes signed_bytes;
  Digest id;
  std::vector<VerifiedSegment> segments;
  std::vector<KnownLeaf> leaves;  // ascending
  std::vector<Digest> proof;
  std::vector<StoredStamp> stamps;
  bool strange_stamps = false;  // by hubs our directory does not know: left out
  std::vector<VerifiedWrap> wraps;
};

// integrity "parcel.*" names what does not hold (drop the peer); not_found "parcel.unknown-author" when the
// directory must catch up first. Stamps of unknown hubs and unsigned or badly signed wraps are left out.
Result<VerifiedParcel> verify_parcel(const wire::Parcel& parcel, const KeyLookup& author_key, const KeyLookup& hub_key);
// Wraps that travel alone. Those committed in an opening need no signature; the caller compares.
std::vector<VerifiedWrap> verify_wraps(std::span<const View> wraps, const KeyLookup& key);

// Entries of one batch to be sent, per chain in seq order and up to that chain's end in the batch.
struct BatchPart {
  BatchNo batch = 0;
  std::vector<Ordinal> ordinals;
};

// What `theirs` lacks of the archive, by batch. Own entries not yet in a batch are left out. `ahead` tells whether they
// have entries of some chain that we lack.
struct Difference {
  std::vector<BatchPart> parts;
  bool ahead = false;
};
Result<Difference> difference(const ReadTxn& txn, ArchiveNo archive, std::span<const ChainHead> theirs);

// Joins parts of the same batch.
std::vector<BatchPart> by_batch(std::vector<BatchPart> parts);

// One encoded frame, at most kFrameBytesMax. `with_wraps` adds the wraps of archives the parcel opens.
Result<Bytes> build_parcel(const ReadTxn& txn, const BatchPart& part, std::uint32_t number, bool with_wraps);

}  // namespace satchel::node
