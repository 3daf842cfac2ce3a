// SPDX-License-Identifier: AGPL-3.0-or-later
// What a key-holding node lets go of: the keys, wraps and derived rows of archives it may not read any more, and
// everything but the chain of those that were destroyed. Its own entries stay sealed and deliverable. What was dropped
// comes again with the right to it, except what was destroyed. A lease that ran out (leases.h) drops in the same way.
#pragma once

#include "sync/node/keyring.h"
#include "sync/node/replica.h"
#include "sync/node/shredding.h"

namespace satchel::node {

inline constexpr std::size_t kArchivesPerWrite = 512;  // so that no transaction keeps others waiting for long

// Wraps, sealed bodies and drafts go, headers stay: chains can still be checked and nobody can open anything.
Result<void> strip_archive(WriteTxn& txn, ArchiveNo archive);

// The archive's keys, wraps and derived rows go; what it takes to bring unsent work to a hub stays, and so does the
// log.
Result<void> drop_keys(WriteTxn& txn, Keyring& keyring, const StoredArchive& info, const ChainId& self);

struct Dropped {
  std::size_t lost = 0;       // archives this node may not read any more
  std::size_t destroyed = 0;  // archives destroyed
  bool any() const { return lost + destroyed > 0; }
};

// Goes through the archives when rights changed or a grant's time is over. What went is still in the file's old pages:
// shredding is owed (shredding.h), and after it a receipt. Cheap otherwise. `now`: as well as this node knows the time.
// What is obeyed before headquarters has ordered it (handed_down.h) is let go of at once; if headquarters refuses it,
// the right is found back here and the keys are asked for again.
Result<Dropped> drop_what_is_lost(Replica& replica, Keyring& keyring, WallTime now);
// Whether rights moved, time ran out or archives came since that was done last.
Result<bool> dropping_due(const ReadTxn& txn, const Obeyed& obeyed, WallTime now);

// Whether something was destroyed since this node's last receipt, or the node lost every right.
bool receipt_wanted(const Directory& directory, const NodeId& node);
// This node's signed word, kept for the way up, that everything is gone here which the directory up to its position
// took, and, where it lost every right by them, the statements it obeyed before they were ordered.
Result<void> put_receipt(WriteTxn& txn, Effects& effects, Replica& replica, const Obeyed& obeyed,
                         std::uint32_t archives);

// Whether keys for the archive are gone from here because the right to it is.
Result<bool> is_dropped(const ReadTxn& txn, ArchiveNo archive);

}  // namespace satchel::node
