// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/template.h"

#include <algorithm>

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

bool Template::lives_in(RecordScope scope) const { return std::ranges::find(scopes, scope) != scopes.end(); }

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
