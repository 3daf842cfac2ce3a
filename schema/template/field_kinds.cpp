// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/field_kinds.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "schema/calendar/lunar.h"

namespace satchel {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

constexpr std::string_view kBetweenDays[] = {"/", "..", "~", "～", "至", "到", " to ", "—", "–"};

std::string stored_lunar(const LunarDate& lunar) {
  std::array<char, 32> out{};
  const int n = lunar.year == 0 ? std::snprintf(out.data(), out.size(), "L%02d%s-%02d", lunar.month,
                                                lunar.leap ? "+" : "", lunar.day)
                                : std::snprintf(out.data(), out.size(), "L%d-%02d%s-%02d", lunar.year, lunar.month,
                                                lunar.leap ? "+" : "", lunar.day);
  return {out.data(), static_cast<std::size_t>(n)};
}

bool born_then(std::string_view digits) {
  return parse_date(std::string(digits.substr(0, 4)) + "-" + std::string(digits.substr(4, 2)) + "-" +
                    std::string(digits.substr(6, 2)))
      .has_value();
}

template <class Visit>
void each_piece(std::string_view text, char between, Visit visit) {
  while (true) {
    const auto at = text.find(between);
    visit(text.substr(0, at));
    if (at == text.npos) return;
    text.remove_prefix(at + 1);
  }
}

// What parse_field takes back as the same value, in either language.
std::string plain_text(const Value& value) {
  if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "yes" : "no";
  return format_value(value, kChinaZoneMinutes);
}

std::string folded_separators(std::string_view typed) {
  static constexpr std::pair<std::string_view, char> kFolds[] = {{"；", ';'}, {"｜", '|'}, {"\n", ';'}};
  std::string out;
  while (!typed.empty()) {
    const auto* fold = std::ranges::find_if(kFolds, [&](const auto& f) { return typed.starts_with(f.first); });
    const bool folds = fold != std::end(kFolds);
    out.push_back(folds ? fold->second : typed.front());
    typed.remove_prefix(folds ? fold->first.size() : 1);
  }
  return out;
}

}  // namespace

std::optional<std::string> lunar_text(std::string_view typed) {
  const auto lunar = parse_lunar(fold_width(typed));
  return lunar ? std::optional(stored_lunar(*lunar)) : std::nullopt;
}

std::optional<std::string> period_text(std::string_view typed) {
  for (const auto between : kBetweenDays) {
    const auto at = typed.find(between);
    if (at == typed.npos) continue;
    const auto from = parse_any_date(trim_blanks(typed.substr(0, at)));
    const auto to = parse_any_date(trim_blanks(typed.substr(at + between.size())));
    if (from && to && *from <= *to) return format_date(*from) + "/" + format_date(*to);
  }
  return std::nullopt;
}

std::optional<std::string> id_number_text(std::string_view typed) {
  std::string text = fold_width(trim_blanks(typed));
  std::erase(text, ' ');
  if (text.size() == 15 && all_digits(text) && born_then("19" + text.substr(6, 6))) return text;
  if (text.size() != 18 || !all_digits(std::string_view(text).substr(0, 17)) || !born_then(text.substr(6, 8)))
    return std::nullopt;
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static constexpr std::string_view kCheck = "10X98765432";
  int sum = 0;
  for (std::size_t i = 0; i < std::size(kWeights); ++i) sum += (text[i] - '0') * kWeights[i];
  if (text.back() == 'x') text.back() = 'X';
  return text.back() == kCheck[static_cast<std::size_t>(sum % 11)] ? std::optional(text) : std::nullopt;
}

std::string lunar_shown(std::string_view stored, Lang lang) {
  const auto lunar = parse_lunar(stored);
  return lunar ? format_lunar(*lunar, lang) : std::string(stored);
}

std::string period_shown(std::string_view stored, Lang lang) {
  const auto at = stored.find('/');
  if (at == stored.npos) return std::string(stored);
  return std::string(stored.substr(0, at)) + (lang == Lang::zh ? " 至 " : " to ") + std::string(stored.substr(at + 1));
}

Result<std::vector<std::string>> read_groups(const Field& field, std::string_view typed, Lang lang,
                                             const RefFinder* finder, int zone_minutes) {
  std::vector<std::string> all;
  std::optional<Error> wrong;
  each_piece(folded_separators(typed), ';', [&](std::string_view group) {
    if (trim_blanks(group).empty() || wrong || all.size() > kValueTextsMax) return;
    std::string stored;
    std::size_t at = 0;
    each_piece(group, '|', [&](std::string_view part) {
      if (wrong) return;
      if (at == field.parts.size()) {
        wrong = Error{ErrorKind::invalid, "field.too-many-parts",
                      field.label.in(lang) + (lang == Lang::zh ? "：" : ": ") +
                          std::string(beginning(trim_blanks(group), kDetailBytesMax))};
        return;
      }
      const auto value = parse_field(field.parts[at], part, lang, finder, zone_minutes);
      if (!value) {
        wrong = value.error();
        return;
      }
      if (at++ > 0) stored += kPartSeparator;
      stored += plain_text(*value);
    });
    while (stored.ends_with(kPartSeparator)) stored.pop_back();
    all.push_back(std::move(stored));
  });
  if (wrong) return std::unexpected(std::move(*wrong));
  return all;
}

std::vector<Value> group_values(const Field& field, std::string_view group, int zone_minutes) {
  std::vector<Value> values(field.parts.size());
  std::size_t at = 0;
  each_piece(group, kPartSeparator, [&](std::string_view part) {
    if (at == values.size()) return;
    auto value = parse_field(field.parts[at], part, Lang::en, nullptr, zone_minutes);
    values[at++] = value ? std::move(*value) : Value(std::string(part));
  });
  return values;
}

std::string groups_shown(const Field& field, const std::vector<std::string>& groups, Lang lang, const RefNames* names,
                         int zone_minutes) {
  std::string out;
  for (const auto& group : groups) {
    if (!out.empty()) out += lang == Lang::zh ? "；" : "; ";
    const auto values = group_values(field, group, zone_minutes);
    const auto filled =
        std::ranges::find_if_not(values.rbegin(), values.rend(), [](const Value& v) { return empty(v); });
    const auto count = static_cast<std::size_t>(values.rend() - filled);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += " | ";
      out += format_field(field.parts[i], values[i], lang, names, zone_minutes);
    }
  }
  return out;
}

}  // namespace satchel
