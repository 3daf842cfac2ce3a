// SPDX-License-Identifier: AGPL-3.0-or-later
// Dates of the Chinese lunar calendar, there and back, for birthdays and festivals. The months themselves come from
// ICU. A lunar year is named by the civil year it begins in: 2026 begins on 2026-02-17. A leap month bears the number
// of the month it follows.
#pragma once
#include <optional>

#include "schema/base/label.h"
#include "schema/base/time.h"
#include "schema/calendar/lunar_years.h"

namespace satchel {

struct LunarDate {
  int year = 0;  // 0 where only the day of the year is meant (a birthday)
  int month = 1;
  int day = 1;
  bool leap = false;
  auto operator<=>(const LunarDate&) const = default;
};

// Nothing outside of kLunarYearMin..kLunarYearMax.
std::optional<LunarDate> lunar_of(Date date);
// Nothing when the year has no such month or the month no such day.
std::optional<Date> date_of_lunar(const LunarDate& lunar);
// The first time from `from` on that this day of the lunar year comes round. Where a year has no such leap month, the
// month it would follow counts; where the month ends with the 29th, the 30th is kept on that day.
std::optional<Date> next_lunar_day(const LunarDate& lunar, Date from);

// "农历2026年闰六月初一", "2026-06-01 lunar, leap month"; without the year when that is 0.
std::string format_lunar(const LunarDate& lunar, Lang lang = Lang::zh);
// "八月十五", "闰六月初一", "正月初一", "腊月三十", also with 农历 and a year ("2026年") before; "L08-15",
// "L2026-06+-01" with '+' for a leap month. Nothing when it is none of them.
std::optional<LunarDate> parse_lunar(std::string_view text);

}  // namespace satchel
