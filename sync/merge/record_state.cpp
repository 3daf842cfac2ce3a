// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/merge/record_state.h"

#include <algorithm>

#include "schema/base/planted.h"

namespace satchel::merge {

namespace {

constexpr std::int64_t kNotYet = INT64_MAX;

}  // namespace

void RecordState::learn(const First& first) {
  if (!first_ || first.key() < first_->key()) first_ = first;
}

void RecordState::apply(const Source& source, const RecordChange& change, std::uint16_t first_op) {
  // The type is the first writer's; a record never changes type, and one that tries keeps the smaller name everywhere.
  if (type_.empty() || change.type < type_) type_ = change.type;
  version_ = std::max(version_, change.version);
  const bool replaces = std::ranges::any_of(change.ops, [](const Op& op) { return !op.replaces.empty(); });
  learn({replaces, source.stamped ? source.stamped->ms : kNotYet, source.hybrid, source.chain, source.seq,
         source.person, source.claimed, source.effective});
  std::uint16_t number = first_op;
  for (const auto& op : change.ops) {
    const Dot dot{source.chain, source.seq, number++};
    FieldValue value{
        dot,          op.value,       source.person, source.hybrid, source.claimed, source.effective, source.stamped,
        source.known, source.arrived, op.replaces};
    if (SATCHEL_PLANTED(last_to_arrive_wins)) values_[op.field].clear();
    values_[op.field].insert_or_assign(dot, std::move(value));
  }
}

void RecordState::merge(const RecordState& other) {
  if (type_.empty() || (!other.type_.empty() && other.type_ < type_)) type_ = other.type_;
  version_ = std::max(version_, other.version_);
  if (other.first_) learn(*other.first_);
  for (const auto& [field, values] : other.values_) values_[field].insert(values.begin(), values.end());
}

PersonId RecordState::author() const { return first_ ? first_->person : PersonId{}; }
WallTime RecordState::created() const { return first_ ? first_->effective : WallTime{}; }

RecordState::Birth RecordState::birth() const {
  if (!first_) return Birth::settled;
  bool several = false, unstamped = false;
  for (const auto& [field, values] : values_) {
    for (const auto& [dot, value] : values) {
      several = several || dot.chain != first_->chain;
      unstamped = unstamped || !value.stamped;
    }
  }
  if (first_->effective < first_->claimed || (unstamped && several)) return Birth::unsure;
  return first_->stamped == kNotYet ? Birth::unstamped : Birth::settled;
}

std::vector<std::string> RecordState::fields() const {
  std::vector<std::string> names;
  for (const auto& [field, values] : values_) names.push_back(field);
  return names;
}

std::vector<const FieldValue*> RecordState::values(std::string_view field) const {
  std::vector<const FieldValue*> out;
  const auto found = values_.find(field);
  if (found == values_.end()) return out;
  for (const auto& [dot, value] : found->second) out.push_back(&value);
  return out;
}

std::vector<const FieldValue*> RecordState::standing(std::string_view field, const Counts& counts) const {
  std::vector<const FieldValue*> out;
  const auto found = values_.find(field);
  if (found == values_.end()) return out;
  const auto& values = found->second;
  std::map<Dot, bool> replaced;
  for (const auto& [dot, value] : values) {
    for (const auto& target : value.replaces) {
      const auto held = values.find(target);
      if (held == values.end()) continue;  // not here yet: it will be found replaced when it comes
      if ((!counts || counts(value, held->second)) && !SATCHEL_PLANTED(replaced_value_stays)) replaced[target] = true;
    }
  }
  // A replacement that does not count gives no value either: it is shown as 'not in force'.
  for (const auto& [dot, value] : values) {
    const bool refused = counts && std::ranges::any_of(value.replaces, [&](const Dot& target) {
                           const auto held = values.find(target);
                           return held != values.end() && !counts(value, held->second);
                         });
    if (!refused && !replaced.contains(dot)) out.push_back(&value);
  }
  return out;
}

std::vector<Dot> RecordState::dots(std::string_view field) const {
  std::vector<Dot> out;
  for (const auto* value : standing(field)) out.push_back(value->dot);
  return out;
}

}  // namespace satchel::merge
