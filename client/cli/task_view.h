// SPDX-License-Identifier: AGPL-3.0-or-later
// Tasks as `task`, `today` and `handover` show them.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/tasks.h"

namespace satchel::cli {

boost::json::object task_json(holder::Book& book, const field::TaskRow& task);
std::string tasks_text(const Frame& frame, holder::Book& book, const std::vector<field::TaskRow>& tasks);

}  // namespace satchel::cli
