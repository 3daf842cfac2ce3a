// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/report_groups.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace satchel {

namespace {

constexpr std::uint8_t kScaleMax = 9;

WideInteger power_of_ten(int n) {
  WideInteger v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

const Value kNoKey;

// Those of a list, as lists of one, which show as the whole does.
std::vector<Value> items_of(const Value* cell) {
  const auto* list = cell ? std::get_if<std::vector<std::string>>(cell) : nullptr;
  if (list == nullptr || list->empty()) return {cell && list == nullptr ? *cell : kNoKey};
  std::vector<Value> items;
  for (const auto& item : *list) items.emplace_back(std::vector<std::string>{item});
  return items;
}

// 1.50 and 1.5 are one key.
void write_key(Writer& out, const Value& v) {
  if (const auto* d = std::get_if<Decimal>(&v)) {
    Decimal plain = *d;
    while (plain.scale > 0 && plain.units % 10 == 0)
      plain = {plain.units / 10, static_cast<std::uint8_t>(plain.scale - 1)};
    write_value(out, plain);
  } else {
    write_value(out, v);
  }
}

}  // namespace

std::size_t ReportValueIndex::RefHash::operator()(const Ref& ref) const noexcept {
  std::uint64_t high, low;
  std::memcpy(&high, ref.id.data(), sizeof high);
  std::memcpy(&low, ref.id.data() + sizeof high, sizeof low);
  return (high ^ low) * 0x9e3779b97f4a7c15u;
}

std::uint32_t ReportValueIndex::number(const Value& value) {
  if (const auto* ref = std::get_if<Ref>(&value)) {
    if (last_ && last_->first == *ref) return last_->second;
    const auto [at, fresh] = refs_.try_emplace(*ref, next_);
    if (fresh) ++next_;
    last_ = *at;
    return at->second;
  }
  scratch_.buffer().clear();
  write_key(scratch_, value);
  const auto encoded = text(scratch_.bytes());
  if (const auto at = others_.find(encoded); at != others_.end()) return at->second;
  others_.emplace(encoded, next_);
  return next_++;
}

bool ReportNumberSet::insert(std::uint32_t number) {
  if ((size_ + 1) * 3 > slots_.size() * 2) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (number * 0x9e3779b1u) & mask;
  for (; slots_[at] != kFree; at = (at + 1) & mask)
    if (slots_[at] == number) return false;
  slots_[at] = number;
  ++size_;
  return true;
}

void ReportNumberSet::grow() {
  constexpr std::size_t kSlotsMin = 16;
  const auto before = std::exchange(slots_, {});
  slots_.assign(std::max(before.size() * 2, kSlotsMin), kFree);
  size_ = 0;
  for (const auto number : before)
    if (number != kFree) insert(number);
}

void ReportTally::add(MeasureKind kind, const Value* cell, ReportValueIndex& values) {
  const bool filled = cell && !empty(*cell) && !std::holds_alternative<Struck>(*cell);
  if (kind == MeasureKind::count && !cell) {
    ++count_;
    return;
  }
  if (!filled) return;
  ++count_;
  if (kind == MeasureKind::sum || kind == MeasureKind::average) {
    const auto* n = std::get_if<std::int64_t>(cell);
    const auto* d = n ? nullptr : std::get_if<Decimal>(cell);
    const Decimal amount = n ? Decimal{*n, 0} : d ? *d : Decimal{};
    sum_ += amount.units * power_of_ten(kScaleMax - amount.scale);
    scale_ = std::max(scale_, amount.scale);
  } else if (kind == MeasureKind::min || kind == MeasureKind::max) {
    const int order = empty(extreme_) ? 0 : compare_values(*cell, extreme_);
    if (empty(extreme_) || (kind == MeasureKind::min ? order < 0 : order > 0)) extreme_ = *cell;
  } else if (kind == MeasureKind::count_distinct) {
    distinct_.insert(values.number(*cell));
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
  other.distinct_.each([&](std::uint32_t number) { distinct_.insert(number); });
}

std::optional<Value> ReportTally::result(MeasureKind kind, bool whole) const {
  switch (kind) {
    case MeasureKind::count:
      return Value(static_cast<std::int64_t>(count_));
    case MeasureKind::count_distinct:
      return Value(static_cast<std::int64_t>(distinct_.size()));
    case MeasureKind::min:
    case MeasureKind::max:
      return extreme_;
    case MeasureKind::average:
      return average();
    case MeasureKind::ratio:  // of two others, see report.cpp
      return Value{};
    case MeasureKind::sum:
      break;
  }
  const WideInteger units = sum_ / power_of_ten(kScaleMax - scale_);
  const WideInteger limit = power_of_ten(18);
  if (units >= limit || units <= -limit) return std::nullopt;
  if (whole) return Value(static_cast<std::int64_t>(units));
  return Value(Decimal{static_cast<std::int64_t>(units), scale_});
}

// To two places more than the values have, four at most, half away from zero.
std::optional<Value> ReportTally::average() const {
  if (count_ == 0) return Value{};
  const int places = std::max<int>(std::min<int>(scale_ + 2, 4), scale_);
  const WideInteger size = sum_ < 0 ? -sum_ : sum_;
  const WideInteger bottom = static_cast<WideInteger>(count_) * power_of_ten(kScaleMax - places);
  const WideInteger units = (size * 2 + bottom) / (bottom * 2);
  if (units >= power_of_ten(18)) return std::nullopt;
  return Value(Decimal{static_cast<std::int64_t>(sum_ < 0 ? -units : units), static_cast<std::uint8_t>(places)});
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
    : plan_(plan), report_(report), rows_max_(rows_max), keys_(plan.keys().size()), measured_(report.measures.size()) {
  groups_.emplace_back();
  groups_.front().tallies.resize(report.measures.size());
  for (const auto column : plan.keys()) {
    const FieldType type = plan.column(column).field.type;
    lists_.push_back(type == FieldType::choices || type == FieldType::persons || type == FieldType::texts);
    spread_ = spread_ || lists_.back();
  }
}

std::size_t ReportGroupTree::child(std::size_t parent, std::uint32_t number, const Value& key) {
  const auto [at, fresh] = by_key_.try_emplace(static_cast<std::uint64_t>(parent) << 32 | number, groups_.size());
  if (!fresh) return at->second;
  ReportGroupState group{.level = groups_[parent].level + 1, .parent = parent, .key = key};
  group.tallies.resize(report_.measures.size());
  groups_[parent].children.push_back(groups_.size());
  groups_.push_back(std::move(group));
  return at->second;
}

void ReportGroupTree::find(const ReportRow& row) {
  std::size_t group = 0;
  for (std::size_t level = 0; level < keys_.size(); ++level) {
    const Value* cell = plan_.value(row, plan_.keys()[level]);
    const Value& key = cell ? *cell : kNoKey;
    group = child(group, keys_[level].number(key), key);
  }
  innermost_.assign(1, group);
}

// Level by level, every group that one of the keys leads to, each once.
void ReportGroupTree::find_each(const ReportRow& row) {
  innermost_.assign(1, 0);
  around_.clear();
  for (std::size_t level = 0; level < keys_.size(); ++level) {
    const auto outer = std::exchange(innermost_, {});
    around_.insert(around_.end(), outer.begin(), outer.end());
    const Value* cell = plan_.value(row, plan_.keys()[level]);
    std::vector<Value> keys = lists_[level] ? items_of(cell) : std::vector<Value>{cell ? *cell : kNoKey};
    for (const auto& key : keys) {
      const auto number = keys_[level].number(key);
      for (const auto parent : outer) {
        const std::size_t group = child(parent, number, key);
        if (std::ranges::find(innermost_, group) == innermost_.end()) innermost_.push_back(group);
      }
    }
  }
}

void ReportGroupTree::count(const ReportRow& row, std::size_t index) {
  ReportGroupState& group = groups_[index];
  ++group.row_count;
  for (std::size_t m = 0; m < report_.measures.size(); ++m) {
    if (!plan_.counts(m, row)) continue;
    const auto column = plan_.measured()[m];
    const Value* cell = column ? plan_.value(row, *column) : nullptr;
    // A counted column that is not there is not filled; a count without a column takes every row.
    group.tallies[m].add(report_.measures[m].kind, column && !cell ? &kNoKey : cell, measured_[m]);
  }
  group.rows.add({row.archive, row.record}, rows_max_);
}

const std::vector<std::size_t>& ReportGroupTree::add(const ReportRow& row) {
  if (spread_) {
    find_each(row);
    for (const auto group : around_) count(row, group);
  } else {
    find(row);
  }
  for (const auto group : innermost_) count(row, group);
  return innermost_;
}

void ReportGroupTree::roll_up() {
  if (spread_) return;
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
