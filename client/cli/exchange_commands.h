// SPDX-License-Identifier: AGPL-3.0-or-later
// The commands that take files of other programs in and write them, and close archives, each in its own source as in
// commands.h.
#pragma once

#include "client/cli/commands.h"

namespace satchel::cli {

void add_import_commands(CLI::App& app, Frame& frame);        // import FILE, import undo|list|mappings
void add_export_commands(CLI::App& app, Frame& frame);        // export
void add_customer_import(CLI::App& customer, Frame& frame);   // customer import: the same for customers
void add_customer_closing(CLI::App& customer, Frame& frame);  // customer close|reopen

}  // namespace satchel::cli
