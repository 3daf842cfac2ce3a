// SPDX-License-Identifier: AGPL-3.0-or-later
// Every bound of the directory in one place, with unit and reason: of the format, and so here; what a peer on a line
// may cost is in schema/wire/limits.h. A decoder refuses what is above its bound before it allocates; raising one later
// is compatible, lowering one is not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace satchel {

inline constexpr std::size_t kStatementBytesMax = 256 * 1024;  // a template pack; four of them fit one frame
inline constexpr std::size_t kBulkStatementBytesMax =
    96 * 1024;  // audience keys, verdicts, archives named one by one: lists
inline constexpr std::size_t kPlainStatementBytesMax = 8 * 1024;  // everything else
inline constexpr std::size_t kCountersignaturesMax = 8;           // a statement needs one
inline constexpr std::size_t kEnvelopeBytesMax = kStatementBytesMax + 1024;

inline constexpr std::size_t kNameBytesMax = 128;     // people, branches, devices, the organisation
inline constexpr std::size_t kCodeBytesMax = 32;      // a branch's short code, part of archive numbers
inline constexpr std::size_t kAddressBytesMax = 128;  // host:port
inline constexpr std::size_t kReasonBytesMax = 1024;
inline constexpr std::size_t kFunctionsMax = 16;
inline constexpr std::size_t kDeputiesMax = 8;
inline constexpr std::size_t kOwnersMax = 64;
inline constexpr std::size_t kVerdictRangesMax = 1024;
inline constexpr std::size_t kSealedTextBytesMax = kReasonBytesMax + 64;
inline constexpr std::size_t kBoxedTextBytesMax = 4096;  // of a request for access: what, and what for
inline constexpr std::size_t kBoxedTextPad = 256;        // so that its size tells little
inline constexpr std::size_t kArchivesNamedMax = 4096;   // one handover's exceptions, one destruction list
inline constexpr std::size_t kAudienceBoxesMax = 512;    // the rest of a large audience follows as audience_box
inline constexpr std::size_t kBoxBytesMax = 256;         // a boxed 32-byte secret is 104
inline constexpr std::size_t kPackIdBytesMax = 64;
inline constexpr std::size_t kPublishedPackBytesMax = 240 * 1024;
inline constexpr std::size_t kTestGroupMax = 256;
inline constexpr std::size_t kPolicyKeyBytesMax = 64;
inline constexpr std::size_t kPolicyValueBytesMax = 4096;

inline constexpr std::uint32_t kNumbersPerLease = 200;          // months of new customers for one person
inline constexpr std::uint32_t kNumbersWantedMax = 10'000;      // a bulk import
inline constexpr std::uint64_t kNumberMax = 1'000'000'000'000;  // twelve digits stay readable
inline constexpr std::uint32_t kFirstIncarnation = 1;           // of every node

// An invitation lives no longer than this after it was ordered, whatever its author's clock said. The root's
// live longer: until the first administrator is there nobody could make another one.
inline constexpr std::chrono::hours kTokenLifeMax{24};
inline constexpr std::chrono::hours kRootTokenLifeMax{24 * 30};

// Hub time is remembered this finely, to say where in the log a grant's time was over.
inline constexpr std::chrono::hours kTimeMarkEvery{1};
inline constexpr std::size_t kMergeDepthMax = 16;  // archives shown within one another

// A request for access that nobody answered is over after this long, and one person has no more open than that: whoever
// is asked must be able to read them all.
inline constexpr std::chrono::hours kRequestLife{24 * 30};
inline constexpr std::size_t kOpenRequestsMax = 32;

inline constexpr std::size_t kFormerRecordsMax = 1024;  // of an order that headquarters lost: weeks of statements
inline constexpr std::size_t kGoneByMax = 16;  // statements a receipt names: as many may dismiss one person at once

inline constexpr std::size_t kUpkeepTasksMax = 1024;  // one round's worth; the next round goes on

}  // namespace satchel
