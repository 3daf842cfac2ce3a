// SPDX-License-Identifier: AGPL-3.0-or-later
// Every bound and delay of a hub, in one place, with unit and reason. What one connection may cost is bounded in
// sync/link/limits.h and sync/session/limits.h.
#pragma once

#include <cstddef>

#include "schema/base/time.h"

namespace satchel::hub {

// ---- the commit queue ----
inline constexpr std::size_t kQueueBytesMax =
    128 * 1024 * 1024;                                // frames waiting to be committed, over all sessions:
                                                      // beyond it pushers are told 'hub.busy' and come again
inline constexpr std::size_t kQueueJobsMax = 65'536;  // the same for many small ones
inline constexpr std::size_t kGroupBytesMax =
    16 * 1024 * 1024;  // of one commit: more gains nothing and delays the answers
inline constexpr std::size_t kGroupJobsMax = 1024;

// ---- stopping: within the 30 s a service manager allows ----
inline constexpr Millis kLeaveMax{20'000};  // for sessions to take their answers and the farewell
inline constexpr Millis kCutMax{3'000};     // for connections to end after that

// ---- the link upward ----
inline constexpr Millis kExchangeNoteEvery{30'000};  // how often the time of the last exchange is written down

// ---- joining ----
inline constexpr Millis kJoinMax{120'000};  // a directory of years and a branch's archives over a slow line

}  // namespace satchel::hub
