// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/reading_note.h"

#include "schema/packs/standard.h"
#include "schema/template/pack.h"

namespace satchel::holder {

namespace {

constexpr std::string_view kReadingForm = "reading";

// Numbers of customers, as people know them.
Result<std::vector<std::string>> numbers_of(Book& book, std::span<const ArchiveId> archives) {
  std::vector<std::string> out;
  for (const auto& archive : archives) {
    if (out.size() == kValueTextsMax) break;
    SATCHEL_GET(customer, book.customer_of(archive));
    out.push_back(customer ? customer->number : short_id(archive));
  }
  std::ranges::sort(out);
  return out;
}

// One as a reference, several by their numbers.
Result<void> put_archives(Book& book, const Template& form, std::span<const ArchiveId> archives, RecordChange& change) {
  if (archives.size() == 1) change.ops.push_back({"about", Ref{archives.front().bytes}, {}});
  if (archives.size() < 2 || form.field("archives") == nullptr) return {};
  SATCHEL_GET(numbers, numbers_of(book, archives));
  change.ops.push_back({"archives", std::move(numbers), {}});
  return {};
}

FieldMap fields_of(const ReadingNote& note, WallTime now) {
  FieldMap fields{{"kind", note.kind}, {"what", note.what}, {"purpose", note.purpose}, {"at", now}};
  if (note.count) fields.emplace("count", static_cast<std::int64_t>(*note.count));
  std::erase_if(fields, [](const auto& entry) {
    const auto* text = std::get_if<std::string>(&entry.second);
    return text != nullptr && text->empty();
  });
  return fields;
}

// Where such notes of this node lie; opened with the first.
Result<node::StoredArchive> archive_of_notes(Book& book, const WriteTxn& txn, node::Scribe& scribe) {
  const auto directory = book.directory();
  const Person* me = directory->person(book.me());
  const KnownNode* self = directory->node(book.device().identity().id);
  const bool reader = self != nullptr && self->kind == NodeKind::reader;
  if (me == nullptr && !reader) return fail(ErrorKind::permission, "device.unconfirmed");
  const ArchiveKind kind = reader ? ArchiveKind::organisation : ArchiveKind::person;
  SATCHEL_GET(known, book.own_archive(kind));
  if (known) return book.archive(txn, *known);
  node::Scribe::NewArchive fresh{kind, {}, {}};
  if (me != nullptr) fresh = {kind, me->branch(), {me->id}};
  return scribe.open_archive(fresh, {});
}

}  // namespace

Result<BegunReading> begin_reading(Book& book, const ReadingNote& note) {
  SATCHEL_TRY(book.ready());
  SATCHEL_GET(form, own_form(book, kReadingForm));
  RecordChange change{
      random_id<RecordId>(book.device().entropy()), form->id, static_cast<std::uint32_t>(form->version), {}};
  BegunReading begun{{}, change.record};
  for (auto& [field, value] : fields_of(note, book.device().clock().wall()))
    change.ops.push_back({field, std::move(value), {}});
  SATCHEL_TRY(put_archives(book, *form, note.archives, change));
  SATCHEL_TRY(book.device().write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(archive, archive_of_notes(book, txn, scribe));
    SATCHEL_TRY(scribe.write(archive, {std::move(change)}));
    begun.archive = archive.id;
    return {};
  }));
  return begun;
}

Result<void> note_reading(Book& book, const ReadingNote& note) {
  SATCHEL_TRY(begin_reading(book, note));
  return {};
}

Result<void> end_reading(Book& book, const BegunReading& begun, std::size_t count,
                         const std::vector<ArchiveId>& archives) {
  SATCHEL_GET(form, own_form(book, kReadingForm));
  RecordChange change{begun.record, form->id, static_cast<std::uint32_t>(form->version), {}};
  change.ops.push_back({"count", static_cast<std::int64_t>(count), {}});
  SATCHEL_TRY(put_archives(book, *form, archives, change));
  return book.device().write([&](WriteTxn& txn, node::Scribe& scribe) -> Result<void> {
    SATCHEL_GET(archive, book.archive(txn, begun.archive));
    SATCHEL_TRY(scribe.write(archive, {std::move(change)}));
    return {};
  });
}

Result<const Template*> own_form(Book& book, std::string_view id) {
  if (const auto* form = book.catalogue().find_template(id); form != nullptr) return form;
  static const Catalogue kBuiltIn = [] {
    Catalogue all;
    for (const auto& [name, toml] : standard_packs()) {
      if (auto pack = parse_pack(toml)) all.add(std::move(*pack));
    }
    return all;
  }();
  const auto* form = kBuiltIn.find_template(id);
  if (form == nullptr) return fail(ErrorKind::not_found, "template.unknown", std::string(id));
  return form;
}

}  // namespace satchel::holder
