// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/masking.h"

#include <algorithm>
#include <set>

#include "sync/holder/reading_note.h"

namespace satchel::field {

namespace {

bool is_sensitive(const auto& shown) { return shown.field->sensitivity == Sensitivity::sensitive; }

// That a field was cleared may be seen.
void mask_all(std::vector<GivenValue>& given) {
  for (auto& one : given) {
    if (one.text.empty()) continue;
    one.value = {};
    one.text = kMask;
  }
}

template <class Card, class Visit>
void each_record(Card& card, Visit visit) {
  visit(card.card);
  for (auto* list : {&card.contacts, &card.visits, &card.others})
    for (auto& record : *list) visit(record);
  for (auto& part : card.parts) visit(part.card);
}

}  // namespace

std::size_t sensitive_fields(const ShownRecord& record) {
  return static_cast<std::size_t>(std::ranges::count_if(record.fields, [](const auto& f) { return is_sensitive(f); })) +
         record.unknown.size();
}

std::size_t sensitive_fields(const CustomerCard& card) {
  std::size_t count = 0;
  each_record(card, [&](const ShownRecord& record) { count += sensitive_fields(record); });
  return count;
}

void mask(ShownRecord& record) {
  for (auto& shown : record.fields) {
    if (!is_sensitive(shown)) continue;
    if (shown.field->id == record.form->title_field) record.title = kMask;
    shown.text = kMask;
    shown.masked = true;
    mask_all(shown.given);
  }
  for (auto& [name, text] : record.unknown) text = kMask;  // of a pack that is not here: it may be sensitive
}

void mask(CustomerCard& card) {
  each_record(card, [](ShownRecord& record) { mask(record); });
}

std::size_t sensitive_fields(const Dispute& dispute) {
  return static_cast<std::size_t>(std::ranges::count_if(dispute.fields, [](const auto& d) { return is_sensitive(d); }));
}

void mask(Dispute& dispute) {
  for (auto& disputed : dispute.fields) {
    if (!is_sensitive(disputed)) continue;
    mask_all(disputed.values);
    mask_all(disputed.original);
  }
}

namespace {

// Customers of whose cards one says that they are confidential.
Result<std::set<ArchiveId>> confidential(Book& book) {
  std::set<ArchiveId> out;
  SATCHEL_GET(cards, book.sheet(holder::kCustomerTemplate));
  SATCHEL_GET(wholes, book.wholes());
  const auto column = cards->schema.column(kConfidentialField);
  if (!column) return out;
  cards->table.each([&](const SheetView& row) {
    const Value said = row.value(*column);
    const auto* yes = std::get_if<bool>(&said);
    if (yes != nullptr && *yes) out.insert(holder::whole_in(*wholes, row.archive()));
    return true;
  });
  return out;
}

}  // namespace

Result<std::vector<ArchiveId>> leaving_a_trace(Book& book, std::span<const ArchiveId> archives) {
  std::vector<ArchiveId> out;
  SATCHEL_GET(secret, confidential(book));
  if (secret.empty()) return out;
  SATCHEL_GET(wholes, book.wholes());
  SATCHEL_GET(reading, book.read());
  for (const auto& archive : std::set<ArchiveId>(archives.begin(), archives.end())) {
    if (!secret.contains(holder::whole_in(*wholes, archive))) continue;
    SATCHEL_GET(info, book.archive(reading->txn(), archive));
    const auto owners = book.owners(info);
    if (std::ranges::find(owners, book.me()) == owners.end()) out.push_back(archive);
  }
  return out;
}

Result<void> note_files(Book& book, const RecordPlace& place, std::span<const std::string> names) {
  SATCHEL_GET(shown, show_record(book, place));
  const auto asks = [&](const ShownField& field) {
    const bool names_it = field.field->type == FieldType::attachment && is_sensitive(field) &&
                          std::ranges::any_of(names, [&](const std::string& name) { return name == field.text; });
    const auto* yes = field.field->id == kConfidentialField && !field.given.empty()
                          ? std::get_if<bool>(&field.given.front().value)
                          : nullptr;
    return names_it || (yes != nullptr && *yes && shown.author != book.me());
  };
  const std::string what = "fetch " + holder::short_id(place.record);
  if (std::ranges::any_of(shown.fields, asks))
    return holder::note_reading(book, {"sensitive", what, {}, names.size(), {place.info.id}});
  return note_opening(book, std::span(&place.info.id, 1), what);
}

Result<void> note_showing(Book& book, const ArchiveId& archive, std::size_t sensitive, const Showing& showing) {
  if (showing.reveal && sensitive > 0)
    return holder::note_reading(book, {"sensitive", showing.what, showing.purpose, sensitive, {archive}});
  return note_opening(book, std::span(&archive, 1), showing.what, showing.purpose);
}

Result<void> note_opening(Book& book, std::span<const ArchiveId> archives, const std::string& what,
                          const std::string& purpose) {
  SATCHEL_GET(opened, leaving_a_trace(book, archives));
  if (opened.empty()) return {};
  const std::size_t count = opened.size();
  return holder::note_reading(book, {"opening", what, purpose, count, std::move(opened)});
}

}  // namespace satchel::field
