// SPDX-License-Identifier: AGPL-3.0-or-later
// What was measured, run by run, and the table it is printed as: medians, the limit's median from the same run beside
// ours, the ratio, and the goal it is held against.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace satchel::bench {

double percentile(std::vector<double> values, double percent);
inline double median(std::vector<double> values) { return percentile(std::move(values), 50); }

class Table {
 public:
  // One value of one run. Values of a name are reduced to their median.
  void add(const std::string& name, double value) { values_[name].push_back(value); }
  double of(const std::string& name) const { return median(values_.at(name)); }
  bool has(const std::string& name) const { return values_.contains(name); }

  enum class Goal { none, at_most, at_least };
  struct Row {
    std::string text;
    std::string unit;
    std::string value;       // a name given to add()
    std::string limit = {};  // another, or nothing
    double limit_times = 1;  // the limit's median times this
    Goal goal = Goal::none;
    double bound = 0;  // of the ratio when there is a limit, else of the value
  };
  void heading(std::string text);
  // Left out when its value was not measured.
  void row(Row row);
  // How many rows fell short.
  int print() const;

 private:
  struct Line {
    std::string heading;
    std::optional<Row> row;
  };
  std::map<std::string, std::vector<double>> values_;
  std::vector<Line> lines_;
};

}  // namespace satchel::bench
