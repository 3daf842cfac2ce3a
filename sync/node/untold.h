// SPDX-License-Identifier: AGPL-3.0-or-later
// Who is told a handover, or a new role, may take himself for a reader of an archive that had gone elsewhere without
// his being told (Directory::untold). Whoever tells him the one (RunBytes::given) tells him the other beside it.
#pragma once

#include "sync/node/directory_log.h"

namespace satchel::node {

// Of all archives that are known here.
Result<std::vector<Position>> places_untold(const ReadTxn& txn, const Directory& directory, const PersonId& person);

}  // namespace satchel::node
