// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/calendar/period.h"

#include "schema/calendar/work_calendar.h"

namespace satchel {

namespace {

Date date_on(std::chrono::year_month_day day) {
  return {static_cast<std::int32_t>(std::chrono::sys_days(day).time_since_epoch().count())};
}

std::string padded(unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

int weekday_of(Date day) {
  return static_cast<int>(std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day.days))).iso_encoding());
}

Stretch stretch_of(Period period, Date day) {
  using namespace std::chrono;
  const auto civil = day.civil();
  const auto months = [&](unsigned first, unsigned count) {
    return Stretch{date_on(civil.year() / month(first) / 1),
                   date_on(year_month_day(civil.year() / month(first + count - 1) / std::chrono::last))};
  };
  const auto number = static_cast<unsigned>(civil.month());
  switch (period) {
    case Period::none:
      return {kFirstDay, kLastDay};
    case Period::day:
    case Period::workday:
      return {day, day};
    case Period::week: {
      const Date monday = day + (1 - weekday_of(day));
      return {monday, monday + 6};
    }
    case Period::month:
      return months(number, 1);
    case Period::quarter:
      return months((number - 1) / 3 * 3 + 1, 3);
    case Period::year:
      return months(1, 12);
  }
  return {day, day};
}

std::string stretch_name(Period period, Date day) {
  const auto civil = day.civil();
  const std::string year = std::to_string(static_cast<int>(civil.year()));
  const auto month = static_cast<unsigned>(civil.month());
  switch (period) {
    case Period::none:
      return {};
    case Period::day:
    case Period::workday:
      return format_date(day);
    case Period::week: {
      // The week belongs to the year its Thursday is in.
      const Date thursday = day + (4 - weekday_of(day));
      const Date new_year = stretch_of(Period::year, thursday).first;
      return std::to_string(static_cast<int>(thursday.civil().year())) + "-W" +
             padded(static_cast<unsigned>((thursday.days - new_year.days) / 7 + 1));
    }
    case Period::month:
      return year + "-" + padded(month);
    case Period::quarter:
      return year + "-Q" + std::to_string((month - 1) / 3 + 1);
    case Period::year:
      return year;
  }
  return {};
}

}  // namespace satchel
