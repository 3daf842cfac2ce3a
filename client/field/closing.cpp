// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/closing.h"

namespace satchel::field {

namespace {

constexpr std::string_view kClosingForm = "closing";

// Where each closing of the customer stands, whichever of the archives it is shown from it lies in.
Result<std::vector<MatterShown>> closings_of(Book& book, const ArchiveId& archive) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(sheet, book.sheet(kClosingForm));
  SATCHEL_GET(wholes, book.wholes());
  std::vector<RecordPlace> places;
  Result<void> read{};
  sheet->table.each([&](const SheetView& row) {
    if (row.standing() != kRowInForce || holder::whole_in(*wholes, row.archive()) != archive) return true;
    auto place = book.place_of(row.archive(), row.record());
    if (place)
      places.push_back(std::move(*place));
    else
      read = std::unexpected(place.error());
    return read.has_value();
  });
  SATCHEL_TRY(read);
  std::vector<MatterShown> out;
  for (const auto& place : places) {
    SATCHEL_GET(shown, show_matter(book, place));
    if (shown.matter.state != nullptr) out.push_back(std::move(shown));
  }
  return out;
}

// The step this person may take that leads to a state that closes, or to one that does not.
const WorkflowStep* step_to(const MatterShown& shown, bool closes) {
  const auto leads = [&](const WorkflowStep* step) {
    const auto* to = shown.matter.workflow->state(step->to);
    return to != nullptr && to->closes == closes;
  };
  const auto found = std::ranges::find_if(shown.open, leads);
  return found == shown.open.end() ? nullptr : *found;
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
  SATCHEL_GET(already, closings_of(book, wish.customer.archive));
  SATCHEL_GET(form, book.form(kClosingForm));
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
  const auto* step = step_to(shown, true);
  done.asked = step == nullptr;
  if (step != nullptr) SATCHEL_TRY(take_step(book, {place, step->id, wish.comment, {}, {}}));
  SATCHEL_TRY(book.refresh());
  return done;
}

Result<Saved> reopen_archive(Book& book, const CustomerRef& customer, const std::string& comment) {
  SATCHEL_GET(all, closings_of(book, customer.archive));
  Saved saved;
  bool any = false;
  // Two who closed it apart have closed it twice.
  for (const auto& one : all) {
    if (!one.matter.state->closes) continue;
    any = true;
    const auto* step = step_to(one, false);
    if (step == nullptr) return fail(ErrorKind::permission, "close.not-yours", customer.name);
    SATCHEL_GET(done, take_step(book, {one.place, step->id, comment, {}, {}}));
    saved = std::move(done.saved);
  }
  if (!any) return fail(ErrorKind::conflict, "close.not-closed", customer.name);
  SATCHEL_TRY(book.refresh());
  return saved;
}

}  // namespace satchel::field
