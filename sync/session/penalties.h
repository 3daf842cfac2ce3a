// SPDX-License-Identifier: AGPL-3.0-or-later
// Penalties: points against peers that lie or waste, forgiven at a steady rate. A bounded book: what is forgiven is
// dropped, and when everything in it is fresh it is emptied, so that a crowd of liars costs no more than its size.
// Pure: the time goes in.
#pragma once

#include <algorithm>
#include <unordered_map>

#include "schema/base/time.h"

namespace satchel {

struct PenaltyRule {
  unsigned max = 0;       // points that are borne
  unsigned most = 0;      // points that are counted: who has so many is free again when most - max are forgiven
  Millis forgiven_after;  // a point each
  std::size_t kept = 0;   // peers remembered
};

template <class Key>
class Penalties {
 public:
  explicit Penalties(const PenaltyRule& rule) : rule_(rule) {}

  void add(const Key& peer, unsigned points, MonoTime now) {
    if (!clear_at_.contains(peer) && clear_at_.size() >= rule_.kept) make_room(now);
    MonoTime& clear = clear_at_[peer];
    clear = std::min(std::max(clear, now) + rule_.forgiven_after * points, now + rule_.forgiven_after * rule_.most);
  }
  // How long the peer is to be turned away; zero: not at all.
  Millis over(const Key& peer, MonoTime now) const {
    const auto found = clear_at_.find(peer);
    if (found == clear_at_.end()) return Millis{0};
    return std::max(Millis{found->second.ms - now.ms} - rule_.forgiven_after * rule_.max, Millis{0});
  }
  std::size_t size() const { return clear_at_.size(); }

 private:
  void make_room(MonoTime now) {
    std::erase_if(clear_at_, [&](const auto& entry) { return entry.second <= now; });
    if (clear_at_.size() >= rule_.kept) clear_at_.clear();
  }
  PenaltyRule rule_;
  std::unordered_map<Key, MonoTime> clear_at_;  // when all is forgiven
};

}  // namespace satchel
