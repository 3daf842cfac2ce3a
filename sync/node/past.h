// SPDX-License-Identifier: AGPL-3.0-or-later
// What a record said at some moment of its history. A value stands from its time on until a hub first had one that
// replaces it, and at its own time in any case; never beside one of whoever had replaced it before, or with it. So who
// writes offline never takes from others what they had seen: what comes late ends nothing before it came, and no clock
// makes a value end earlier. Functions of the state alone (and, for fixed fields, of the directory): the same in any
// order of arrival. Stamps that are still to come can end a value.
#pragma once

#include "schema/template/workflow.h"
#include "sync/directory/directory.h"
#include "sync/merge/record_state.h"

namespace satchel {
struct Template;
}

namespace satchel::node {

// Whether the record is of the kind, or once was: all tests held at one moment, of one value each that stood then. Each
// by itself at any time would not do: whoever writes a record could open a step to it by what was never true together.
// What is corrected later undoes no step. `form`: for computed fields; null: none are.
bool was_so(const merge::RecordState& state, const When& when, const Template* form);

// Whom a person field named, from when until when. A value that replaced another names from when a hub had it, so that
// one that is written late, or dated back, demands nobody of a step that was complete by then. Where the form fixes the
// field only those who may correct it end what it named.
std::vector<Naming> named_in(const merge::RecordState& state, std::string_view field, const Template* form,
                             const Directory& directory);

// Whether a stamp still to come may change what named_in says of that field, or what was_so says.
bool may_turn(const merge::RecordState& state, std::string_view field);
bool may_turn(const merge::RecordState& state, const When& when, const Template* form);

}  // namespace satchel::node
