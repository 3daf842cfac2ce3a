// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/calendar/work_calendar.h"

#include <algorithm>

namespace satchel {

namespace {

Date clamped(Date date) { return std::clamp(date, kFirstDay, kLastDay); }

}  // namespace

const SpecialDay* WorkCalendar::special(Date on) const {
  const auto at = std::ranges::lower_bound(days, on, {}, &SpecialDay::on);
  return at != days.end() && at->on == on ? &*at : nullptr;
}

bool WorkCalendar::works(Date on) const {
  if (const auto* day = special(on)) return day->worked;
  return week[std::chrono::weekday(std::chrono::sys_days(std::chrono::days(on.days))).c_encoding()];
}

bool WorkCalendar::never_works() const {
  return std::ranges::none_of(week, [](bool worked) { return worked; });
}

Date working_day_after(const WorkCalendar& calendar, Date from, int n, bool& sure) {
  Date at = clamped(from);
  int left = std::max(n, 0);
  if (left == 0 && calendar.works(at)) {
    sure = sure && calendar.published(at);
    return at;
  }
  left = std::max(left, 1);
  while (left > 0 && at < kLastDay) {
    at = at + 1;
    sure = sure && calendar.published(at);
    if (calendar.works(at)) --left;
  }
  return at;
}

int working_days_between(const WorkCalendar& calendar, Date from, Date to) {
  if (to < from) return -working_days_between(calendar, to, from);
  const Date last = clamped(to);
  int count = 0;
  for (Date at = clamped(from) + 1; at <= last; at = at + 1) count += calendar.works(at) ? 1 : 0;
  return count;
}

Date months_after(Date from, int months) {
  using namespace std::chrono;
  const auto civil = clamped(from).civil();
  constexpr int kMonthsMax = 12 * 300;
  const auto month =
      year_month(civil.year(), civil.month()) + std::chrono::months(std::clamp(months, -kMonthsMax, kMonthsMax));
  const auto last = year_month_day_last(month.year(), month_day_last(month.month()));
  const auto day = std::min(civil.day(), last.day());
  const auto days = sys_days(year_month_day(month.year(), month.month(), day)).time_since_epoch().count();
  return clamped({static_cast<std::int32_t>(days)});
}

}  // namespace satchel
