// SPDX-License-Identifier: AGPL-3.0-or-later
// From all standing values of a field to what a person sees: the value in force, whether it is contested, what lost.
// A pure function of the record's state, the template's policy and who may correct whom. Only here do clocks count,
// and only between concurrent values of a `latest` field.
#pragma once

#include "schema/template/template.h"
#include "sync/merge/record_state.h"

namespace satchel::merge {

struct Resolved {
  Value value;                              // in force; a list for `set` and `log`
  const FieldValue* winner = nullptr;       // whose value it is; null for `set`, `log` and when nothing stands
  std::vector<const FieldValue*> standing;  // more than one: concurrent
  bool contested = false;                   // a person must choose (`review`)
  bool corrected = false;                   // a fixed value was replaced later
};

// Whether `by` may replace what `author` wrote in a fixed field: the author's manager, or the author.
using MayCorrect = std::function<bool(const PersonId& by, const PersonId& author)>;

Resolved resolve(const RecordState& state, std::string_view field, MergePolicy policy, Permission permission,
                 const MayCorrect& may_correct = {});

enum class RecordStanding : std::uint8_t { in_force = 0, withdrawn = 1, binned = 2 };
struct Standing {
  RecordStanding standing = RecordStanding::in_force;
  std::optional<Date> until;  // of a binned record
};
Standing standing_of(const RecordState& state);
// What to write into kStandingField.
Value standing_value(RecordStanding standing, std::optional<Date> until = {});

}  // namespace satchel::merge
