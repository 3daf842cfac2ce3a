// SPDX-License-Identifier: AGPL-3.0-or-later
// A device whose chain parted from the one the hubs hold (its disk was copied) goes on in a life of its own: what hubs
// refused as a fork is written again there, with the times its author's device had then, so that it can be handed in.
// The former entries keep their place and lose their bodies, because they count once.
#pragma once

#include "sync/node/keyring.h"
#include "sync/node/replica.h"

namespace satchel::node {

// The code of a refusal that says so, with the first entry that differs.
inline constexpr std::string_view kForkRefused = "intake.fork";

// Own entries that no hub takes because another one holds their place.
Result<std::size_t> count_parted(const ReadTxn& txn, const NodeId& self);
// In the life that is over: everything it wrote is signed as it is, and the next life may begin.
Result<void> end_life(WriteTxn& txn, const Author& before, Entropy& entropy);
struct WrittenAgain {
  std::size_t entries = 0;
  std::size_t unread = 0;  // their key is not here, or they are broken: they stay as they are
};
// In the new life, in one transaction.
Result<WrittenAgain> write_again(WriteTxn& txn, const Directory& directory, const Identity& self, Keyring& keyring,
                                 Entropy& entropy);

}  // namespace satchel::node
