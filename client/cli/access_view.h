// SPDX-License-Identifier: AGPL-3.0-or-later
// Rights as they are shown: what a grant would give, word for word, and the lines of who reads what.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/access.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

// "read", "write" for machines; 只读, 读写.
std::string_view rights_name(GrantRights rights);
std::string rights_word(const Frame& frame, GrantRights rights);
// The last day of what ends then; "-" for no end.
std::string last_day_word(WallTime end);

// Exactly what the person will be able to read, archive by archive.
std::string grant_text(const Frame& frame, holder::Book& book, const field::GrantPlan& plan);
std::string take_back_text(const Frame& frame, holder::Book& book, const field::TakeBack& plan);
boost::json::object take_back_json(holder::Book& book, const field::TakeBack& plan);
boost::json::object grant_json(holder::Book& book, const field::GrantPlan& plan);

std::vector<TableColumn> access_columns(const Frame& frame);
std::vector<std::string> access_cells(const Frame& frame, holder::Book& book, const field::AccessLine& line);
boost::json::object access_json(const Frame& frame, holder::Book& book, const field::AccessLine& line);

}  // namespace satchel::cli
