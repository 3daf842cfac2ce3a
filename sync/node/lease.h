// SPDX-License-Identifier: AGPL-3.0-or-later
// The lease on archive keys (docs/directory.md, policy `lease-days`): a device that has met no hub for so long lets go
// of its keys, so that one lost in a drawer opens nothing any more; the next contact brings them back. What it has
// written stays deliverable, and new visits can still be recorded: sealed for others, to be read here after the next
// contact. Time is counted forwards only, by the wall clock and, where that was turned back, by the monotonic one:
// turning a clock back gains nothing while the program runs. A modified program may keep its keys; nobody can hinder
// that.
#pragma once

#include <functional>

#include "sync/node/keyring.h"
#include "sync/node/replica.h"

namespace satchel::node {

inline constexpr std::string_view kPolicyLease = "lease-days";  // 1 to 3650; 0: no lease
inline constexpr std::uint32_t kLeaseDaysDefault = 30;
inline constexpr std::uint32_t kLeaseDaysMax = 3650;

struct Lease {
  Millis used{0};     // since the last contact
  Millis allowed{0};  // 0: no lease
  bool over = false;  // keys are gone until the next contact
  Millis left() const { return allowed > used ? allowed - used : Millis{0}; }
  // A third of the time before the end people are told.
  bool warns() const { return allowed.count() > 0 && !over && left() * 3 <= allowed; }
};

// As noted at the last count.
Result<Lease> lease_of(const ReadTxn& txn, const Directory& directory);
// Counts the time since the last count, and lets the keys go when it is over. To be called whenever a device is opened.
// `before_it_ends` is called while the keys still serve; what becomes of it changes nothing.
Result<Lease> count_lease(Replica& replica, Keyring& keyring, const std::function<void()>& before_it_ends = {});
// A hub was met and everything exchanged; `ahead`: the device's own clock against the hub's. Whether the lease had been
// over: then keys come with the next exchange.
Result<bool> renew_lease(Replica& replica, Millis ahead = {});
// Whether keys may not be used here now.
Result<bool> lease_over(const ReadTxn& txn);

}  // namespace satchel::node
