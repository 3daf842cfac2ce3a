// SPDX-License-Identifier: AGPL-3.0-or-later
// A node that goes on from a copy of its store that was taken earlier (a backup, a snapshot). It always begins a new
// life: another incarnation, so that nothing is ever written twice under one number. A device first hears from a hub
// what was destroyed and taken meanwhile; until then no key of an archive it had in the copy is used, and what is
// written goes under keys for others (scribe.h, deposits). A hub keeps no wraps in its backups; it is handed them again
// by whoever meets its new life (upkeep.h). Nothing here knows files: sync/backup and the simulation call it.
#pragma once

#include "sync/node/keyring.h"
#include "sync/node/replica.h"

namespace satchel::node {

// The incarnation a restored node goes on in. It grows with the time, so that of two restorations of one copy the later
// one has the later life: a lower one would have ended before it began. Two within a second are told apart at random:
// two lives of one node, and not one life with two pens. `known`: the latest life the caller knows of.
std::uint32_t next_life(std::uint32_t known, WallTime now, Entropy& entropy);

struct Restored {
  bool waiting = false;    // for a hub's word on what was destroyed
  bool settled = false;    // all that was here of former lives is with a hub, and the directory was told
  WallTime made;           // the copy
  WallTime at;             // its restoration
  ArchiveNo archives = 0;  // that were in it
};
Result<std::optional<Restored>> restored_of(const ReadTxn& txn);
// Whether the keys of that archive may not be used yet.
Result<bool> keys_wait(const ReadTxn& txn, ArchiveNo archive);

// Makes the copy of a device's or reader's store, in the transaction that loaded it or in one right after, one that the
// next life may go on from. `before` is the author of the life that is over: what it had written and not yet signed is
// signed now, as it is, and handed in like everything else; the bytes are the same wherever else they went.
Result<void> begin_again(WriteTxn& txn, const Author& before, WallTime made, Entropy& entropy);
// Parts of it, for a life that ends without a copy: what was written is signed; the next one is to be told.
Result<void> seal_again(WriteTxn& txn, const Author& before, Entropy& entropy);
Result<void> note_life(WriteTxn& txn, WallTime now);
// The same of a hub's: no wraps, nothing derived, and every feed above is followed from its beginning.
Result<void> begin_hub_again(WriteTxn& txn);

// An exchange with a hub is complete: what was destroyed or lost meanwhile is let go of, and then the keys may be used.
// When nothing of former lives is left to be handed in, the new one is told to the directory. Does nothing on a node
// that was never restored. Whether keys came free, or a statement waits to be sent.
Result<bool> admit_restored(Replica& replica, Keyring& keyring);

// Own entries of former lives that no hub has acknowledged.
Result<std::size_t> count_unsent_before(const ReadTxn& txn, const ChainId& self);

}  // namespace satchel::node
