// SPDX-License-Identifier: AGPL-3.0-or-later
// After letting go: erased keys, wraps and bodies still stand in old pages of the file. Shredding renews the vault's
// key (of a node that has one), rewrites the store without them and only then gives the receipt. It is owed from the
// transaction that let go until it is done, over any number of restarts: cut anywhere, it is begun again. It needs the
// store alone: while another process has the vault open it waits. docs/destruction.md says what it cannot do.
#pragma once

#include "sync/node/keyring.h"
#include "sync/node/replica.h"

namespace satchel::node {

// A hub at work stops for the copying: larger stores wait for its next start, or for `satcheld compact`.
inline constexpr std::uint64_t kShredAtOnceBytesMax = 256ull << 20;

struct ShreddingOwed {
  std::uint32_t archives = 0;  // that were let go of
  WallTime since;
};

// In the transaction that lets go.
Result<void> owe_shredding(WriteTxn& txn, Effects& effects, std::uint32_t archives, WallTime now);
Result<std::optional<ShreddingOwed>> shredding_owed(const ReadTxn& txn);

// Does it if it is owed. Whether it is done: a receipt waits for the way up. False: not owed, not now (others have the
// store open, a transaction lives), or more than `bytes_most` to copy. `keyring` is null for a hub.
Result<bool> shred(Replica& replica, Keyring* keyring, std::uint64_t bytes_most = UINT64_MAX);

}  // namespace satchel::node
