// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "schema/template/report_plan.h"

namespace satchel {

namespace {

Field made_up(std::string id, Label label, FieldType type) {
  Field f;
  f.id = std::move(id);
  f.label = std::move(label);
  f.type = type;
  f.sheet = true;
  return f;
}

Field standing_field() {
  Field f = made_up("standing", {"状态", "Standing"}, FieldType::choice);
  f.choices = {{"in_force", {"有效", "in force"}},
               {"withdrawn", {"已撤回", "withdrawn"}},
               {"binned", {"已删除", "binned"}},
               {"held", {"待裁定", "held"}}};
  return f;
}

Field role_field() {
  Field f = made_up("author.role", {"角色", "Role"}, FieldType::choice);
  f.open = true;
  f.choices = {{"salesperson", {"业务员", "salesperson"}},
               {"branch_manager", {"分公司经理", "branch manager"}},
               {"archive_administrator", {"档案管理员", "archive administrator"}},
               {"department", {"部门", "department"}},
               {"general_manager", {"总经理", "general manager"}},
               {"auditor", {"审计", "auditor"}}};
  return f;
}

const std::vector<Field>& built_ins() {
  static const std::vector<Field> kFields = {
      made_up("author", {"填报人", "Author"}, FieldType::person),
      made_up("archive", {"客户", "Customer"}, FieldType::archive),
      // A branch has no field type of its own; the engine names it by RefNames::branch.
      made_up("branch", {"分公司", "Branch"}, FieldType::record),
      made_up("created", {"记录时间", "Recorded"}, FieldType::time),
      made_up("record", {"记录", "Record"}, FieldType::record),
      made_up("archive.owner", {"负责人", "Owner"}, FieldType::persons),
      standing_field(),
      role_field(),
  };
  return kFields;
}

constexpr std::string_view kCuts[] = {"day", "week", "month", "quarter", "year", "weekday"};
const Label kCutLabels[] = {{"日", "day"},     {"周", "week"}, {"月", "month"},
                            {"季", "quarter"}, {"年", "year"}, {"星期", "weekday"}};

std::vector<Choice> weekdays() {
  return {{"1", {"星期一", "Monday"}},   {"2", {"星期二", "Tuesday"}}, {"3", {"星期三", "Wednesday"}},
          {"4", {"星期四", "Thursday"}}, {"5", {"星期五", "Friday"}},  {"6", {"星期六", "Saturday"}},
          {"7", {"星期日", "Sunday"}}};
}

constexpr std::string_view kMatterColumns[] = {"flow.state", "flow.since", "flow.due", "flow.overdue", "flow.late"};

Field matter_field(const Workflow& workflow, std::string_view column) {
  if (column == "flow.since") return made_up("flow.since", {"进入时间", "Since"}, FieldType::time);
  if (column == "flow.due") return made_up("flow.due", {"期限", "Due"}, FieldType::time);
  if (column == "flow.overdue") return made_up("flow.overdue", {"已逾期", "Overdue"}, FieldType::yes_no);
  if (column == "flow.late") return made_up("flow.late", {"曾超期", "Was late"}, FieldType::yes_no);
  Field f = made_up("flow.state", {"办理状态", "State"}, FieldType::choice);
  f.open = true;  // of another version of the pack
  for (const auto& state : workflow.states) f.choices.push_back({state.id, state.label});
  return f;
}

// Nothing, struck out, then numbers whatever their type, then the other types.
int rank(const Value& v) {
  if (empty(v)) return 0;
  if (std::holds_alternative<Struck>(v)) return 1;
  if (std::holds_alternative<std::int64_t>(v) || std::holds_alternative<Decimal>(v)) return 2;
  return 3 + static_cast<int>(v.index());
}

Decimal as_decimal(const Value& v) {
  const auto* n = std::get_if<std::int64_t>(&v);
  return n ? Decimal{*n, 0} : std::get<Decimal>(v);
}

template <class T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

bool is_built_in_column(std::string_view column) {
  return std::ranges::find(built_ins(), column, &Field::id) != built_ins().end() ||
         std::ranges::find(kMatterColumns, column) != std::end(kMatterColumns);
}

std::pair<std::string_view, Cut> cut_column(std::string_view column) {
  const auto dot = column.rfind('.');
  if (dot == column.npos) return {column, Cut::none};
  const auto word = std::ranges::find(kCuts, column.substr(dot + 1));
  if (word == std::end(kCuts)) return {column, Cut::none};
  return {column.substr(0, dot), static_cast<Cut>(word - std::begin(kCuts) + 1)};
}

std::optional<Field> column_field(const ColumnsOf& of, std::string_view column) {
  // A template's own field hides a built-in of the same name nowhere: built-ins win, and packs learn it from lint.
  const auto built_in = std::ranges::find(built_ins(), column, &Field::id);
  if (built_in != built_ins().end()) return *built_in;
  if (std::ranges::find(kMatterColumns, column) != std::end(kMatterColumns))
    return of.workflow != nullptr ? std::optional(matter_field(*of.workflow, column)) : std::nullopt;
  if (column == kBlanksColumn) return made_up(std::string(column), {"未填字段", "Blank fields"}, FieldType::texts);
  const Field* f = column.starts_with(kCardPrefix)
                       ? of.card != nullptr ? of.card->field(column.substr(kCardPrefix.size())) : nullptr
                       : of.source.field(column);
  if (f != nullptr) return *f;
  const auto [whole, cut] = cut_column(column);
  if (cut == Cut::none) return std::nullopt;
  const auto field = column_field(of, whole);
  if (!field || (field->type != FieldType::date && field->type != FieldType::time)) return std::nullopt;
  const auto& word = kCutLabels[static_cast<std::size_t>(cut) - 1];
  Field made =
      made_up(std::string(column), {field->label.zh + "（" + word.zh + "）", field->label.en + " (" + word.en + ")"},
              cut == Cut::day ? FieldType::date : FieldType::text);
  made.sheet = field->sheet;
  made.sensitivity = field->sensitivity;
  if (cut == Cut::weekday) {
    made.type = FieldType::choice;
    made.choices = weekdays();
  }
  return made;
}

int compare_natural(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!digit(a[i]) || !digit(b[j])) {
      if (a[i] != b[j]) return three_way(static_cast<unsigned char>(a[i]), static_cast<unsigned char>(b[j]));
      ++i;
      ++j;
      continue;
    }
    const auto number = [&](std::string_view text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t from = at;
      while (at < text.size() && digit(text[at])) ++at;
      return text.substr(from, at - from);
    };
    const auto x = number(a, i), y = number(b, j);
    if (x != y) return x.size() != y.size() ? three_way(x.size(), y.size()) : three_way(x, y);
  }
  if (i < a.size() || j < b.size()) return i < a.size() ? 1 : -1;
  return three_way(a, b);  // 02 and 2
}

int compare_values(const Value& a, const Value& b) {
  if (a.index() != b.index()) {
    const int ra = rank(a), rb = rank(b);
    return ra == 2 && rb == 2 ? compare(as_decimal(a), as_decimal(b)) : three_way(ra, rb);
  }
  return std::visit(
      [&](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, Struck>)
          return 0;
        else if constexpr (std::is_same_v<T, Decimal>)
          return compare(x, std::get<T>(b));
        else
          return three_way(x, std::get<T>(b));
      },
      a);
}

Result<Value> parse_param(const ReportParam& param, std::string_view text, Lang lang, const RefFinder* finder) {
  Field f = made_up(param.id, param.label, FieldType::text);
  RefFinder branches;  // a branch is found as a record is
  switch (param.type) {
    case ParamType::date:
      f.type = FieldType::date;
      break;
    case ParamType::person:
      f.type = FieldType::person;
      break;
    case ParamType::archive:
      f.type = FieldType::archive;
      break;
    case ParamType::branch:
      f.type = FieldType::record;
      if (finder) branches.record = finder->branch;
      return parse_field(f, text, lang, &branches);
    case ParamType::text:
      break;
  }
  return parse_field(f, text, lang, finder);
}

}  // namespace satchel
