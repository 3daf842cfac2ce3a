// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld reader init|sync|serve|report|status|verify: HQ's reader.
#pragma once

#include "server/admin/program.h"

namespace satchel::admin {

Command reader_command();

}  // namespace satchel::admin
