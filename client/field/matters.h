// SPDX-License-Identifier: AGPL-3.0-or-later
// One record in its workflow, as people are shown it: where it stands, how it came there, what may be done, by whom.
#pragma once

#include "client/field/records.h"
#include "client/field/said.h"

namespace satchel::field {

struct PathShown {
  std::string state, label;
  WallTime since;
  std::string step;  // which led there; empty for the start
  std::vector<PersonId> by;
};

struct MatterShown {
  RecordPlace place;
  const Template* form = nullptr;
  std::string title;
  node::Matter matter;
  std::string state_label;
  const WorkCalendar* calendar = nullptr;  // whose working days the time was counted by; null where none were
  bool overdue = false;
  std::vector<PathShown> path;
  std::vector<node::StepShown> said;      // every step, comment and confirmation, in the order of their times
  std::vector<const WorkflowStep*> open;  // for this person
  std::vector<PersonId> waits_for;        // whose matter it is now
};

// usage "step.no-workflow"; not_found "record.not-readable".
Result<MatterShown> show_matter(Book& book, const RecordPlace& place);
// A step taken, and what it says of the archive: who owns it from now on (WorkflowStep::owners). That is said before
// the step is written, so that a step that stands has said it; taken again it is said once more.
struct StepDone {
  Saved saved;
  std::vector<PersonId> owners;  // the new ones; empty: as before
  std::optional<Said> said;      // of the owners
};
// Errors: those of Desk::step and owners_after, and those of saying it. `also` is done first in the transaction that
// writes the step, and may refuse it.
Result<StepDone> take_step(Book& book, const StepWish& wish, const std::function<Result<void>(Desk&)>& also = {});

// "function:会计" → "会计"; "author" → "填报人".
std::string actor_name(const Template* form, const Actor& actor, Lang lang);
std::string step_name(const Workflow& workflow, std::string_view step, Lang lang);

}  // namespace satchel::field
