// SPDX-License-Identifier: AGPL-3.0-or-later
// Every bound of backups in one place, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "schema/base/time.h"

namespace satchel::backup {

inline constexpr std::size_t kHeaderBytesMax = 4 * 1024;     // a vault's key file and a sealed key are 400
inline constexpr std::size_t kChunkBytes = 256 * 1024;       // of records sealed at once: what is in memory
inline constexpr std::size_t kRecordBytesMax = 1280 * 1024;  // a row of the store is at most 1 MiB and its key
inline constexpr std::size_t kFileBytesMax = 256 * 1024;     // of key files and configuration
inline constexpr std::size_t kFileNameBytesMax = 64;
inline constexpr std::size_t kLongValueBytes = 64 * 1024;   // as the store counts them
inline constexpr std::size_t kLoadBytes = 4 * 1024 * 1024;  // rows put back in one durable transaction

// How long a device's backup may be restored. As long as a device may keep its keys without meeting a hub: a copy in a
// drawer should open no more than the device itself would by then.
inline constexpr const char* kPolicyBackup = "backup-days";  // 1 to 3650; 0: they do not expire
inline constexpr std::uint32_t kBackupDaysDefault = 30;
inline constexpr std::uint32_t kBackupDaysMax = 3650;

inline constexpr std::size_t kNotedMax = 32;  // backups a node remembers, the newest
// `status` asks for a rehearsal when none was verified for so long.
inline constexpr std::chrono::hours kVerifyEvery{24 * 35};

}  // namespace satchel::backup
