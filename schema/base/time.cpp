// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/time.h"

#include <charconv>
#include <cstdio>

namespace satchel {

namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMinutesPerDay = 24 * 60;
constexpr std::int64_t kMsPerDay = kMinutesPerDay * kMsPerMinute;

// Takes `width` digits off the front of `text`.
std::optional<int> digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int v = 0;
  const auto end = text.data() + width;
  const auto got = std::from_chars(text.data(), end, v);
  if (got.ec != std::errc{} || got.ptr != end || text.front() == '-') return std::nullopt;
  text.remove_prefix(width);
  return v;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Date> take_date(std::string_view& text) {
  const auto y = digits(text, 4);
  if (!y || !skip(text, '-')) return std::nullopt;
  const auto m = digits(text, 2);
  if (!m || !skip(text, '-')) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d) return std::nullopt;
  const std::chrono::year_month_day civil{std::chrono::year(*y), std::chrono::month(static_cast<unsigned>(*m)),
                                          std::chrono::day(static_cast<unsigned>(*d))};
  if (!civil.ok()) return std::nullopt;
  return Date{static_cast<std::int32_t>(std::chrono::sys_days(civil).time_since_epoch().count())};
}

// ":06" and ".789" after the minutes.
std::optional<std::int64_t> take_seconds(std::string_view& text) {
  if (!skip(text, ':')) return 0;
  const auto s = digits(text, 2);
  if (!s || *s > 60) return std::nullopt;
  std::int64_t ms = *s * 1000;
  if (skip(text, '.')) {
    int scale = 100;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      ms += (text.front() - '0') * scale;
      scale /= 10;
      text.remove_prefix(1);
    }
  }
  return ms;
}

std::optional<int> take_zone(std::string_view& text, int otherwise) {
  if (text.empty()) return otherwise;
  if (skip(text, 'Z')) return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!skip(text, '+') && !skip(text, '-')) return std::nullopt;
  const auto h = digits(text, 2);
  skip(text, ':');
  const auto m = digits(text, 2);
  if (!h || !m || *h > 14 || *m > 59) return std::nullopt;
  return sign * (*h * 60 + *m);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Minutes since 1970 in the zone: a foreign clock may have said any number of milliseconds.
std::int64_t local_minutes(WallTime time, int zone_minutes) { return floor_div(time.ms, kMsPerMinute) + zone_minutes; }

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  auto date = take_date(text);
  if (!text.empty()) return std::nullopt;
  return date;
}

std::string format_date(Date date) {
  const auto civil = date.civil();
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(civil.year()), static_cast<unsigned>(civil.month()),
                static_cast<unsigned>(civil.day()));
  return out;
}

Date date_of(WallTime time, int zone_minutes) {
  return {static_cast<std::int32_t>(floor_div(local_minutes(time, zone_minutes), kMinutesPerDay))};
}

std::string format_time(WallTime time, int zone_minutes) {
  const auto local = local_minutes(time, zone_minutes);
  const auto minutes = local - floor_div(local, kMinutesPerDay) * kMinutesPerDay;
  char out[16];
  std::snprintf(out, sizeof out, " %02d:%02d", static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return format_date(date_of(time, zone_minutes)) + out;
}

std::optional<WallTime> parse_time(std::string_view text, int zone_minutes) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  std::int64_t ms = 0;
  if (!text.empty()) {
    if (!skip(text, ' ') && !skip(text, 'T')) return std::nullopt;
    const auto h = digits(text, 2);
    if (!h || *h > 23 || !skip(text, ':')) return std::nullopt;
    const auto m = digits(text, 2);
    if (!m || *m > 59) return std::nullopt;
    const auto s = take_seconds(text);
    if (!s) return std::nullopt;
    ms = (*h * 60 + *m) * kMsPerMinute + *s;
  }
  const auto zone = take_zone(text, zone_minutes);
  if (!zone || !text.empty()) return std::nullopt;
  return WallTime{date->days * kMsPerDay + ms - *zone * kMsPerMinute};
}

}  // namespace satchel
