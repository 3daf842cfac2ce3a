// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/import.h"

#include <map>
#include <unordered_set>

#include "client/field/import_marks.h"
#include "client/field/import_targets.h"
#include "client/field/numbers.h"
#include "schema/exchange/csv.h"

namespace satchel::field {

namespace {

constexpr std::size_t kRowsPerTransaction = 500;  // their batch is one text of at most kValueBytesMax
constexpr std::size_t kRowsPreviewed = 5;
constexpr std::string_view kBroken = "broken";  // status of a row whose cells did not fit the columns

struct Work {
  ImportRow row;
  const std::vector<std::string>* cells = nullptr;
  bool broken = false;
  std::optional<RowStatus> in_as;  // written by an earlier run
  FieldMap fields;
  Origin origin;
  std::vector<PersonId> owners;
  ArchiveId archive;                 // of a customer's record
  std::optional<RecordPlace> place;  // of what is updated
  FieldMap before;                   // its values, of the fields that change
};

class Importer {
 public:
  Importer(Book& book, const ImportOptions& options, const std::function<std::string(const Error&)>& words)
      : book_(book), options_(options), words_(words) {}

  Result<ImportResult> run(View file);

 private:
  Result<void> look_at_earlier(View file);
  void read_row(const ImportTable::Row& row);
  bool done_before(const ImportTable::Row& row, Work& work) const;
  Result<bool> known_card(Work& work);
  Result<void> judge(Work& work);
  Result<void> fill(Work& work);
  Result<void> fill_other(Work& work, const ImportTarget& target, const std::string& cell);
  Result<void> find_existing(Work& work);
  Result<void> compare(Work& work);
  Result<void> may_write_it(const Work& work);
  void look_for_doubles(Work& work);
  void preview(Work& work);
  Result<void> apply();
  Result<void> apply_part(Desk& desk, std::span<Work> part);
  Result<Saved> write(Desk& desk, Work& work);
  std::string result_file() const;
  std::string text_of(const Work& work, std::string_view field) const;
  std::string say(std::string_view zh, std::string_view en) const {
    return std::string(book_.lang() == Lang::zh ? zh : en);
  }

  Book& book_;
  const ImportOptions& options_;
  const std::function<std::string(const Error&)>& words_;
  ImportTable table_;
  ImportTargets to_;
  std::optional<ResultColumns> result_;  // of an earlier run
  std::optional<std::size_t> card_form_, card_record_;
  std::optional<KeyIndex> keys_;
  std::map<std::size_t, std::pair<std::string, bool>> earlier_;          // lines that are in: import, created
  std::map<ArchiveId, Result<void>> may_add_;                            // into it; none: one's own
  std::map<std::vector<PersonId>, Result<void>> may_open_;               // for these owners
  std::unordered_set<std::string> phones_, externals_seen_, keys_seen_;  // of rows before
  // Opened in this transaction perhaps, where nobody else finds them yet.
  std::optional<ArchiveId> own_, organisation_;
  std::vector<Work> work_;
  std::string mark_;
  ImportResult out_;
};

std::string Importer::text_of(const Work& work, std::string_view field) const {
  const auto at = work.fields.find(field);
  const auto* text = at == work.fields.end() ? nullptr : std::get_if<std::string>(&at->second);
  return text != nullptr ? *text : std::string();
}

// Where the same was interrupted it goes on; what it writes is a run of its own, and undone for itself.
Result<void> Importer::look_at_earlier(View file) {
  mark_ = file_mark({file, table_.sheet, to_.form->id, options_.update_by});
  out_.id = new_import_id(book_);
  if (options_.again || book_.me().none()) return {};
  SATCHEL_GET(batches, import_batches(book_));
  for (const auto& batch : batches) {
    if (batch.mark != mark_) continue;
    for (const auto& row : batch.rows) {
      if (!row.undone) earlier_[row.line] = {batch.import, row.created};
    }
  }
  return {};
}

Result<void> Importer::fill_other(Work& work, const ImportTarget& target, const std::string& cell) {
  if (target.other == kAuthorTarget || target.other == kDateTarget) {
    const auto date = target.other == kDateTarget ? parse_any_date(cell) : std::nullopt;
    if (!date && cell.size() > kValueBytesMax)
      return fail(ErrorKind::invalid, "field.too-long",
                  std::string(target.other) + ": " + std::to_string(kValueBytesMax));
    work.origin.emplace_back(target.other == kDateTarget ? kOriginalDateField : kOriginalAuthorField,
                             date ? Value(*date) : Value(cell));
  }
  if (target.other == kOwnerTarget) {
    for (const auto& name : split_list(cell)) {
      SATCHEL_GET(person, book_.find_person(name));
      if (std::ranges::find(work.owners, person) == work.owners.end()) work.owners.push_back(person);
    }
  }
  if (target.other == kCustomerTarget) {
    SATCHEL_GET(customer, book_.find_customer_exactly(cell));
    if (customer.locked) return fail(ErrorKind::permission, "customer.card-locked", customer.number);
    work.archive = customer.archive;
  }
  return {};
}

Result<void> Importer::fill(Work& work) {
  work.owners = options_.owners;
  std::string wrong;
  const auto add_wrong = [&](const Error& error) { wrong += (wrong.empty() ? "" : "; ") + words_(error); };
  for (const auto& target : to_.all) {
    const std::string& cell = (*work.cells)[target.column];
    if (trim_blanks(cell).empty()) continue;
    if (target.field == nullptr) {
      if (const auto filled = fill_other(work, target, cell); !filled) add_wrong(filled.error());
      continue;
    }
    auto value = parse_cell(book_, *target.field, cell);
    if (!value) {  // all of a row's faults at once, so that one correction does
      add_wrong(value.error());
      continue;
    }
    if (!empty(*value)) work.fields.insert_or_assign(target.field->id, std::move(*value));
  }
  for (const auto& [field, value] : to_.constants) work.fields.try_emplace(field, value);
  if (!wrong.empty()) return fail(ErrorKind::invalid, "import.row", wrong);
  return {};
}

// By the key column: what the row changes, or nothing when it is new.
Result<void> Importer::find_existing(Work& work) {
  if (!keys_) return {};
  const auto* target = to_.find(options_.update_by);
  const auto key = std::string(trim_blanks((*work.cells)[target->column]));
  if (key.empty()) return fail(ErrorKind::invalid, "import.key-empty", options_.update_by);
  const auto& found = keys_->find(key);
  std::vector<KeyIndex::Place> fitting;
  for (const auto& place : found) {
    if (work.archive.none() || place.archive == work.archive) fitting.push_back(place);
  }
  if (fitting.size() > 1) return fail(ErrorKind::conflict, "import.key-ambiguous", key);
  if (!keys_seen_.insert(fold_typed(key)).second) return fail(ErrorKind::conflict, "import.key-twice", key);
  if (fitting.empty() && options_.update_by == kNumberTarget)
    return fail(ErrorKind::not_found, "import.no-such-number", key);
  if (fitting.empty()) return {};
  SATCHEL_GET(place, book_.place_of(fitting.front().archive, fitting.front().record));
  work.place = std::move(place);
  work.row.update = true;
  return compare(work);
}

// Only what differs is written; an empty cell changes nothing.
Result<void> Importer::compare(Work& work) {
  SATCHEL_GET(reading, book_.read());
  SATCHEL_GET(loaded, reading->load(*work.place));
  const FieldMap now = values_in_force(*to_.form, loaded.state, *book_.directory());
  SATCHEL_GET(customer, book_.customer_of(work.place->info.id));
  if (customer && to_.customers) work.row.number = customer->number;
  if (const auto key = work.fields.find(options_.update_by); key != work.fields.end()) work.fields.erase(key);
  std::string changes;
  for (auto at = work.fields.begin(); at != work.fields.end();) {
    const auto before = now.find(at->first);
    const auto given = loaded.state.values(at->first);
    const bool log = to_.form->field(at->first)->merge == MergePolicy::log;
    const bool logged = log && std::ranges::any_of(given, [&](const auto* v) { return v->value == at->second; });
    // A dry run is no way to ask what a sensitive value is.
    const bool guess = !options_.apply && to_.form->field(at->first)->sensitivity == Sensitivity::sensitive;
    if (!guess && (logged || (before != now.end() && before->second == at->second))) {
      at = work.fields.erase(at);
      continue;
    }
    // What is appended to a log replaces nothing.
    work.before.insert_or_assign(at->first, log || before == now.end() ? Value{} : before->second);
    changes += (changes.empty() ? "" : "、") + to_.form->field(at->first)->label.in(book_.lang());
    ++at;
  }
  if (work.fields.empty()) {
    work.row.status = RowStatus::skipped;
    work.row.message = say("没有变化", "nothing changes");
  } else {
    work.row.message = say("更新：", "changes ") + changes;
  }
  return {};
}

void Importer::look_for_doubles(Work& work) {
  if (const auto external = text_of(work, "external_number"); !external.empty()) {
    const auto known = book_.with_external_number(external);
    if ((known && !known->empty()) || !externals_seen_.insert(external).second) {
      work.row.status = RowStatus::skipped;
      work.row.message = say("原编号已有档案：", "this external number has an archive: ") + external;
      if (known && !known->empty()) work.row.number = known->front().number;
      return;
    }
  }
  std::string same;
  if (const auto twins = find_twins(book_, work.fields)) {
    for (const auto& c : twins->same_phone) same += (same.empty() ? "" : "；") + c.name + " " + c.number;
    for (const auto& c : twins->same_name) {
      if (twins->same_phone.empty()) work.row.message = say("已有同名客户：", "same name as ") + c.number;
    }
  }
  const auto phone = normalise_phone(text_of(work, "phone"));
  if (!phone.empty() && !phones_.insert(phone).second && same.empty())
    same = say("本文件中的前一行", "an earlier row of this file");
  if (same.empty()) return;
  work.row.message = say("电话相同：", "same phone as ") + same;
  if (!options_.doubles_too) work.row.status = RowStatus::double_;
}

void Importer::preview(Work& work) {
  if (out_.rows.size() >= kRowsPreviewed || work.row.status == RowStatus::error) return;
  const auto names = book_.names();
  if (const auto customer =
          work.archive.none() ? Result<std::optional<CustomerRef>>(std::nullopt) : book_.customer_of(work.archive);
      customer && *customer)
    work.row.preview.emplace_back(say("客户", "Customer"), (*customer)->name);
  for (const auto& field : to_.form->fields) {
    const auto at = work.fields.find(field.id);
    if (at == work.fields.end()) continue;
    work.row.preview.emplace_back(field.label.in(book_.lang()), format_field(field, at->second, book_.lang(), &names));
  }
}

bool Importer::done_before(const ImportTable::Row& row, Work& work) const {
  if (const auto at = earlier_.find(row.line); at != earlier_.end()) {
    const auto& [import, created] = at->second;
    work.row.message = say("已在导入中写入：", "in since import ") + import;
    work.in_as = created ? RowStatus::imported : RowStatus::updated;
    return true;
  }
  if (!result_) return false;
  for (const auto status : {RowStatus::imported, RowStatus::updated}) {
    if (row.cells[result_->status] == name_of(status)) work.in_as = status;
  }
  if (!work.in_as) return false;
  work.row.message = say("此前已导入", "imported before");
  work.row.number = row.cells[result_->number];
  return true;
}

// A card that Satchel wrote: it says whose it is, and which record it was made of.
Result<bool> Importer::known_card(Work& work) {
  const auto said = [&](const std::optional<std::size_t>& column) {
    return column ? std::string(trim_blanks((*work.cells)[*column])) : std::string();
  };
  const auto form = said(card_form_);
  if (!form.empty() && form != to_.form->id)
    return fail(ErrorKind::usage, form == holder::kContactTemplate ? "import.card-of-contact" : "import.card-of-other",
                work.row.name);
  const auto id = RecordId::parse(said(card_record_));
  if (!id || keys_) return false;
  const auto place = book_.find_record(id->hex());
  if (!place) return false;
  SATCHEL_GET(reading, book_.read());
  const auto loaded = reading->load(*place);
  if (!loaded || loaded->state.type() != to_.form->id) return false;
  if (merge::standing_of(loaded->state).standing != merge::RecordStanding::in_force) return false;
  SATCHEL_GET(customer, book_.customer_of(place->info.id));
  if (customer && to_.customers) work.row.number = customer->number;
  work.row.status = RowStatus::skipped;
  work.row.message = say("就是本机已有的这条记录", "is the record that is here already");
  return true;
}

// As applying will ask, so that the dry run says it.
Result<void> Importer::may_write_it(const Work& work) {
  if (work.place) {
    SATCHEL_TRY(may_write(book_, work.place->info));
    return {};
  }
  if (to_.customers) {
    const auto known = may_open_.find(work.owners);
    return known != may_open_.end() ? known->second : may_open_[work.owners] = may_open_customer(book_, work.owners);
  }
  const auto known = may_add_.find(work.archive);
  return known != may_add_.end() ? known->second : may_add_[work.archive] = may_add(book_, *to_.form, work.archive);
}

Result<void> Importer::judge(Work& work) {
  SATCHEL_GET(known, known_card(work));
  if (known) return {};
  SATCHEL_TRY(fill(work));
  SATCHEL_TRY(find_existing(work));
  if (work.place) return work.row.status == RowStatus::ready ? may_write_it(work) : Result<void>{};
  // As a visit that is typed in: of today, when it does not say.
  if (to_.form->id == holder::kVisitTemplate && !to_.form->date_field.empty())
    work.fields.try_emplace(to_.form->date_field, date_of(book_.device().clock().wall(), kChinaZoneMinutes));
  SATCHEL_TRY(check_record(*to_.form, work.fields, book_.lang()));
  if (to_.customers) {
    look_for_doubles(work);
  } else if (to_.form->lives_in(RecordScope::customer) && work.archive.none()) {
    return fail(ErrorKind::usage, "import.row-no-customer");
  }
  return may_write_it(work);
}

void Importer::read_row(const ImportTable::Row& row) {
  Work work;
  work.row.line = row.line;
  work.cells = &row.cells;
  if (const auto* title = to_.find(to_.form->title_field); title != nullptr) work.row.name = row.cells[title->column];
  if (const auto* customer = to_.find(kCustomerTarget); customer != nullptr && work.row.name.empty())
    work.row.name = row.cells[customer->column];
  // The result file had to bend such a row to the columns: a person looks at it and clears its status.
  const bool unseen = result_ && row.cells[result_->status] == kBroken;
  work.broken = !row.fault.empty() || unseen;
  const auto wrong = [&](const Error& error) {
    work.row.status = RowStatus::error;
    work.row.message = error.code == "import.row" ? error.detail : words_(error);
  };
  if (work.broken) {
    wrong({ErrorKind::invalid, unseen ? "import.broken-row" : row.fault, std::to_string(row.line)});
  } else if (done_before(row, work)) {
    work.row.status = RowStatus::skipped;
  } else {
    work.row.message.clear();
    if (const auto judged = judge(work); !judged) wrong(judged.error());
    preview(work);
  }
  out_.rows.push_back(work.row);
  work_.push_back(std::move(work));
}

Result<Saved> Importer::write(Desk& desk, Work& work) {
  ImportMark mark{out_.id, !work.place, {}};
  for (const auto& [field, value] : work.before) mark.before.emplace_back(field, value);
  auto origin = work.place ? Origin{} : work.origin;
  put_mark(origin, mark);
  if (work.place) return desk.edit({*work.place, work.fields, say("导入 ", "import ") + out_.id, std::move(origin)});
  if (to_.customers) return desk.open_customer({work.fields, work.owners, std::move(origin)});
  NewRecord record{to_.form, work.archive, work.fields, std::move(origin)};
  if (record.archive.none()) {
    auto& known = to_.form->lives_in(RecordScope::person) ? own_ : organisation_;
    if (!known) {
      SATCHEL_GET(archive, desk.own_archive(*to_.form));
      known = archive;
    }
    record.archive = *known;
  }
  return desk.add(record);
}

Result<void> Importer::apply_part(Desk& desk, std::span<Work> part) {
  ImportBatch batch;
  batch.import = out_.id;
  batch.into = to_.form->id;
  batch.file = options_.file;
  batch.mark = mark_;
  for (auto& work : part) {
    if (work.row.status != RowStatus::ready) continue;
    const auto saved = write(desk, work);
    if (!saved && saved.error().kind == ErrorKind::storage) return std::unexpected(saved.error());
    if (!saved) {
      work.row.status = RowStatus::error;
      work.row.message = words_(saved.error());
      continue;
    }
    work.row.status = work.place ? RowStatus::updated : RowStatus::imported;
    if (!saved->number.empty()) work.row.number = saved->number;
    if (saved->unchanged) continue;
    batch.rows.push_back({work.row.line, saved->archive, saved->record, !work.place});
  }
  if (batch.rows.empty()) return {};
  return note_batch(book_, desk, batch, own_);
}

Result<void> Importer::apply() {
  for (std::size_t from = 0; from < work_.size(); from += kRowsPerTransaction) {
    const auto part = std::span(work_).subspan(from, std::min(kRowsPerTransaction, work_.size() - from));
    const bool any = std::ranges::any_of(part, [](const Work& w) { return w.row.status == RowStatus::ready; });
    if (any) SATCHEL_TRY(at_desk(book_, [&](Desk& desk) { return apply_part(desk, part); }));
  }
  SATCHEL_TRY(settle_numbers(book_));
  for (std::size_t i = 0; i < work_.size(); ++i) out_.rows[i] = std::move(work_[i].row);
  return {};
}

std::string Importer::result_file() const {
  CsvWriter writer(true);
  std::vector<std::size_t> kept;
  std::vector<std::string> header;
  for (std::size_t i = 0; i < table_.header.size(); ++i) {
    if (is_result_column(table_.header[i])) continue;
    kept.push_back(i);
    header.push_back(table_.header[i]);
  }
  for (const auto name : {kStatusColumn, kMessageColumn, kNumberColumn}) header.emplace_back(name);
  writer.row(header);
  for (std::size_t i = 0; i < work_.size(); ++i) {
    std::vector<std::string> cells;
    for (const auto column : kept) cells.push_back((*work_[i].cells)[column]);
    const auto& row = out_.rows[i];
    // What is in says so for good: passing over it once more must not make it new.
    cells.emplace_back(work_[i].broken ? kBroken : name_of(work_[i].in_as.value_or(row.status)));
    cells.push_back(row.message);
    cells.push_back(row.number);
    writer.row(cells);
  }
  return writer.take();
}

Result<ImportResult> Importer::run(View file) {
  SATCHEL_TRY(book_.refresh());
  const bool companies = options_.into.empty() || options_.into == holder::kCustomerTemplate;
  SATCHEL_GET(table, read_table(file, {options_.encoding, options_.sheet, companies}));
  table_ = std::move(table);
  SATCHEL_GET(targets, find_targets(book_, table_, options_));
  to_ = std::move(targets);
  out_.into = to_.form->id;
  out_.format = table_.format;
  out_.encoding = table_.encoding;
  out_.delimiter = table_.delimiter;
  out_.sheet = table_.sheet;
  out_.mapped = to_.mapped;
  out_.unmapped = to_.unmapped;
  result_ = result_columns(table_);
  card_form_ = table_.column(kCardFormColumn);
  card_record_ = table_.column(kCardRecordColumn);
  if (!options_.update_by.empty()) {
    SATCHEL_GET(keys, KeyIndex::make(book_, *to_.form, options_.update_by));
    keys_ = std::move(keys);
  }
  SATCHEL_TRY(look_at_earlier(file));
  for (const auto& row : table_.rows) read_row(row);
  if (options_.apply) SATCHEL_TRY(apply());
  out_.result_csv = result_file();
  if (out_.count(RowStatus::imported) + out_.count(RowStatus::updated) == 0) out_.id.clear();
  return std::move(out_);
}

}  // namespace

std::string_view name_of(RowStatus status) {
  static constexpr std::string_view kNames[] = {"ready", "imported", "updated", "skipped", "double", "error"};
  return kNames[static_cast<std::size_t>(status)];
}

std::size_t ImportResult::count(RowStatus status) const {
  return static_cast<std::size_t>(std::ranges::count(rows, status, &ImportRow::status));
}

Result<ImportResult> import_records(Book& book, View file, const ImportOptions& options,
                                    const std::function<std::string(const Error&)>& words) {
  return Importer(book, options, words).run(file);
}

}  // namespace satchel::field
