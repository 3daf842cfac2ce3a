// SPDX-License-Identifier: AGPL-3.0-or-later
// What workflows and rules ask of people, as `matters`, `rules` and `today` show it.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/records.h"
#include "sync/holder/duties.h"

namespace satchel::cli {

boost::json::object duty_json(holder::Book& book, const holder::Duty& duty);
std::string duties_text(const Frame& frame, holder::Book& book, const std::vector<holder::Duty>& duties);
boost::json::object finding_json(holder::Book& book, const holder::Finding& finding);
// `per_rule`: of each rule the most urgent so many, and how many more there are; 0: all.
std::string findings_text(const Frame& frame, holder::Book& book, const std::vector<holder::Finding>& findings,
                          std::size_t per_rule = 0);

}  // namespace satchel::cli
