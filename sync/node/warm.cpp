// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/warm.h"

#include "sync/node/derive_pass.h"

namespace satchel::node {

void touch_sheets(const ReadTxn& txn, const Days& days, const std::atomic<bool>& enough) {
  // A cursor that goes over the rows has touched their pages.
  const auto touch = [&](Table table, View prefix) {
    (void)scan_prefix(txn, table, prefix, [&](KeyValue) { return !enough; });
  };
  const auto sheets = all_sheets(txn);
  if (!sheets) return;
  for (const auto& [month, no] : *sheets)
    if (month == 0 || (month_number(days.first) <= month && month <= month_number(days.last)))
      touch(Table::sheets, key_of(no));
  touch(Table::keys, {});
  touch(Table::archive_info, {});
}

}  // namespace satchel::node
