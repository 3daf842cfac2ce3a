// SPDX-License-Identifier: AGPL-3.0-or-later
// One number over everything a store holds, so that a rebuilt disk can be told from any that never was.
#pragma once

#include "sync/store/store.h"

namespace satchel::crash {

// Over every key and value of every table. In a write transaction: as its commit would leave it.
Result<std::uint64_t> content_digest(const ReadTxn& txn);

}  // namespace satchel::crash
