// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/matters.h"

#include <algorithm>

#include "schema/template/report.h"

namespace satchel::field {

namespace {

const std::pair<ActorKind, Label> kActorLabels[] = {
    {ActorKind::author, {"填报人", "author"}},
    {ActorKind::owner, {"负责人", "owner"}},
    {ActorKind::manager, {"分公司主管", "branch's managers"}},
    {ActorKind::anyone, {"任何人", "anyone"}},
    {ActorKind::author_manager, {"填报人的主管", "author's manager"}},
};

std::vector<PersonId> waits_for(Book& book, const node::MatterOf& of, const node::Matter& matter) {
  std::vector<Actor> actors = matter.state != nullptr ? matter.state->due_for : std::vector<Actor>{};
  if (actors.empty())
    for (const auto& step : matter.workflow->steps)
      if (std::ranges::find(step.from, matter.standing.state()) != step.from.end())
        actors.insert(actors.end(), step.by.begin(), step.by.end());
  if (std::ranges::find(actors, ActorKind::anyone, &Actor::kind) != actors.end()) return {};
  const Template* form = book.catalogue().find_template(of.state.type());
  auto out =
      node::people_for(of, actors, form != nullptr ? values_in_force(*form, of.state, of.directory) : FieldMap{});
  std::ranges::sort(out, {}, [&](const PersonId& id) { return book.person_name(id); });
  return out;
}

// Who took the steps that led to each place of the path; each step leads to one place, the first it can have led to.
void name_path(MatterShown& out) {
  std::vector<bool> named(out.said.size());
  for (auto& passage : out.path) {
    for (std::size_t i = 0; i < out.said.size() && !passage.step.empty(); ++i) {
      const auto& step = out.said[i];
      const bool led = step.fate == StepFate::moved && step.said.step == passage.step && step.at <= passage.since;
      if (!led || named[i]) continue;
      named[i] = true;
      if (std::ranges::find(passage.by, step.by) == passage.by.end()) passage.by.push_back(step.by);
    }
  }
}

}  // namespace

std::string actor_name(const Template* form, const Actor& actor, Lang lang) {
  for (const auto& [kind, label] : kActorLabels)
    if (kind == actor.kind) return label.in(lang);
  const Field* field = actor.kind == ActorKind::field && form != nullptr ? form->field(actor.name) : nullptr;
  if (field != nullptr) return field->label.in(lang);
  const auto roles =
      actor.kind == ActorKind::role && form != nullptr ? column_field({*form}, "author.role") : std::nullopt;
  const Choice* role = roles ? roles->choice(actor.name) : nullptr;
  return role != nullptr ? role->label.in(lang) : actor.name;
}

std::string step_name(const Workflow& workflow, std::string_view step, Lang lang) {
  if (step == kNoteStep) return lang == Lang::zh ? "批注" : "note";
  if (step == kCopyStep) return lang == Lang::zh ? "收到副本" : "copy received";
  const auto* found = workflow.step(step);
  return found != nullptr ? found->label.in(lang) : std::string(step);
}

Result<StepDone> take_step(Book& book, const StepWish& wish, const std::function<Result<void>(Desk&)>& also) {
  StepDone done;
  std::optional<std::vector<PersonId>> owners;
  const auto take = [&](Desk& desk) -> Result<void> {
    if (also) SATCHEL_TRY(also(desk));
    SATCHEL_GET(saved, desk.step(wish));
    done.saved = std::move(saved);
    return {};
  };
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(after, desk.owners_after(wish));
    owners = std::move(after);
    return owners ? Result<void>{} : take(desk);
  }));
  if (!owners) return done;
  done.owners = std::move(*owners);
  SATCHEL_GET(said, say(book.device(), payload::OwnerSet{done.owners}, wish.place.info.id));
  done.said = said;
  SATCHEL_TRY(book.refresh());
  SATCHEL_TRY(at_desk(book, take));
  return done;
}

Result<MatterShown> show_matter(Book& book, const RecordPlace& place) {
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(loaded, reading->load(place));
  if (loaded.state.empty()) return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(place.record));
  const auto& catalogue = book.catalogue();
  const WallTime now = book.device().clock().wall();
  const node::MatterOf of{place.info, loaded.state, reading->directory()};
  auto matter = node::matter_of(of, catalogue, now);
  const Template* form = catalogue.find_template(loaded.state.type());
  if (!matter)
    return fail(ErrorKind::usage, "step.no-workflow",
                form != nullptr ? form->label.in(book.lang()) : loaded.state.type());
  MatterShown out{place, form};
  out.matter = std::move(*matter);
  const auto& workflow = *out.matter.workflow;
  const auto label_of = [&](const std::string& id) {
    const auto* state = workflow.state(id);
    return state != nullptr ? state->label.in(book.lang()) : id;
  };
  out.state_label = label_of(out.matter.standing.state());
  out.overdue = out.matter.due && !out.matter.due->paused && out.matter.due->at < now;
  const auto* timed = timed_state(workflow, out.matter.standing);
  if (timed != nullptr) out.calendar = catalogue.calendar_used(workflow, *timed, out.matter.limit);
  for (const auto& passage : out.matter.standing.path)
    out.path.push_back({passage.state, label_of(passage.state), passage.since, passage.step, {}});
  out.said = node::steps_shown(of, out.matter);
  name_path(out);
  out.open = node::open_steps(of, out.matter, book.me());
  out.waits_for = waits_for(book, of, out.matter);
  if (form != nullptr && !form->title_field.empty()) {
    const auto values = values_in_force(*form, loaded.state, reading->directory());
    const auto title = values.find(form->title_field);
    const auto names = book.names();
    if (title != values.end())
      out.title = format_field(*form->field(form->title_field), title->second, book.lang(), &names);
  }
  return out;
}

}  // namespace satchel::field
