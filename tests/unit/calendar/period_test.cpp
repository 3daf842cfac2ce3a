// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/calendar/period.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

using namespace satchel;

namespace {

std::string stretch_text(Period period, std::string_view day) {
  const auto stretch = stretch_of(period, parse_date(day).value());
  return format_date(stretch.first) + ".." + format_date(stretch.last);
}

std::string named(Period period, std::string_view day) { return stretch_name(period, parse_date(day).value()); }

}  // namespace

TEST_CASE("period: weeks begin on Monday; months, quarters and years are whole", "[calendar]") {
  CHECK(stretch_text(Period::day, "2026-11-29") == "2026-11-29..2026-11-29");
  CHECK(stretch_text(Period::week, "2026-11-29") == "2026-11-23..2026-11-29");
  CHECK(stretch_text(Period::week, "2026-11-30") == "2026-11-30..2026-12-06");
  CHECK(stretch_text(Period::month, "2024-02-15") == "2024-02-01..2024-02-29");
  CHECK(stretch_text(Period::quarter, "2026-11-29") == "2026-10-01..2026-12-31");
  CHECK(stretch_text(Period::quarter, "2026-03-31") == "2026-01-01..2026-03-31");
  CHECK(stretch_text(Period::quarter, "2026-04-01") == "2026-04-01..2026-06-30");
  CHECK(stretch_text(Period::year, "2026-11-29") == "2026-01-01..2026-12-31");
  CHECK(weekday_of(parse_date("2026-11-29").value()) == 7);
}

TEST_CASE("period: names; a week belongs to the year its Thursday is in", "[calendar]") {
  CHECK(named(Period::day, "2026-11-29") == "2026-11-29");
  CHECK(named(Period::week, "2026-11-29") == "2026-W48");
  CHECK(named(Period::week, "2027-01-03") == "2026-W53");  // a Sunday
  CHECK(named(Period::week, "2027-01-04") == "2027-W01");
  CHECK(named(Period::week, "2024-12-30") == "2025-W01");  // a Monday
  CHECK(named(Period::month, "2026-01-31") == "2026-01");
  CHECK(named(Period::quarter, "2026-09-30") == "2026-Q3");
  CHECK(named(Period::quarter, "2026-10-01") == "2026-Q4");
  CHECK(named(Period::year, "2026-10-01") == "2026");
  CHECK(named(Period::none, "2026-10-01").empty());
}

TEST_CASE("period: every day lies in one stretch, which all its days have the name of", "[calendar]") {
  CHECK(rc::check([] {
    const Date day{*rc::gen::inRange(-20'000, 60'000)};
    const auto period = *rc::gen::element(Period::day, Period::week, Period::month, Period::quarter, Period::year);
    const auto stretch = stretch_of(period, day);
    RC_ASSERT(stretch.first <= day);
    RC_ASSERT(day <= stretch.last);
    for (const Date end : {stretch.first, stretch.last}) {
      RC_ASSERT(stretch_of(period, end) == stretch);
      RC_ASSERT(stretch_name(period, end) == stretch_name(period, day));
    }
    const Date next{stretch.last.days + 1};
    RC_ASSERT(stretch_of(period, next).first == next);
  }));
}
