// SPDX-License-Identifier: AGPL-3.0-or-later
// How a statement's end is told, the same for all commands that make one: ordered, or pending at headquarters.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/admin.h"

namespace satchel::cli {

// `done` is the sentence for 'it is so now'; `body` what --json shows beside the statement and its state. Exit code 0,
// or 8 when it waits.
int tell_said(const Frame& frame, const field::Said& said, const std::string& done, boost::json::object body);

}  // namespace satchel::cli
