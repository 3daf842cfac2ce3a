// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/calendar/china.h"

#include <catch2/catch.hpp>

#include "schema/calendar/lunar.h"
#include "schema/packs/standard.h"
#include "schema/template/pack.h"

namespace satchel::test {

const WorkCalendar& china() {
  static const Pack pack = [] {
    for (const auto& [name, toml] : standard_packs())
      if (auto read = parse_pack(toml); read && read->id == "calendar") return std::move(*read);
    return Pack{};
  }();
  REQUIRE(pack.calendars.size() == 1);
  return pack.calendars.front();
}

}  // namespace satchel::test

using namespace satchel;
using satchel::test::china;

namespace {

// Working days of a year as printed under the yearly notices' calendars.
int worked(int year) {
  const auto first = parse_date(std::to_string(year) + "-01-01").value();
  const auto last = parse_date(std::to_string(year) + "-12-31").value();
  return working_days_between(china(), Date{first.days - 1}, last);
}

}  // namespace

TEST_CASE("china: the years have the working days their notices leave", "[calendar]") {
  REQUIRE(worked(2024) == 251);
  REQUIRE(worked(2025) == 248);
  REQUIRE(worked(2026) == 248);
}

TEST_CASE("china: make-up days are weekends, and lunar festivals lie where the almanac puts them", "[calendar]") {
  for (const auto& day : china().days) {
    INFO(format_date(day.on));
    REQUIRE(day.name.complete());
    const auto weekday = std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day.on.days))).c_encoding();
    if (day.worked) REQUIRE((weekday == 0 || weekday == 6));
  }
  for (int year = 2024; year <= 2027; ++year) {
    INFO(year);
    for (const auto& festival :
         {LunarDate{year, 1, 1, false}, LunarDate{year, 5, 5, false}, LunarDate{year, 8, 15, false}})
      REQUIRE_FALSE(china().works(date_of_lunar(festival).value()));
  }
}
