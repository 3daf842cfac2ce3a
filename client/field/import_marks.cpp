// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/import_marks.h"

#include <charconv>
#include <set>

#include "client/field/records.h"
#include "sync/holder/reading_note.h"

namespace satchel::field {

namespace {

constexpr std::string_view kBatchTemplate = "import_batch";
// Beside the template's fields, which people see: the rows would be noise there.
constexpr std::string_view kRowsField = "_rows";
constexpr std::string_view kMarkField = "_mark";
constexpr std::string_view kUndoneField = "_undone_rows";
constexpr std::size_t kIdDigits = 16;
constexpr DomainLabel kFileLabel{"satchel import"};

std::string rows_text(const std::vector<ImportedRow>& rows) {
  std::string out;
  for (const auto& r : rows)
    out += std::to_string(r.line) + " " + r.archive.hex() + " " + r.record.hex() + (r.created ? " +\n" : " ~\n");
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<ImportedRow> rows_of(std::string_view text) {
  std::vector<ImportedRow> out;
  for (const auto line : lines_of(text)) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at <= line.size();) {
      const auto blank = std::min(line.find(' ', at), line.size());
      words.push_back(line.substr(at, blank - at));
      at = blank + 1;
    }
    if (words.size() != 4) continue;
    ImportedRow row;
    std::from_chars(words[0].data(), words[0].data() + words[0].size(), row.line);
    const auto archive = ArchiveId::parse(words[1]);
    const auto record = RecordId::parse(words[2]);
    if (!archive || !record) continue;
    row.archive = *archive;
    row.record = *record;
    row.created = words[3] == "+";
    out.push_back(row);
  }
  return out;
}

std::string undone_text(const std::vector<ImportedRow>& rows) {
  std::string out;
  for (const auto& r : rows) {
    if (r.undone) out += std::to_string(r.line) + "\n";
  }
  return out;
}

// The one value of a field that only the program writes.
Value value_of(const merge::RecordState& state, std::string_view field) {
  const auto standing = state.standing(field);
  return standing.empty() ? Value{} : standing.back()->value;
}

std::string text_of(const merge::RecordState& state, std::string_view field) {
  const Value value = value_of(state, field);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

// Of two devices that undid at a time both count.
void mark_undone(const merge::RecordState& state, std::vector<ImportedRow>& rows) {
  std::set<std::string, std::less<>> lines;
  for (const auto* value : state.standing(kUndoneField)) {
    const auto* text = std::get_if<std::string>(&value->value);
    if (text == nullptr) continue;
    for (const auto line : lines_of(*text)) lines.emplace(line);
  }
  for (auto& row : rows) row.undone = lines.contains(std::to_string(row.line));
}

}  // namespace

std::string new_import_id(Book& book) {
  return random_id<RecordId>(book.device().entropy()).hex().substr(0, kIdDigits);
}

// The names in one text, because a list has fewer places than a record may have fields; the values in their order.
void put_mark(Origin& origin, const ImportMark& mark) {
  std::string names;
  for (const auto& [field, value] : mark.before) names += field + "\n";
  origin.emplace_back(kImportField, std::vector<std::string>{mark.import, mark.created ? "created" : "changed", names});
  for (const auto& [field, value] : mark.before) origin.emplace_back(kReplacedField, value);
}

std::optional<FoundMark> find_mark(const merge::RecordState& state, std::string_view import) {
  std::optional<FoundMark> out;
  for (const auto* value : state.values(kImportField)) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value->value);
    if (texts == nullptr || texts->size() != 3 || texts->front() != import) continue;
    FoundMark found{{texts->front(), (*texts)[1] == "created", {}}, value->dot};
    for (const auto name : lines_of((*texts)[2])) found.mark.before.emplace_back(name, Value{});
    std::size_t known = 0;
    for (const auto* replaced : state.values(kReplacedField)) {  // in the order they were written
      if (!of_entry(replaced->dot, value->dot)) continue;
      if (known < found.mark.before.size()) found.mark.before[known].second = replaced->value;
      ++known;
    }
    if (known == found.mark.before.size()) out = std::move(found);
  }
  return out;
}

std::string file_mark(const FileMark& of) {
  Writer how;
  how.sized(of.into).sized(of.sheet).sized(of.update_by);
  return hash(kFileLabel, {how.bytes(), of.file}).hex();
}

Result<void> note_batch(Book& book, Desk& desk, const ImportBatch& batch, std::optional<ArchiveId>& own) {
  SATCHEL_GET(form, holder::own_form(book, kBatchTemplate));
  NewRecord record{form, {}, {}, {}, true};
  record.fields = {{"import", batch.import},
                   {"into", batch.into},
                   {"file", batch.file.empty() ? std::string("-") : batch.file},
                   {"count", static_cast<std::int64_t>(batch.rows.size())},
                   {"at", book.device().clock().wall()}};
  record.origin = {{std::string(kRowsField), rows_text(batch.rows)}, {std::string(kMarkField), batch.mark}};
  if (!own) {
    SATCHEL_GET(archive, desk.own_archive(*form));
    own = archive;
  }
  record.archive = *own;
  SATCHEL_TRY(desk.add(record));
  return {};
}

Result<std::vector<ImportBatch>> import_batches(Book& book) {
  std::vector<ImportBatch> out;
  SATCHEL_GET(own, book.own_archive(ArchiveKind::person));
  if (!own) return out;
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(places, book.records_of(reading->txn(), *own));
  for (auto& place : places) {
    SATCHEL_GET(loaded, reading->load(place));
    const auto& state = loaded.state;
    if (state.type() != kBatchTemplate) continue;
    ImportBatch batch;
    batch.import = text_of(state, "import");
    batch.into = text_of(state, "into");
    batch.file = text_of(state, "file");
    batch.mark = text_of(state, kMarkField);
    const Value at = value_of(state, "at");
    if (const auto* time = std::get_if<WallTime>(&at)) batch.at = *time;
    batch.rows = rows_of(text_of(state, kRowsField));
    mark_undone(state, batch.rows);
    batch.place = std::move(place);
    out.push_back(std::move(batch));
  }
  std::ranges::stable_sort(out, {}, &ImportBatch::at);
  return out;
}

Result<void> note_undone(Book& book, Desk& desk, const ImportBatch& batch) {
  SATCHEL_TRY(desk.set_system(batch.place, kUndoneField, undone_text(batch.rows)));
  return desk.set_system(batch.place, "undone", book.device().clock().wall());
}

}  // namespace satchel::field
