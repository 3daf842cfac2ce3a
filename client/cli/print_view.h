// SPDX-License-Identifier: AGPL-3.0-or-later
// --print FILE, as the commands that show a card or a record have it.
#pragma once

#include "client/cli/commands.h"
#include "client/field/printing.h"

namespace satchel::cli {

void add_print_option(CLI::App& show, const Frame& frame, std::string& file);
// That it was written, what it leaves out, and that it was noted.
Result<int> say_printed(const Frame& frame, const std::string& file, const field::Printed& printed);

}  // namespace satchel::cli
