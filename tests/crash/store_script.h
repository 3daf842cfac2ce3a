// SPDX-License-Identifier: AGPL-3.0-or-later
// The workload at the level of Store: transaction n of a fixed script depends on n and on the state before it only.
// So the state after n transactions is known from a model, and a rebuilt disk is right exactly when its whole content
// is that of some n that was allowed.
#pragma once

#include <string>
#include <vector>

#include "tests/crash/content_digest.h"

namespace satchel::crash {

// Appends, overwrites and erases, mostly small; now and then a large value, a large batch or a large erasure.
Result<void> run_script_step(Store& store, std::uint64_t n);
// How many steps this state has; 0 for a new store.
Result<std::uint64_t> steps_done(const ReadTxn& txn);
// content_digest after 0, 1, … steps, from the memory store.
std::vector<std::uint64_t> expected_digests(std::uint64_t steps);

}  // namespace satchel::crash
