// SPDX-License-Identifier: AGPL-3.0-or-later
// A matter: a record that goes through a workflow (schema/template/workflow.h). Who may take a step is judged by what
// he was in the directory that he had seen when he took it, and still was in that of the hub that had it first: whoever
// lost a role decides nothing more, and nobody does by naming an older directory. Until a hub has it, it counts by his
// own. A function of the record's state and the directory alone, so it is the same at every node that has both.
#pragma once

#include "schema/template/report.h"
#include "sync/directory/directory.h"
#include "sync/merge/record_state.h"
#include "sync/node/log.h"

namespace satchel::node {

struct Matter {
  const Workflow* workflow = nullptr;
  const WorkflowState* state = nullptr;  // null: of another version of the pack
  WorkflowStanding standing;
  std::optional<Due> due;
  bool late = false;  // some state on the way was left after its time
  struct Copy {
    Actor to;
    PersonId by;  // who confirmed it; none: nobody yet
    WallTime at;
  };
  std::vector<Copy> copies;  // that the state it stands in, or one before, gives out
  const Template* form = nullptr;
  std::optional<Span> limit;  // of the state that is timed, for this record
};

// What a matter is worked out from; all must outlive the call.
struct MatterOf {
  const StoredArchive& info;
  const merge::RecordState& state;
  const Directory& directory;
};

// Nothing when records of that template go through no workflow.
std::optional<Matter> matter_of(const MatterOf& of, const Catalogue& catalogue, WallTime now);

// Whether the person is one of them for this record by what he was at that place of the directory, or its newest, or
// stood in for one who was.
bool is_one_of(const MatterOf& of, std::span<const Actor> actors, const PersonId& person, const Position& at);

// Everybody active who is one of them now by himself; of `field:` actors, those the given values name.
std::vector<PersonId> people_for(const MatterOf& of, std::span<const Actor> actors, const FieldMap& values);

// Whether stamps that are still to come may change where it stands.
bool is_unsettled(const Matter& matter, const merge::RecordState& state);

// Whether this person could take that step of a state now, if the record is one it is for; whoever took it waits.
bool may_take(const MatterOf& of, const Matter& matter, const WorkflowStep& step, const PersonId& person);
// The steps that this person could take now, in the pack's order. Those he has taken already wait for others.
std::vector<const WorkflowStep*> open_steps(const MatterOf& of, const Matter& matter, const PersonId& person);

// Of the value with that dot, as StepTaken::key has it; sorts as dots do.
std::string step_key(const Dot& dot);
// A value of kStepField, and back: the step's id, and why.
Value step_value(std::string_view step, std::string_view comment);
struct StepSaid {
  std::string step, comment;
};
// One that somebody took, as matter_of saw it.
struct StepShown {
  StepSaid said;
  PersonId by;
  PersonId in_place_of;  // whom he stood in for; none: it was his own
  WallTime at;
  StepFate fate = StepFate::waiting;
  std::optional<WallTime> stamped;  // when a hub had it first; before, it is this device's alone
};
// In the order of their times.
std::vector<StepShown> steps_shown(const MatterOf& of, const Matter& matter);
std::optional<StepSaid> step_said(const Value& value);
// Every step of the record that is no step's parent: what the next one replaces.
std::vector<Dot> last_steps(const merge::RecordState& state);

}  // namespace satchel::node
