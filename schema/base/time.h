// SPDX-License-Identifier: AGPL-3.0-or-later
// Time as the project uses it: milliseconds since 1970-01-01 UTC, claimed by some clock and possibly wrong;
// a monotonic reading that only measures; and civil dates. Nothing here reads a clock: whoever needs the time
// is given a Clock in its constructor (the real one is in sync/link, the simulator has its own).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace satchel {

using Millis = std::chrono::milliseconds;

struct WallTime {
  std::int64_t ms = 0;
  auto operator<=>(const WallTime&) const = default;
};

struct MonoTime {
  std::int64_t ms = 0;
  auto operator<=>(const MonoTime&) const = default;
};

inline WallTime operator+(WallTime t, Millis d) { return {t.ms + d.count()}; }
inline MonoTime operator+(MonoTime t, Millis d) { return {t.ms + d.count()}; }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() = 0;
  virtual MonoTime mono() = 0;
  // What the machine's own clock says, where wall() is put right by others.
  virtual WallTime own() { return wall(); }
};

// A civil date as days since 1970-01-01.
struct Date {
  std::int32_t days = 0;
  auto operator<=>(const Date&) const = default;
  std::chrono::year_month_day civil() const {
    return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days)));
  }
};

// "2026-11-22"; nothing when the text is not a date that exists.
std::optional<Date> parse_date(std::string_view text);
std::string format_date(Date date);

// Civil time in a zone given as minutes east of UTC (+480 for China, which keeps one zone all year).
Date date_of(WallTime time, int zone_minutes);
std::string format_time(WallTime time, int zone_minutes);  // "2026-11-22 14:05"
// "2026-11-22", "2026-11-22 14:05[:06[.789]]", also with 'T'; a trailing Z or +hh:mm overrides the zone.
std::optional<WallTime> parse_time(std::string_view text, int zone_minutes);

}  // namespace satchel
