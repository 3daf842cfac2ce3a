// SPDX-License-Identifier: AGPL-3.0-or-later
// Which days are worked. A week, and the days that differ from it: public holidays off, make-up days worked. Holidays
// are published a year at a time; of days outside the published stretch only the week and what is entered is known, and
// every answer that rests on such a day says so.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "schema/base/label.h"
#include "schema/base/time.h"

namespace satchel {

struct SpecialDay {
  Date on;
  bool worked = false;
  Label name;  // of the holiday it belongs to
  bool operator==(const SpecialDay&) const = default;
};

struct WorkCalendar {
  std::string id;
  int version = 0;  // its pack's
  Label label;
  std::array<bool, 7> week{false, true, true, true, true, true, false};  // from Sunday on
  std::vector<SpecialDay> days;                                          // by date, each once
  Date published_from, published_to;                                     // both included

  const SpecialDay* special(Date on) const;
  bool works(Date on) const;
  bool published(Date on) const { return published_from <= on && on <= published_to; }
  // A week without a single working day, where counting would never end.
  bool never_works() const;
};

inline Date operator+(Date date, std::int32_t days) { return {date.days + days}; }

// Years a calendar and a span may reach; beyond them nothing is counted.
inline constexpr Date kFirstDay{-25'567};  // 1900-01-01
inline constexpr Date kLastDay{73'049};    // 2169-12-31

// The n-th working day after `from`; with n = 0 `from` itself when it is worked, else the next that is. Kept within
// kLastDay. `sure` becomes false when a day on the way is not published.
Date working_day_after(const WorkCalendar& calendar, Date from, int n, bool& sure);
// Working days in (from, to]; negative when `to` is before `from`.
int working_days_between(const WorkCalendar& calendar, Date from, Date to);
// The same day so many months on; the month's last where it has no such day (31 January, 29 February).
Date months_after(Date from, int months);

}  // namespace satchel
