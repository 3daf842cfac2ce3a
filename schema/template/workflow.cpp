// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/workflow.h"

#include <algorithm>
#include <map>
#include <set>

namespace satchel {

namespace {

// What was taken at one place of the path: the steps whose parents are the steps that led there.
class Walk {
 public:
  Walk(const Workflow& workflow, const PersonId& author, std::span<const StepTaken> taken, const MayTake& may,
       const NamedIn& named)
      : workflow_(workflow), author_(author), may_(may), named_(named) {
    for (const auto& step : taken) all_.emplace(step.key, &step);
    while (all_.size() > kStepsMax) all_.erase(std::prev(all_.end()));
    for (const auto& [key, step] : all_) {
      const bool noted = step->step == kNoteStep || step->step == kCopyStep;
      fates_.emplace(key, StepSeen{key, noted ? StepFate::noted : StepFate::overtaken, {}});
      if (noted) used_.insert(key);
    }
    for (const auto& [key, step] : all_) seen_.emplace(key, everything_before(*step));
  }

  WorkflowStanding run(WallTime created) {
    WorkflowStanding out;
    out.path.push_back({workflow_.start, created, {}});
    std::set<std::string> led;  // the steps that led to where we are; none at the start
    while (const auto moved = advance(out, led)) {
      out.path.push_back(moved->passage);
      led = moved->by;
    }
    for (auto& [key, seen] : fates_) out.steps.push_back(std::move(seen));
    return out;
  }

 private:
  struct Group {
    const WorkflowStep* step = nullptr;
    std::vector<const StepTaken*> taken;  // allowed ones
  };
  struct Moved {
    Passage passage;
    std::set<std::string> by;
  };

  // Every step its taker can have known of. Whoever names his own future, or goes round in a circle, gains nothing.
  std::set<std::string> everything_before(const StepTaken& step) const {
    std::set<std::string> before;
    std::vector<const StepTaken*> open{&step};
    while (!open.empty()) {
      const auto* next = open.back();
      open.pop_back();
      for (const auto& key : next->parents) {
        const auto parent = all_.find(key);
        if (parent != all_.end() && key != step.key && before.insert(key).second) open.push_back(parent->second);
      }
    }
    return before;
  }

  // Its taker had seen what led here.
  bool knew(const StepTaken& step, const std::set<std::string>& led) const {
    return led.empty() || std::ranges::any_of(led, [&](const auto& key) { return seen_.at(step.key).contains(key); });
  }

  bool excluded(const WorkflowStep& step, const StepTaken& taken) const {
    const auto is_author = [&](const PersonId& person) { return person == author_; };
    return std::ranges::any_of(step.other_than, [&](const std::string& whom) {
      if (whom == "author") return is_author(taken.by) || is_author(taken.in_place_of);
      const auto takers = takers_.find(whom);
      return takers != takers_.end() &&
             (takers->second.contains(taken.by) || takers->second.contains(taken.in_place_of));
    });
  }

  // As which of the persons that a step needs its taker counts.
  static const PersonId& counts_as(const StepTaken& taken) {
    return taken.in_place_of.none() ? taken.by : taken.in_place_of;
  }

  const std::vector<Naming>& namings(const std::string& field) {
    const auto [at, fresh] = namings_.try_emplace(field);
    if (fresh && named_) at->second = named_(field);
    return at->second;
  }

  // Everybody named at that moment, at least one, had taken it.
  static bool all_named(const std::vector<Naming>& namings, const std::map<PersonId, WallTime>& first,
                        WallTime moment) {
    bool any = false;
    for (const auto& naming : namings) {
      if (moment < naming.from || (naming.until && *naming.until <= moment)) continue;
      for (const auto& who : naming.who) {
        const auto at = first.find(who);
        if (at == first.end() || moment < at->second) return false;
        any = true;
      }
    }
    return any;
  }

  // The moment at which all had taken it whom it needs; nothing before.
  std::optional<WallTime> complete(const Group& group) {
    std::map<PersonId, WallTime> first;
    for (const auto* step : group.taken) {
      const auto at = first.try_emplace(counts_as(*step), step->at).first;
      at->second = std::min(at->second, step->at);
    }
    const auto needed = static_cast<std::size_t>(std::max(group.step->persons, 1));
    if (first.size() < needed) return std::nullopt;
    std::vector<WallTime> times;
    for (const auto& [person, at] : first) times.push_back(at);
    std::ranges::sort(times);
    if (group.step->all_of.empty()) return times[needed - 1];
    std::set<WallTime> moments(times.begin() + static_cast<std::ptrdiff_t>(needed) - 1, times.end());
    const auto& named = namings(group.step->all_of);
    for (const auto& naming : named) {
      moments.insert(naming.from);
      if (naming.until) moments.insert(*naming.until);
    }
    for (const auto moment : moments)
      if (moment >= times[needed - 1] && all_named(named, first, moment)) return moment;
    return std::nullopt;
  }

  StepFate judge(const WorkflowStep* step, const StepTaken& taken, const std::string& state) const {
    if (step == nullptr || std::ranges::find(step->from, state) == step->from.end()) return StepFate::not_open;
    if (excluded(*step, taken) || !may_(*step, taken)) return StepFate::not_allowed;
    return StepFate::waiting;
  }

  // The steps that were taken in this state, by kind: known to be open, allowed, and by somebody who had not yet seen
  // it left.
  std::map<std::string, Group> groups_at(const std::string& state, const std::set<std::string>& led) {
    std::map<std::string, Group> all;
    for (const auto& [key, taken] : all_) {
      if (used_.contains(key) || !knew(*taken, led)) continue;
      const auto* step = workflow_.step(taken->step);
      if (judge(step, *taken, state) != StepFate::waiting) continue;
      auto& group = all[step->id];
      group.step = step;
      group.taken.push_back(taken);
    }
    // Whoever saw enough of them had seen the state left.
    std::map<std::string, Group> here;
    for (const auto& [key, taken] : all_) {
      if (used_.contains(key) || !knew(*taken, led) || saw_it_left(all, *taken)) continue;
      const auto* step = workflow_.step(taken->step);
      auto& seen = fates_.at(key);
      seen = {key, judge(step, *taken, state), state};
      if (seen.fate != StepFate::waiting) continue;
      auto& group = here[step->id];
      group.step = step;
      group.taken.push_back(taken);
    }
    return here;
  }

  bool saw_it_left(const std::map<std::string, Group>& all, const StepTaken& taken) {
    const auto& before = seen_.at(taken.key);
    return std::ranges::any_of(all, [&](const auto& entry) {
      Group seen{entry.second.step, {}};
      for (const auto* other : entry.second.taken)
        if (before.contains(other->key)) seen.taken.push_back(other);
      return complete(seen).has_value();
    });
  }

  std::optional<Moved> advance(WorkflowStanding& out, const std::set<std::string>& led) {
    const auto groups = groups_at(out.state(), led);
    const Group* best = nullptr;
    WallTime best_at;
    for (const auto& [id, group] : groups) {
      const auto at = complete(group);
      if (!at) continue;
      const bool stronger = best == nullptr || group.step->priority > best->step->priority ||
                            (group.step->priority == best->step->priority && *at < best_at);
      if (!stronger) continue;
      best = &group;
      best_at = *at;
    }
    if (best == nullptr) {
      for (const auto& [step, group] : groups) out.signed_by_some.push_back(step);
      return std::nullopt;
    }
    Moved moved{{best->step->to, std::max(best_at, out.since()), best->step->id}, {}};
    for (const auto& [id, group] : groups) {
      for (const auto* taken : group.taken) {
        used_.insert(taken->key);
        fates_.at(taken->key).fate = &group == best ? StepFate::moved : StepFate::overtaken;
        if (&group == best) moved.by.insert(taken->key);
      }
    }
    for (const auto* taken : best->taken) {
      takers_[best->step->id].insert(taken->by);
      if (!taken->in_place_of.none()) takers_[best->step->id].insert(taken->in_place_of);
    }
    return moved;
  }

  const Workflow& workflow_;
  const PersonId& author_;
  const MayTake& may_;
  const NamedIn& named_;
  std::map<std::string, std::vector<Naming>> namings_;  // by field
  std::map<std::string, const StepTaken*> all_;
  std::map<std::string, std::set<std::string>> seen_;
  std::map<std::string, StepSeen> fates_;
  std::set<std::string> used_;
  std::map<std::string, std::set<PersonId>> takers_;  // of the steps on the path, by step
};

}  // namespace

const WorkflowState* Workflow::state(std::string_view wanted) const {
  const auto at = std::ranges::find(states, wanted, &WorkflowState::id);
  return at == states.end() ? nullptr : &*at;
}

const WorkflowStep* Workflow::step(std::string_view wanted) const {
  const auto at = std::ranges::find(steps, wanted, &WorkflowStep::id);
  return at == steps.end() ? nullptr : &*at;
}

std::optional<Actor> parse_actor(std::string_view text) {
  const auto colon = text.find(':');
  const auto word = std::ranges::find(kActorNames, text.substr(0, colon));
  if (word == std::end(kActorNames)) return std::nullopt;
  Actor actor{static_cast<ActorKind>(word - std::begin(kActorNames)),
              colon == text.npos ? std::string() : std::string(text.substr(colon + 1))};
  const bool named =
      actor.kind == ActorKind::field || actor.kind == ActorKind::role || actor.kind == ActorKind::function;
  if (named == actor.name.empty()) return std::nullopt;
  return actor;
}

std::string format_actor(const Actor& actor) {
  const auto word = std::string(kActorNames[static_cast<std::size_t>(actor.kind)]);
  return actor.name.empty() ? word : word + ":" + actor.name;
}

WorkflowStanding where_it_stands(const Workflow& workflow, WallTime created, const PersonId& author,
                                 std::span<const StepTaken> taken, const MayTake& may, const NamedIn& named) {
  return Walk(workflow, author, taken, may, named).run(created);
}

namespace {

bool is_paused(const Workflow& workflow, const Passage& passage) {
  const auto* state = workflow.state(passage.state);
  return state != nullptr && state->paused;
}

// Where on the path the state that is timed now was entered; the start of the path when it only ever paused.
std::size_t timed_at(const Workflow& workflow, const WorkflowStanding& standing) {
  std::size_t at = standing.path.size() - 1;
  while (at > 0 && is_paused(workflow, standing.path[at])) --at;
  // It may have been left for a pause, and come back to, before.
  for (std::size_t i = at; i-- > 0;) {
    const auto& passage = standing.path[i];
    if (is_paused(workflow, passage)) continue;
    if (passage.state != standing.path[at].state || i + 1 == at) break;
    at = i;
  }
  return at;
}

}  // namespace

const WorkflowState* timed_state(const Workflow& workflow, const WorkflowStanding& standing) {
  const auto* state = workflow.state(standing.path[timed_at(workflow, standing)].state);
  return state != nullptr && state->timed() ? state : nullptr;
}

bool was_late(const Workflow& workflow, const WorkflowStanding& standing, const FromField& from,
              const WorkCalendar& calendar, int zone_minutes, const LimitOf& limit) {
  WorkflowStanding before;
  for (std::size_t i = 0; i + 1 < standing.path.size(); ++i) {
    before.path.push_back(standing.path[i]);
    const WallTime left = standing.path[i + 1].since;
    const auto* state = timed_state(workflow, before);
    // A pause stops the clock: whether it came too late shows where it is left for good.
    if (state == nullptr || is_paused(workflow, standing.path[i + 1])) continue;
    const auto due = due_of(workflow, before, from(state->from_field), calendar, zone_minutes, left, limit);
    if (due && due->at < left) return true;
  }
  return false;
}

std::optional<Due> due_of(const Workflow& workflow, const WorkflowStanding& standing, std::optional<WallTime> from,
                          const WorkCalendar& calendar, int zone_minutes, WallTime now, const LimitOf& limit) {
  const auto* state = timed_state(workflow, standing);
  if (state == nullptr || (!state->from_field.empty() && !from)) return std::nullopt;
  const auto span = limit ? limit(*state) : state->limit;
  if (!span) return std::nullopt;
  const auto& path = standing.path;
  std::vector<Pause> pauses;
  for (std::size_t i = timed_at(workflow, standing); i < path.size(); ++i) {
    if (!is_paused(workflow, path[i])) continue;
    const bool over = i + 1 < path.size();
    const bool goes_on = !pauses.empty() && pauses.back().until && *pauses.back().until == path[i].since;
    if (!goes_on) pauses.push_back({path[i].since, {}});
    pauses.back().until = over ? std::optional(path[i + 1].since) : std::nullopt;
  }
  std::erase_if(pauses, [](const Pause& p) { return p.until && *p.until <= p.from; });
  const WallTime begin = state->from_field.empty() ? path[timed_at(workflow, standing)].since : *from;
  return due_after(begin, *span, calendar, zone_minutes, pauses, now);
}

}  // namespace satchel
