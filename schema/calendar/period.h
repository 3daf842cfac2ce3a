// SPDX-License-Identifier: AGPL-3.0-or-later
// Stretches of the calendar that reports group by and rules come round with. Weeks begin on Monday and are numbered as
// ISO 8601 does.
#pragma once

#include <string>

#include "schema/base/time.h"

namespace satchel {

enum class Period : std::uint8_t { none, day, workday, week, month, quarter, year };
inline constexpr std::string_view kPeriodNames[] = {"none", "day", "workday", "week", "month", "quarter", "year"};

// Both included. A workday is the day itself; without a period, all days.
struct Stretch {
  Date first, last;
  bool operator==(const Stretch&) const = default;
};
Stretch stretch_of(Period period, Date day);
// "2026-11-29", "2026-W48", "2026-11", "2026-Q4", "2026"; empty without a period.
std::string stretch_name(Period period, Date day);
// 1 Monday .. 7 Sunday.
int weekday_of(Date day);

}  // namespace satchel
