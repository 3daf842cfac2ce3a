// SPDX-License-Identifier: AGPL-3.0-or-later
// How long something may take: "30min", "24h", "3d", "2wd", "2m", "1y". Minutes and hours run through day and night.
// Days end with the day: within 3 calendar days of any moment on the 1st is the end of the 4th; a working day counts
// from the next one on, so that whoever gets a thing on a Friday evening has the whole Monday. Months and years keep
// the day of the month, or take its last. Where a matter was paused, minutes and hours stand still, and a day that ends
// in a pause does not count. The order of Unit is that of kUnitNames.
#pragma once

#include <optional>
#include <span>

#include "schema/base/result.h"
#include "schema/calendar/work_calendar.h"

namespace satchel {

enum class Unit : std::uint8_t { minutes, hours, days, working_days, months, years };
inline constexpr std::string_view kUnitNames[] = {"min", "h", "d", "wd", "m", "y"};

struct Span {
  std::int32_t count = 0;
  Unit unit = Unit::days;
  bool operator==(const Span&) const = default;
};

inline constexpr std::int32_t kSpanCountMax = 100'000;
// "3wd"; nothing when it is no span or beyond kSpanCountMax.
std::optional<Span> parse_span(std::string_view text);
std::string format_span(const Span& span);
std::string span_in(const Span& span, Lang lang);  // "3个工作日", "3 working days"

// Half open, in order, not overlapping; the last may have no end yet.
struct Pause {
  WallTime from;
  std::optional<WallTime> until;
};

struct Due {
  WallTime at;          // in time up to and including this moment
  bool paused = false;  // the clock stands still now: `at` is as if the pause ended at `now`
  bool sure = true;     // every working day on the way was published
};

// When a span that began at `from` ends, as known at `now`. A calendar that never works counts calendar days.
Due due_after(WallTime from, const Span& span, const WorkCalendar& calendar, int zone_minutes,
              std::span<const Pause> pauses = {}, WallTime now = {});

WallTime start_of_day(Date date, int zone_minutes);
// The last millisecond of a civil day.
WallTime end_of_day(Date date, int zone_minutes);

}  // namespace satchel
