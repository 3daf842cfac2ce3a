// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/merge/resolve.h"

namespace satchel::merge {

namespace {

constexpr std::string_view kWithdrawn = "withdrawn";

bool later(const FieldValue* a, const FieldValue* b) {
  return std::tie(a->effective, a->dot) < std::tie(b->effective, b->dot);
}

// In one chain by its order, which nobody can change; else by time.
bool written_before(const FieldValue* a, const FieldValue* b) {
  if (a->dot.chain == b->dot.chain) return a->dot < b->dot;
  return later(b, a);
}

// Numbers by size, everything else by its text; equal values by dot, so that every node picks the same.
bool smaller(const FieldValue* a, const FieldValue* b) {
  const auto number = [](const Value& v) -> std::optional<Decimal> {
    if (const auto* n = std::get_if<std::int64_t>(&v)) return Decimal{*n, 0};
    if (const auto* d = std::get_if<Decimal>(&v)) return *d;
    if (const auto* d = std::get_if<Date>(&v)) return Decimal{d->days, 0};
    if (const auto* t = std::get_if<WallTime>(&v)) return Decimal{t->ms, 0};
    return std::nullopt;
  };
  const auto x = number(a->value);
  const auto y = number(b->value);
  if (x.has_value() != y.has_value()) return y.has_value();
  const int order = x ? compare(*x, *y) : format_value(a->value).compare(format_value(b->value));
  return order != 0 ? order < 0 : a->dot < b->dot;
}

Value gathered(const std::vector<const FieldValue*>& standing, bool once) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& s) {
    if (!once || std::ranges::find(out, s) == out.end()) out.push_back(s);
  };
  for (const auto* v : standing) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&v->value)) {
      for (const auto& s : *list) add(s);
    } else if (!empty(v->value)) {
      add(format_value(v->value));
    }
  }
  if (once) std::ranges::sort(out);
  if (out.empty()) return {};
  return out;
}

// Concurrent writes of the same value are agreement, not a conflict.
bool differ(const std::vector<const FieldValue*>& standing) {
  return std::ranges::any_of(standing, [&](const FieldValue* v) { return v->value != standing.front()->value; });
}

void choose(Resolved& out, MergePolicy policy) {
  if (out.standing.empty()) return;
  switch (policy) {
    case MergePolicy::set:
      out.value = gathered(out.standing, true);
      return;
    case MergePolicy::log:
      std::ranges::sort(out.standing, [](const auto* a, const auto* b) {
        return std::tie(a->hybrid, a->dot) < std::tie(b->hybrid, b->dot);
      });
      out.value = gathered(out.standing, false);
      return;
    case MergePolicy::max:
      out.winner = *std::ranges::max_element(out.standing, smaller);
      break;
    case MergePolicy::min:
      out.winner = *std::ranges::min_element(out.standing, smaller);
      break;
    case MergePolicy::review:
      out.contested = differ(out.standing);
      [[fallthrough]];
    case MergePolicy::latest:
      out.winner = *std::ranges::max_element(out.standing, later);
      break;
  }
  out.value = out.winner->value;
}

}  // namespace

Resolved resolve(const RecordState& state, std::string_view field, MergePolicy policy, Permission permission,
                 const MayCorrect& may_correct) {
  Resolved out;
  RecordState::Counts counts;
  if (permission == Permission::fixed) {
    counts = [&](const FieldValue& by, const FieldValue& target) {
      return by.person == target.person || (may_correct && may_correct(by.person, target.person));
    };
  }
  if (permission == Permission::kept) counts = [](const FieldValue&, const FieldValue&) { return false; };
  out.standing = state.standing(field, counts);
  if (permission == Permission::kept && !out.standing.empty()) {
    out.winner = *std::ranges::min_element(out.standing, written_before);
    out.value = out.winner->value;
    out.contested = differ(out.standing);
    return out;
  }
  choose(out, policy);
  if (permission == Permission::fixed && out.winner != nullptr) {
    out.corrected = std::ranges::any_of(out.standing, [](const FieldValue* v) { return !v->replaces.empty(); });
  }
  return out;
}

Standing standing_of(const RecordState& state) {
  const auto resolved = resolve(state, kStandingField, MergePolicy::latest, Permission::anyone);
  if (const auto* text = std::get_if<std::string>(&resolved.value); text != nullptr && *text == kWithdrawn) {
    return {RecordStanding::withdrawn, {}};
  }
  if (const auto* until = std::get_if<Date>(&resolved.value)) return {RecordStanding::binned, *until};
  return {};
}

Value standing_value(RecordStanding standing, std::optional<Date> until) {
  if (standing == RecordStanding::withdrawn) return std::string(kWithdrawn);
  if (standing == RecordStanding::binned && until) return *until;
  return {};
}

}  // namespace satchel::merge
