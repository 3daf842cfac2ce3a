// SPDX-License-Identifier: AGPL-3.0-or-later
// What one peer may cost another, in one place: every size, number, rate and time a node grants to whoever is at the
// other end of a line, with unit and reason, from the first packet to the farewell of a hub that stops. Each is
// enforced in the room its part names, and has a test there or in tests/conformance/malicious.
// Not here: what one signed thing may hold, which is part of its format (sync/directory/limits.h, sync/bundle/limits.h,
// sync/blob/limits.h, lists of sync/wire/frame.h) and binds whoever signs it, not whoever calls.
// Limits carries those that concern connections into Listener, Dialer, Connection and a hub's sessions, so that tests
// can shorten what would make them wait.
#pragma once

#include <cstddef>
#include <cstdint>

#include "schema/base/time.h"

namespace satchel {

// ---- frames (sync/wire, sync/link): checked from the length prefix before anything is allocated ----
inline constexpr std::size_t kFrameBytesMax = 1024 * 1024;  // bounds what one peer can make us hold
inline constexpr std::size_t kHelloBytesMax = 4 * 1024;     // before the peer is known, nothing large is read
inline constexpr std::uint64_t kTraversalFactor = 8;        // words a reader may follow, times the frame's own: a frame
                                                            // of 48 bytes can otherwise unfold to 8 million structs
inline constexpr int kNestingMax = 16;                      // ours nest 5 deep; the reader recurses

// ---- before a peer is known (sync/link) ----
inline constexpr Millis kConnectMax{10'000};    // TCP connect and name look-up; beyond it the hub is unreachable
inline constexpr Millis kHandshakeMax{10'000};  // three flights fit a bad mobile link; no slowloris holds a slot longer
inline constexpr Millis kHelloMax{5'000};    // first frame from whoever dialled: it has it ready when the channel is up
inline constexpr Millis kAnswerMax{20'000};  // first frame from whoever was dialled: a hub just restarted has a queue
inline constexpr std::size_t kPendingPerAddressMax = 20;  // channels of one address (IPv6: /64) before their hello
inline constexpr std::size_t kPendingMax = 512;           // the same in all; beyond it nothing is accepted
inline constexpr std::size_t kParkedMax = 1024;           // accepted sockets that wait for a slot of their address: an
                                                          // office behind one address comes back at once after a
                                                          // restart; costs a descriptor each
inline constexpr std::size_t kConnectionsMax = 16'384;    // a quarter of the service's descriptors (LimitNOFILE 65536)
// Who fails before it is known counts against its address; above the limit the address gets kSuspectPendingMax channels
// instead of kPendingPerAddressMax, so that an office behind it still gets in, one after the other.
inline constexpr unsigned kStrikesMax = 64;            // a hub's restart in a bad network, and half as many again
inline constexpr Millis kStrikeForgivenAfter{10'000};  // one each
inline constexpr std::size_t kSuspectPendingMax = 2;   // handshakes cost 0.16 ms each, bad hellos 0.04
inline constexpr std::size_t kSuspectsKept = 16'384;   // addresses remembered; when all are new, all are forgotten
inline constexpr Millis kAcceptPauseMin{50};           // after 'too many open files', doubled up to the next one
inline constexpr Millis kAcceptPauseMax{1'000};

// ---- while the line is up (sync/link) ----
inline constexpr Millis kIdleMax{120'000};       // nothing at all received; sessions ping well inside it
inline constexpr Millis kFrameGrace{10'000};     // for a frame to be whole, besides its size at the floor
inline constexpr std::size_t kRateFloor = 1024;  // bytes a second, either direction, while something is under way
inline constexpr Millis kRateWindow{60'000};     // over which a reader's rate is judged: longer than a tunnel or a lift
inline constexpr std::size_t kWriteQueueBytesMax = 4 * 1024 * 1024;  // beyond it nothing is read and no output taken
inline constexpr std::size_t kReadTurnBytes = 256 * 1024;    // before others get their turn: about 0.2 ms of one core
inline constexpr std::size_t kWriteTurnBytes = 1024 * 1024;  // about 0.8 ms of one core
inline constexpr std::size_t kGatherBytes = 128 * 1024;      // frames joined into one write: eight full TLS records
inline constexpr std::size_t kNotSentLowat = 256 * 1024;     // unsent bytes in the kernel: keeps live news from
                                                             // queueing behind megabytes of history
inline constexpr Millis kCloseMax{2'000};                    // for the farewell to be answered; some peers never do

// ---- calling again (sync/link) ----
inline constexpr Millis kBackoffFirst{1'000};   // jittered, doubled at each failure
inline constexpr Millis kBackoffMost{300'000};  // a branch is back at most five minutes after its line

// ---- a session (sync/session) ----
inline constexpr std::uint32_t kWindowBytes = 4 * 1024 * 1024;  // parcels a pusher may have unanswered: keeps a fast
                                                                // link busy
inline constexpr std::size_t kBacklogBytes = 2 * 1024 * 1024;   // beyond this a server waits for a slow reader
inline constexpr std::size_t kTurnBytes =
    256 * 1024;                                       // parcels made before the transport gets them: it sends meanwhile
inline constexpr std::size_t kStatementsPerRun = 64;  // archive-scope statements repeated beside a page
inline constexpr std::size_t kOrderBytesMax = 64 * 1024 * 1024;  // of the order that a caller gives back to a restored
                                                                 // headquarters: years of statements
inline constexpr std::size_t kPagesInFlight = 4;                 // feed pages a follower has not finished
inline constexpr std::size_t kStoreBytes = 2 * 1024 * 1024;      // parcels a puller gathers into one durable commit
inline constexpr std::size_t kRangeFramesMax = 65'536;  // of one session's reconciliation: 100 million archives
inline constexpr std::size_t kRangeSetsMax = 16;        // how often a session may have what it follows gathered
inline constexpr std::size_t kPromisesBrokenMax = 6;  // pages whose promised heads did not come: then the hub withholds
inline constexpr std::size_t kAcksPerCommit = 16;     // answers a pusher gathers into one durable commit
inline constexpr std::size_t kFramesWithoutNewsMax = 16'384;  // of a hub that talks on and says nothing: pages of eight
                                                              // million archives that are all here already
inline constexpr std::size_t kRoundsMax = 8;                  // rounds one sync may take before it says 'later'
inline constexpr Millis kOwedAgainAfter{600'000};             // live: what a hub left for later is offered again
inline constexpr Millis kPingAfter{45'000};                   // keeps a live connection through idle limits and NAT
inline constexpr Millis kAnswerWithin{60'000};                // no frame at all while we wait for one: the peer is gone

// ---- who is let in, and how often (sync/session, server/hub) ----
// A stranger has keys but is no node of the directory: all it may do is to enrol.
inline constexpr std::size_t kStrangerFrameBytesMax = 16 * 1024;  // an enrolment is about 1 KiB
inline constexpr std::size_t kStrangersMax = 128;                 // sessions at once; a company enrols one by one
inline constexpr Millis kStrangerLifeMax{60'000};                 // for it to hand in its enrolment
inline constexpr std::size_t kSessionsPerNodeMax = 4;  // a phone that changed networks leaves some half open; beyond it
                                                       // the oldest ends
// What a hub without headquarters keeps on the way up. Its author keeps it too, and comes again.
inline constexpr std::size_t kKeptPerAuthorMax = 512;          // statements: a branch's customers given away one by one
inline constexpr std::size_t kKeptOfStrangersMax = 64;         // of all that the directory does not know
inline constexpr std::size_t kKeptBytesMax = 8 * 1024 * 1024;  // of one author: packs are large
// What a hub hands down before it is ordered and this node obeys: each was signed by somebody who may say so and takes
// something from this node, so that only its own archives, taken one by one, come to as many.
inline constexpr std::size_t kHandedDownMax = 512;
// What headquarters gives a place in a day, which everybody keeps for good, of one node that is neither a hub nor of
// who decides. Beyond it waits for the next day.
inline constexpr std::uint32_t kSaidPerDayMax = 1024;  // a device's own and the keys it hands to new ones
inline constexpr std::size_t kSaidBytesPerDayMax = 16 * 1024 * 1024;
// Penalties. A lie (a frame or a signature nobody honest sends) costs points; above the limit a node is turned away
// until enough are forgiven. What a node has to hand in is late then, never lost. Unknown peers cost their address.
inline constexpr unsigned kLiePoints = 1;
inline constexpr unsigned kForgeryPoints = 4;           // a false signature, stamp, hash: no defect makes one
inline constexpr unsigned kPenaltyMax = 8;              // so two forgeries are still heard, or eight garbled frames
inline constexpr unsigned kPenaltyMost = 68;            // more is not counted: turned away for an hour at most
inline constexpr Millis kPenaltyForgivenAfter{60'000};  // a point each
inline constexpr std::size_t kPenaltiesKept = 16'384;   // nodes; only those of the directory are written down

// ---- attachments, which go when text has gone (sync/session) ----
inline constexpr std::size_t kBlobPieceBytes = 32 * 1024;     // of a chunk at a time: what a cut line costs at most
inline constexpr std::size_t kBlobBacklogBytes = 128 * 1024;  // no piece is made while as much waits to be sent: new
                                                              // text waits for no more than this
inline constexpr std::size_t kBlobWindowChunks = 8;  // sent and not answered, or asked for and not come: about 2 MiB
inline constexpr std::size_t kBlobWantsMax = 64;     // of one caller, each of at most kBlobWindowChunks
inline constexpr Millis kBlobAnswerWithin{600'000};  // nothing of them moved: longer than a window and the kernel's
                                                     // buffers take on the slowest line
inline constexpr std::size_t kBlobQueueMax = 4096;   // attachments looked at in one turn

// ---- a hub's one writer (server/hub) ----
// One session's share of what waits: its window, a frame more, and a window of chunks. Beyond it, or while the queue is
// full, the session is not read; it is never told to come again.
inline constexpr std::size_t kUnansweredBytesMax = kWindowBytes + kFrameBytesMax + 3 * 1024 * 1024;
// Turns at the queue: each session's jobs go in up to this many bytes before the next one's, a branch hub's (with a
// branch behind it) kHubWeight times as many. It binds only while others wait.
inline constexpr std::size_t kTurnAtQueueBytes = 256 * 1024;
inline constexpr std::size_t kHubWeight = 8;
inline constexpr std::size_t kQueueBytesMax = 128 * 1024 * 1024;  // frames waiting to be committed, over all sessions
inline constexpr std::size_t kQueueJobsMax = 65'536;              // the same for many small ones
inline constexpr std::size_t kGroupBytesMax = 16 * 1024 * 1024;  // of one commit: more gains nothing and delays answers
inline constexpr std::size_t kGroupJobsMax = 1024;
inline constexpr Millis kExchangeNoteEvery{30'000};  // how often the time of the last exchange upward is written down
inline constexpr Millis kJoinMax{120'000};  // a new branch hub: a directory of years and its archives over a slow line

// ---- a hub that stops (server/hub): no more callers; answers and the farewell; what waits is committed; the end ----
inline constexpr Millis kWatchdog{30'000};  // the service manager starts a hub anew that is silent for as long
inline constexpr Millis kStopMax{30'000};   // what a service manager allows (TimeoutStopSec)
inline constexpr Millis kLeaveMax{20'000};  // for sessions to take their answers and the farewell
inline constexpr Millis kCutMax{3'000};     // for connections to end after that

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
  std::size_t strangers = kStrangersMax;
  std::size_t sessions_per_node = kSessionsPerNodeMax;
};

}  // namespace satchel
