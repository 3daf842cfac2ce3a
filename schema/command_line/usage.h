// SPDX-License-Identifier: AGPL-3.0-or-later
// CLI11's half of the conversation in the person's language: help texts in columns that stay straight with Chinese in
// them, and what was wrong with a command line in a sentence of ours.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "schema/template/template.h"

namespace satchel {

std::shared_ptr<CLI::FormatterBase> help_formatter(Lang lang);

// What to put into "usage.command-line".
std::string usage_fault(const CLI::ParseError& fault, Lang lang);

}  // namespace satchel
