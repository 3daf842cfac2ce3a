// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/calendar/lunar.h"

using namespace satchel;

namespace {

Date day(std::string_view text) { return parse_date(text).value(); }

}  // namespace

TEST_CASE("lunar: New Year's days as almanacs print them", "[calendar]") {
  for (const auto* text : {"1900-01-31", "1949-01-29", "1985-02-20", "2000-02-05", "2020-01-25", "2023-01-22",
                           "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2033-01-31", "2034-02-19"}) {
    INFO(text);
    const Date date = day(text);
    const int year = static_cast<int>(date.civil().year());
    REQUIRE(lunar_of(date) == LunarDate{year, 1, 1, false});
    REQUIRE(date_of_lunar({year, 1, 1, false}) == date);
  }
}

TEST_CASE("lunar: leap months", "[calendar]") {
  struct Leap {
    int year, month;
    std::string_view begins;
  };
  // 2033 is the year that many programs get wrong.
  for (const auto& leap : {Leap{2020, 4, "2020-05-23"}, Leap{2023, 2, "2023-03-22"}, Leap{2025, 6, "2025-07-25"},
                           Leap{2028, 5, "2028-06-23"}, Leap{2033, 11, "2033-12-22"}}) {
    INFO(leap.year);
    REQUIRE(date_of_lunar({leap.year, leap.month, 1, true}) == day(leap.begins));
    REQUIRE(lunar_of(day(leap.begins)) == LunarDate{leap.year, leap.month, 1, true});
    for (int month = 1; month <= 12; ++month) {
      if (month != leap.month) REQUIRE_FALSE(date_of_lunar({leap.year, month, 1, true}));
    }
  }
  REQUIRE_FALSE(date_of_lunar({2026, 6, 1, true}));
  REQUIRE(date_of_lunar({2024, 8, 15, false}) == day("2024-09-17"));
  REQUIRE(date_of_lunar({2025, 5, 5, false}) == day("2025-05-31"));
}

TEST_CASE("lunar: a birthday comes round every year", "[calendar]") {
  REQUIRE(next_lunar_day({0, 8, 15, false}, day("2026-09-25")) == day("2026-09-25"));
  REQUIRE(next_lunar_day({0, 8, 15, false}, day("2026-09-26")) == day("2027-09-15"));
  // Born in a leap sixth month: kept in the sixth where there is no leap one.
  REQUIRE(next_lunar_day({0, 6, 1, true}, day("2025-06-01")) == day("2025-07-25"));
  REQUIRE(next_lunar_day({0, 6, 1, true}, day("2026-01-01")) == date_of_lunar({2026, 6, 1, false}));
  // Born on a 30th: a year in which the twelfth month has 29 days keeps the 29th (2025-01-28 is New Year's Eve).
  REQUIRE_FALSE(date_of_lunar({2024, 12, 30, false}));
  REQUIRE(next_lunar_day({0, 12, 30, false}, day("2025-01-01")) == day("2025-01-28"));
}

TEST_CASE("lunar: what people write", "[calendar]") {
  REQUIRE(parse_lunar("八月十五") == LunarDate{0, 8, 15, false});
  REQUIRE(parse_lunar("农历2025年闰六月初一") == LunarDate{2025, 6, 1, true});
  REQUIRE(parse_lunar("十一月廿九") == LunarDate{0, 11, 29, false});
  REQUIRE(parse_lunar("冬月二十九") == LunarDate{0, 11, 29, false});
  REQUIRE(parse_lunar("腊月三十") == LunarDate{0, 12, 30, false});
  REQUIRE(parse_lunar("L2025-06+-01") == LunarDate{2025, 6, 1, true});
  REQUIRE(parse_lunar("L06+-01") == LunarDate{0, 6, 1, true});
  REQUIRE(parse_lunar("L08-15") == LunarDate{0, 8, 15, false});
  for (const auto* text :
       {"", "八月", "十三月初一", "八月三十一", "L13-01", "L08-31", "L08-", "2026-08-15", "L99999999999-01-01"})
    REQUIRE_FALSE(parse_lunar(text));
  REQUIRE(format_lunar({2025, 6, 21, true}) == "农历2025年闰六月廿一");
  REQUIRE(format_lunar({0, 10, 20, false}, Lang::en) == "10-20 lunar");
}

TEST_CASE("lunar: every day of the range there and back, and as it is written", "[calendar]") {
  LunarDate before{1900, 0, 0, false};
  for (Date date = day("1900-01-31"); date <= day("2100-12-31"); date.days += 1) {
    const auto lunar = lunar_of(date);
    REQUIRE(lunar);
    const bool next = lunar->day == before.day + 1 || lunar->day == 1;
    if (date.days % 7 == 0 || !next) {
      INFO(format_date(date));
      REQUIRE(next);
      REQUIRE(date_of_lunar(*lunar) == date);
      REQUIRE(parse_lunar(format_lunar(*lunar)) == *lunar);
    }
    before = *lunar;
  }
}
