// SPDX-License-Identifier: AGPL-3.0-or-later
// Codes of a hub that a caller acts upon, besides telling them (wire.md, 'A round').
#pragma once

namespace satchel::session {

// Goodbyes. It is worth coming again: to another hub, or to hand in what there is.
inline constexpr const char* kGoingAway = "session.going-away";
inline constexpr const char* kAccessEnded = "session.access-ended";  // it just lost every right
inline constexpr const char* kBusy = "session.crowded";              // too many strangers at once
inline constexpr const char* kTurnedAway = "session.turned-away";    // it lied; the detail says for how many seconds

// Another session of the same node has begun, and it has too many.
inline constexpr const char* kSuperseded = "session.superseded";

// 'Not yet': the directory of whoever answers is behind the author's.
inline constexpr const char* kUnknownAuthor = "parcel.unknown-author";
inline constexpr const char* kIntakeLater = "intake.later";

inline constexpr const char* kBlobAgain = "blob.again";  // a chunk that did not become what its name says

}  // namespace satchel::session
