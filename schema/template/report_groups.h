// SPDX-License-Identifier: AGPL-3.0-or-later
// Groups and their measures while rows come in. Private to the report engine. A row costs a few hash
// lookups and no allocation unless its group is new; outer groups are summed from inner ones at the end.
#pragma once

#include <unordered_map>

#include "schema/template/report_plan.h"

namespace satchel {

__extension__ using WideInteger = __int128;

// Numbers the different values of a column in order of appearance. References, which most keys are, go past the
// encoding; 1.50 and 1.5 are one value.
class ReportValueIndex {
 public:
  std::uint32_t number(const Value& value);

 private:
  struct RefHash {
    std::size_t operator()(const Ref& ref) const noexcept;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::unordered_map<Ref, std::uint32_t, RefHash> refs_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> others_;  // encoded
  std::uint32_t next_ = 0;
  std::optional<std::pair<Ref, std::uint32_t>> last_;
  Writer scratch_;
};

// A set of numbers in one block of memory. No number may be the greatest one.
class ReportNumberSet {
 public:
  // False when it was there.
  bool insert(std::uint32_t number);
  std::size_t size() const { return size_; }
  template <class Visit>
  void each(Visit visit) const {
    for (const auto slot : slots_)
      if (slot != kFree) visit(slot);
  }

 private:
  static constexpr std::uint32_t kFree = ~0u;
  void grow();
  std::vector<std::uint32_t> slots_;  // a power of two of them, at most two thirds taken
  std::size_t size_ = 0;
};

// One measure of one group. Adding and merging give the same in any order.
class ReportTally {
 public:
  // `values` numbers the measured column, for all groups.
  void add(MeasureKind kind, const Value* cell, ReportValueIndex& values);
  void merge(MeasureKind kind, const ReportTally& other);
  // Nothing when a sum has more than 18 digits.
  std::optional<Value> result(MeasureKind kind, bool whole) const;

 private:
  std::optional<Value> average() const;
  std::size_t count_ = 0;
  WideInteger sum_ = 0;  // at scale 9, the most a Decimal has
  std::uint8_t scale_ = 0;
  Value extreme_;
  ReportNumberSet distinct_;
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
  // Returns the innermost groups of the row: several where one of its keys is a list. Good until the next call.
  const std::vector<std::size_t>& add(const ReportRow& row);
  // After the last row: fills outer groups from inner ones, unless rows stand in several, which are put into all of
  // their groups as they come.
  void roll_up();
  std::vector<ReportGroupState>& groups() { return groups_; }
  const ReportGroupState& root() const { return groups_.front(); }

 private:
  void find(const ReportRow& row);
  void find_each(const ReportRow& row);
  void count(const ReportRow& row, std::size_t index);
  std::size_t child(std::size_t parent, std::uint32_t number, const Value& key);

  ReportPlan& plan_;
  const ReportDef& report_;
  std::size_t rows_max_;
  std::vector<ReportGroupState> groups_;
  std::vector<ReportValueIndex> keys_;                     // one a level
  std::vector<ReportValueIndex> measured_;                 // one a measure
  std::vector<bool> lists_;                                // one a level: its column holds lists
  bool spread_ = false;                                    // one of them does
  std::vector<std::size_t> innermost_, around_;            // of the last row; those around are for spread rows alone
  std::unordered_map<std::uint64_t, std::size_t> by_key_;  // parent and key's number → group
};

}  // namespace satchel
