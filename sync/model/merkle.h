// SPDX-License-Identifier: AGPL-3.0-or-later
// Merkle tree over the chain ends of a batch (shape of RFC 6962: the left part is the largest power of two below n).
// One proof serves any set of leaves: a receiver that knows them all needs none, one that knows a single leaf needs
// log n hashes. Leaves and inner nodes are hashed under different labels.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "schema/base/result.h"
#include "sync/seal/seal.h"

namespace satchel {

inline constexpr std::size_t kLeavesMax = 1024;

// `ends` are header hashes of chain ends, in the batch's order; at least one.
Digest merkle_root(std::span<const Digest> ends);
// The hashes a receiver needs beside the leaves at `known` (ascending indices).
std::vector<Digest> merkle_proof(std::span<const Digest> ends, std::span<const std::uint32_t> known);

struct KnownLeaf {
  std::uint32_t index = 0;
  Digest end;
};
// The root that `known` (ascending) and `proof` lead to; invalid "merkle.proof" when they do not fit together.
Result<Digest> merkle_root_from(std::size_t leaves, std::span<const KnownLeaf> known, std::span<const Digest> proof);

// What a node knows of one batch's tree: chain ends it has received, and the hashes of the parts it has not. Grows
// with every part of the batch that arrives; proves any set of ends it knows to whoever asks next.
class PartialTree {
 public:
  PartialTree() = default;
  explicit PartialTree(std::size_t leaves) : leaves_(leaves) {}
  static PartialTree full(std::span<const Digest> ends);
  // Adds leaves and proof hashes; invalid "merkle.proof" when they do not lead to `root`.
  Result<void> absorb(const Digest& root, std::span<const KnownLeaf> known, std::span<const Digest> proof);
  std::size_t leaves() const { return leaves_; }
  const std::map<std::uint32_t, Digest>& ends() const { return ends_; }
  // `known` ascending, all of them among ends().
  std::vector<Digest> prove(std::span<const std::uint32_t> known) const;
  Bytes encode() const;
  static Result<PartialTree> decode(View bytes);

 private:
  Digest hash_of(std::size_t first, std::size_t count) const;
  void prove(std::size_t first, std::size_t count, std::span<const std::uint32_t> known,
             std::vector<Digest>& proof) const;

  std::size_t leaves_ = 0;
  std::map<std::uint32_t, Digest> ends_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Digest>
      parts_;  // (first, count) -> hash of a part without known ends
};

}  // namespace satchel
