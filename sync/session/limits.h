// SPDX-License-Identifier: AGPL-3.0-or-later
// Every bound of a session in one place, with its reason.
#pragma once

#include <cstddef>

#include "schema/base/time.h"

namespace satchel::session {

// The code of a hub's goodbye to a node that just lost every right: it may come again to hand in its work.
inline constexpr const char* kAccessEnded = "session.access-ended";

inline constexpr std::uint32_t kWindowBytes =
    4 * 1024 * 1024;  // parcels a pusher may have unanswered: keeps a fast link busy
inline constexpr std::size_t kBacklogBytes = 2 * 1024 * 1024;  // beyond this a server waits for a slow reader
inline constexpr std::size_t kTurnBytes =
    256 * 1024;                                       // parcels made before the transport gets them: it sends meanwhile
inline constexpr std::size_t kStatementsPerRun = 64;  // archive-scope statements repeated beside a page
inline constexpr std::size_t kOrderBytesMax =
    64 * 1024 * 1024;  // of the order that a caller gives back to a restored headquarters: years of statements
inline constexpr std::size_t kPagesInFlight = 4;             // feed pages a follower has not finished
inline constexpr std::size_t kStoreBytes = 2 * 1024 * 1024;  // parcels a puller gathers into one durable commit
inline constexpr std::size_t kRangeFramesMax = 65'536;       // of one session's reconciliation: 100 million archives
inline constexpr std::size_t kRangeSetsMax = 16;             // how often a session may have what it follows gathered
inline constexpr std::size_t kPromisesBrokenMax = 6;  // pages whose promised heads did not come: then the hub withholds
inline constexpr std::size_t kAcksPerCommit = 16;     // answers a pusher gathers into one durable commit
inline constexpr std::size_t kRoundsMax = 8;          // rounds one sync may take before it says 'later'
inline constexpr Millis kOwedAgainAfter{600'000};     // live: what a hub left for later is offered again
inline constexpr Millis kPingAfter{45'000};           // keeps a live connection through idle limits and NAT
inline constexpr Millis kAnswerWithin{60'000};        // no frame at all while we wait for one: the peer is gone

// ---- attachments, which go when text has gone ----
inline constexpr std::size_t kBlobPieceBytes = 32 * 1024;  // of a chunk at a time: what a cut line costs at most
inline constexpr std::size_t kBlobBacklogBytes =
    128 * 1024;  // no piece is made while as much waits to be sent: new text waits for no more than this
inline constexpr std::size_t kBlobWindowChunks = 8;  // sent and not answered, or asked for and not come: about 2 MiB
inline constexpr std::size_t kBlobWantsMax = 64;     // of one caller, each of at most kBlobWindowChunks
inline constexpr Millis kBlobAnswerWithin{
    600'000};  // nothing of them moved: longer than a window and the kernel's buffers take on the slowest line
inline constexpr std::size_t kBlobQueueMax = 4096;  // attachments looked at in one turn

// Answers that mean 'not yet': the directory of whoever answers is behind the author's (wire.md, 'A round').
inline constexpr const char* kUnknownAuthor = "parcel.unknown-author";
inline constexpr const char* kBlobAgain = "blob.again";  // a chunk that did not become what its name says
inline constexpr const char* kIntakeLater = "intake.later";

}  // namespace satchel::session
