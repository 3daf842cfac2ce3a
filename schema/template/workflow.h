// SPDX-License-Identifier: AGPL-3.0-or-later
// Workflows: which states a record goes through, who may move it, and how long each may take. A step that somebody took
// is a value of the record's field kStepField, and what it replaces are the steps its author saw: so steps travel,
// merge and stay visible as all values do, and nothing is ever overwritten. Where a record stands is worked out from
// all its steps by each reader alike, in any order of arrival, by where_it_stands() below.
//
// At a state, steps of the same kind that were taken there belong together: two persons who sign, or two who did the
// same thing without knowing of each other. They move the record when as many different persons as the step demands
// have taken it. Of several kinds that could move it, the one with the larger priority does (refuse before approve),
// then the one that was complete first; the others stay visible as overtaken.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schema/base/id.h"
#include "schema/base/label.h"
#include "schema/calendar/span.h"
#include "schema/template/when.h"

namespace satchel {

inline constexpr std::string_view kStepField = "_step";
// Said of a matter without moving it: a comment, and that a copy arrived.
inline constexpr std::string_view kNoteStep = "_note", kCopyStep = "_copy";

// Who may take a step, or is told of it: by what he is to the record or archive, or by role or function.
enum class ActorKind : std::uint8_t { author, owner, manager, field, role, function, anyone, author_manager };
// As packs spell them; `field:`, `role:` and `function:` take a name behind the colon.
inline constexpr std::string_view kActorNames[] = {"author", "owner",    "manager", "field",
                                                   "role",   "function", "anyone",  "author_manager"};

struct Actor {
  ActorKind kind = ActorKind::anyone;
  std::string name;  // of a person field, a role or a function
  bool operator==(const Actor&) const = default;
};
std::optional<Actor> parse_actor(std::string_view text);
std::string format_actor(const Actor& actor);

// When the time of a state is over by so much, so many are told.
struct Escalation {
  Span after{0, Unit::hours};
  std::vector<Actor> to;
};

// The limit of such records.
struct LimitWhen {
  When when;
  Span limit{0, Unit::hours};
};

struct WorkflowState {
  std::string id;
  Label label;
  std::optional<Span> limit;      // of all that `limits` do not name
  std::vector<LimitWhen> limits;  // the first that fits counts, by what the record says now
  std::string
      from_field;  // the limit counts from this date or time of the record instead of from the state's beginning
  std::vector<Actor> due_for;  // whose matter it is
  std::vector<Escalation> escalations;
  std::vector<Actor> copies;  // who gets a copy here, and confirms that he has it (kCopyStep)
  bool final = false;
  bool paused = false;  // the clock of the state it came from stands still meanwhile
  bool closes = false;  // the archive is closed while a record of it stands here: nothing more falls due in it
  int line = 0;

  bool timed() const { return limit || !limits.empty(); }
};

struct WorkflowStep {
  std::string id;
  Label label;
  std::vector<std::string> from;
  std::string to;
  std::vector<Actor> by;
  int persons = 1;                      // so many different ones
  std::string all_of;                   // and everybody named in this person field
  std::vector<std::string> other_than;  // "author", or steps whose takers may not take this one
  int priority = 0;
  When when;                       // only of such records: that hold it, or held it once
  std::vector<std::string> needs;  // fields that must be filled
  bool comment = false;            // must say why
  std::vector<Actor> owners;       // whom it makes the archive's owners, in place of those before
  int line = 0;
};

struct Workflow {
  std::string id;
  Label label;
  std::string source;  // the template whose records go through it
  std::string start;
  std::string calendar;  // id; empty: the one in force
  std::vector<WorkflowState> states;
  std::vector<WorkflowStep> steps;
  int line = 0;

  const WorkflowState* state(std::string_view wanted) const;
  const WorkflowStep* step(std::string_view wanted) const;
};

// One value of kStepField. `key` orders equals and names it; `parents` are keys.
struct StepTaken {
  std::string key;
  std::vector<std::string> parents;
  std::string step;
  PersonId by;
  WallTime at;  // effective
  std::string comment;
  PersonId in_place_of;  // whose right it was, when taken as his deputy: the two count as one person
};

enum class StepFate : std::uint8_t {
  moved,        // it made the record what it is, or helped to
  waiting,      // more persons have to take it
  overtaken,    // another step was stronger
  not_open,     // no such step leaves the state it was taken in
  not_allowed,  // not by that person
  noted,        // kNoteStep, kCopyStep
};

struct StepSeen {
  std::string key;
  StepFate fate = StepFate::waiting;
  std::string state;  // it was taken in
};

struct Passage {
  std::string state;
  WallTime since;
  std::string step;  // which led there; empty for the start
};

struct WorkflowStanding {
  std::vector<Passage> path;                // from the start on, never empty
  std::vector<StepSeen> steps;              // every step ever taken, in the order of their keys
  std::vector<std::string> signed_by_some;  // steps that wait for more persons, by id

  const std::string& state() const { return path.back().state; }
  WallTime since() const { return path.back().since; }
};

// Whom a value of a person field named, and from when until when it did (sync/node/past.h).
struct Naming {
  std::vector<PersonId> who;
  WallTime from;
  std::optional<WallTime> until;
};
using NamedIn = std::function<std::vector<Naming>(const std::string& field)>;

// Whether that person could take that step at that time (roles as they were then). Asked once a step taken.
using MayTake = std::function<bool(const WorkflowStep& step, const StepTaken& taken)>;

inline constexpr std::size_t kStepsMax = 2'000;  // of one record; later ones (by key) are not looked at

// `created` and `author`: of the record. Unknown steps (of a newer pack) are not_open. Where a step needs all whom a
// field names, it is complete at the first moment at which all who were named then had taken it, somebody was named,
// and as many persons as it needs besides had taken it: naming others later brings nothing back.
WorkflowStanding where_it_stands(const Workflow& workflow, WallTime created, const PersonId& author,
                                 std::span<const StepTaken> taken, const MayTake& may, const NamedIn& named = {});

// How long that state takes for this record (field_text.h, limit_of); without: what it takes for all.
using LimitOf = std::function<std::optional<Span>(const WorkflowState& state)>;
// When the state it stands in should be over, as known at `now`: counted from when it was entered first, without what
// lay in paused states since, or from `from` where the state counts from a field of the record. Nothing without a
// limit; a paused state has that of the state it came from, standing still.
std::optional<Due> due_of(const Workflow& workflow, const WorkflowStanding& standing, std::optional<WallTime> from,
                          const WorkCalendar& calendar, int zone_minutes, WallTime now, const LimitOf& limit = {});
// What a date or time of the record comes to; nothing for an empty name or field.
using FromField = std::function<std::optional<WallTime>(const std::string& field)>;
// Whether any state on the way was left after its time, by the limits that are the record's now.
bool was_late(const Workflow& workflow, const WorkflowStanding& standing, const FromField& from,
              const WorkCalendar& calendar, int zone_minutes, const LimitOf& limit = {});
// The state whose limit that is; null when none has one.
const WorkflowState* timed_state(const Workflow& workflow, const WorkflowStanding& standing);

}  // namespace satchel
