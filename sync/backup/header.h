// SPDX-License-Identifier: AGPL-3.0-or-later
// What a backup says before anything is opened: whose it is, when it was made, how long it may be restored, and what
// its key is locked with. A device's or reader's is locked by its vault as it was then, so that the passphrase of that
// day opens it; a hub's by the public key that the organisation's root key named (statement backup_key), whose secret
// half follows from the root seed in the recovery kit. Layout: store.md, 'Backup'; permanent.
//
// Errors: invalid "backup.none" (no backup), failed "backup.newer", integrity "backup.damaged".
#pragma once

#include "schema/base/time.h"
#include "sync/model/entry.h"
#include "sync/seal/seal.h"

namespace satchel::backup {

using BackupId = Id<struct BackupTag, 16>;

// Values are permanent.
enum class Kind : std::uint8_t { device = 1, reader = 2, hub = 3 };

struct Header {
  Kind kind = Kind::device;
  OrgId org;
  ChainId node;
  BackupId id;
  WallTime made;
  WallTime expires;  // 0: never
  Bytes vault;       // of a device or reader: its key file, as it is on disk
  Bytes lock;        // the backup's key: sealed by that vault, or boxed to the kit's key
  bool operator==(const Header&) const = default;
};

inline constexpr std::size_t kPreludeBytes = 16;

Bytes encode(const Header& header);
// Of the first kPreludeBytes: how long the header is in all.
Result<std::size_t> header_size(View prelude);
Result<Header> decode_header(View bytes);

// What every chunk and the lock are bound to: nothing of one backup fits another, and no field can be bent.
Digest bound_digest(const Header& header);
// Under which name a vault seals the key, and the associated data of the box for a hub's.
Bytes lock_name(const Header& header);

// The key pair in the recovery kit that hubs' backups are sealed to.
BoxKeys recovery_keys(const Secret32& root_seed);

}  // namespace satchel::backup
