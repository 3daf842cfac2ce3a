// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "schema/template/pack.h"
#include "schema/template/pack_read.h"

namespace satchel {

namespace {

constexpr std::string_view kParamTypes[] = {"date", "branch", "person", "archive", "text"};
constexpr std::pair<std::string_view, ConditionTest> kTests[] = {{"is", ConditionTest::is},
                                                                 {"is_not", ConditionTest::is_not},
                                                                 {"from", ConditionTest::from},
                                                                 {"to", ConditionTest::to},
                                                                 {"filled", ConditionTest::filled}};
constexpr int kConditionDepthMax = 4;

ReportParam read_param(const TomlNode& node, PackReading& reading, const std::string& where) {
  PackKeys keys(node, reading, where + " parameter");
  ReportParam p;
  p.id = keys.id("id");
  p.label = keys.label("label");
  p.type = keys.word("type", ParamType::text, kParamTypes);
  p.required = keys.flag("required");
  return p;
}

Condition read_condition(const TomlNode& node, PackReading& reading, const std::string& where, int depth) {
  PackKeys keys(node, reading, where);
  Condition c;
  if (depth > kConditionDepthMax) {
    keys.wrong(node.line, {"条件嵌套过深", "conditions are nested too deep"});
    return c;
  }
  for (const TomlNode* one : keys.tables("any", kListMax))
    c.any.push_back(read_condition(*one, reading, where, depth + 1));
  c.column = keys.text("column");
  if (c.any.empty()) {
    c.values = read_test(keys, "column", c.test);
    if (c.column.empty()) keys.wrong(node.line, {"缺少 column", "column is missing"});
  }
  return c;
}

// "visits", or { column = "...", label = { zh, en } }.
ColumnDef read_column(const TomlNode& node, PackReading& reading, const std::string& where) {
  if (node.kind == TomlNode::Kind::text) return {node.text, {}};
  PackKeys keys(node, reading, where + " columns");
  ColumnDef c{keys.text("column"), keys.label("label")};
  if (c.column.empty()) keys.wrong(node.line, {"缺少 column", "column is missing"});
  return c;
}

// [25, 35, "45.5"], rising.
std::vector<Decimal> read_bands(PackKeys& keys) {
  const TomlNode* node = keys.take("bands");
  if (!node) return {};
  std::vector<Decimal> edges;
  bool fits = node->kind == TomlNode::Kind::array && !node->items.empty() && node->items.size() <= kListMax;
  for (std::size_t i = 0; fits && i < node->items.size(); ++i) {
    const TomlNode& item = node->items[i];
    const auto edge =
        parse_decimal(item.kind == TomlNode::Kind::integer ? std::to_string(item.integer) : std::string(item.text));
    fits = edge && (edges.empty() || compare(edges.back(), *edge) < 0);
    if (fits) edges.push_back(*edge);
  }
  if (!fits)
    keys.wrong(node->line,
               {"bands 应为由小到大的数值，如 [25, 35, 45]", "bands takes numbers that rise, such as [25, 35, 45]"});
  return edges;
}

// "branch", or { column = "...", label = { zh, en }, bands = [...] }; one may stand without a list.
std::vector<GroupBy> read_group_by(PackKeys& keys, PackReading& reading, const std::string& where) {
  const TomlNode* node = keys.take("group_by");
  if (node && node->kind == TomlNode::Kind::text) return {GroupBy{node->text, {}, {}}};
  std::vector<GroupBy> all;
  for (const TomlNode* item : keys.tables("group_by", kListMax)) {
    if (item->kind == TomlNode::Kind::text) {
      all.push_back({item->text, {}, {}});
      continue;
    }
    PackKeys parts(*item, reading, where + " group_by");
    GroupBy group{parts.text("column"), parts.label("label"), read_bands(parts)};
    if (group.column.empty()) keys.wrong(item->line, {"缺少 column", "column is missing"});
    all.push_back(std::move(group));
  }
  return all;
}

Measure read_measure(const TomlNode& node, PackReading& reading, const std::string& where) {
  PackKeys keys(node, reading, where + " measures");
  Measure m;
  m.id = keys.id("id");
  m.label = keys.label("label");
  m.kind = keys.word("of", MeasureKind::count, kMeasureNames);
  m.column = keys.text("column");
  m.where = read_conditions(keys, reading, "where");
  m.top = keys.text("top");
  m.bottom = keys.text("bottom");
  const bool ratio = m.kind == MeasureKind::ratio;
  if (ratio && (m.top.empty() || m.bottom.empty() || !m.column.empty() || !m.where.empty()))
    keys.wrong(node.line, {"of = \"ratio\" 只需要 top 和 bottom（两个统计项）",
                           "of = \"ratio\" takes top and bottom, two measures, and nothing else"});
  if (!ratio && m.kind != MeasureKind::count && m.column.empty())
    keys.wrong(node.line, {"of 不是 count 时需要 column", "column is missing: every measure but count needs one"});
  return m;
}

Chart read_chart(PackKeys& keys, PackReading& reading) {
  const TomlNode* node = keys.take("chart");
  if (!node) return {};
  PackKeys parts(*node, reading, keys.where() + " chart");
  return {parts.word("kind", ChartKind::bar, kChartNames), parts.id("measure")};
}

// A ratio's measures stand before it.
void check_ratios(PackKeys& keys, const ReportDef& report) {
  for (auto m = report.measures.begin(); m != report.measures.end(); ++m) {
    const auto there = [&](const std::string& id) {
      return std::ranges::any_of(report.measures.begin(), m, [&](const Measure& before) { return before.id == id; });
    };
    if (m->kind == MeasureKind::ratio && (!there(m->top) || !there(m->bottom)))
      keys.wrong(keys.line(), {m->id + "：top、bottom 须是排在前面的统计项",
                               m->id + ": top and bottom name measures that stand before it"});
  }
}

}  // namespace

std::vector<std::string> read_test(PackKeys& keys, std::string_view subject, ConditionTest& test) {
  std::vector<std::string> values;
  int tests = 0;
  for (const auto& [word, kind] : kTests) {
    const TomlNode* node = keys.take(word);
    if (!node) continue;
    ++tests;
    test = kind;
    if (kind == ConditionTest::filled && node->kind == TomlNode::Kind::boolean)
      values = {node->boolean ? "yes" : "no"};
    else if (node->kind == TomlNode::Kind::integer)
      values = {std::to_string(node->integer)};
    else
      values = keys.texts(word, kChoicesMax);
  }
  const std::string of(subject);
  if (tests != 1 || values.empty())
    keys.wrong(keys.line(), {"条件需要 " + of + " 和 is、is_not、from、to、filled 之一",
                             "a condition needs " + of + " and one of is, is_not, from, to, filled"});
  return values;
}

std::vector<Condition> read_conditions(PackKeys& keys, PackReading& reading, std::string_view key) {
  std::vector<Condition> all;
  for (const TomlNode* node : keys.tables(key, kListMax))
    all.push_back(read_condition(*node, reading, keys.where() + " " + std::string(key), 0));
  return all;
}

std::vector<OrderBy> read_order(PackKeys& keys) {
  std::vector<OrderBy> all;
  for (const auto& word : keys.texts("order", kListMax)) {
    const bool descending = word.starts_with('-');
    all.push_back({word.substr(descending ? 1 : 0), descending});
  }
  return all;
}

ReportDef read_report(const TomlNode& node, PackReading& reading) {
  PackKeys keys(node, reading, "report");
  ReportDef r;
  r.line = node.line;
  r.id = keys.id("id", true);
  const std::string where = "report " + r.id;
  keys.rename(where);
  r.label = keys.label("label");
  r.source = keys.id("source");
  for (const TomlNode* n : keys.tables("parameters", kListMax)) r.parameters.push_back(read_param(*n, reading, where));
  r.filter = read_conditions(keys, reading, "filter");
  r.group_by = read_group_by(keys, reading, where);
  for (const TomlNode* n : keys.tables("measures", kListMax)) r.measures.push_back(read_measure(*n, reading, where));
  for (const TomlNode* n : keys.tables("columns", kListMax)) r.columns.push_back(read_column(*n, reading, where));
  r.order = read_order(keys);
  r.chart = read_chart(keys, reading);
  r.tree = keys.text("tree");
  if (!reading.fault) check_ratios(keys, r);
  if (r.columns.empty() && r.measures.empty())
    keys.wrong(node.line, {"报表需要 columns 或 measures", "a report needs columns or measures"});
  return r;
}

}  // namespace satchel
