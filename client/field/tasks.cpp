// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/tasks.h"

namespace satchel::field {

namespace {

std::optional<Date> day_in(const holder::Sheet& sheet, const SheetView& row, std::string_view field) {
  const Value value = sheet.value(row, field);
  const auto* date = std::get_if<Date>(&value);
  return date != nullptr ? std::optional(*date) : std::nullopt;
}

PersonId person_in(const holder::Sheet& sheet, const SheetView& row, std::string_view field) {
  const Value value = sheet.value(row, field);
  const auto* ref = std::get_if<Ref>(&value);
  return ref != nullptr ? PersonId::of(ref->id) : PersonId{};
}

Result<bool> is_mine(Book& book, holder::Reading& reading, const TaskRow& task) {
  const PersonId me = book.me();
  if (!task.assignee.none()) return task.assignee == me;
  if (task.author == me) return true;
  const auto info = book.archive(reading.txn(), task.archive);
  if (!info) return info.error().kind == ErrorKind::not_found ? Result<bool>(false) : std::unexpected(info.error());
  const auto owners = book.owners(*info);
  return std::ranges::find(owners, me) != owners.end();
}

TaskRow task_of(const Template& form, const holder::Sheet& sheet, const SheetView& row, Date today, Lang lang) {
  TaskRow task{row.record(), row.archive()};
  task.text = std::string(sheet.text(row, "text"));
  task.kind_id = std::string(sheet.text(row, "kind"));
  if (const Field* kind = form.field("kind")) task.kind = format_field(*kind, sheet.value(row, "kind"), lang);
  task.assignee = person_in(sheet, row, "assignee");
  task.author = row.author();
  task.due = day_in(sheet, row, "due");
  task.done = day_in(sheet, row, "done");
  task.held = row.standing() == kRowHeld;
  if (task.due && !task.done) task.overdue_days = today.days - task.due->days;
  return task;
}

bool earlier(const TaskRow& a, const TaskRow& b) {
  if (a.done.has_value() != b.done.has_value()) return !a.done;
  if (a.done) return *b.done < *a.done;
  if (a.due.has_value() != b.due.has_value()) return a.due.has_value();
  return a.due < b.due;
}

}  // namespace

Result<std::vector<TaskRow>> list_tasks(Book& book, const TaskFilter& filter) {
  SATCHEL_TRY(book.refresh());
  const Template* form = book.catalogue().find_template(kTaskTemplate);
  if (form == nullptr) return std::vector<TaskRow>{};
  const Date today = filter.today.value_or(date_of(book.device().clock().wall(), kChinaZoneMinutes));
  SATCHEL_GET(sheet, book.sheet(kTaskTemplate));
  std::vector<TaskRow> found;
  SATCHEL_GET(wholes, book.wholes());
  const auto wanted = filter.archive ? std::optional(holder::whole_in(*wholes, *filter.archive)) : std::nullopt;
  sheet->table.each([&](const SheetView& row) {
    const bool counts = row.standing() == kRowInForce || row.standing() == kRowHeld;
    if (!counts || (wanted && holder::whole_in(*wholes, row.archive()) != *wanted)) return true;
    TaskRow task = task_of(*form, *sheet, row, today, book.lang());
    if (filter.done || !task.done) found.push_back(std::move(task));
    return true;
  });
  SATCHEL_GET(reading, book.read());
  std::vector<TaskRow> out;
  for (auto& task : found) {
    SATCHEL_GET(mine, is_mine(book, *reading, task));
    if (!mine && !filter.everybody) continue;
    SATCHEL_GET(customer, book.customer_of(task.archive));
    task.customer = std::move(customer);
    out.push_back(std::move(task));
  }
  std::ranges::stable_sort(out, earlier);
  return out;
}

Result<Edit> closing(Book& book, std::string_view id, Date done, const std::string& note) {
  SATCHEL_GET(form, book.form(kTaskTemplate));
  SATCHEL_GET(place, book.find_record(id));
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(loaded, reading->load(place));
  if (loaded.state.type() != form->id) return fail(ErrorKind::not_found, "record.not-found", std::string(id));
  const auto now = values_in_force(*form, loaded.state, *book.directory());
  if (now.contains("done")) return fail(ErrorKind::usage, "task.done-already", format_value(now.at("done")));
  Edit edit{place, {{"done", done}}, {}};
  if (!note.empty()) edit.fields.emplace("note", note);
  return edit;
}

}  // namespace satchel::field
