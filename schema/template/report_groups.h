// SPDX-License-Identifier: AGPL-3.0-or-later
// Groups and their measures while rows come in. Private to the report engine. A row costs one hash lookup when its
// group changes and none when it is the group of the row before; outer groups are summed from inner ones at the end.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "schema/template/report_plan.h"

namespace satchel {

__extension__ using WideInteger = __int128;

struct EncodedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
};

// One measure of one group. Adding and merging give the same in any order.
class ReportTally {
 public:
  // `scratch` is only reused memory.
  void add(MeasureKind kind, const Value* cell, Writer& scratch);
  void merge(MeasureKind kind, const ReportTally& other);
  // Nothing when a sum has more than 18 digits.
  std::optional<Value> result(MeasureKind kind, bool whole) const;

 private:
  std::size_t count_ = 0;
  WideInteger sum_ = 0;  // at scale 9, the most a Decimal has
  std::uint8_t scale_ = 0;
  Value extreme_;
  std::unordered_set<std::string, EncodedHash, std::equal_to<>> distinct_;  // encoded values
};

// The smallest `most` of the rows seen, whatever their order.
class ReportRowSample {
 public:
  void add(const ReportRowRef& row, std::size_t most);
  std::vector<ReportRowRef> sorted() const;

 private:
  std::vector<ReportRowRef> heap_;  // a heap once it is full
};

struct ReportGroupState {
  std::size_t level = 0;  // 0 is the root, which holds everything
  std::size_t parent = 0;
  Value key;
  std::string key_text;
  std::vector<std::size_t> children;
  std::vector<ReportTally> tallies;
  std::size_t row_count = 0;
  ReportRowSample rows;
};

class ReportGroupTree {
 public:
  ReportGroupTree(ReportPlan& plan, const ReportDef& report, std::size_t rows_max);
  // Returns the innermost group of the row.
  std::size_t add(const ReportRow& row);
  // After the last row: fills outer groups from inner ones.
  void roll_up();
  std::vector<ReportGroupState>& groups() { return groups_; }
  const ReportGroupState& root() const { return groups_.front(); }

 private:
  std::size_t find(const ReportRow& row);
  std::size_t child(std::size_t parent, const Value& key);

  ReportPlan& plan_;
  const ReportDef& report_;
  std::size_t rows_max_;
  std::vector<ReportGroupState> groups_;
  std::unordered_map<std::string, std::size_t, EncodedHash, std::equal_to<>> by_key_;  // path of encoded keys → group
  Writer path_;
  Writer scratch_;
  std::string last_path_;
  std::size_t last_ = 0;
};

}  // namespace satchel
