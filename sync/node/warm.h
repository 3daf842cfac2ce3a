// SPDX-License-Identifier: AGPL-3.0-or-later
// What somebody who opens a vault has asked for, where that is known beforehand: rows of some days. They are sealed,
// and so are the keys to them, but while the passphrase is still being stretched a processor that would stand idle can
// bring them into memory. Whether they were touched changes nothing but how soon they are there.
#pragma once

#include <atomic>
#include <optional>

#include "schema/base/time.h"
#include "sync/store/store.h"

namespace satchel::node {

struct Days {
  Date first, last;  // both included
};

// Touches the sheets of those months and the keys of archives, until all are or `enough` turns true. Errors end it
// silently: whoever reads meets them again.
void touch_sheets(const ReadTxn& txn, const Days& days, const std::atomic<bool>& enough);

}  // namespace satchel::node
