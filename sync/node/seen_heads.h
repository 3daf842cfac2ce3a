// SPDX-License-Identifier: AGPL-3.0-or-later
// What authors say that they had seen of an archive when they wrote, against what is here. Every entry carries the
// heads its author had (change.h, Seen), sealed, out of every hub's sight: so a hub that shows two readers two
// histories of one chain, or one of them less, is contradicted by what others write. Fed with a whole log in its order.
#pragma once

#include <map>

#include "sync/model/change.h"
#include "sync/node/log.h"

namespace satchel::node {

class SeenHeads {
 public:
  // An entry of the log, opened or not.
  void entry(ArchiveNo archive, const Header& header);
  // What the author of an entry of that archive had seen.
  void claims(ArchiveNo archive, std::span<const Seen> seen);

  struct Against {
    std::uint64_t missing = 0;    // entries others had seen, which were never shown here
    std::uint64_t otherwise = 0;  // entries that are others here than they saw
  };
  Against against() const;

 private:
  using Front = std::array<Byte, 8>;
  struct Claim {
    std::uint64_t seq = 0;
    Front hash{};
    auto operator<=>(const Claim&) const = default;
  };
  struct Chain {
    std::vector<Front> hashes;  // by seq, from 1
    std::vector<Claim> claims;
  };
  std::map<std::pair<ArchiveNo, ChainId>, Chain> chains_;
};

}  // namespace satchel::node
