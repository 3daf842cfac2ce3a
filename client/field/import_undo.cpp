// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/import_undo.h"

#include <map>
#include <unordered_set>

namespace satchel::field {

namespace {

// What one row takes to be undone.
struct Plan {
  UndoRow row;
  RecordPlace place;
  bool withdraw = false;
  FieldMap restore;
};

class Undoer {
 public:
  Undoer(Book& book, std::string import) : book_(book) { out_.import = std::move(import); }

  Result<UndoResult> run(std::vector<ImportBatch> batches, bool apply);

 private:
  Result<void> plan(const ImportedRow& row);
  Result<void> plan_created(Plan& plan, const merge::RecordState& state, const Dot& entry);
  void plan_changed(Plan& plan, const merge::RecordState& state, const Dot& entry, const ImportMark& mark);
  Result<bool> others_in(const RecordPlace& place);
  Result<void> find_referred_to();
  Result<void> write(Desk& desk, std::span<Plan> part);
  Result<void> undo(ImportBatch& batch, std::span<Plan> part);

  Book& book_;
  UndoResult out_;
  std::vector<Plan> plans_;
  std::unordered_set<RecordId> ours_;         // records of this import
  std::unordered_set<RecordId> referred_to_;  // records that others refer to
};

void keep(Plan& plan, std::string reason, std::string detail = {}) {
  plan.row.status = UndoStatus::kept;
  plan.row.reason = std::move(reason);
  plan.row.detail = std::move(detail);
}

// Whether a customer's archive has records in force that did not come with this import.
Result<bool> Undoer::others_in(const RecordPlace& place) {
  SATCHEL_GET(reading, book_.read());
  SATCHEL_GET(records, book_.records_of(reading->txn(), place.info.id));
  for (const auto& other : records) {
    if (ours_.contains(other.record)) continue;
    SATCHEL_GET(loaded, reading->load(other));
    if (loaded.state.empty()) continue;
    if (merge::standing_of(loaded.state).standing == merge::RecordStanding::in_force) return true;
  }
  return false;
}

// Whatever any record in force names, but those of this import, which go together.
Result<void> Undoer::find_referred_to() {
  for (const auto* form : book_.catalogue().templates()) {
    std::vector<const Field*> listed, inside;
    for (const auto& field : form->fields) {
      if (field.type == FieldType::record) (field.sheet ? listed : inside).push_back(&field);
    }
    if (listed.empty() && inside.empty()) continue;
    SATCHEL_GET(sheet, book_.sheet(form->id));
    SATCHEL_GET(reading, book_.read());
    const auto refer = [&](const Value& value) {
      if (const auto* ref = std::get_if<Ref>(&value)) referred_to_.insert(RecordId::of(ref->id));
    };
    sheet->table.each([&](const SheetView& row) {
      if (ours_.contains(row.record()) || (row.standing() != kRowInForce && row.standing() != kRowHeld)) return true;
      for (const auto* field : listed) refer(sheet->value(row, field->id));
      if (inside.empty()) return true;
      const auto place = book_.place_of(row.archive(), row.record());
      const auto loaded = place ? reading->load(*place) : std::unexpected(place.error());
      if (!loaded) return true;  // what cannot be read here now says nothing
      for (const auto* field : inside) {
        for (const auto* value : loaded->state.standing(field->id)) refer(value->value);
      }
      return true;
    });
  }
  return {};
}

Result<void> Undoer::plan_created(Plan& plan, const merge::RecordState& state, const Dot& entry) {
  if (merge::standing_of(state).standing != merge::RecordStanding::in_force) {
    plan.row.status = UndoStatus::already;
    return {};
  }
  const Template* form = book_.catalogue().find_template(state.type());
  for (const auto& name : state.fields()) {
    const Field* field = form != nullptr ? form->field(name) : nullptr;
    const bool by_program = name.starts_with('_') || (field != nullptr && field->system);  // a number that came later
    if (by_program && name != blob::kField && name != kStepField) continue;
    for (const auto* value : state.values(name)) {
      if (of_entry(value->dot, entry)) continue;
      keep(plan, "changed", book_.person_name(value->person));
      return {};
    }
  }
  if (state.type() == holder::kCustomerTemplate) {
    SATCHEL_GET(others, others_in(plan.place));
    if (others) {
      keep(plan, "worked-on");
      return {};
    }
  }
  if (referred_to_.contains(plan.row.record)) {
    keep(plan, "referred-to");
    return {};
  }
  plan.withdraw = true;
  plan.row.status = UndoStatus::withdrawn;
  return {};
}

void Undoer::plan_changed(Plan& plan, const merge::RecordState& state, const Dot& entry, const ImportMark& mark) {
  const Template* form = book_.catalogue().find_template(state.type());
  std::string left;
  bool any = false;
  for (const auto& [name, before] : mark.before) {
    const Field* field = form != nullptr ? form->field(name) : nullptr;
    const auto standing = state.standing(name);
    const bool ours = standing.size() == 1 && of_entry(standing.front()->dot, entry);
    if (field == nullptr || field->merge == MergePolicy::log || !ours) {
      // Put back before by an earlier undoing, or changed by somebody since.
      const bool back = standing.size() == 1 && (standing.front()->value == before);
      if (!back) left += (left.empty() ? "" : ", ") + (field != nullptr ? field->label.in(book_.lang()) : name);
      continue;
    }
    plan.restore.insert_or_assign(name, before);
    any = true;
  }
  if (any) plan.row.status = UndoStatus::restored;
  if (any) plan.row.detail = left;
  if (!any && left.empty()) plan.row.status = UndoStatus::already;
  if (!any && !left.empty()) keep(plan, "changed", left);
}

Result<void> Undoer::plan(const ImportedRow& row) {
  Plan plan;
  plan.row.line = row.line;
  plan.row.archive = row.archive;
  plan.row.record = row.record;
  plan.row.name = book_.archive_name(row.archive);
  auto place = book_.place_of(row.archive, row.record);
  if (!place) {
    keep(plan, "not-here");
    plans_.push_back(std::move(plan));
    return {};
  }
  plan.place = std::move(*place);
  SATCHEL_GET(reading, book_.read());
  SATCHEL_GET(loaded, reading->load(plan.place));
  const auto found = find_mark(loaded.state, out_.import);
  if (!found) {
    keep(plan, "locked");
  } else if (found->mark.created) {
    SATCHEL_TRY(plan_created(plan, loaded.state, found->entry));
  } else {
    plan_changed(plan, loaded.state, found->entry, found->mark);
  }
  plans_.push_back(std::move(plan));
  return {};
}

Result<void> Undoer::write(Desk& desk, std::span<Plan> part) {
  const std::string reason = (book_.lang() == Lang::zh ? "撤销导入 " : "import undone ") + out_.import;
  for (auto& plan : part) {
    if (!plan.withdraw && plan.restore.empty()) continue;
    const auto done = plan.withdraw ? desk.set_standing(plan.place, merge::RecordStanding::withdrawn, reason)
                                    : desk.edit({plan.place, plan.restore, reason, {}});
    if (done) continue;
    if (done.error().kind == ErrorKind::storage) return std::unexpected(done.error());
    keep(plan, done.error().code, done.error().detail);
  }
  return {};
}

// Its rows and the note of them in one transaction: what was undone may come in again, what was kept may not.
Result<void> Undoer::undo(ImportBatch& batch, std::span<Plan> part) {
  return at_desk(book_, [&](Desk& desk) -> Result<void> {
    SATCHEL_TRY(write(desk, part));
    bool more = false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const bool gone = part[i].row.status != UndoStatus::kept;
      more = more || gone != batch.rows[i].undone;
      batch.rows[i].undone = gone;
    }
    return more ? note_undone(book_, desk, batch) : Result<void>{};
  });
}

Result<UndoResult> Undoer::run(std::vector<ImportBatch> batches, bool apply) {
  for (const auto& batch : batches) {
    for (const auto& row : batch.rows) ours_.insert(row.record);
  }
  SATCHEL_TRY(find_referred_to());
  for (const auto& batch : batches) {
    for (const auto& row : batch.rows) SATCHEL_TRY(plan(row));
  }
  std::size_t from = 0;
  for (auto& batch : batches) {
    if (apply) SATCHEL_TRY(undo(batch, std::span(plans_).subspan(from, batch.rows.size())));
    from += batch.rows.size();
  }
  if (apply) SATCHEL_TRY(book_.refresh());
  for (auto& plan : plans_) out_.rows.push_back(std::move(plan.row));
  return std::move(out_);
}

}  // namespace

std::string_view name_of(UndoStatus status) {
  static constexpr std::string_view kNames[] = {"withdrawn", "restored", "already", "kept"};
  return kNames[static_cast<std::size_t>(status)];
}

std::size_t UndoResult::count(UndoStatus status) const {
  return static_cast<std::size_t>(std::ranges::count(rows, status, &UndoRow::status));
}

Result<std::vector<ImportListed>> list_imports(Book& book) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(batches, import_batches(book));
  std::vector<ImportListed> out;
  for (const auto& batch : batches) {
    auto at = std::ranges::find(out, batch.import, &ImportListed::import);
    if (at == out.end()) at = out.insert(out.end(), {batch.import, batch.into, batch.file, batch.at, 0, 0, false});
    at->rows += batch.rows.size();
    at->undone_rows += static_cast<std::size_t>(std::ranges::count(batch.rows, true, &ImportedRow::undone));
  }
  for (auto& one : out) one.undone = one.undone_rows == one.rows;
  std::ranges::reverse(out);
  return out;
}

Result<UndoResult> undo_import(Book& book, std::string_view id, bool apply) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(all, import_batches(book));
  std::map<std::string, std::vector<ImportBatch>> fitting;
  for (auto& batch : all) {
    const auto import = batch.import;
    if (!id.empty() && import.starts_with(id)) fitting[import].push_back(std::move(batch));
  }
  if (fitting.empty()) return fail(ErrorKind::not_found, "import.no-such-import", std::string(id));
  if (fitting.size() > 1) return fail(ErrorKind::conflict, "import.ambiguous", std::string(id));
  return Undoer(book, fitting.begin()->first).run(std::move(fitting.begin()->second), apply);
}

}  // namespace satchel::field
