// SPDX-License-Identifier: AGPL-3.0-or-later
// A report with two levels of groups, with lines or without, for the tests of every form a report takes.
#pragma once

#include "schema/template/report.h"

namespace satchel::test {

inline ReportCell text_cell(std::string text) { return {text, text}; }
inline ReportCell number_cell(std::int64_t n) { return {n, std::to_string(n)}; }
inline ReportCell money_cell(std::int64_t units) { return {Decimal{units, 2}, format_decimal({units, 2})}; }

// Two branches with a person each; the second line is corrected.
inline ReportResult sample_report(bool lines) {
  ReportResult r;
  r.id = "daily";
  r.title = "拜访日报";
  r.parameters = {{"日期", "2026-11-22"}};
  r.keys = {{"branch", "分公司", FieldType::record, {}}, {"author", "业务员", FieldType::person, {}}};
  r.measures = {{"n", "拜访数", FieldType::integer, {}}, {"sum", "收款", FieldType::money, "CNY"}};
  if (lines) r.columns = {{"archive", "客户", FieldType::archive, {}}, {"sum", "收款", FieldType::money, "CNY"}};
  for (int b = 0; b < 2; ++b) {
    const std::string branch = b ? "深圳" : "广州", person = b ? "甲" : "=乙";
    const std::size_t first = lines ? static_cast<std::size_t>(b) : 0;
    for (std::size_t level = 0; level < 2; ++level) {
      ReportGroup g;
      g.level = level;
      g.key = {text_cell(branch)};
      if (level == 1) g.key.push_back(text_cell(person));
      g.measures = {number_cell(1), money_cell(-1050)};
      g.first_line = first;
      g.line_count = lines ? 1 : 0;
      g.row_count = 1;
      g.rows.resize(1);
      r.groups.push_back(g);
    }
    if (!lines) continue;
    ReportLine line;
    line.corrected = b == 1;
    line.cells = {text_cell(b ? "福田百货" : "@evil"), money_cell(-1050)};
    r.lines.push_back(line);
  }
  r.totals = {number_cell(2), money_cell(-2100)};
  r.row_count = 2;
  return r;
}

}  // namespace satchel::test
