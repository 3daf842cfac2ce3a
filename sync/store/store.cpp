// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/store/store.h"

#include <algorithm>

namespace satchel {

Result<void> scan_prefix(const ReadTxn& txn, Table table, View prefix, const std::function<bool(KeyValue)>& visit) {
  auto cursor = txn.cursor(table);
  if (!cursor) return std::unexpected(cursor.error());
  auto found = (*cursor)->seek(prefix);
  while (found && *found) {
    const KeyValue pair = **found;
    if (pair.key.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), pair.key.begin())) return {};
    if (!visit(pair)) return {};
    found = (*cursor)->next();
  }
  if (!found) return std::unexpected(found.error());
  return {};
}

}  // namespace satchel
