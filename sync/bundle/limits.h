// SPDX-License-Identifier: AGPL-3.0-or-later
// Every bound of a bundle in one place, with its reason: of the format, and so here. What a peer on a line may cost is
// in schema/wire/limits.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "schema/wire/limits.h"

namespace satchel::bundle {

inline constexpr std::uint64_t kPartBytesMin = 2 * 1024 * 1024;  // the largest frame and a header must fit
inline constexpr std::size_t kPartsMax = 9999;                   // names of files stay sortable
inline constexpr std::size_t kChunkBytes = 512 * 1024;           // records gathered before they are sealed and written:
                                                                 // what one import transaction takes
inline constexpr std::size_t kChunkBytesMax = kChunkBytes + kFrameBytesMax + 1024;  // with the record that filled it
inline constexpr std::size_t kHeaderBytesMax = 64 * 1024;
inline constexpr std::size_t kRecipientsMax = 256;       // devices of one person
inline constexpr std::size_t kPageArchives = 512;        // archives looked at in one read transaction
inline constexpr std::size_t kOutcomesMax = 4096;        // refusals and owed batches told in one acknowledgement
inline constexpr std::size_t kBundlesTold = 64;          // bundles of one sender acknowledged in one bundle back
inline constexpr std::size_t kBlobsTold = 4096;          // attachments told of or brought on demand in one bundle
inline constexpr std::size_t kBatchesLookedAt = 20'000;  // newest, when stamps for a person's devices are gathered
inline constexpr std::size_t kWaitingBytesMax = 64 * 1024 * 1024;  // of a directory that must be taken in one go

}  // namespace satchel::bundle
