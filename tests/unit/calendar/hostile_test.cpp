// SPDX-License-Identifier: AGPL-3.0-or-later
// Dates, times, spans and lunar days that nobody would type: none, or one that reads the same again.
#include <catch2/catch.hpp>

#include "schema/calendar/lunar.h"
#include "schema/calendar/period.h"
#include "schema/calendar/span.h"
#include "tests/support/bent.h"
#include "tests/unit/calendar/china.h"

using namespace satchel;
using satchel::test::Bender;

TEST_CASE("hostile: bent spans are none, or read the same again", "[calendar][hostile]") {
  const std::vector<std::string> corpus = {"30min", "24h", "3d", "2wd", "2m", "1y", "100000d"};
  Bender bender({"-", "+", "0", "9999999999", "wd", "min", " ", ".", "e5", "\xff", std::string(1, '\0')});
  for (std::size_t i = 0; i < vectors::hostile_cases(20'000); ++i) {
    const auto text = bender.bend(corpus[bender.any(corpus.size())]);
    INFO(text);
    const auto span = parse_span(text);
    if (!span) continue;
    if (span->count < 0 || span->count > kSpanCountMax || parse_span(format_span(*span)) != span) FAIL("unsound");
  }
}

TEST_CASE("hostile: bent lunar days are none, or read the same again", "[calendar][hostile]") {
  const std::vector<std::string> corpus = {"农历2025年闰六月初一", "腊月三十", "冬月二十九", "八月十五",
                                           "L2025-06+-01",         "L08-15",   "L06+-01"};
  Bender bender({"L", "-", "+", "闰", "农历", "年", "十", "二十", "廿", "初", "三十", "99999999999", "-5", "0", "1899",
                 "2101", "\xe5"});
  for (std::size_t i = 0; i < vectors::hostile_cases(20'000); ++i) {
    const auto text = bender.bend(corpus[bender.any(corpus.size())]);
    INFO(text);
    const auto lunar = parse_lunar(text);
    if (!lunar) continue;
    const bool year = lunar->year == 0 || (kLunarYearMin <= lunar->year && lunar->year <= kLunarYearMax);
    if (!year || lunar->month < 1 || lunar->month > 12 || lunar->day < 1 || lunar->day > 30) FAIL("no such day");
    if (parse_lunar(format_lunar(*lunar)) != lunar) FAIL("reads otherwise");
    if (const auto date = date_of_lunar(*lunar); date && lunar_of(*date) != lunar) FAIL("another day");
  }
}

TEST_CASE("hostile: bent dates and times are none, or read the same again", "[calendar][hostile]") {
  const std::vector<std::string> corpus = {
      "2026-11-22", "2026-11-22 14:05",     "2026-11-22T14:05:06.789Z", "2024-02-29 23:59:60+08:00",
      "0000-01-01", "9999-12-31 23:59-1400"};
  Bender bender({"-", ":", "+", " ", "T", "Z", ".", "0", "9", "00", "-1", "99", "\xff", std::string(400, '9')});
  for (std::size_t i = 0; i < vectors::hostile_cases(20'000); ++i) {
    const auto text = bender.bend(corpus[bender.any(corpus.size())]);
    INFO(text);
    if (const auto date = parse_date(text); date && format_date(*date) != text) FAIL("another date");
    const auto time = parse_time(text, 480);
    // Years before 0000 and after 9999, which a zone may lead to, are written as none can be read.
    if (!time || *time < start_of_day(*parse_date("0000-01-02"), 480) ||
        *time > start_of_day(*parse_date("9999-12-31"), 480))
      continue;
    const auto again = parse_time(format_time(*time, 480), 480);
    if (!again || time->ms - again->ms < 0 || time->ms - again->ms >= 60'000) FAIL("another time");
  }
}

TEST_CASE("hostile: the first and the last of dates and times have a day, a name and a deadline",
          "[calendar][hostile]") {
  for (const auto ms : {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, INT64_MAX - 1, INT64_MAX}) {
    INFO(ms);
    for (const int zone : {-840, 0, 480, 840}) {
      (void)date_of(WallTime{ms}, zone);
      CHECK_FALSE(format_time(WallTime{ms}, zone).empty());
    }
  }
  CHECK(format_time(WallTime{-1}, 0) == "1969-12-31 23:59");
  CHECK(format_time(WallTime{-1}, 1) == "1970-01-01 00:00");
  CHECK(date_of(WallTime{-1}, 480) == Date{0});
  CHECK(date_of(WallTime{-480 * 60'000 - 1}, 480) == Date{-1});
  CHECK(date_of(WallTime{86'400'000 - 1}, 0) == Date{0});
  CHECK(date_of(WallTime{86'400'000 - 480 * 60'000}, 480) == Date{1});
  for (const auto* text : {"0000-01-01", "1899-12-31", "2170-01-01", "9999-12-31"}) {
    const Date day = parse_date(text).value();
    const auto from = start_of_day(day, 480);
    for (const auto* span : {"100000min", "100000h", "100000d", "100000wd", "100000m", "100000y"}) {
      INFO(text << " " << span);
      const auto due = due_after(from, parse_span(span).value(), test::china(), 480);
      if (parse_span(span)->unit >= Unit::days) CHECK(date_of(due.at, 480) == kLastDay);
    }
    for (const auto* period : {"day", "week", "month", "quarter", "year"}) {
      const auto which =
          static_cast<Period>(std::ranges::find(kPeriodNames, std::string_view(period)) - std::begin(kPeriodNames));
      const auto stretch = stretch_of(which, day);
      CHECK((stretch.first <= day && day <= stretch.last));
      CHECK_FALSE(stretch_name(which, day).empty());
    }
    bool sure = true;
    CHECK(working_day_after(test::china(), day, INT32_MAX, sure) == kLastDay);
    CHECK(months_after(day, INT32_MAX) == kLastDay);
    CHECK(months_after(day, INT32_MIN) == kFirstDay);
    (void)working_days_between(test::china(), day, kLastDay);
  }
}
