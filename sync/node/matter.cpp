// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/matter.h"

#include <algorithm>
#include <map>
#include <set>

#include "schema/template/field_text.h"
#include "sync/directory/kinds.h"
#include "sync/node/past.h"
#include "sync/node/records.h"
#include "sync/node/replica.h"

namespace satchel::node {

namespace {

bool holds(const PersonId& person, const Value& value) {
  const auto* ref = std::get_if<Ref>(&value);
  if (ref != nullptr) return PersonId{ref->id} == person;
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  return texts != nullptr && std::ranges::find(*texts, person.hex()) != texts->end();
}

// Named there by anybody, ever: what is corrected later takes from nobody what he did before.
bool was_named(const merge::RecordState& state, std::string_view field, const PersonId& person) {
  return std::ranges::any_of(state.values(field), [&](const auto* value) { return holds(person, value->value); });
}

bool manages(const PersonSpan& then, const BranchId& branch) {
  return then.active && then.role == Role::branch_manager && then.branch == branch;
}

bool is_actor(const MatterOf& of, const Actor& actor, const PersonId& id, const Position& at) {
  const Directory& directory = of.directory;
  const Person* person = directory.person(id);
  const PersonSpan* then = person != nullptr ? person->at(at) : nullptr;
  if (then == nullptr || !then->active) return false;
  const auto standing = [&] { return directory.standing_at(access_of(of.info), at); };
  switch (actor.kind) {
    case ActorKind::author:
      return id == of.state.author();
    case ActorKind::owner: {
      const auto owners = standing().owners;
      return std::ranges::find(owners, id) != owners.end();
    }
    case ActorKind::manager:
      return manages(*then, standing().branch);
    case ActorKind::field:
      return was_named(of.state, actor.name, id);
    case ActorKind::role:
      return role_name(then->role) == actor.name;
    case ActorKind::function: {
      const auto& functions = person->functions_at(at);
      return std::ranges::find(functions, actor.name) != functions.end();
    }
    case ActorKind::anyone:
      return true;
    case ActorKind::author_manager: {
      const auto author = directory.role_of(of.state.author(), at);
      return author && id != of.state.author() && manages(*then, author->branch);
    }
  }
  return false;
}

// By whose right the person is one of them: his own, or that of one he stood in for (the first by id); none: by
// nobody's.
PersonId right_of(const MatterOf& of, std::span<const Actor> actors, const PersonId& person, const Position& at) {
  const auto is_any = [&](const PersonId& who) {
    return std::ranges::any_of(actors, [&](const Actor& actor) { return is_actor(of, actor, who, at); });
  };
  if (is_any(person)) return person;
  const Person* deputy = of.directory.person(person);
  const PersonSpan* then = deputy != nullptr ? deputy->at(at) : nullptr;
  if (then == nullptr || !then->active) return {};
  for (const auto& [id, principal] : of.directory.people()) {
    const auto& deputies = principal.deputies_at(at);
    if (std::ranges::find(deputies, person) != deputies.end() && is_any(id)) return id;
  }
  return {};
}

struct Taken {
  std::vector<StepTaken> steps;
  std::map<std::string, const merge::FieldValue*> values;  // by key
};

Taken steps_of(const MatterOf& of, const Workflow& workflow) {
  Taken out;
  for (const auto* value : of.state.values(kStepField)) {
    const auto said = step_said(value->value);
    if (!said) continue;
    StepTaken step{step_key(value->dot), {}, said->step, value->person, value->effective, said->comment, {}};
    const auto* kind = workflow.step(said->step);
    const PersonId right = kind != nullptr ? right_of(of, kind->by, step.by, value->known) : PersonId{};
    if (right != step.by) step.in_place_of = right;
    for (const auto& parent : value->replaces) step.parents.push_back(step_key(parent));
    out.values.emplace(step.key, value);
    out.steps.push_back(std::move(step));
  }
  return out;
}

// The copies of every state it has been in, each with the first of those addressed who confirmed it.
std::vector<Matter::Copy> copies_of(const MatterOf& of, const Matter& matter,
                                    const std::map<std::string, const merge::FieldValue*>& values) {
  std::vector<Matter::Copy> out;
  for (const auto& passage : matter.standing.path) {
    const auto* state = matter.workflow->state(passage.state);
    if (state == nullptr) continue;
    for (const auto& to : state->copies) {
      if (std::ranges::find(out, to, &Matter::Copy::to) != out.end()) continue;
      Matter::Copy copy{to, {}, {}};
      for (const auto& [key, value] : values) {
        const auto said = step_said(value->value);
        const bool confirmed = said && said->step == kCopyStep && is_actor(of, to, value->person, value->known);
        if (!confirmed || (!copy.by.none() && copy.at <= value->effective)) continue;
        copy.by = value->person;
        copy.at = value->effective;
      }
      out.push_back(std::move(copy));
    }
  }
  return out;
}

std::optional<WallTime> time_in(const merge::RecordState& state, std::string_view field) {
  std::optional<WallTime> latest;
  for (const auto* value : state.standing(field)) {
    std::optional<WallTime> at;
    if (const auto* time = std::get_if<WallTime>(&value->value)) at = *time;
    if (const auto* date = std::get_if<Date>(&value->value)) at = start_of_day(*date, kChinaZoneMinutes);
    if (at && (!latest || *latest < *at)) latest = at;
  }
  return latest;
}

const Template* form_of(const merge::RecordState& state, const Catalogue& catalogue) {
  const Template* own = catalogue.find_template(state.type(), static_cast<int>(state.version()));
  return own != nullptr ? own : catalogue.find_template(state.type());
}

}  // namespace

std::string step_key(const Dot& dot) {
  Bytes key = copy(dot.chain.node.view());
  put_be32(key, dot.chain.incarnation);
  put_be64(key, dot.seq);
  put_be32(key, dot.op);
  return {key.begin(), key.end()};
}

bool is_one_of(const MatterOf& of, std::span<const Actor> actors, const PersonId& person, const Position& at) {
  return !right_of(of, actors, person, at).none();
}

std::vector<PersonId> people_for(const MatterOf& of, std::span<const Actor> actors, const FieldMap& values) {
  std::vector<PersonId> out;
  for (const auto& [id, person] : of.directory.people()) {
    const auto is = [&](const Actor& actor) {
      if (actor.kind != ActorKind::field) return is_actor(of, actor, id, of.directory.position());
      const auto value = values.find(actor.name);
      return person.active() && value != values.end() && holds(id, value->second);
    };
    if (std::ranges::any_of(actors, is)) out.push_back(id);
  }
  return out;
}

Value step_value(std::string_view step, std::string_view comment) {
  std::vector<std::string> said{std::string(step)};
  if (!comment.empty()) said.emplace_back(comment);
  return said;
}

std::optional<StepSaid> step_said(const Value& value) {
  const auto* said = std::get_if<std::vector<std::string>>(&value);
  if (said == nullptr || said->empty()) return std::nullopt;
  return StepSaid{said->front(), said->size() > 1 ? (*said)[1] : std::string()};
}

std::vector<Dot> last_steps(const merge::RecordState& state) { return state.dots(kStepField); }

std::optional<Matter> matter_of(const MatterOf& of, const Catalogue& catalogue, WallTime now) {
  const Workflow* workflow = catalogue.find_workflow(of.state.type(), static_cast<int>(of.state.version()));
  if (workflow == nullptr) return std::nullopt;
  const Template* form = form_of(of.state, catalogue);
  const auto taken = steps_of(of, *workflow);
  const auto may = [&](const WorkflowStep& step, const StepTaken& by) {
    const auto& value = *taken.values.at(by.key);
    if (!was_so(of.state, step.when, form)) return false;
    if (!is_one_of(of, step.by, by.by, value.known)) return false;
    return value.arrived == value.known || is_one_of(of, step.by, by.by, value.arrived);
  };
  const auto named = [&](const std::string& field) { return named_in(of.state, field, form, of.directory); };
  Matter matter{workflow,
                nullptr,
                where_it_stands(*workflow, of.state.created(), of.state.author(), taken.steps, may, named),
                {}};
  matter.form = form;
  matter.state = workflow->state(matter.standing.state());
  const auto& calendar = catalogue.calendar(workflow->calendar);
  const FromField from = [&](const std::string& field) {
    return field.empty() ? std::nullopt : time_in(of.state, field);
  };
  const bool by_record = std::ranges::any_of(workflow->states, [](const auto& s) { return !s.limits.empty(); });
  const FieldMap record = by_record && form != nullptr ? values_in_force(*form, of.state, of.directory) : FieldMap{};
  const LimitOf limit = [&](const WorkflowState& state) { return limit_of(state, record); };
  const auto* timed = timed_state(*workflow, matter.standing);
  if (timed != nullptr) matter.limit = limit(*timed);
  matter.due = due_of(*workflow, matter.standing, timed != nullptr ? from(timed->from_field) : std::nullopt, calendar,
                      kChinaZoneMinutes, now, limit);
  matter.late = was_late(*workflow, matter.standing, from, calendar, kChinaZoneMinutes, limit);
  matter.copies = copies_of(of, matter, taken.values);
  return matter;
}

std::vector<StepShown> steps_shown(const MatterOf& of, const Matter& matter) {
  const auto taken = steps_of(of, *matter.workflow);
  std::vector<StepShown> out;
  for (const auto& seen : matter.standing.steps) {
    const auto step = std::ranges::find(taken.steps, seen.key, &StepTaken::key);
    if (step != taken.steps.end())
      out.push_back({{step->step, step->comment},
                     step->by,
                     step->in_place_of,
                     step->at,
                     seen.fate,
                     taken.values.at(step->key)->stamped});
  }
  std::ranges::stable_sort(out, {}, &StepShown::at);
  return out;
}

bool is_unsettled(const Matter& matter, const merge::RecordState& state) {
  // Which of several that did not know of each other was complete first, hubs' times may say otherwise later.
  const bool several =
      std::ranges::any_of(matter.standing.steps, [](const StepSeen& step) { return step.fate == StepFate::overtaken; });
  // So may an earlier stamp, where a clock was ahead.
  if (several || may_turn(state, kStepField)) return true;
  // And one of what the steps taken go by.
  return std::ranges::any_of(matter.standing.steps,
                             [&](const StepSeen& seen) { return seen.fate != StepFate::noted; }) &&
         std::ranges::any_of(matter.workflow->steps, [&](const WorkflowStep& step) {
           return (!step.all_of.empty() && may_turn(state, step.all_of)) || may_turn(state, step.when, matter.form);
         });
}

bool may_take(const MatterOf& of, const Matter& matter, const WorkflowStep& step, const PersonId& person) {
  if (std::ranges::find(step.from, matter.standing.state()) == step.from.end()) return false;
  const PersonId right = right_of(of, step.by, person, of.directory.position());
  if (right.none()) return false;
  const auto taken = steps_of(of, *matter.workflow);
  // His own, and those of the one he stands in for: they count as one person.
  const auto is_his = [&](const PersonId& who) { return who == person || who == right; };
  std::set<std::string> takes;  // steps that were taken by him on the way
  if (is_his(of.state.author())) takes.insert("author");
  for (const auto& seen : matter.standing.steps) {
    const auto one = std::ranges::find(taken.steps, seen.key, &StepTaken::key);
    if (one == taken.steps.end() || !(is_his(one->by) || is_his(one->in_place_of))) continue;
    if (seen.fate == StepFate::moved) takes.insert(one->step);
    if (seen.fate == StepFate::waiting && one->step == step.id) return false;
  }
  return std::ranges::none_of(step.other_than, [&](const auto& other) { return takes.contains(other); });
}

std::vector<const WorkflowStep*> open_steps(const MatterOf& of, const Matter& matter, const PersonId& person) {
  std::vector<const WorkflowStep*> out;
  for (const auto& step : matter.workflow->steps)
    if (was_so(of.state, step.when, matter.form) && may_take(of, matter, step, person)) out.push_back(&step);
  return out;
}

}  // namespace satchel::node
