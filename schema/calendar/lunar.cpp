// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/calendar/lunar.h"

#include <unicode/calendar.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace satchel {

namespace {

constexpr int kChinaZone = 480;
constexpr int kEra = 2637;  // ICU counts lunar years from that far back
constexpr double kDayMs = 86'400'000.0;
constexpr double kNoonInChina = kDayMs / 2 - 8 * 3'600'000.0;
constexpr std::array<std::string_view, 12> kMonths = {"正月", "二月", "三月", "四月", "五月",   "六月",
                                                      "七月", "八月", "九月", "十月", "十一月", "十二月"};
constexpr std::array<std::string_view, 10> kOnes = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};

std::unique_ptr<icu::Calendar> chinese_calendar() {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::Calendar> calendar(icu::Calendar::createInstance(icu::TimeZone::createTimeZone("Asia/Shanghai"),
                                                                        icu::Locale("zh_CN@calendar=chinese"), status));
  return U_SUCCESS(status) ? std::move(calendar) : nullptr;
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
  const auto calendar = chinese_calendar();
  if (!calendar) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  calendar->setTime(date.days * kDayMs + kNoonInChina, status);
  const LunarDate lunar{calendar->get(UCAL_EXTENDED_YEAR, status) - kEra, calendar->get(UCAL_MONTH, status) + 1,
                        calendar->get(UCAL_DATE, status), calendar->get(UCAL_IS_LEAP_MONTH, status) != 0};
  if (U_FAILURE(status) || lunar.year == 0 || !plausible(lunar)) return std::nullopt;
  return lunar;
}

std::optional<Date> date_of_lunar(const LunarDate& lunar) {
  const auto calendar = chinese_calendar();
  if (!calendar || lunar.year == 0 || !plausible(lunar)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  calendar->clear();
  calendar->set(UCAL_EXTENDED_YEAR, lunar.year + kEra);
  calendar->set(UCAL_MONTH, lunar.month - 1);
  calendar->set(UCAL_IS_LEAP_MONTH, lunar.leap ? 1 : 0);
  calendar->set(UCAL_DATE, lunar.day);
  calendar->set(UCAL_HOUR_OF_DAY, 12);
  const double ms = calendar->getTime(status);
  if (U_FAILURE(status)) return std::nullopt;
  const Date date = date_of({static_cast<std::int64_t>(ms)}, kChinaZone);
  // ICU moves on what does not exist.
  if (lunar_of(date) != lunar) return std::nullopt;
  return date;
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
