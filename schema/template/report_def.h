// SPDX-License-Identifier: AGPL-3.0-or-later
// Report definitions, and the conditions that reports and rules pick rows with. Plain values (template.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/base/label.h"
#include "schema/base/value.h"

namespace satchel {

enum class ParamType : std::uint8_t { date, branch, person, archive, text };

struct ReportParam {
  std::string id;
  Label label;
  ParamType type = ParamType::text;
  bool required = false;
};

enum class ConditionTest : std::uint8_t { is, is_not, from, to, filled };

// One test of a column against values or parameters ("$date"), or, when `any` is not empty, at least one of
// several. A test whose optional parameter was not given holds.
struct Condition {
  std::string column;
  ConditionTest test = ConditionTest::is;
  std::vector<std::string> values;  // "yes" or "no" for filled
  std::vector<Condition> any;
};

enum class MeasureKind : std::uint8_t { count, sum, min, max, count_distinct, average, ratio };
inline constexpr std::string_view kMeasureNames[] = {"count",          "sum",     "min",  "max",
                                                     "count_distinct", "average", "ratio"};

struct Measure {
  std::string id;
  Label label;
  MeasureKind kind = MeasureKind::count;
  std::string column;
  std::vector<Condition> where;  // only of such rows
  std::string top, bottom;       // of a ratio, in per cent: measures before it
};

struct ColumnDef {
  std::string column;
  Label label;  // empty: the field's own
};

// What lines stand together by. A column that holds a list puts the record under each of its items; the groups around
// and the totals count it once.
struct GroupBy {
  std::string column;
  Label label;  // empty: the column's own
  // Edges, rising, of a number's bands: below the first, from each to the next, from the last on. An edge belongs to
  // the band above it. Of a date or time: of the full years since, as an age.
  std::vector<Decimal> bands;
};

enum class ChartKind : std::uint8_t { none, bar, line, pie };
inline constexpr std::string_view kChartNames[] = {"none", "bar", "line", "pie"};

struct Chart {
  ChartKind kind = ChartKind::none;
  std::string measure;
};

struct OrderBy {
  std::string column;  // or a measure's id, which orders groups
  bool descending = false;
};

// Columns are field ids of the source template; the built-ins author, archive, branch, created, record, standing;
// archive.X, a field of the archive's customer card; archive.owner; author.role; state, since, due and overdue of
// records that go through a workflow. Behind a date or time, .day, .week, .month, .quarter, .year or .weekday cuts it
// to that.
struct ReportDef {
  std::string id;
  Label label;
  std::string source;
  std::vector<ReportParam> parameters;
  std::vector<Condition> filter;
  std::vector<GroupBy> group_by;
  std::vector<Measure> measures;
  std::vector<ColumnDef> columns;
  std::vector<OrderBy> order;
  Chart chart;
  // A column that names another archive, such as who introduced this one: each line then stands under that archive's,
  // with how many it brought itself and in all. Needs the column `archive`; takes no groups.
  std::string tree;
  int line = 0;
};

}  // namespace satchel
