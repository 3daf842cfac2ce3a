// SPDX-License-Identifier: AGPL-3.0-or-later
// Which backups of it a node knows of, in its own store: for `status`, `backup list`, and the receipt that tells
// headquarters until when an old copy might still open what was destroyed. Only the newest are kept.
#pragma once

#include "schema/base/time.h"
#include "sync/node/log.h"

namespace satchel::node {

struct KnownBackup {
  std::array<Byte, 16> id{};
  WallTime made;
  WallTime expires;   // 0: never
  WallTime verified;  // the last time somebody opened and audited it; 0: never
  std::uint64_t bytes = 0;
  std::string file;
};

inline constexpr std::size_t kKnownBackupsMax = 32;

Result<void> note_backup(WriteTxn& txn, const KnownBackup& backup);
// Of one that is not known nothing is noted.
Result<void> note_verified(WriteTxn& txn, const std::array<Byte, 16>& id, WallTime when);
// Newest first.
Result<std::vector<KnownBackup>> known_backups(const ReadTxn& txn);

}  // namespace satchel::node
