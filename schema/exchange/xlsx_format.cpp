// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_format.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "schema/base/bytes.h"

namespace satchel {

namespace {

constexpr std::int32_t kEpoch1900 = 25'569;  // days from 1899-12-30 to 1970-01-01
constexpr std::int32_t kEpoch1904 = 24'107;
constexpr double kLastSerial = 2'958'466;  // 10000-01-01
constexpr int kDaySeconds = 86'400;
constexpr std::int32_t kMarch1900 = 61;  // the first day all programs number alike
constexpr int kExactDigits = 15;

bool within(unsigned id, unsigned from, unsigned to) { return id >= from && id <= to; }

char low(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// "[h]", "[mm]": a time that counts on; other brackets hold colours, conditions, locales.
bool counts_on(std::string_view inside) {
  return !inside.empty() && inside.find_first_not_of(inside.front()) == std::string_view::npos &&
         std::string_view("hms").find(low(inside.front())) != std::string_view::npos;
}

std::string two(int n) {
  std::string out = std::to_string(n);
  return out.size() < 2 ? "0" + out : out;
}

std::string clock_text(int seconds) {
  std::string out = two(seconds / 3600) + ":" + two(seconds / 60 % 60);
  if (seconds % 60 != 0) out += ":" + two(seconds % 60);
  return out;
}

std::string plain_text(std::string_view written, double value) {
  // Digits alone are what somebody wrote, an identity number perhaps: as they are, however many.
  const auto digits = written.substr(written.starts_with('-') ? 1 : 0);
  if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) return std::string(written);
  std::array<char, 64> shown{};
  std::snprintf(shown.data(), shown.size(), "%.*g", kExactDigits, value);
  std::string_view text = shown.data();
  if (text.find('e') == std::string_view::npos) return std::string(text);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  std::array<char, 400> fixed{};
  const auto end = std::to_chars(fixed.data(), fixed.data() + fixed.size(), rounded, std::chars_format::fixed);
  return end.ec == std::errc() ? std::string(fixed.data(), end.ptr) : std::string(written);
}

}  // namespace

NumberFormat built_in_format(unsigned id) {
  NumberFormat out;
  out.date =
      within(id, 14, 17) || id == 22 || within(id, 27, 31) || id == 36 || within(id, 50, 54) || id == 57 || id == 58;
  out.time = within(id, 18, 22) || within(id, 32, 35) || within(id, 55, 56) || id == 45 || id == 47;
  out.elapsed = id == 46;
  return out;
}

NumberFormat format_of_code(std::string_view code) {
  NumberFormat out;
  bool month_or_minute = false;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = low(code[i]);
    if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size());
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '[') {
      const auto end = std::min(code.find(']', i), code.size());
      out.elapsed = out.elapsed || counts_on(code.substr(i + 1, end - i - 1));
      i = end;
    } else if (c == 'y' || c == 'd' || (c == 'a' && code.substr(i).starts_with("aaa"))) {
      out.date = true;
    } else if (c == 'h' || c == 's') {
      out.time = true;
    } else if (c == 'm') {
      month_or_minute = true;
    } else if (c == 'g' && code.size() - i >= 7 && low(code[i + 1]) == 'e') {
      i += 6;  // General
    } else if (c == 'a' && i + 4 < code.size() && code[i + 2] == '/') {
      i += 4;  // AM/PM
    }
  }
  if (month_or_minute && !out.time && !out.elapsed) out.date = true;
  return out;
}

std::string number_text(std::string_view written, const NumberFormat& format, bool from_1904) {
  double value = 0;
  const auto end = std::from_chars(written.data(), written.data() + written.size(), value);
  if (end.ec != std::errc() || end.ptr != written.data() + written.size() || !std::isfinite(value))
    return std::string(written);
  if (format.plain() || value < 0 || value >= kLastSerial) return plain_text(written, value);
  const double whole = std::floor(value);
  auto day = static_cast<std::int32_t>(whole);
  auto seconds = static_cast<int>(std::lround((value - whole) * kDaySeconds));
  if (seconds == kDaySeconds) {
    ++day;
    seconds = 0;
  }
  if (format.elapsed && !format.date) {
    const auto hours = static_cast<std::int64_t>(day) * 24 + seconds / 3600;
    return (hours < 10 ? "0" : "") + std::to_string(hours) + clock_text(seconds % 3600).substr(2);
  }
  if (!format.date && day == 0) return clock_text(seconds);
  // Before March 1900 the 1900 system is a day behind, for a 29 February that never was.
  const std::int32_t shift = from_1904 ? kEpoch1904 : day < kMarch1900 - 1 ? kEpoch1900 - 1 : kEpoch1900;
  const std::string date = format_date({day - shift});
  return seconds == 0 || !format.time ? date : date + " " + clock_text(seconds);
}

std::optional<double> serial_of(Date date) {
  const std::int64_t serial = std::int64_t{date.days} + kEpoch1900;
  if (serial < kMarch1900 || serial >= static_cast<std::int64_t>(kLastSerial)) return std::nullopt;
  return static_cast<double>(serial);
}

std::string unescape_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    const bool shaped = text[i] == '_' && i + 6 < text.size() && text[i + 1] == 'x' && text[i + 6] == '_';
    const auto digits = shaped ? text.substr(i + 2, 4) : std::string_view();
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    // Only what one byte of UTF-8 holds: the rest has no reason to be written so.
    if (!shaped || end.ec != std::errc() || end.ptr != digits.data() + 4 || code >= 0x80 || code == 0) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(code));
    i += 6;
  }
  return out;
}

}  // namespace satchel
