// SPDX-License-Identifier: AGPL-3.0-or-later
// The spellings people use: lists, full-width digits, dates, phones.
#include <algorithm>
#include <charconv>

#include "schema/template/field_text.h"

namespace satchel {

namespace {

constexpr std::string_view kWideSpace = "\u3000";
constexpr std::string_view kSeparators[] = {"、", ",", "，", ";", "；", "\n"};

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

// The separator at the front, empty when there is none.
std::string_view separator_at(std::string_view rest) {
  for (const auto s : kSeparators)
    if (rest.starts_with(s)) return s;
  return {};
}

std::string take_digits(std::string_view& rest, std::size_t most) {
  std::size_t n = 0;
  while (n < rest.size() && n < most && digit(rest[n])) ++n;
  std::string digits(rest.substr(0, n));
  rest.remove_prefix(n);
  return digits;
}

bool take_any(std::string_view& rest, std::initializer_list<std::string_view> marks) {
  for (const auto mark : marks) {
    if (!rest.starts_with(mark)) continue;
    rest.remove_prefix(mark.size());
    return true;
  }
  return false;
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  for (bool more = true; more;) {
    more = false;
    while (!text.empty() && blank(text.front())) text.remove_prefix(1), more = true;
    while (!text.empty() && blank(text.back())) text.remove_suffix(1), more = true;
    if (text.starts_with(kWideSpace)) text.remove_prefix(kWideSpace.size()), more = true;
    if (text.ends_with(kWideSpace)) text.remove_suffix(kWideSpace.size()), more = true;
  }
  return text;
}

std::size_t character_count(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string fold_width(std::string_view text) {
  // U+FF01..FF5E are EF BC 81 .. EF BD 9E; each stands 0xFEE0 above its ASCII twin.
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
    const bool wide = at(i) == 0xef && i + 2 < text.size() && (at(i + 1) == 0xbc || at(i + 1) == 0xbd);
    const unsigned low = wide ? ((at(i + 1) & 1u) << 6) + (at(i + 2) & 0x3fu) : 0;
    if (wide && low >= 0x01 && low <= 0x5e) {
      out.push_back(static_cast<char>(low + 0x20));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string fold_typed(std::string_view typed) {
  std::string out = fold_width(trim_blanks(typed));
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> all;
  std::string item;
  const auto finish = [&] {
    if (const auto kept = trim_blanks(item); !kept.empty()) all.emplace_back(kept);
    item.clear();
  };
  while (!text.empty()) {
    const auto separator = separator_at(text);
    if (separator.empty()) {
      item.push_back(text.front());
      text.remove_prefix(1);
    } else {
      finish();
      text.remove_prefix(separator.size());
    }
  }
  finish();
  return all;
}

std::optional<Date> parse_any_date(std::string_view typed) {
  const std::string folded = fold_width(trim_blanks(typed));
  std::string_view rest = folded;
  std::string year = take_digits(rest, 8), month, day;
  if (year.size() == 8) {
    month = year.substr(4, 2);
    day = year.substr(6);
    year.resize(4);
  } else {
    if (year.size() != 4 || !take_any(rest, {"-", "/", ".", "年"})) return std::nullopt;
    month = take_digits(rest, 2);
    if (month.empty() || !take_any(rest, {"-", "/", ".", "月"})) return std::nullopt;
    day = take_digits(rest, 2);
    take_any(rest, {"日", "号"});
  }
  if (day.empty()) return std::nullopt;
  month.insert(0, 2 - month.size(), '0');
  day.insert(0, 2 - day.size(), '0');
  const std::string date = year + "-" + month + "-" + day;
  if (!rest.empty()) {  // a time of day, as databases export it: checked, not kept
    if (!parse_time(date + std::string(rest), 0)) return std::nullopt;
  }
  return parse_date(date);
}

std::optional<Date> parse_day_said(std::string_view text, Date today) {
  const auto word = trim_blanks(text);
  if (word == "today" || word == "今天") return today;
  if (word == "tomorrow" || word == "明天") return Date{today.days + 1};
  if (word == "yesterday" || word == "昨天") return Date{today.days - 1};
  if (const auto date = parse_any_date(word)) return date;
  const bool relative = word.size() >= 2 && word.size() <= 5 && (word[0] == '+' || word[0] == '-') &&
                        word.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!relative) return std::nullopt;
  const int days = std::stoi(std::string(word.substr(1)));
  return Date{today.days + (word[0] == '+' ? days : -days)};
}

std::string normalise_phone(std::string_view typed) {
  const std::string text = fold_width(trim_blanks(typed));
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (digit(text[i])) {
      out.push_back(text[i]);
    } else if (text[i] == '+' && out.empty()) {
      out.push_back('+');
    } else if (text[i] == 'x' || text[i] == 'X' || text[i] == '#' || rest.starts_with("转")) {
      if (!out.empty() && out.back() != 'x') out.push_back('x');
    }
  }
  if (out.ends_with('x')) out.pop_back();
  return out;
}

}  // namespace satchel
