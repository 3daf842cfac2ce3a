// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/untold.h"

#include "sync/node/replica.h"

namespace satchel::node {

Result<std::vector<Position>> places_untold(const ReadTxn& txn, const Directory& directory, const PersonId& person) {
  std::vector<Position> out;
  for (const auto& [archive, facts] : directory.archive_facts()) {
    SATCHEL_GET(no, find_archive(txn, archive));
    if (!no) continue;
    SATCHEL_GET(info, archive_info(txn, *no));
    if (!info || !info->opened) continue;
    const auto places = directory.untold(access_of(*info), person);
    out.insert(out.end(), places.begin(), places.end());
  }
  return out;
}

}  // namespace satchel::node
