// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "schema/template/pack.h"
#include "schema/template/pack_keys.h"
#include "schema/template/pack_read.h"

namespace satchel {

namespace {

constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::size_t kHolidaysMax = 400;
constexpr std::size_t kStretchesMax = 20;
constexpr std::int32_t kStretchDaysMax = 60;
constexpr std::size_t kDaysMax = 5000;  // each bears its holiday's name

struct Days {
  Date first, last;
};

// 2026-10-01, "2026-10-01" or "2026-10-01..2026-10-07".
std::vector<Days> read_days(PackKeys& holiday, std::string_view key) {
  std::vector<Days> all;
  for (const TomlNode* node : holiday.tables(key, kStretchesMax)) {
    const std::string_view text = node->text;
    const auto dots = text.find("..");
    const auto first = parse_date(text.substr(0, dots));
    const auto last = dots == text.npos ? first : parse_date(text.substr(dots + 2));
    const bool fits = first && last && kFirstDay <= *first && *first <= *last && *last <= kLastDay &&
                      last->days - first->days < kStretchDaysMax;
    if (fits) {
      all.push_back({*first, *last});
    } else {
      holiday.wrong(node->line, {std::string(key) + " 应为日期或 \"2026-10-01..2026-10-07\"，一段最多 60 天",
                                 std::string(key) + " takes dates or \"2026-10-01..2026-10-07\", 60 days at most"});
    }
  }
  return all;
}

void add_days(WorkCalendar& calendar, const std::vector<Days>& stretches, bool worked, const Label& name) {
  for (const auto& stretch : stretches)
    for (Date on = stretch.first; on <= stretch.last; on = on + 1) calendar.days.push_back({on, worked, name});
}

}  // namespace

WorkCalendar read_calendar(const TomlNode& node, PackReading& reading, int version) {
  PackKeys keys(node, reading, "calendar");
  WorkCalendar calendar;
  calendar.version = version;
  calendar.id = keys.id("id");
  keys.rename("calendar " + calendar.id);
  calendar.label = keys.label("label");
  if (const auto week = keys.texts("week", std::size(kWeekdays)); !week.empty()) {
    calendar.week.fill(false);
    for (const auto& name : week) {
      const TomlNode word{.kind = TomlNode::Kind::text, .line = node.line, .text = name};
      calendar.week[keys.word_index(word, "week", kWeekdays)] = true;
    }
  }
  if (const TomlNode* published = keys.take("published")) {
    PackKeys stretch(*published, reading, "published");
    calendar.published_from = stretch.date("from").value_or(Date{});
    calendar.published_to = stretch.date("to").value_or(Date{});
  }
  for (const TomlNode* item : keys.tables("holiday", kHolidaysMax)) {
    PackKeys holiday(*item, reading, keys.where() + " holiday");
    const Label name = holiday.label("name");
    add_days(calendar, read_days(holiday, "off"), false, name);
    add_days(calendar, read_days(holiday, "work"), true, name);
    if (calendar.days.size() <= kDaysMax) continue;
    keys.wrong(item->line, {"特别日期超过 5000 天", "more than 5000 days differ from the week"});
    break;
  }
  std::ranges::sort(calendar.days, {}, &SpecialDay::on);
  const auto twice = std::ranges::adjacent_find(calendar.days, {}, &SpecialDay::on);
  if (twice != calendar.days.end()) {
    const auto on = format_date(twice->on);
    keys.wrong(node.line, {on + " 出现两次，请只保留一处", on + " stands twice: keep one"});
  }
  return calendar;
}

}  // namespace satchel
