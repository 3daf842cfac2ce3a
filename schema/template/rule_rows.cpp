// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/rule_rows.h"

#include <algorithm>

namespace satchel {

namespace {

std::string text_of(const Ref& ref) { return hex(ref.id); }

// What a value says, as texts: one, or those of a list.
std::vector<std::string> words_of(const Value& value) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return *list;
  if (const auto* ref = std::get_if<Ref>(&value)) return {text_of(*ref)};
  if (const auto* text = std::get_if<std::string>(&value)) return {*text};
  return {};
}

bool is_list(const Value& value) { return std::holds_alternative<std::vector<std::string>>(value); }

}  // namespace

Result<std::vector<RuleRow>> RuleRows::read(const std::string& source, const std::vector<Condition>& filter,
                                            const std::vector<std::string>& columns) const {
  std::vector<RuleRow> all;
  const RowSource rows = context_.rows(source);
  if (!rows || catalogue_.find_template(source) == nullptr) return all;
  ReportDef report{.source = source, .filter = filter};
  for (const auto& column : columns)
    if (!column.empty()) report.columns.push_back({column, {}});
  SATCHEL_GET(plan, ReportPlan::make(catalogue_, report, {}, context_.report));
  SATCHEL_TRY(rows(plan.fields(), [&](const ReportRow& row) {
    if ((row.standing != RowStanding::in_force && !plan.wants_standing()) || !plan.passes(row)) return;
    RuleRow taken{row.archive, row.record, row.author, row.branch, row.created, {}};
    std::size_t shown = 0;
    for (const auto& column : columns) {
      const Value* value = column.empty() ? nullptr : plan.value(row, plan.shown()[shown++]);
      taken.values.push_back(value != nullptr ? *value : Value{});
    }
    all.push_back(std::move(taken));
  }));
  std::ranges::sort(all, [](const RuleRow& a, const RuleRow& b) {
    return std::tie(a.created, a.record) < std::tie(b.created, b.record);
  });
  return all;
}

std::string RuleRows::text(const std::string& source, const std::string& column, const Value& value) const {
  const Template* form = catalogue_.find_template(source);
  if (form == nullptr) return {};
  const auto field =
      column_field({*form, catalogue_.find_template("customer"), catalogue_.find_workflow(source)}, column);
  if (field && field->sensitivity == Sensitivity::sensitive) return std::string(kMask);
  const auto* ref = std::get_if<Ref>(&value);
  if (ref != nullptr && column == "branch" && context_.report.names.branch) return context_.report.names.branch(*ref);
  return field ? format_field(*field, value, lang(), &context_.report.names, context_.report.zone_minutes)
               : std::string();
}

std::string RuleRows::title_column(const std::string& source) const {
  const Template* form = catalogue_.find_template(source);
  const Field* title = form != nullptr && !form->single ? form->field(form->title_field) : nullptr;
  return title != nullptr && title->sheet ? title->id : std::string();
}

std::string RuleRows::date_column(const std::string& source, const std::string& named) const {
  if (!named.empty()) return named;
  const Template* form = catalogue_.find_template(source);
  return form != nullptr && !form->date_field.empty() ? form->date_field : "created";
}

std::optional<Date> RuleRows::day_in(const Value& value) const {
  if (const auto* date = std::get_if<Date>(&value)) return *date;
  const auto* time = std::get_if<WallTime>(&value);
  return time != nullptr ? std::optional(day(*time)) : std::nullopt;
}

WallTime RuleRows::time_of(Date day, int minutes) const {
  return start_of_day(day, context_.report.zone_minutes) + std::chrono::minutes(minutes);
}

std::optional<WallTime> RuleRows::time_in(const Value& value) const {
  if (const auto* time = std::get_if<WallTime>(&value)) return *time;
  const auto* date = std::get_if<Date>(&value);
  return date != nullptr ? std::optional(start_of_day(*date, context_.report.zone_minutes)) : std::nullopt;
}

bool agrees(const Value& a, const Value& b) {
  const bool texts = is_list(a) || is_list(b) || (std::holds_alternative<Ref>(a) != std::holds_alternative<Ref>(b));
  if (!texts) return compare_values(a, b) == 0;
  const auto mine = words_of(a), theirs = words_of(b);
  return std::ranges::any_of(mine, [&](const auto& word) { return std::ranges::find(theirs, word) != theirs.end(); });
}

bool is_blank(const Value& value) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return empty(value) || std::holds_alternative<Struck>(value) || (list != nullptr && list->empty());
}

std::string key_of(const Value& value) {
  if (const auto* ref = std::get_if<Ref>(&value)) return text_of(*ref);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return format_decimal({*number, 0});
  return format_value(value);
}

std::vector<PersonId> people_in(const Value& value) {
  std::vector<PersonId> people;
  for (const auto& word : words_of(value)) {
    const Bytes raw = word.size() == PersonId::size * 2 ? unhex(word) : Bytes{};
    if (raw.size() == PersonId::size) people.push_back(PersonId::of(View(raw)));
  }
  return people;
}

std::vector<std::string> named_fields(const std::vector<Actor>& actors) {
  std::vector<std::string> fields;
  for (const auto& actor : actors)
    if (actor.kind == ActorKind::field) fields.push_back(actor.name);
  return fields;
}

RuleFinding finding_of(const Rule& rule, const RuleRow& row, std::size_t first_named) {
  RuleFinding finding{.rule = &rule, .archive = row.archive, .record = row.record, .author = row.author};
  finding.branch = row.branch;
  for (std::size_t i = first_named; i < row.values.size(); ++i)
    for (const auto& person : people_in(row.values[i])) finding.named.push_back(person);
  return finding;
}

}  // namespace satchel
