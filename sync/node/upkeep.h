// SPDX-License-Identifier: AGPL-3.0-or-later
// What a key-holding node does without being asked: lets go of what it lost the right to; makes the key of an audience
// that has none, seals audience secrets to new members, and wraps archive keys for audiences that may read an archive
// but have no wrap (a manager appointed after the archive was opened, an owner's first device). Leaves statements in
// Table::pending and wraps in the queue; the next exchange with a hub sends them.
#pragma once

#include "sync/node/keyring.h"
#include "sync/node/replica.h"

namespace satchel::node {

// In meta: how far the archives' wraps have been looked after.
inline constexpr std::string_view kWrappedCounter = "wrapped_archives";

// A hub was met in a new life: it lost its wraps, because backups hold none. hand_wraps_again() queues every wrap that
// is here for it; begin_wrapping_again() has upkeep make, for every archive whose key is here, those that are not.
Result<void> begin_wrapping_again(WriteTxn& txn);
Result<void> hand_wraps_again(Replica& replica);

// True when it left something to be sent.
Result<bool> do_upkeep(Replica& replica, Keyring& keyring);

}  // namespace satchel::node
