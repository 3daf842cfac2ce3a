// SPDX-License-Identifier: AGPL-3.0-or-later
// A field's value to and from what people type, paste or import, and the check of a whole record.
// Reading is generous (full-width digits, 2026年11月22日, 是/有/y/yes, a choice by id or by either label, lists parted
// by 、 , ; or a new line); what is stored is exact. "/" alone means struck out. Phones are kept as typed and compared
// by normalise_phone. parse_field(format_field(v)) gives v again, but for retired and free choices that read alike.
#pragma once

#include <functional>
#include <optional>

#include "schema/template/template.h"

namespace satchel {

inline constexpr int kChinaZoneMinutes = 480;
// Stands for a sensitive value that is not shown.
inline constexpr std::string_view kMask = "••••";

// How references are shown, and found by what people type. A missing function means "by id in hexadecimal only".
struct RefNames {
  std::function<std::string(const Ref&)> person, archive, branch, record;
};
struct RefFinder {
  std::function<std::optional<Ref>(std::string_view)> person, archive, branch, record;
};

// Empty text gives the empty value. Errors: field.not-a-number, -not-a-date, -not-a-time, -not-a-phone, -not-a-choice,
// -not-yes-or-no, -not-a-lunar-date, -not-a-period, -not-an-id-number, -not-a-place, -too-many-parts, -not-found,
// -too-long, -out-of-range; the detail names the field and what was typed.
Result<Value> parse_field(const Field& field, std::string_view text, Lang lang, const RefFinder* finder = nullptr,
                          int zone_minutes = kChinaZoneMinutes);
std::string format_field(const Field& field, const Value& value, Lang lang, const RefNames* names = nullptr,
                         int zone_minutes = kChinaZoneMinutes);

struct FieldProblem {
  std::string field;
  std::string code;  // field.missing, field.wrong-type, and those of parse_field
  std::string detail;
};

// Of the record's whole state. Fields the template does not know are a newer pack's and no problem.
std::vector<FieldProblem> validate(const Template& form, const FieldMap& record, Lang lang);
// Fields that keep the record from being complete: required and empty, or, where the form allows no blank, asked for
// and neither filled nor struck out.
std::vector<const Field*> blanks(const Template& form, const FieldMap& record);
// Puts in what computed fields come to.
void fill_computed(const Template& form, FieldMap& record);
// Whether the record, as it says now, is one of those: a field with a choice listed, a number or day within bounds.
// What is not filled is no choice and lies within no bounds. Computed fields count where fill_computed put them in.
bool applies(const When& when, const FieldMap& record);
// How long a state takes for such a record: by the first of its limits that is for it, else by the one for all others.
std::optional<Span> limit_of(const WorkflowState& state, const FieldMap& record);

// The id of the choice that answers to an id or either label; free text when the field is open, else nothing.
std::optional<std::string> find_choice(const Field& field, std::string_view typed);

// Digits, a leading '+', and 'x' before an extension: what two spellings of one number share.
std::string normalise_phone(std::string_view typed);
// Full-width ASCII forms (１２：３０) to ASCII.
std::string fold_width(std::string_view text);
// What two spellings of a name or number share: no blanks around, ASCII forms, small letters.
std::string fold_typed(std::string_view typed);
// "2026-11-22", 2026/11/22, 2026.11.22, 2026年11月22日, 20261122, and any of them with a time, which is dropped.
std::optional<Date> parse_any_date(std::string_view text);
// The same, and today, 今天, tomorrow, 明天, yesterday, 昨天, +7, -1, counted from `today`.
std::optional<Date> parse_day_said(std::string_view text, Date today);
std::vector<std::string> split_list(std::string_view text);
// Names side by side, separated as the language does.
std::string join_list(std::span<const std::string> words, Lang lang);
std::size_t character_count(std::string_view utf8);
std::string_view trim_blanks(std::string_view text);  // blanks, tabs, line ends, and the ideographic space

}  // namespace satchel
