// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/listing.h"

#include "schema/template/report.h"

namespace satchel::field {

namespace {

bool stands_in(const WorkflowState* state, const std::string& id, const std::string& wanted) {
  if (wanted.empty() || id == wanted) return true;
  return state != nullptr && (state->label.zh == wanted || fold_typed(state->label.en) == fold_typed(wanted));
}

}  // namespace

Result<std::vector<ListedRecord>> list_records(Book& book, const Template& form, const ListingFilter& filter) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(sheet, book.sheet(form.id));
  SATCHEL_GET(wholes, book.wholes());
  const auto wanted = filter.archive ? std::optional(holder::whole_in(*wholes, *filter.archive)) : std::nullopt;
  const auto* workflow = book.catalogue().find_workflow(form.id);
  const Field* title = form.field(form.title_field);
  const auto names = book.names();
  std::vector<ListedRecord> out;
  sheet->table.each([&](const SheetView& row) {
    const bool counts = row.standing() == kRowInForce || row.standing() == kRowHeld;
    if (!counts || (wanted && holder::whole_in(*wholes, row.archive()) != *wanted)) return true;
    const std::string id(sheet->text(row, kStateColumn));
    const auto* state = workflow != nullptr ? workflow->state(id) : nullptr;
    if (!stands_in(state, id, filter.state)) return true;
    ListedRecord one{row.record(), row.archive(), {}, row.author(), row.created()};
    if (title != nullptr)
      one.title = shown_openly(title, format_field(*title, sheet->value(row, title->id), book.lang(), &names));
    one.state = state != nullptr ? state->label.in(book.lang()) : id;
    const Value due = sheet->value(row, kDueColumn);
    if (const auto* time = std::get_if<WallTime>(&due)) one.due = *time;
    one.held = row.standing() == kRowHeld;
    out.push_back(std::move(one));
    return true;
  });
  std::ranges::stable_sort(out, std::ranges::greater{}, &ListedRecord::created);
  if (filter.limit > 0 && out.size() > filter.limit) out.resize(filter.limit);
  return out;
}

}  // namespace satchel::field
