// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/waiting_room.h"

#include "schema/base/result.h"

namespace satchel {

std::size_t WaitingRoom::slots(std::uint64_t origin, MonoTime now) const {
  const bool suspect = strikes_.over(origin, now) > Millis{0};
  return suspect ? std::min(kSuspectPendingMax, limits_.pending_per_address) : limits_.pending_per_address;
}

WaitingRoom::Verdict WaitingRoom::arrive(Caller& caller, MonoTime now) {
  const auto known = origins_.find(caller.origin);
  const bool crowded = known != origins_.end() && known->second.pending >= slots(caller.origin, now);
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

std::optional<Caller> WaitingRoom::leave(std::uint64_t address, MonoTime now) {
  const auto found = origins_.find(address);
  SATCHEL_ASSERT(found != origins_.end() && found->second.pending > 0);
  Origin& origin = found->second;
  // One that became suspect has more than its slots at first, and hands none on.
  if (!origin.parked.empty() && origin.pending <= slots(address, now)) {
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
