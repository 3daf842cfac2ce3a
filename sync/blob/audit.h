// SPDX-License-Identifier: AGPL-3.0-or-later
// Verification of one archive's attachments at rest: every list against its root, every chunk against its id and size,
// the counts, and that nothing lies there which nothing names. Needs no key. What does not hold is told by code; errors
// are the store's.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "sync/blob/shelf.h"

namespace satchel::blob {

struct Audit {
  std::uint64_t named = 0;
  std::uint64_t whole = 0;
  std::uint64_t chunks = 0;  // present and right
};
using Finder = std::function<void(std::string code, std::string where)>;
// `referred`: the roots that the archive's entries name.
Result<Audit> audit(const ReadTxn& txn, std::uint32_t archive, const std::set<Digest>& referred, const Finder& find);

}  // namespace satchel::blob
