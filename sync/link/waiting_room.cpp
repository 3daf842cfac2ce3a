// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/waiting_room.h"

#include "schema/base/result.h"

namespace satchel {

WaitingRoom::Verdict WaitingRoom::arrive(Caller& caller) {
  const auto known = origins_.find(caller.origin);
  const bool crowded = known != origins_.end() && known->second.pending >= limits_.pending_per_address;
  if (crowded && parked_ >= limits_.parked) return Verdict::refused;
  Origin& origin = origins_[caller.origin];
  if (crowded) {
    origin.parked.push_back(std::move(caller));
    ++parked_;
    return Verdict::parked;
  }
  ++origin.pending;
  ++pending_;
  return Verdict::start;
}

std::optional<Caller> WaitingRoom::leave(std::uint64_t address) {
  const auto found = origins_.find(address);
  SATCHEL_ASSERT(found != origins_.end() && found->second.pending > 0);
  Origin& origin = found->second;
  if (!origin.parked.empty()) {
    std::optional<Caller> next = std::move(origin.parked.front());
    origin.parked.pop_front();
    --parked_;
    return next;
  }
  --origin.pending;
  --pending_;
  if (origin.pending == 0) origins_.erase(found);
  return std::nullopt;
}

std::vector<Caller> WaitingRoom::empty_out() {
  std::vector<Caller> all;
  for (auto& [address, origin] : origins_) {
    for (Caller& caller : origin.parked) all.push_back(std::move(caller));
    origin.parked.clear();
  }
  parked_ = 0;
  return all;
}

}  // namespace satchel
