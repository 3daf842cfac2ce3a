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
      made_up("author", {"业务员", "Salesperson"}, FieldType::person),
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
  return std::ranges::find(built_ins(), column, &Field::id) != built_ins().end();
}

std::optional<Field> column_field(const Template& source, const Template* card, std::string_view column) {
  // A template's own field hides a built-in of the same name nowhere: built-ins win, and packs learn it from lint.
  const auto built_in = std::ranges::find(built_ins(), column, &Field::id);
  if (built_in != built_ins().end()) return *built_in;
  const Field* f = nullptr;
  if (column.starts_with(kCardPrefix))
    f = card ? card->field(column.substr(kCardPrefix.size())) : nullptr;
  else
    f = source.field(column);
  return f ? std::optional(*f) : std::nullopt;
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
