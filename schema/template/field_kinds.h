// SPDX-License-Identifier: AGPL-3.0-or-later
// The spellings of the field types that are stored as texts of their own form (template.h), and the groups of a field.
// Private to field_text.
#pragma once

#include "schema/template/field_text.h"

namespace satchel {

inline constexpr std::size_t kDetailBytesMax = 200;  // of what was typed, in an error

// Typed text to the stored one; nothing when it is none.
std::optional<std::string> lunar_text(std::string_view typed);
// "2026-01-01/2026-03-31", also with .., ~, 至, 到, " to ".
std::optional<std::string> period_text(std::string_view typed);
// Eighteen digits with their check digit (GB 11643), or the fifteen of before 1999; the birthday must exist.
std::optional<std::string> id_number_text(std::string_view typed);
// "31.2304,121.4737 ±12m 3s mock": degrees north and east, then accuracy, the fix's age and whether it was made up,
// each optional. Also as place_shown gives it, with N, E, 北纬, 东经, and geo: addresses as phones hand them on.
std::optional<std::string> place_text(std::string_view typed);

// As people read the stored ones.
std::string lunar_shown(std::string_view stored, Lang lang);
std::string period_shown(std::string_view stored, Lang lang);
// "31.2304,121.4737 ±12 m, 3 min 5 s old, MOCK": a position that was made up says so.
std::string place_shown(std::string_view stored, Lang lang);

// Groups: one a line or between ';', their parts between '|' in the pack's order. Reads no more of them than tell that
// they are too many for a value.
Result<std::vector<std::string>> read_groups(const Field& field, std::string_view typed, Lang lang,
                                             const RefFinder* finder, int zone_minutes);
std::string groups_shown(const Field& field, const std::vector<std::string>& groups, Lang lang, const RefNames* names,
                         int zone_minutes);
// The values of one stored group, one a part of the field; empty ones where it has fewer.
std::vector<Value> group_values(const Field& field, std::string_view group, int zone_minutes);

}  // namespace satchel
