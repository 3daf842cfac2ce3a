// SPDX-License-Identifier: AGPL-3.0-or-later
// The codes are stable, and 'lint.' stands before each: unknown-key, label-incomplete, id-changed, version-not-greater,
// template-elsewhere, no-such-field, no-such-group, reserved-id, required-unreachable, when-unfit, merge-unfit,
// search-unfit, currency, bounds, type-changed, merge-changed, permission-changed, scope-changed, date-field,
// template-removed, field-removed, choice-removed, required-added, narrowed, currency-changed, no-such-calendar,
// report-source, report-column, report-sheet, report-parameter, report-measure, report-order, report-chart,
// report-tree, report-bands, formula; those of workflows and rules: lint_flows.cpp, lint_rules.cpp.
#include <algorithm>

#include "schema/template/lint_base.h"

namespace satchel {

namespace {

class Linter : public LintBase {
 public:
  using LintBase::LintBase;

  std::vector<LintFinding> run() {
    check_pack();
    for (const auto& t : pack_.templates) check_template(t);
    for (const auto& r : pack_.reports) check_report(r);
    if (previous_) compare_with(*previous_);
    lint_flows(*this);
    lint_rules(*this);
    return take();
  }

 private:
  void check_pack();
  void check_template(const Template& t);
  void check_words(const Field& f, const std::string& where);
  void check_choosable(const Field& f, const std::string& where);
  void check_field(const Template& t, const Field& f);
  void check_reachable(const Template& t, const Field& f, const When& when, const std::string& where);
  void check_formula(const Template& t, const Field& f, const std::string& where);
  void check_fit(const Field& f, const std::string& where);
  void check_report(const ReportDef& r);
  void check_order(const ReportDef& r);
  void check_groups(const ReportDef& r);
  void check_tree(const ReportDef& r);
  void compare_with(const Pack& before);
  void compare_template(const Template& before, const Template& now);
  void compare_field(const Template& t, const Field& before, const Field& now);
};

void Linter::check_pack() {
  need_label(pack_.id, pack_.label);
  for (const auto& key : pack_.unread)
    error(pack_.id, "unknown-key",
          {"不认识的键，请检查拼写（" + key + "）", "this key means nothing, check its spelling (" + key + ")"});
  if (!others_) return;
  for (const Pack* other : others_->packs()) {
    if (other->id == pack_.id) continue;
    for (const auto& t : pack_.templates)
      if (std::ranges::find(other->templates, t.id, &Template::id) != other->templates.end())
        error(t.id, "template-elsewhere",
              {"表单包 " + other->id + " 已有同名模板，请换一个标识",
               "pack " + other->id + " already has a template of this id: choose another"});
  }
}

void Linter::check_template(const Template& t) {
  need_label(t.id, t.label);
  need_help(t.id, t.help);
  for (const auto& g : t.groups) need_label(t.id + " group " + g.id, g.label);
  const Field* date = t.date_field.empty() ? nullptr : t.field(t.date_field);
  if (!t.date_field.empty() && !(date && (date->type == FieldType::date || date->type == FieldType::time)))
    error(t.id, "date-field",
          {"date_field 必须是本模板中 date 或 time 类型的字段",
           "date_field must name a date or time field of this template"});
  if (!t.title_field.empty() && !t.field(t.title_field))
    error(t.id, "no-such-field", {"title_field 指的字段不存在", "title_field names no field of this template"});
  for (const auto& f : t.fields) check_field(t, f);
}

void Linter::check_field(const Template& t, const Field& f) {
  const std::string where = t.id + "." + f.id;
  need_label(where, f.label);
  if (is_built_in_column(f.id))
    error(where, "reserved-id", {"这个标识已被系统使用，请换一个", "the program itself uses this id: choose another"});
  check_words(f, where);
  if (!f.group.empty() && std::ranges::find(t.groups, f.group, &FieldGroup::id) == t.groups.end())
    error(where, "no-such-group", {"group 指的分组不存在", "group names no [[template.group]]"});
  check_reachable(t, f, f.when, where);
  check_reachable(t, f, f.required_when, where);
  check_formula(t, f, where);
  for (const auto& part : f.parts) {
    need_label(where + "." + part.id, part.label);
    check_words(part, where + "." + part.id);
    check_choosable(part, where + "." + part.id);
  }
  check_choosable(f, where);
  check_fit(f, where);
}

void Linter::check_words(const Field& f, const std::string& where) {
  need_help(where, f.help);
  for (const auto& c : f.choices) need_label(where + " " + c.id, c.label);
}

void Linter::check_choosable(const Field& f, const std::string& where) {
  const bool none_left = has_choices(f.type) && !f.open && std::ranges::all_of(f.choices, &Choice::retired);
  if (f.required && none_left)
    error(
        where, "required-unreachable",
        {"必填，但选项都已停用：没有可选的", "it is required, but all its choices are retired: nothing can be chosen"});
}

// A required field must be one that somebody can get to see and fill.
void Linter::check_reachable(const Template& t, const Field& f, const When& when, const std::string& where) {
  if (f.required && f.retired)
    error(where, "required-unreachable", {"已停用的字段不能必填", "a retired field cannot be required"});
  for (const auto& test : when.all) {
    const Field* on = t.field(test.field);
    if (!on || on->id == f.id || on->retired) {
      error(where, "required-unreachable",
            {"when 依赖的字段不存在或已停用", "when depends on a field that is missing, retired or the field itself"});
      return;
    }
    if (!on->when.always())
      error(where, "when-unfit",
            {"when 只能依赖无条件的字段", "when may only depend on a field that is always asked for"});
  }
  check_when(where, &t, when, false);
}

// What it computes from is there, and stands before it when it is computed itself.
void Linter::check_formula(const Template& t, const Field& f, const std::string& where) {
  if (!f.formula) return;
  if (!is_number(f.type))
    error(where, "formula", {"计算字段须是数值类型", "a computed field is an integer, a decimal or money"});
  for (const auto& id : f.formula->fields()) {
    const Field* from = t.field(id);
    if (from == nullptr || (from->formula && from >= &f))
      error(where, "formula",
            {"公式用到的字段 " + id + " 不存在，或是排在后面的计算字段",
             "the formula uses " + id + ", which is missing or a computed field further down"});
  }
}

void Linter::check_fit(const Field& f, const std::string& where) {
  const bool texts = f.type == FieldType::text || f.type == FieldType::long_text;
  const bool list = f.type == FieldType::choices || f.type == FieldType::persons || f.type == FieldType::texts ||
                    f.type == FieldType::groups;
  const bool ordered = is_number(f.type) || f.type == FieldType::date || f.type == FieldType::time;
  const bool fits = f.merge == MergePolicy::set                                  ? list
                    : f.merge == MergePolicy::log                                ? texts || f.type == FieldType::texts
                    : f.merge == MergePolicy::max || f.merge == MergePolicy::min ? ordered
                                                                                 : true;
  if (!fits)
    error(where, "merge-unfit",
          {"合并方式与类型不符：set 用于列表，log 用于文字，max/min 用于数值或日期",
           "merge does not suit the type: set is for lists, log for texts, max and min for numbers and dates"});
  const bool searchable = texts || list || f.type == FieldType::phone || f.type == FieldType::choice;
  if (f.search != SearchKind::none && (!searchable || !f.sheet))
    error(where, "search-unfit",
          {"可搜索的字段须是文字类型，并设 sheet = true", "a searched field must be text and have sheet = true"});
  if (f.type == FieldType::money && f.currency.size() != 3)
    error(where, "currency", {"金额字段需要 currency，如 \"CNY\"", "a money field needs a currency such as \"CNY\""});
  if ((f.least || f.most) && !is_number(f.type))
    error(where, "bounds", {"least、most 只用于数值", "least and most are for numbers"});
  if (f.least && f.most && compare(*f.least, *f.most) > 0)
    error(where, "bounds", {"least 大于 most", "least is greater than most"});
}

void Linter::check_order(const ReportDef& r) {
  for (const auto& o : r.order) {
    const bool measure = std::ranges::find(r.measures, o.column, &Measure::id) != r.measures.end();
    const bool column = std::ranges::find(r.columns, o.column, &ColumnDef::column) != r.columns.end();
    const bool key = std::ranges::find(r.group_by, o.column, &GroupBy::column) != r.group_by.end();
    if (!measure && !column && !key)
      error("report " + r.id, "report-order",
            {"排序 " + o.column + " 须是列、分组或统计项",
             "order " + o.column + " must be a column, a group or a measure"});
  }
}

void Linter::check_groups(const ReportDef& r) {
  const std::string where = "report " + r.id;
  for (const auto& g : r.group_by) {
    check_column(where, r.source, g.column);
    if (!g.label.empty()) need_label(where + " " + g.column, g.label);
    const auto field = column(r.source, g.column);
    if (g.bands.empty() || !field || is_number(field->type)) continue;
    if (field->type != FieldType::date && field->type != FieldType::time)
      error(where, "report-bands",
            {"bands 只用于数值、日期和时间：" + g.column, "bands are for numbers, dates and times: " + g.column});
  }
}

void Linter::check_report(const ReportDef& r) {
  const std::string where = "report " + r.id;
  need_label(where, r.label);
  if (!find(r.source)) {
    error(where, "report-source", {"没有模板 " + r.source, "there is no template " + r.source});
    return;
  }
  for (const auto& p : r.parameters) need_label(where + " " + p.id, p.label);
  for (const auto& m : r.measures) {
    need_label(where + " " + m.id, m.label);
    const bool summed = m.kind == MeasureKind::sum || m.kind == MeasureKind::average;
    if (!m.column.empty()) check_column(where, r.source, m.column, summed);
    for (const auto& c : m.where) check_condition(where, r.source, c, &r.parameters);
  }
  if (r.chart.kind != ChartKind::none &&
      std::ranges::find(r.measures, r.chart.measure, &Measure::id) == r.measures.end())
    error(where, "report-chart", {"图表的统计项不存在：" + r.chart.measure, "chart: no measure " + r.chart.measure});
  for (const auto& c : r.columns) {
    check_column(where, r.source, c.column);
    if (!c.label.empty()) need_label(where + " " + c.column, c.label);
  }
  check_groups(r);
  for (const auto& c : r.filter) check_condition(where, r.source, c, &r.parameters);
  check_order(r);
  check_tree(r);
}

void Linter::check_tree(const ReportDef& r) {
  if (r.tree.empty()) return;
  const auto shows = [&](std::string_view id) {
    return std::ranges::find(r.columns, id, &ColumnDef::column) != r.columns.end();
  };
  const Field* field = find(r.source)->field(r.tree);
  const bool fits = field != nullptr && field->type == FieldType::archive;
  if (!fits || !shows("archive") || !shows(r.tree) || !r.group_by.empty())
    error("report " + r.id, "report-tree",
          {"tree 须是 archive 型字段，与 archive 同在 columns 中，且不分组",
           "tree must be an archive field, in columns together with archive, without groups"});
}

void Linter::compare_with(const Pack& before) {
  if (before.id != pack_.id) error(pack_.id, "id-changed", {"不是同一个表单包", "this is not the same pack"});
  if (pack_.version <= before.version) {
    const std::string next = std::to_string(before.version + 1);
    error(pack_.id, "version-not-greater",
          {"版本号须增大，如 version = " + next, "the version must grow: version = " + next});
  }
  for (const auto& t : before.templates) {
    const auto now = std::ranges::find(pack_.templates, t.id, &Template::id);
    if (now == pack_.templates.end())
      error(t.id, "template-removed",
            {"模板不能删除：已有记录还要用它显示", "a template cannot be removed: its records are still shown by it"});
    else
      compare_template(t, *now);
  }
}

void Linter::compare_template(const Template& before, const Template& now) {
  if (before.date_field != now.date_field)
    error(now.id, "date-field", {"date_field 不能改变", "date_field cannot change"});
  for (const auto scope : before.scopes)
    if (!now.lives_in(scope))
      error(now.id, "scope-changed",
            {"不能去掉档案种类 " + std::string(name_of(scope)),
             "scope " + std::string(name_of(scope)) + " cannot be taken away"});
  for (const auto& f : before.fields) {
    if (const Field* same = now.field(f.id))
      compare_field(now, f, *same);
    else
      warn(now.id + "." + f.id, "field-removed",
           {"字段不再显示；数据仍保留。建议改用 retired = true",
            "the field is no longer shown, its data stays: rather set retired = true"});
  }
  for (const auto& f : now.fields)
    if (const Field* old = before.field(f.id); f.required && !f.system && !(old && old->required))
      warn(now.id + "." + f.id, "required-added",
           {"新增必填：旧记录和草稿会显示为不完整",
            "newly required: earlier records and drafts will show as incomplete"});
}

void Linter::compare_field(const Template& t, const Field& before, const Field& now) {
  const std::string where = t.id + "." + now.id;
  if (before.type != now.type)
    error(where, "type-changed", {"字段类型不能改变，请另设新字段", "a field's type cannot change: add a new field"});
  if (before.merge != now.merge)
    error(where, "merge-changed",
          {"合并方式不能改变，请另设新字段", "a field's merge policy cannot change: add a new field"});
  if (before.permission != now.permission)
    warn(where, "permission-changed", {"修改权限已改变", "who may change this field has changed"});
  if (before.currency != now.currency)
    error(where, "currency-changed",
          {"币种不能改变：旧金额会变成另一种钱，请另设新字段",
           "a field's currency cannot change, earlier amounts would become other money: add a new field"});
  const bool shorter = now.length_max != 0 && (before.length_max == 0 || now.length_max < before.length_max);
  const bool least = now.least && (!before.least || compare(*now.least, *before.least) > 0);
  const bool most = now.most && (!before.most || compare(*now.most, *before.most) < 0);
  if (shorter || least || most || (before.open && !now.open))
    warn(where, "narrowed",
         {"收窄了范围：旧记录和草稿里的值可能不再被接受",
          "it takes less than before: values of earlier records and drafts may no longer be accepted"});
  for (const auto& c : before.choices)
    if (!now.choice(c.id))
      warn(where, "choice-removed",
           {"选项 " + c.id + " 已有记录使用，建议改用 retired = true",
            "records may hold the choice " + c.id + ": rather set retired = true"});
}

}  // namespace

std::vector<LintFinding> lint_pack(const Pack& pack, const Pack* previous, const Catalogue* others) {
  return Linter(pack, previous, others).run();
}

bool has_errors(const std::vector<LintFinding>& findings) {
  return std::ranges::any_of(findings, [](const LintFinding& f) { return f.severity == LintSeverity::error; });
}

}  // namespace satchel
