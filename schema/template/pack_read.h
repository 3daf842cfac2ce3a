// SPDX-License-Identifier: AGPL-3.0-or-later
// The parts of the pack reader, one a file. Private to this room.
#pragma once

#include <set>

#include "schema/template/pack_keys.h"

namespace satchel {

// Says which of a list's ids stands twice; nothing when none does.
template <class Item>
const Item* twice(const std::vector<Item>& items) {
  std::set<std::string_view> seen;
  for (const auto& item : items)
    if (!seen.insert(item.id).second) return &item;
  return nullptr;
}

template <class Item>
void check_unique(const std::vector<Item>& items, int line, PackKeys& keys) {
  if (const Item* again = twice(items))
    keys.wrong(line,
               {"标识 '" + again->id + "' 用了两次，请改掉一个", "id '" + again->id + "' stands twice: rename one"});
}

std::vector<Condition> read_conditions(PackKeys& keys, PackReading& reading, std::string_view key);
// The values of exactly one of the test words that stand beside `subject`, and which word it was.
std::vector<std::string> read_test(PackKeys& keys, std::string_view subject, ConditionTest& test);
std::vector<OrderBy> read_order(PackKeys& keys);
// One table, or a list of them that must all hold.
When read_when(PackKeys& keys, PackReading& reading, std::string_view key);
std::vector<Actor> read_actors(PackKeys& keys, std::string_view key);
std::optional<Span> read_span(PackKeys& keys, std::string_view key);

ReportDef read_report(const TomlNode& node, PackReading& reading);
Workflow read_workflow(const TomlNode& node, PackReading& reading);
Rule read_rule(const TomlNode& node, PackReading& reading);
WorkCalendar read_calendar(const TomlNode& node, PackReading& reading, int version);

}  // namespace satchel
