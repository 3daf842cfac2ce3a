// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/calendar/lunar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace satchel {

namespace {

constexpr Date kFirstNewYear{-25'537};  // 1900-01-31
constexpr std::array<std::string_view, 12> kMonths = {"正月", "二月", "三月", "四月", "五月",   "六月",
                                                      "七月", "八月", "九月", "十月", "十一月", "十二月"};
constexpr std::array<std::string_view, 10> kOnes = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};

std::uint32_t code_of(int year) { return kLunarYears[static_cast<std::size_t>(year - kLunarYearMin)]; }

struct LunarMonth {
  int month = 1;
  bool leap = false;
  int days = 29;
};

// In their order: twelve, or thirteen with a leap month.
std::vector<LunarMonth> months_of(int year) {
  const auto code = code_of(year);
  const int leap = static_cast<int>(code & 15U);
  std::vector<LunarMonth> months;
  for (int month = 1; month <= 12; ++month) {
    months.push_back({month, false, (code >> (16 - month) & 1U) != 0 ? 30 : 29});
    if (month == leap) months.push_back({month, true, (code >> 16 & 1U) != 0 ? 30 : 29});
  }
  return months;
}

// The new years' days, and the day after the last year.
const std::vector<Date>& new_years() {
  static const std::vector<Date> all = [] {
    std::vector<Date> days{kFirstNewYear};
    for (int year = kLunarYearMin; year <= kLunarYearMax; ++year) {
      std::int32_t length = 0;
      for (const auto& month : months_of(year)) length += month.days;
      days.push_back({days.back().days + length});
    }
    return days;
  }();
  return all;
}

std::string day_name(int day) {
  const auto one = std::string(kOnes[static_cast<std::size_t>((day - 1) % 10)]);
  if (day <= 10) return "初" + one;
  if (day < 20) return "十" + one;
  if (day == 20) return "二十";
  return day < 30 ? "廿" + one : "三十";
}

bool plausible(const LunarDate& lunar) {
  const bool year = lunar.year == 0 || (kLunarYearMin <= lunar.year && lunar.year <= kLunarYearMax);
  return year && 1 <= lunar.month && lunar.month <= 12 && 1 <= lunar.day && lunar.day <= 30;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [rest, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return number;
}

// The longest name first: 十一月 begins with 十, not with 十月.
std::optional<int> take_month(std::string_view& text) {
  if (take(text, "冬月")) return 11;
  if (take(text, "腊月")) return 12;
  if (take(text, "一月")) return 1;
  for (std::size_t i = kMonths.size(); i > 0; --i) {
    if (take(text, kMonths[i - 1])) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::optional<LunarDate> parse_words(std::string_view text) {
  LunarDate lunar;
  if (const auto year = take_number(text)) {
    if (!take(text, "年")) return std::nullopt;
    lunar.year = *year;
  }
  lunar.leap = take(text, "闰");
  const auto month = take_month(text);
  if (!month) return std::nullopt;
  lunar.month = *month;
  for (lunar.day = 1; lunar.day <= 30; ++lunar.day) {
    const auto name = day_name(lunar.day);
    const bool other = lunar.day > 20 && lunar.day < 30 && text == "二十" + name.substr(std::string_view("廿").size());
    if (text == name || other) return lunar;
  }
  return std::nullopt;
}

// What follows the L.
std::optional<LunarDate> parse_digits(std::string_view text) {
  LunarDate lunar;
  const auto first = take_number(text);
  if (!first || !take(text, "-")) {
    if (!first || !take(text, "+-")) return std::nullopt;
    lunar.leap = true;
  }
  auto month = first;
  if (*first > 12) {
    lunar.year = *first;
    month = take_number(text);
    lunar.leap = take(text, "+");
    if (!take(text, "-")) return std::nullopt;
  }
  const auto day = take_number(text);
  if (!month || !day || !text.empty()) return std::nullopt;
  lunar.month = *month;
  lunar.day = *day;
  return lunar;
}

std::optional<Date> in_year(LunarDate lunar, int year) {
  lunar.year = year;
  if (const auto date = date_of_lunar(lunar)) return date;
  if (lunar.leap) {
    lunar.leap = false;
    if (const auto date = date_of_lunar(lunar)) return date;
  }
  lunar.day = std::min(lunar.day, 29);
  return date_of_lunar(lunar);
}

}  // namespace

std::optional<LunarDate> lunar_of(Date date) {
  const auto& years = new_years();
  const auto after = std::ranges::upper_bound(years, date);
  if (after == years.begin() || after == years.end()) return std::nullopt;
  const auto index = after - years.begin() - 1;
  const int year = kLunarYearMin + static_cast<int>(index);
  std::int32_t left = date.days - std::prev(after)->days;
  for (const auto& month : months_of(year)) {
    if (left < month.days) return LunarDate{year, month.month, left + 1, month.leap};
    left -= month.days;
  }
  return std::nullopt;
}

std::optional<Date> date_of_lunar(const LunarDate& lunar) {
  if (lunar.year == 0 || !plausible(lunar)) return std::nullopt;
  Date at = new_years()[static_cast<std::size_t>(lunar.year - kLunarYearMin)];
  for (const auto& month : months_of(lunar.year)) {
    const bool here = month.month == lunar.month && month.leap == lunar.leap;
    if (here && lunar.day > month.days) return std::nullopt;
    if (here) return Date{at.days + lunar.day - 1};
    at.days += month.days;
  }
  return std::nullopt;
}

std::optional<Date> next_lunar_day(const LunarDate& lunar, Date from) {
  const auto now = lunar_of(from);
  if (!now || !plausible(lunar)) return std::nullopt;
  for (int year = now->year; year <= std::min(now->year + 1, kLunarYearMax); ++year) {
    if (const auto date = in_year(lunar, year); date && *date >= from) return date;
  }
  return std::nullopt;
}

std::string format_lunar(const LunarDate& lunar, Lang lang) {
  if (lang == Lang::zh) {
    const auto year = lunar.year == 0 ? "" : std::to_string(lunar.year) + "年";
    const auto& month = kMonths[static_cast<std::size_t>(std::clamp(lunar.month, 1, 12) - 1)];
    return "农历" + year + (lunar.leap ? "闰" : "") + std::string(month) + day_name(std::clamp(lunar.day, 1, 30));
  }
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (lunar.year == 0 ? "" : std::to_string(lunar.year) + "-") + two(lunar.month) + "-" + two(lunar.day) +
         " lunar" + (lunar.leap ? ", leap month" : "");
}

std::optional<LunarDate> parse_lunar(std::string_view text) {
  const bool said = take(text, "农历");
  const auto lunar = !said && take(text, "L") ? parse_digits(text) : parse_words(text);
  if (!lunar || !plausible(*lunar)) return std::nullopt;
  return lunar;
}

}  // namespace satchel
