// SPDX-License-Identifier: AGPL-3.0-or-later
// Every bound of attachments in one place, with its reason: of the format, and so here. What a peer on a line may cost
// is in schema/wire/limits.h. Sizes in bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "schema/base/time.h"
#include "sync/seal/seal.h"

namespace satchel::blob {

// Sealed, with the store's page header, exactly 64 pages of 4 KiB; four minutes of the slowest line a hub tolerates.
inline constexpr std::size_t kChunkPlainBytes = 262'080;
inline constexpr std::size_t kChunkSealedBytes = kChunkPlainBytes + kSealOverhead;
inline constexpr std::uint64_t kFileBytesMax = 1ull << 30;  // so that the list of chunks fits a frame and a value
inline constexpr std::uint32_t kChunksMax =
    static_cast<std::uint32_t>((kFileBytesMax + kChunkPlainBytes - 1) / kChunkPlainBytes);
inline constexpr std::uint64_t kSealedBytesMax = kFileBytesMax + kChunksMax * kSealOverhead;
inline constexpr std::size_t kReferencesMax = 16;   // files one entry adds
inline constexpr std::size_t kNameBytesMax = 255;   // as file systems have it
inline constexpr std::size_t kMediaBytesMax = 127;  // RFC 6838
inline constexpr std::size_t kPerRecordMax = 256;   // shown on one card

// What a hub stores. A chunk is only taken when a signed entry names it, so these bind people, not strangers.
inline constexpr std::uint64_t kArchiveBytesMax = 16ull << 30;  // 80 of the 200 MB a long video takes
inline constexpr std::uint64_t kAuthorBytesMax = 128ull << 30;  // all that one device ever attached

// Of a file being cut: its chunks are dropped when it was left unfinished this long ago.
inline constexpr Millis kCutForgottenAfter{24 * 60 * 60 * 1000};
inline constexpr std::size_t kCommitBytes =
    4 * 1024 * 1024;  // chunks a commit: bounds memory and the turn at the store

}  // namespace satchel::blob
