// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/lint_base.h"

#include <algorithm>

namespace satchel {

namespace {

constexpr std::string_view kRoles[] = {"salesperson", "branch_manager",  "archive_administrator",
                                       "department",  "general_manager", "auditor"};

bool is_dated(const Field& field) { return field.type == FieldType::date || field.type == FieldType::time; }

}  // namespace

void LintBase::add(LintSeverity severity, std::string where, std::string_view code, Label message) {
  findings_.push_back({severity, std::move(where), "lint." + std::string(code), std::move(message)});
}

void LintBase::error(std::string where, std::string_view code, Label message) {
  add(LintSeverity::error, std::move(where), code, std::move(message));
}

void LintBase::warn(std::string where, std::string_view code, Label message) {
  add(LintSeverity::warning, std::move(where), code, std::move(message));
}

void LintBase::need_label(const std::string& where, const Label& label) {
  if (label.complete()) return;
  error(where, "label-incomplete",
        {"请写全中文和英文名称：label = { zh, en }", "give both labels: label = { zh, en }"});
}

void LintBase::need_help(const std::string& where, const Label& help) {
  if (!help.empty()) need_label(where + " help", help);
}

void LintBase::check_calendar(const std::string& where, const std::string& id) {
  const auto called = [&](const WorkCalendar& calendar) { return calendar.id == id; };
  const bool known = id.empty() || std::ranges::any_of(pack_.calendars, called) ||
                     (others_ != nullptr && called(others_->calendar(id)));
  if (!known)
    error(where, "no-such-calendar",
          {"没有日历 " + id + "：期限会把每天都当工作日",
           "there is no calendar " + id + ": every day would count as a working day"});
}

const Template* LintBase::find(std::string_view id) const {
  const auto at = std::ranges::find(pack_.templates, id, &Template::id);
  if (at != pack_.templates.end()) return &*at;
  return others_ ? others_->find_template(id) : nullptr;
}

const Workflow* LintBase::find_workflow(std::string_view source) const {
  const auto at = std::ranges::find(pack_.workflows, source, &Workflow::source);
  if (at != pack_.workflows.end()) return &*at;
  return others_ ? others_->find_workflow(source) : nullptr;
}

std::optional<Field> LintBase::column(std::string_view source, std::string_view name) const {
  const Template* form = find(source);
  return form ? column_field({*form, find("customer"), find_workflow(source)}, name) : std::nullopt;
}

void LintBase::check_column(const std::string& where, std::string_view source, std::string_view column, bool summed) {
  const std::string name(column);
  const auto field = this->column(source, column);
  if (!field) {
    error(where, "report-column", {"没有列 " + name, "there is no column " + name});
  } else if (!field->sheet) {
    error(where, "report-sheet",
          {"用到的字段 " + name + " 须设 sheet = true", "it uses " + name + ", which needs sheet = true"});
  } else if (summed && !is_number(field->type)) {
    error(where, "report-measure", {"只能对数值求和：" + name, "only numbers can be summed: " + name});
  }
}

void LintBase::check_date(const std::string& where, std::string_view source, std::string_view column) {
  check_column(where, source, column);
  const auto field = this->column(source, column);
  const bool lunar = field && field->type == FieldType::lunar_date;
  if (field && !is_dated(*field) && !lunar) {
    const std::string name(column);
    error(where, "not-a-date", {name + " 须是日期或时间", name + " must be a date or a time"});
  }
}

void LintBase::check_condition(const std::string& where, std::string_view source, const Condition& c,
                               const std::vector<ReportParam>* parameters) {
  for (const auto& one : c.any) check_condition(where, source, one, parameters);
  if (!c.any.empty()) return;
  check_column(where, source, c.column);
  for (const auto& v : c.values) {
    if (!v.starts_with('$')) continue;
    const bool known = parameters != nullptr && std::ranges::find(*parameters, std::string_view(v).substr(1),
                                                                  &ReportParam::id) != parameters->end();
    if (!known) error(where, "report-parameter", {"没有参数 " + v, "there is no parameter " + v});
  }
  const auto field = column(source, c.column);
  if (!field || !has_choices(field->type) || field->open || c.test == ConditionTest::filled) return;
  for (const auto& v : c.values)
    if (!v.starts_with('$') && !find_choice(*field, v))
      error(where, "no-such-choice", {c.column + " 没有选项 " + v, c.column + " has no choice " + v});
}

void LintBase::check_when(const std::string& where, const Template* form, const When& when, bool computed) {
  if (form == nullptr) return;
  for (const auto& test : when.all) {
    const Field* on = form->field(test.field);
    if (on == nullptr) {
      error(where, "when-unfit",
            {"when：字段 " + test.field + " 不在模板中", "when: field " + test.field + " is not in the template"});
    } else if (on->formula && !computed) {
      error(where, "when-unfit",
            {"when 不能依赖计算字段 " + on->id, "when may not depend on a computed field: " + on->id});
    } else {
      check_test(where, *on, test);
    }
  }
}

void LintBase::check_test(const std::string& where, const Field& on, const FieldTest& test) {
  if (test.test == ConditionTest::filled) return;
  const bool ordered = is_number(on.type) || is_dated(on);
  if ((test.test == ConditionTest::from || test.test == ConditionTest::to) && !ordered) {
    error(where, "when-unfit",
          {"from、to 只用于数值、日期和时间：" + on.id, "from and to are for numbers, dates and times: " + on.id});
    return;
  }
  for (const auto& word : test.values) {
    const bool yes_or_no = word == "yes" || word == "no";
    if (on.type == FieldType::yes_no && !yes_or_no)
      error(where, "when-unfit", {"是否字段的取值只能是 yes 或 no", "for a yes/no field, when takes yes or no"});
    else if (ordered && !parse_field(on, word, Lang::en))
      error(where, "when-unfit", {"when：" + on.id + " 不能是 " + word, "when: " + on.id + " cannot be " + word});
    else if (!ordered && on.type != FieldType::yes_no && (!has_choices(on.type) || (!on.open && !on.choice(word))))
      error(where, "when-unfit",
            {"when 的取值 " + word + " 不在 " + on.id + " 的选项中",
             "when lists " + word + ", which is no choice of " + on.id});
  }
}

void LintBase::check_actor(const std::string& where, const Template* source, const Actor& actor) {
  if (actor.kind == ActorKind::role && std::ranges::find(kRoles, actor.name) == std::end(kRoles)) {
    error(where, "no-such-role", {"没有角色 " + actor.name, "there is no role " + actor.name});
  } else if (actor.kind == ActorKind::field && source != nullptr) {
    const Field* field = source->field(actor.name);
    if (field == nullptr || (field->type != FieldType::person && field->type != FieldType::persons))
      error(where, "no-such-field",
            {"field:" + actor.name + " 须是 person 或 persons 字段",
             "field:" + actor.name + " must name a person field"});
  }
}

}  // namespace satchel
