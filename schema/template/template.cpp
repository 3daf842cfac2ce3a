// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/template.h"

#include <algorithm>
#include <charconv>

namespace satchel {

namespace {

constexpr std::size_t kIdCharactersMax = 64;

}  // namespace

const Choice* Field::choice(std::string_view choice_id) const {
  const auto at = std::ranges::find(choices, choice_id, &Choice::id);
  return at == choices.end() ? nullptr : &*at;
}

const Field* Template::field(std::string_view field_id) const {
  const auto at = std::ranges::find(fields, field_id, &Field::id);
  return at == fields.end() ? nullptr : &*at;
}

bool Template::kept() const {
  return std::ranges::any_of(fields, [](const Field& field) { return field.permission == Permission::kept; });
}

bool Template::lives_in(RecordScope scope) const { return std::ranges::find(scopes, scope) != scopes.end(); }

std::optional<Retention> parse_retention(std::string_view text) {
  constexpr std::int64_t kYearsMax = 200;
  if (text == "long-term") return Retention{0, true};
  if (text.size() < 2 || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number == 0 || number > kYearsMax * 366) return std::nullopt;
  // A quarter of a day a year, rounded up: never a day too early.
  const std::int64_t quarters = text.back() == 'd'   ? number * 4
                                : text.back() == 'm' ? number * 122
                                : text.back() == 'y' ? number * 1461
                                                     : 0;
  const std::int64_t days = (quarters + 3) / 4;
  if (days == 0 || days > kYearsMax * 366) return std::nullopt;
  return Retention{static_cast<std::int32_t>(days), false};
}

std::string_view name_of(FieldType type) { return kFieldTypeNames[static_cast<std::size_t>(type)]; }
std::string_view name_of(MergePolicy policy) { return kMergePolicyNames[static_cast<std::size_t>(policy)]; }
std::string_view name_of(RecordScope scope) { return kRecordScopeNames[static_cast<std::size_t>(scope)]; }

bool has_choices(FieldType type) { return type == FieldType::choice || type == FieldType::choices; }

bool is_number(FieldType type) {
  return type == FieldType::integer || type == FieldType::decimal || type == FieldType::money;
}

bool is_pack_id(std::string_view id, bool hyphen) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (id.empty() || id.size() > kIdCharactersMax || !lower(id.front())) return false;
  return std::ranges::all_of(
      id, [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_' || (hyphen && c == '-'); });
}

}  // namespace satchel
