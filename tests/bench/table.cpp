// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace satchel::bench {

namespace {

std::string figure(double v) {
  if (v >= 1000) return fmt::format("{:.0f}", v);
  if (v >= 10) return fmt::format("{:.1f}", v);
  return fmt::format("{:.3f}", v);
}

}  // namespace

double percentile(std::vector<double> values, double percent) {
  if (values.empty()) throw std::runtime_error("nothing was measured");
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(percent / 100 * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

void Table::heading(std::string text) { lines_.push_back({std::move(text), std::nullopt}); }
void Table::row(Row row) {
  if (has(row.value)) lines_.push_back({{}, std::move(row)});
}

int Table::print() const {
  int short_of = 0;
  fmt::print("{:<66} {:>10} {:>10} {:>10} {:>7}  {:<10} {}\n", "", "Satchel", "range", "limit", "ratio", "goal", "");
  for (const auto& line : lines_) {
    if (!line.row) {
      fmt::print("{}\n", line.heading);
      continue;
    }
    const Row& row = *line.row;
    const auto& all = values_.at(row.value);
    const double value = of(row.value);
    std::string limit, ratio, goal, verdict;
    double judged = value;
    if (!row.limit.empty()) {
      const double bound = of(row.limit) * row.limit_times;
      judged = value / bound;
      limit = figure(bound);
      ratio = fmt::format("{:.2f}", judged);
    }
    if (row.goal != Goal::none) {
      const bool good = row.goal == Goal::at_most ? judged <= row.bound : judged >= row.bound;
      goal = fmt::format("{} {}", row.goal == Goal::at_most ? "<=" : ">=", row.bound);
      verdict = good ? "pass" : "SHORT";
      if (!good) ++short_of;
    }
    const std::string range = figure(std::ranges::min(all)) + ".." + figure(std::ranges::max(all));
    fmt::print("  {:<54} {:>8} {:>12} {:>16} {:>10} {:>7}  {:<10} {}\n", row.text, row.unit, figure(value), range,
               limit, ratio, goal, verdict);
  }
  return short_of;
}

}  // namespace satchel::bench
