// SPDX-License-Identifier: AGPL-3.0-or-later
// Locked customers, the same way in every command: which, why, and how they can be named.
#pragma once

#include <boost/json/fwd.hpp>

#include "client/cli/commands.h"
#include "client/field/locked.h"

namespace satchel::cli {

std::string locked_word(holder::LockedWhy why, Lang lang);
std::string_view locked_name(holder::LockedWhy why);  // for --json
// "K000201、K000202 …", for one line.
std::string locked_numbers(const std::vector<holder::LockedCustomer>& customers, Lang lang);
boost::json::array locked_json(holder::Book& book, const std::vector<field::LockedRow>& rows);
// A table and what to do; nothing when there are none.
void say_locked(const Frame& frame, holder::Book& book, const std::vector<field::LockedRow>& rows);

}  // namespace satchel::cli
