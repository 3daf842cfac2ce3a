// SPDX-License-Identifier: AGPL-3.0-or-later
// The person's terminal: a secret typed without echo, and how wide it is. Nothing here writes to stdout.
#pragma once

#include <string>

#include "schema/base/result.h"

namespace satchel::cli {

// From the controlling terminal, whatever stdin and stdout are. usage "passphrase.no-terminal" when there is none.
Result<std::string> ask_secret(const std::string& prompt);
// Columns of stdout's terminal; 0 when it is none.
int terminal_width();

}  // namespace satchel::cli
