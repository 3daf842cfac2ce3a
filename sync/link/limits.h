// SPDX-License-Identifier: AGPL-3.0-or-later
// Every limit and delay of the transport, in one place, with unit and reason. What one unknown or slow peer may
// cost is bounded here; what a known peer may ask for is the session's affair (sync/session).
// Limits carries them into Listener, Dialer and Connection, so that tests can shorten what would make them wait.
#pragma once

#include <cstddef>

#include "schema/base/time.h"

namespace satchel {

// ---- before a peer is known ----
inline constexpr Millis kConnectMax{10'000};  // TCP connect and name look-up; beyond it the hub counts as unreachable
inline constexpr Millis kHandshakeMax{
    10'000};                                 // three flights fit a bad mobile link; a slowloris holds a slot no longer
inline constexpr Millis kHelloMax{5'000};    // first frame from whoever dialled: it has it ready when the channel is up
inline constexpr Millis kAnswerMax{20'000};  // first frame from whoever was dialled: a hub just restarted has a queue
inline constexpr std::size_t kPendingPerAddressMax =
    20;                                          // channels of one address (IPv6: /64) before their first frame
inline constexpr std::size_t kPendingMax = 512;  // the same over all addresses; beyond it nothing is accepted
inline constexpr std::size_t kParkedMax =
    1024;  // accepted sockets that wait for a slot of their address: an office behind
           // one address comes back at once after a restart; costs a descriptor each
inline constexpr std::size_t kConnectionsMax = 16'384;  // a quarter of the service's descriptors (LimitNOFILE 65536)

// ---- while it runs ----
inline constexpr Millis kIdleMax{120'000};       // nothing at all received; sessions ping well inside it
inline constexpr Millis kFrameGrace{10'000};     // for a frame to be whole, besides its size at the floor
inline constexpr std::size_t kRateFloor = 1024;  // bytes a second, either direction, while something is under way
inline constexpr Millis kRateWindow{60'000};     // over which a reader's rate is judged: longer than a tunnel or a lift
inline constexpr std::size_t kWriteQueueBytesMax = 4 * 1024 * 1024;  // beyond it nothing is read and no output taken

// ---- at the end ----
inline constexpr Millis kCloseMax{2'000};     // for the farewell to be answered; some peers never do
inline constexpr Millis kAcceptPauseMin{50};  // after 'too many open files', doubled up to the next one
inline constexpr Millis kAcceptPauseMax{1'000};

// ---- turns: how much one connection does before others get theirs ----
inline constexpr std::size_t kReadTurnBytes = 256 * 1024;    // about 0.2 ms of one core
inline constexpr std::size_t kWriteTurnBytes = 1024 * 1024;  // about 0.8 ms of one core
inline constexpr std::size_t kGatherBytes = 128 * 1024;      // frames joined into one write: eight full TLS records
inline constexpr std::size_t kNotSentLowat = 256 * 1024;  // unsent bytes in the kernel: keeps live news from queueing
                                                          // behind megabytes of history

// ---- reconnecting ----
inline constexpr Millis kBackoffFirst{1'000};   // jittered, doubled at each failure
inline constexpr Millis kBackoffMost{300'000};  // a branch is back at most five minutes after its line

struct Limits {
  Millis connect = kConnectMax;
  Millis handshake = kHandshakeMax;
  Millis hello = kHelloMax;
  Millis answer = kAnswerMax;
  std::size_t pending_per_address = kPendingPerAddressMax;
  std::size_t pending = kPendingMax;
  std::size_t parked = kParkedMax;
  std::size_t connections = kConnectionsMax;
  Millis idle = kIdleMax;
  Millis frame_grace = kFrameGrace;
  std::size_t rate_floor = kRateFloor;
  Millis rate_window = kRateWindow;
  std::size_t write_queue_bytes = kWriteQueueBytesMax;
  Millis close = kCloseMax;
};

}  // namespace satchel
