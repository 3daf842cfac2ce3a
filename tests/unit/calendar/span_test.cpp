// SPDX-License-Identifier: AGPL-3.0-or-later
// Deadlines over China's holidays of 2024 to 2026 and the statutory ones of 2027.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/calendar/span.h"
#include "tests/unit/calendar/china.h"

using namespace satchel;
using satchel::test::china;

namespace {

constexpr int kZone = 480;

Date civil_day(std::string_view text) { return parse_date(text).value(); }
WallTime at(std::string_view text) { return parse_time(text, kZone).value(); }
std::string due(std::string_view from, std::string_view span) {
  return format_time(due_after(at(from), parse_span(span).value(), china(), kZone).at, kZone);
}
bool sure(std::string_view from, std::string_view span) {
  return due_after(at(from), parse_span(span).value(), china(), kZone).sure;
}

}  // namespace

TEST_CASE("spans: as packs write them", "[calendar]") {
  REQUIRE(parse_span("30min") == Span{30, Unit::minutes});
  REQUIRE(parse_span("2wd") == Span{2, Unit::working_days});
  REQUIRE(parse_span("0d") == Span{0, Unit::days});
  for (const auto* text : {"", "3", "d", "-1d", "3 d", "3w", "3wdd", "100001d", "99999999999d", "1.5h"})
    REQUIRE_FALSE(parse_span(text));
  REQUIRE(format_span({3, Unit::working_days}) == "3wd");
  REQUIRE(span_in({3, Unit::working_days}, Lang::zh) == "3个工作日");
  REQUIRE(span_in({1, Unit::hours}, Lang::en) == "1 hour");
}

TEST_CASE("spans: hours run on, days end with the day", "[calendar]") {
  REQUIRE(due("2026-10-01 22:30", "24h") == "2026-10-02 22:30");
  REQUIRE(due("2026-10-01 22:30", "15min") == "2026-10-01 22:45");
  REQUIRE(due("2026-03-01 09:00", "3d") == "2026-03-04 23:59");
  REQUIRE(due("2026-03-01 09:00", "0d") == "2026-03-01 23:59");
}

TEST_CASE("spans: working days over holidays and make-up days", "[calendar]") {
  // Friday evening: Monday and Tuesday.
  REQUIRE(due("2026-03-06 18:00", "2wd") == "2026-03-10 23:59");
  // National Day 2026: off from the 1st to the 7th, Saturday the 10th is worked.
  REQUIRE(due("2026-09-30 10:00", "2wd") == "2026-10-09 23:59");
  REQUIRE(due("2026-09-30 10:00", "3wd") == "2026-10-10 23:59");
  // Spring Festival 2026: Saturday 14 February is worked, then nine days off.
  REQUIRE(due("2026-02-13 10:00", "1wd") == "2026-02-14 23:59");
  REQUIRE(due("2026-02-13 10:00", "2wd") == "2026-02-24 23:59");
  // A Sunday worked before a holiday (4 February 2024), and over the festival of that year.
  REQUIRE(due("2024-02-02 10:00", "1wd") == "2024-02-04 23:59");
  REQUIRE(due("2024-02-09 10:00", "1wd") == "2024-02-18 23:59");
  REQUIRE(due("2025-09-30 10:00", "3wd") == "2025-10-11 23:59");
  // On a day off: 0 working days end with the next that is worked.
  REQUIRE(due("2026-10-03 10:00", "0wd") == "2026-10-08 23:59");
}

TEST_CASE("spans: what rests on unpublished days says so", "[calendar]") {
  REQUIRE(sure("2026-12-01 10:00", "3wd"));
  REQUIRE_FALSE(sure("2026-12-30 10:00", "3wd"));
  REQUIRE_FALSE(sure("2027-05-03 10:00", "1wd"));
  REQUIRE(sure("2027-05-03 10:00", "1d"));  // calendar days need no calendar
  // The statutory days of 2027 are entered all the same.
  REQUIRE(due("2027-09-30 10:00", "1wd") == "2027-10-04 23:59");
}

TEST_CASE("spans: month ends and the 29th of February", "[calendar]") {
  REQUIRE(due("2026-01-31 10:00", "1m") == "2026-02-28 23:59");
  REQUIRE(due("2024-01-31 10:00", "1m") == "2024-02-29 23:59");
  REQUIRE(due("2025-12-31 10:00", "2m") == "2026-02-28 23:59");
  REQUIRE(due("2024-02-29 10:00", "1y") == "2025-02-28 23:59");
  REQUIRE(due("2024-02-29 10:00", "4y") == "2028-02-29 23:59");
  REQUIRE(months_after(civil_day("2026-03-31"), -1) == civil_day("2026-02-28"));
}

TEST_CASE("spans: a pause stops the clock", "[calendar]") {
  const std::vector<Pause> over{{at("2026-03-02 10:00"), at("2026-03-04 10:00")}};
  const auto now = at("2026-03-20 10:00");
  const auto hours = due_after(at("2026-03-02 09:00"), {24, Unit::hours}, china(), kZone, over, now);
  REQUIRE(format_time(hours.at, kZone) == "2026-03-05 09:00");
  // Paused at the ends of the 2nd and 3rd: they do not count.
  const auto days = due_after(at("2026-03-01 09:00"), {3, Unit::working_days}, china(), kZone, over, now);
  REQUIRE(format_time(days.at, kZone) == "2026-03-06 23:59");
  // What was paused before it began is nothing to it.
  const std::vector<Pause> past{{at("2026-02-20 10:00"), at("2026-02-28 10:00")}};
  const auto whole = due_after(at("2026-03-02 09:00"), {24, Unit::hours}, china(), kZone, past, now);
  REQUIRE(format_time(whole.at, kZone) == "2026-03-03 09:00");
  // Nor is what was paused after it ended.
  const std::vector<Pause> later{{at("2026-03-03 09:01"), at("2026-03-10 10:00")}};
  const auto ended = due_after(at("2026-03-02 09:00"), {24, Unit::hours}, china(), kZone, later, now);
  REQUIRE(format_time(ended.at, kZone) == "2026-03-03 09:00");
  // A day that ends as the pause does counts.
  const std::vector<Pause> brim{{at("2026-03-02 10:00"), end_of_day(civil_day("2026-03-02"), kZone)}};
  const auto brimming = due_after(at("2026-03-01 09:00"), {1, Unit::days}, china(), kZone, brim, now);
  REQUIRE(format_time(brimming.at, kZone) == "2026-03-02 23:59");
  const std::vector<Pause> open{{at("2026-03-02 10:00"), std::nullopt}};
  const auto still = due_after(at("2026-03-02 09:00"), {24, Unit::hours}, china(), kZone, open, at("2026-03-02 12:00"));
  REQUIRE(still.paused);
  REQUIRE(format_time(still.at, kZone) == "2026-03-03 11:00");
  const auto days_still =
      due_after(at("2026-03-02 09:00"), {3, Unit::days}, china(), kZone, open, at("2026-03-02 12:00"));
  REQUIRE(days_still.paused);
  REQUIRE(format_time(days_still.at, kZone) == "2026-03-05 23:59");
}

TEST_CASE("spans: working days add up", "[calendar]") {
  REQUIRE(rc::check("sums", [] {
    const Date from = civil_day("2023-12-01") + *rc::gen::inRange(0, 1400);
    const int a = *rc::gen::inRange(1, 60);
    const int b = *rc::gen::inRange(1, 60);
    bool ignored = true;
    const auto there = working_day_after(china(), from, a, ignored);
    RC_ASSERT(china().works(there));
    RC_ASSERT(working_days_between(china(), from, there) == a);
    RC_ASSERT(working_days_between(china(), there, from) == -a);
    RC_ASSERT(working_day_after(china(), there, b, ignored) == working_day_after(china(), from, a + b, ignored));
  }));
}

TEST_CASE("spans: a week without work counts calendar days instead of for ever", "[calendar]") {
  WorkCalendar never;
  never.week.fill(false);
  REQUIRE(format_time(due_after(at("2026-03-01 09:00"), {3, Unit::working_days}, never, kZone).at, kZone) ==
          "2026-03-04 23:59");
}
