// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/report_groups.h"

#include <algorithm>

namespace satchel {

namespace {

constexpr std::uint8_t kScaleMax = 9;

WideInteger power_of_ten(int n) {
  WideInteger v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

// 1.50 and 1.5 are one key.
void write_key(Writer& out, const Value& v) {
  if (const auto* d = std::get_if<Decimal>(&v)) {
    Decimal plain = *d;
    while (plain.scale > 0 && plain.units % 10 == 0) plain = {plain.units / 10, static_cast<std::uint8_t>(plain.scale - 1)};
    write_value(out, plain);
  } else {
    write_value(out, v);
  }
}

}  // namespace

void ReportTally::add(MeasureKind kind, const Value* cell, Writer& scratch) {
  const bool filled = cell && !empty(*cell) && !std::holds_alternative<Struck>(*cell);
  if (kind == MeasureKind::count && !cell) {
    ++count_;
    return;
  }
  if (!filled) return;
  ++count_;
  if (kind == MeasureKind::sum) {
    const auto* n = std::get_if<std::int64_t>(cell);
    const auto* d = n ? nullptr : std::get_if<Decimal>(cell);
    const Decimal amount = n ? Decimal{*n, 0} : d ? *d : Decimal{};
    sum_ += amount.units * power_of_ten(kScaleMax - amount.scale);
    scale_ = std::max(scale_, amount.scale);
  } else if (kind == MeasureKind::min || kind == MeasureKind::max) {
    const int order = empty(extreme_) ? 0 : compare_values(*cell, extreme_);
    if (empty(extreme_) || (kind == MeasureKind::min ? order < 0 : order > 0)) extreme_ = *cell;
  } else if (kind == MeasureKind::count_distinct) {
    scratch.buffer().clear();
    write_key(scratch, *cell);
    const auto key = text(scratch.bytes());
    if (!distinct_.contains(key)) distinct_.emplace(key);
  }
}

void ReportTally::merge(MeasureKind kind, const ReportTally& other) {
  count_ += other.count_;
  sum_ += other.sum_;
  scale_ = std::max(scale_, other.scale_);
  if (!empty(other.extreme_)) {
    const int order = empty(extreme_) ? 0 : compare_values(other.extreme_, extreme_);
    if (empty(extreme_) || (kind == MeasureKind::min ? order < 0 : order > 0)) extreme_ = other.extreme_;
  }
  distinct_.insert(other.distinct_.begin(), other.distinct_.end());
}

std::optional<Value> ReportTally::result(MeasureKind kind, bool whole) const {
  switch (kind) {
    case MeasureKind::count: return Value(static_cast<std::int64_t>(count_));
    case MeasureKind::count_distinct: return Value(static_cast<std::int64_t>(distinct_.size()));
    case MeasureKind::min:
    case MeasureKind::max: return extreme_;
    case MeasureKind::sum: break;
  }
  const WideInteger units = sum_ / power_of_ten(kScaleMax - scale_);
  const WideInteger limit = power_of_ten(18);
  if (units >= limit || units <= -limit) return std::nullopt;
  if (whole) return Value(static_cast<std::int64_t>(units));
  return Value(Decimal{static_cast<std::int64_t>(units), scale_});
}

void ReportRowSample::add(const ReportRowRef& row, std::size_t most) {
  if (heap_.size() < most) {
    heap_.push_back(row);
    if (heap_.size() == most) std::ranges::make_heap(heap_);
    return;
  }
  if (most == 0 || !(row < heap_.front())) return;
  std::ranges::pop_heap(heap_);
  heap_.back() = row;
  std::ranges::push_heap(heap_);
}

std::vector<ReportRowRef> ReportRowSample::sorted() const {
  auto rows = heap_;
  std::ranges::sort(rows);
  return rows;
}

ReportGroupTree::ReportGroupTree(ReportPlan& plan, const ReportDef& report, std::size_t rows_max)
    : plan_(plan), report_(report), rows_max_(rows_max) {
  groups_.emplace_back();
  groups_.front().tallies.resize(report.measures.size());
}

std::size_t ReportGroupTree::child(std::size_t parent, const Value& key) {
  const auto path = text(path_.bytes());
  if (const auto at = by_key_.find(path); at != by_key_.end()) return at->second;
  const std::size_t index = groups_.size();
  by_key_.emplace(path, index);
  ReportGroupState group{.level = groups_[parent].level + 1, .parent = parent, .key = key};
  group.tallies.resize(report_.measures.size());
  groups_.push_back(std::move(group));
  groups_[parent].children.push_back(index);
  return index;
}

std::size_t ReportGroupTree::find(const ReportRow& row) {
  static const Value kNothing;
  const auto cell = [&](std::size_t column) -> const Value& {
    const Value* v = plan_.value(row, column);
    return v ? *v : kNothing;
  };
  path_.buffer().clear();
  for (const auto column : plan_.keys()) write_key(path_, cell(column));
  if (last_ != 0 && text(path_.bytes()) == last_path_) return last_;
  path_.buffer().clear();
  std::size_t group = 0;
  for (const auto column : plan_.keys()) {
    const Value& key = cell(column);
    write_key(path_, key);
    group = child(group, key);
  }
  last_path_ = text(path_.bytes());
  return last_ = group;
}

std::size_t ReportGroupTree::add(const ReportRow& row) {
  const std::size_t index = plan_.keys().empty() ? 0 : find(row);
  ReportGroupState& group = groups_[index];
  ++group.row_count;
  for (std::size_t m = 0; m < report_.measures.size(); ++m) {
    const auto column = plan_.measured()[m];
    static const Value kNothing;
    const Value* cell = column ? plan_.value(row, *column) : nullptr;
    // A counted column that is not there is not filled; a count without a column takes every row.
    group.tallies[m].add(report_.measures[m].kind, column && !cell ? &kNothing : cell, scratch_);
  }
  group.rows.add({row.archive, row.record}, rows_max_);
  return index;
}

void ReportGroupTree::roll_up() {
  // Children always stand behind their parents.
  for (std::size_t i = groups_.size(); i-- > 1;) {
    ReportGroupState& group = groups_[i];
    ReportGroupState& parent = groups_[group.parent];
    parent.row_count += group.row_count;
    for (std::size_t m = 0; m < report_.measures.size(); ++m)
      parent.tallies[m].merge(report_.measures[m].kind, group.tallies[m]);
    for (const auto& row : group.rows.sorted()) parent.rows.add(row, rows_max_);
  }
}

}  // namespace satchel
