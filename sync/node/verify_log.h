// SPDX-License-Identifier: AGPL-3.0-or-later
// Verification of a whole log at rest, the same for hubs, devices and readers: everything that was checked when it
// arrived is checked again from the bytes on disk, and the tables that lead to it are compared with what they lead to.
// Reads everything; needs no key. A breach is a finding, not an error: the whole log is always gone through. Errors are
// those of the store alone. Derived tables and bodies under their keys are the holder's to verify.
#pragma once

#include <string>
#include <vector>

#include "sync/directory/directory.h"
#include "sync/node/hub_findings.h"
#include "sync/node/log.h"

namespace satchel::node {

// What does not hold, by code ("verify.*", or the code of whoever noticed), and where.
struct Finding {
  std::string code;
  std::string where;
  bool operator==(const Finding&) const = default;
};

inline constexpr std::size_t kFindingsMax = 200;  // kept; all are counted

struct VerifyReport {
  std::uint64_t archives = 0;
  std::uint64_t chains = 0;
  std::uint64_t entries = 0;
  std::uint64_t bodies = 0;    // present and right
  std::uint64_t withheld = 0;  // known by hash only
  std::uint64_t batches = 0;
  std::uint64_t stamps = 0;
  std::uint64_t wraps = 0;
  std::uint64_t feed_items = 0;
  std::uint64_t attachments = 0;         // named by entries
  std::uint64_t chunks = 0;              // of them, here and right
  std::uint64_t unsealed = 0;            // own entries that are in no batch yet
  std::uint64_t forks = 0;               // evidence held against others; no damage
  std::vector<HubFinding> against_hubs;  // likewise
  std::uint64_t found = 0;               // findings, counted
  std::vector<Finding> findings;
  bool sound() const { return found == 0; }
};

// Whose log it is. A hub has feeds and no entries of its own.
struct VerifyAs {
  NodeId self;
  bool hub = false;
};

// Replays the directory with every signature and rule, and compares it with what the marks of the first time give.
// integrity "directory.*", "verify.directory" or "verify.directory-head" when it does not hold. `self`, a life that
// lost every right was told up to the statement that says so, and no head of that place: an earlier one is enough then.
Result<Directory> verify_directory(const ReadTxn& txn, const OrgId& org, const ChainId& self = {});
Result<VerifyReport> verify_log(const ReadTxn& txn, const Directory& directory, const VerifyAs& as = {});

}  // namespace satchel::node
