// SPDX-License-Identifier: AGPL-3.0-or-later
// The person's terminal.
#pragma once

namespace satchel::cli {

// Columns of stdout's terminal; 0 when it is none.
int terminal_width();

}  // namespace satchel::cli
