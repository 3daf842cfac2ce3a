// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/closing.h"

namespace satchel::field {

namespace {

constexpr std::string_view kClosingForm = "closing";

struct ClosingRecord {
  RecordPlace place;
  node::Matter matter;
};

// The records of the form in all archives the customer is shown from, each where it stands.
Result<std::vector<ClosingRecord>> closings_of(Book& book, const ArchiveId& archive) {
  std::vector<ClosingRecord> out;
  SATCHEL_GET(parts, book.parts_of(archive));
  SATCHEL_GET(reading, book.read());
  for (const auto& part : parts) {
    SATCHEL_GET(places, book.records_of(reading->txn(), part));
    for (auto& place : places) {
      SATCHEL_GET(loaded, reading->load(place));
      if (loaded.state.empty() || loaded.state.type() != kClosingForm) continue;
      if (merge::standing_of(loaded.state).standing != merge::RecordStanding::in_force) continue;
      auto matter = node::matter_of({place.info, loaded.state, reading->directory()}, book.catalogue(),
                                    book.device().clock().wall());
      if (matter && matter->state != nullptr) out.push_back({std::move(place), std::move(*matter)});
    }
  }
  return out;
}

// The step this person may take that leads to a state that closes, or to one that does not.
const WorkflowStep* step_to(const node::Matter& matter, const std::vector<const WorkflowStep*>& open, bool closes) {
  const auto leads = [&](const WorkflowStep* step) {
    const auto* to = matter.workflow->state(step->to);
    return to != nullptr && to->closes == closes;
  };
  const auto found = std::ranges::find_if(open, leads);
  return found == open.end() ? nullptr : *found;
}

}  // namespace

Result<std::vector<holder::Duty>> open_matters(Book& book, const ArchiveId& archive) {
  SATCHEL_GET(all, holder::list_duties(book, {true, {}, {}}));
  SATCHEL_GET(wholes, book.wholes());
  std::erase_if(all, [&](const holder::Duty& duty) {
    return holder::whole_in(*wholes, duty.archive) != archive || duty.workflow->source == kClosingForm;
  });
  return all;
}

Result<Closing> close_archive(Book& book, const CloseWish& wish) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(form, book.form(kClosingForm));
  SATCHEL_GET(already, closings_of(book, wish.customer.archive));
  for (const auto& one : already) {
    if (one.matter.state->closes) return fail(ErrorKind::conflict, "close.closed", wish.customer.name);
    if (!one.matter.state->final)
      return fail(ErrorKind::conflict, "close.asked",
                  wish.customer.name + " (" + holder::short_id(one.place.record) + ")");
  }
  SATCHEL_GET(open, open_matters(book, wish.customer.archive));
  if (!open.empty() && !wish.anyway) return fail(ErrorKind::usage, "close.open-matters", std::to_string(open.size()));
  NewRecord record{form, wish.customer.archive, wish.fields, {}};
  const Field* on = form->field(form->date_field);
  if (on != nullptr && on->type == FieldType::date)
    record.fields.try_emplace(on->id, date_of(book.device().clock().wall(), kChinaZoneMinutes));
  Closing done;
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(saved, desk.add(record));
    done.saved = std::move(saved);
    return {};
  }));
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(place, book.place_of(done.saved.archive, done.saved.record));
  SATCHEL_GET(shown, show_matter(book, place));
  const auto* step = step_to(shown.matter, shown.open, true);
  done.asked = step == nullptr;
  if (step != nullptr) SATCHEL_TRY(take_step(book, {place, step->id, wish.comment, {}, {}}));
  SATCHEL_TRY(book.refresh());
  return done;
}

Result<Saved> reopen_archive(Book& book, const CustomerRef& customer, const std::string& comment) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(all, closings_of(book, customer.archive));
  Saved saved;
  bool any = false;
  // Two who closed it apart have closed it twice.
  for (const auto& one : all) {
    if (!one.matter.state->closes) continue;
    any = true;
    SATCHEL_GET(shown, show_matter(book, one.place));
    const auto* step = step_to(shown.matter, shown.open, false);
    if (step == nullptr) return fail(ErrorKind::permission, "close.not-yours", customer.name);
    SATCHEL_GET(done, take_step(book, {one.place, step->id, comment, {}, {}}));
    saved = std::move(done.saved);
  }
  if (!any) return fail(ErrorKind::conflict, "close.not-closed", customer.name);
  SATCHEL_TRY(book.refresh());
  return saved;
}

}  // namespace satchel::field
