// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/report.h"

#include <algorithm>

#include "schema/template/report_groups.h"
#include "schema/template/report_tree.h"

namespace satchel {

namespace {

struct KeptLine {
  ReportLine line;
  std::size_t group = 0;
  std::size_t position = 0;  // of the group, in display order
};

class Run {
 public:
  Run(ReportPlan& plan, const ReportDef& report, const ReportContext& context)
      : plan_(plan), report_(report), context_(context), tree_(plan, report, context.records_per_group_max) {}

  Result<ReportResult> run(const RowSource& source);

 private:
  void take(const ReportRow& row);
  void describe();
  void order_groups();
  void sort_lines();
  void place(std::size_t group);
  Result<void> put_groups();
  Result<std::vector<ReportCell>> measures_of(const ReportGroupState& group) const;
  std::optional<Value> ratio_of(const Measure& measure, const std::vector<ReportCell>& before) const;
  ReportColumn shape(std::size_t column) const;
  ReportColumn measure_shape(std::size_t measure) const;
  int compare_cells(std::size_t column, const ReportCell& a, const ReportCell& b) const;
  int compare_groups(const ReportGroupState& a, const ReportGroupState& b) const;
  int compare_tallies(std::size_t measure, const ReportGroupState& a, const ReportGroupState& b) const;
  bool before(const KeptLine& a, const KeptLine& b) const;

  ReportPlan& plan_;
  const ReportDef& report_;
  const ReportContext& context_;
  ReportGroupTree tree_;
  ReportResult result_;
  std::vector<KeptLine> kept_;
  std::vector<std::size_t> placed_;    // groups in display order, without the root
  std::vector<std::size_t> position_;  // and back
};

void Run::take(const ReportRow& row) {
  if (row.standing != RowStanding::in_force && !plan_.wants_standing()) {
    if (plan_.passes(row)) ++result_.left_out[static_cast<std::size_t>(row.standing)];
    return;
  }
  if (!plan_.passes(row)) return;
  const auto& groups = tree_.add(row);
  if (plan_.shown().empty()) return;
  KeptLine kept{.line = {.row = {row.archive, row.record}, .corrected = row.corrected}};
  kept.line.cells.reserve(plan_.shown().size());
  for (const auto column : plan_.shown()) {
    const Value* v = plan_.value(row, column);
    kept.line.cells.push_back(v ? ReportCell{*v, plan_.text(column, *v)} : ReportCell{});
  }
  for (const auto group : groups) {
    kept.group = group;
    kept_.push_back(group == groups.back() ? std::move(kept) : kept);
  }
}

ReportColumn Run::shape(std::size_t column) const {
  const BoundColumn& c = plan_.column(column);
  return {c.id, c.label, c.field.type, c.field.currency};
}

ReportColumn Run::measure_shape(std::size_t measure) const {
  const Measure& m = report_.measures[measure];
  ReportColumn column{m.id, m.label.in(context_.lang), FieldType::integer, {}};
  const bool counts = m.kind == MeasureKind::count || m.kind == MeasureKind::count_distinct;
  if (const auto of = plan_.measured()[measure]; of && !counts) {
    column.type = plan_.column(*of).field.type;
    column.currency = plan_.column(*of).field.currency;
  }
  if (m.kind == MeasureKind::average || m.kind == MeasureKind::ratio) column.type = FieldType::decimal;
  return column;
}

void Run::describe() {
  result_.id = report_.id;
  result_.title = report_.label.in(context_.lang);
  result_.chart = report_.chart;
  for (const auto column : plan_.keys()) result_.keys.push_back(shape(column));
  for (const auto column : plan_.shown()) result_.columns.push_back(shape(column));
  for (std::size_t m = 0; m < report_.measures.size(); ++m) result_.measures.push_back(measure_shape(m));
}

// References and persons sort by the name people see, choices in the order the template lists them, texts with their
// numbers by size, the rest by value. Of a list the first counts most.
int Run::compare_cells(std::size_t column, const ReportCell& a, const ReportCell& b) const {
  const Field& field = plan_.column(column).field;
  const auto* text_a = std::get_if<std::string>(&a.value);
  const auto* text_b = std::get_if<std::string>(&b.value);
  if ((std::holds_alternative<Ref>(a.value) && std::holds_alternative<Ref>(b.value)) ||
      (field.type == FieldType::persons && a.value.index() == b.value.index())) {
    if (const int by_name = compare_natural(a.text, b.text)) return by_name;
  } else if (has_choices(field.type)) {
    const auto rank = [&](const Value& v) {
      const auto* list = std::get_if<std::vector<std::string>>(&v);
      const auto* id = list && !list->empty() ? &list->front() : std::get_if<std::string>(&v);
      const Choice* c = id ? field.choice(*id) : nullptr;
      return c ? c - field.choices.data() : static_cast<std::ptrdiff_t>(field.choices.size());
    };
    if (const auto ra = rank(a.value), rb = rank(b.value); ra != rb) return ra < rb ? -1 : 1;
  }
  return text_a && text_b ? compare_natural(*text_a, *text_b) : compare_values(a.value, b.value);
}

int Run::compare_tallies(std::size_t measure, const ReportGroupState& a, const ReportGroupState& b) const {
  const auto& of = report_.measures[measure];
  const auto value = [&](const ReportGroupState& group) {
    if (of.kind != MeasureKind::ratio) return group.tallies[measure].result(of.kind, false).value_or(Value{});
    const auto cells = measures_of(group);
    return cells ? (*cells)[measure].value : Value{};
  };
  return compare_values(value(a), value(b));
}

// Of two groups within one parent.
int Run::compare_groups(const ReportGroupState& a, const ReportGroupState& b) const {
  const std::size_t column = plan_.keys()[a.level - 1];
  const ReportCell key_a{a.key, a.key_text}, key_b{b.key, b.key_text};
  for (const auto& o : report_.order) {
    int order = 0;
    const auto m = std::ranges::find(report_.measures, o.column, &Measure::id);
    if (m != report_.measures.end())
      order = compare_tallies(static_cast<std::size_t>(m - report_.measures.begin()), a, b);
    else if (o.column == plan_.column(column).id)
      order = compare_cells(column, key_a, key_b);
    if (order != 0) return o.descending ? -order : order;
  }
  return compare_cells(column, key_a, key_b);
}

void Run::order_groups() {
  auto& groups = tree_.groups();
  for (auto& group : groups)
    if (group.level > 0) group.key_text = plan_.text(plan_.keys()[group.level - 1], group.key);
  for (auto& group : groups)
    std::ranges::sort(group.children,
                      [&](std::size_t a, std::size_t b) { return compare_groups(groups[a], groups[b]) < 0; });
  place(0);
}

void Run::place(std::size_t group) {
  if (group != 0) placed_.push_back(group);
  for (const auto child : tree_.groups()[group].children) place(child);
}

bool Run::before(const KeptLine& a, const KeptLine& b) const {
  if (a.position != b.position) return a.position < b.position;
  for (const auto& o : report_.order) {
    const auto c = std::ranges::find(report_.columns, o.column, &ColumnDef::column);
    if (c == report_.columns.end()) continue;
    const auto i = static_cast<std::size_t>(c - report_.columns.begin());
    const int order = compare_cells(plan_.shown()[i], a.line.cells[i], b.line.cells[i]);
    if (order != 0) return o.descending ? order > 0 : order < 0;
  }
  return a.line.row < b.line.row;
}

void Run::sort_lines() {
  position_.resize(tree_.groups().size());
  for (std::size_t i = 0; i < placed_.size(); ++i) position_[placed_[i]] = i;
  for (auto& kept : kept_) kept.position = position_[kept.group];
  std::ranges::sort(kept_, [&](const KeptLine& a, const KeptLine& b) { return before(a, b); });
  result_.lines_cut = kept_.size() > context_.lines_max;
  if (result_.lines_cut) kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(context_.lines_max), kept_.end());
  result_.lines.reserve(kept_.size());
  for (auto& kept : kept_) result_.lines.push_back(std::move(kept.line));
}

// In per cent, to one place; nothing where there is nothing to divide by.
std::optional<Value> Run::ratio_of(const Measure& measure, const std::vector<ReportCell>& before) const {
  const auto number = [&](const std::string& id) -> Value {
    const auto at = std::ranges::find(report_.measures, id, &Measure::id) - report_.measures.begin();
    return static_cast<std::size_t>(at) < before.size() ? before[static_cast<std::size_t>(at)].value : Value{};
  };
  static const Formula per_cent = *parse_formula("round(top * 100 / bottom, 1)");
  return compute(per_cent, {[&](const std::string& id) { return number(id == "top" ? measure.top : measure.bottom); },
                            [](const std::string&, const std::string&) { return std::vector<Decimal>{}; }});
}

Result<std::vector<ReportCell>> Run::measures_of(const ReportGroupState& group) const {
  std::vector<ReportCell> cells;
  for (std::size_t m = 0; m < report_.measures.size(); ++m) {
    const auto& column = result_.measures[m];
    const Measure& measure = report_.measures[m];
    auto value = measure.kind == MeasureKind::ratio
                     ? ratio_of(measure, cells)
                     : group.tallies[m].result(measure.kind, column.type == FieldType::integer);
    if (!value) return fail(ErrorKind::failed, "report.sum-too-large", column.label);
    // Extremes show as their column does; counts and sums are plain numbers.
    const auto of = plan_.measured()[m];
    const bool plain = !of || measure.kind == MeasureKind::average;
    std::string shown = plain ? format_value(*value, context_.zone_minutes) : plan_.text(*of, *value);
    if (measure.kind == MeasureKind::ratio && !empty(*value)) shown += "%";
    cells.push_back({std::move(*value), std::move(shown)});
  }
  return cells;
}

Result<void> Run::put_groups() {
  const auto& groups = tree_.groups();
  for (const auto index : placed_) {
    const ReportGroupState& from = groups[index];
    ReportGroup group{.level = from.level - 1, .row_count = from.row_count, .rows = from.rows.sorted()};
    group.rows_cut = group.rows.size() < group.row_count;
    for (std::size_t at = index; at != 0; at = groups[at].parent)
      group.key.insert(group.key.begin(), {groups[at].key, groups[at].key_text});
    auto cells = measures_of(from);
    if (!cells) return std::unexpected(cells.error());
    group.measures = std::move(*cells);
    result_.groups.push_back(std::move(group));
  }
  // Lines stand in display order, so each group's are one run; an outer group's begin with its first inner one's.
  for (std::size_t line = 0; line < kept_.size(); ++line) {
    for (std::size_t at = kept_[line].group; at != 0; at = groups[at].parent) {
      auto& group = result_.groups[position_[at]];
      if (group.line_count++ == 0) group.first_line = line;
    }
  }
  return {};
}

Result<ReportResult> Run::run(const RowSource& source) {
  describe();
  SATCHEL_TRY(source(plan_.fields(), [&](const ReportRow& row) { take(row); }));
  tree_.roll_up();
  order_groups();
  sort_lines();
  SATCHEL_TRY(put_groups());
  result_.row_count = tree_.root().row_count;
  auto totals = measures_of(tree_.root());
  if (!totals) return std::unexpected(totals.error());
  result_.totals = std::move(*totals);
  return std::move(result_);
}

std::string param_text(const ReportParam& p, const Value& v, const ReportContext& context) {
  if (const auto* ref = std::get_if<Ref>(&v)) {
    const auto& name = p.type == ParamType::branch   ? context.names.branch
                       : p.type == ParamType::person ? context.names.person
                                                     : context.names.archive;
    if (name) return name(*ref);
  }
  return format_value(v, context.zone_minutes);
}

}  // namespace

Result<ReportResult> run_report(const Catalogue& catalogue, const ReportDef& report, const ReportParams& parameters,
                                const RowSource& source, const ReportContext& context) {
  auto plan = ReportPlan::make(catalogue, report, parameters, context);
  if (!plan) return std::unexpected(plan.error());
  auto result = Run(*plan, report, context).run(source);
  if (!result) return result;
  if (!report.tree.empty()) put_tree(report, context, *result);
  for (const auto& p : report.parameters) {
    const auto at = parameters.find(p.id);
    if (at != parameters.end() && !empty(at->second))
      result->parameters.emplace_back(p.label.in(context.lang), param_text(p, at->second, context));
  }
  return result;
}

}  // namespace satchel
