// SPDX-License-Identifier: AGPL-3.0-or-later
// Verification of what was derived: every record's index and row is worked out again from the log and compared byte for
// byte with what the tables hold; nothing may be missing and nothing left over; every stored archive key must open.
// Brings the derived tables up to date first. Takes a keyring of its own, so that nothing in memory hides what is on
// disk. A breach is a finding, not an error. Bodies that will not open are counted: their author may have written them
// so.
#pragma once

#include "sync/node/deriver.h"
#include "sync/node/verify_log.h"

namespace satchel::node {

struct DerivedReport {
  std::uint64_t keys = 0;  // archives whose keys opened
  std::uint64_t records = 0;
  std::uint64_t rows = 0;
  std::uint64_t not_ours = 0;    // entries this node may not read or does not have the bodies of
  std::uint64_t missing = 0;     // entries that others had seen and that were never shown here; no damage
  std::uint64_t otherwise = 0;   // entries that others had seen otherwise: two histories of one chain; no damage here
  std::uint64_t unreadable = 0;  // bodies under our keys that will not open or decode
  std::uint64_t found = 0;       // findings, counted
  std::vector<Finding> findings;
  bool sound() const { return found == 0; }
};

Result<DerivedReport> verify_derived(Replica& replica, Keyring& fresh, Deriver& deriver);

}  // namespace satchel::node
