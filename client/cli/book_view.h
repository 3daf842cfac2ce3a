// SPDX-License-Identifier: AGPL-3.0-or-later
// What the record commands share: opening the vault as a Book, reading f=v and days, and showing customers, records,
// people and badges the same way everywhere.
#pragma once

#include <boost/json/fwd.hpp>

#include "client/cli/commands.h"
#include "client/field/customers.h"

namespace satchel::cli {

// Opens the vault and runs `work` on its book; the exit code of either.
int with_book(const Frame& frame, const std::function<Result<int>(holder::Book&)>& work,
              const std::optional<node::Days>& asked = {});

// "phone=0755…", several. usage "usage.field".
Result<std::vector<field::Typed>> split_fields(const std::vector<std::string>& options);
// 2026-12-01, 12月1日's full forms, today, 今天, tomorrow, 明天, yesterday, 昨天, +7, -1. usage "usage.day".
Result<Date> parse_day(holder::Book& book, std::string_view text);
Result<std::vector<PersonId>> find_people(holder::Book& book, const std::vector<std::string>& names);

std::string badge(const Frame& frame, node::Reached reached);
std::string moment(WallTime time);
std::string day_text(const Frame& frame, Date date);  // with the weekday
std::string people_text(holder::Book& book, const std::vector<PersonId>& people);
boost::json::array people_json(holder::Book& book, const std::vector<PersonId>& people);

boost::json::object customer_json(const holder::CustomerRef& customer);
boost::json::object saved_json(const field::Saved& saved);
boost::json::object record_json(holder::Book& book, const field::ShownRecord& record);
boost::json::object event_json(holder::Book& book, const field::Event& event);
boost::json::value value_json(const Value& value);

// A record field by field, by the template's groups, for people.
std::string record_text(const Frame& frame, holder::Book& book, const field::ShownRecord& record);
std::string event_line(const Frame& frame, holder::Book& book, const field::Event& event);
std::string judgement_text(const Frame& frame, Judgement judgement);
// How many fields are masked, and how to see them. Nothing when none is.
void remark_masked(const Frame& frame, std::size_t fields);
// Sentences after a save: held, provisional number.
void remark_saved(const Frame& frame, const field::Saved& saved);

}  // namespace satchel::cli
