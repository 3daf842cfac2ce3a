// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/seen_heads.h"

#include <algorithm>
#include <set>

namespace satchel::node {

void SeenHeads::entry(ArchiveNo archive, const Header& header) {
  auto& hashes = chains_[{archive, header.chain}].hashes;
  const Digest hash = header_hash(header.encode());
  Front front{};
  std::copy_n(hash.bytes.begin(), front.size(), front.begin());
  hashes.push_back(front);
}

void SeenHeads::claims(ArchiveNo archive, std::span<const Seen> seen) {
  for (const auto& s : seen) {
    auto& claims = chains_[{archive, s.chain}].claims;
    const Claim claim{s.seq, s.hash};
    // Most say the same of one head.
    if (claims.empty() || claims.back() != claim) claims.push_back(claim);
  }
}

SeenHeads::Against SeenHeads::against() const {
  Against out;
  for (const auto& [key, chain] : chains_) {
    std::uint64_t furthest = chain.hashes.size();
    std::set<std::uint64_t> otherwise;
    for (const auto& claim : chain.claims) {
      furthest = std::max(furthest, claim.seq);
      const bool here = claim.seq > 0 && claim.seq <= chain.hashes.size();
      if (here && chain.hashes[claim.seq - 1] != claim.hash) otherwise.insert(claim.seq);
    }
    out.missing += furthest - chain.hashes.size();
    out.otherwise += otherwise.size();
  }
  return out;
}

}  // namespace satchel::node
