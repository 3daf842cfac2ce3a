// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/rows.h"

namespace satchel::holder {

Result<std::unique_ptr<BookRows>> BookRows::of(Book& book) {
  std::unique_ptr<BookRows> rows(new BookRows(book));
  SATCHEL_GET(wholes, book.wholes());
  SATCHEL_GET(reading, book.read());
  rows->wholes_ = wholes;
  rows->reading_ = std::move(reading);
  return rows;
}

Result<void> BookRows::read_cards() {
  if (cards_ != nullptr) return {};
  SATCHEL_GET(cards, book_.sheet(kCustomerTemplate));
  card_at_.reserve(cards->table.size());
  cards->table.each([&](const SheetView& row) {
    if (row.standing() == kRowInForce) card_at_.insert_or_assign(row.archive(), row.position());
    return true;
  });
  cards_ = cards;
  return {};
}

RowSource BookRows::source(const std::string& template_id) {
  return [template_id, this](std::span<const std::string> fields, const RowSink& sink) -> Result<void> {
    SATCHEL_GET(sheet, book_.sheet(template_id));
    hand_out(*sheet, template_id == kCustomerTemplate, fields, sink);
    return {};
  };
}

RowSource BookRows::source_once(const std::string& template_id, std::int32_t from_month, std::int32_t to_month) {
  return [=, this](std::span<const std::string> fields, const RowSink& sink) -> Result<void> {
    SATCHEL_GET(sheet, book_.sheet_of(template_id, from_month, to_month, {fields.begin(), fields.end()}));
    hand_out(*sheet, template_id == kCustomerTemplate, fields, sink);
    return {};
  };
}

void BookRows::hand_out(const Sheet& sheet, bool cards, std::span<const std::string> fields, const RowSink& sink) {
  std::vector<std::optional<std::uint16_t>> columns;
  for (const auto& field : fields) columns.push_back(sheet.schema.column(field));
  std::vector<Value> values(fields.size());
  std::vector<const Value*> cells(fields.size());
  sheet.table.each([&](const SheetView& row) {
    // A customer's archives that are shown as one are one customer.
    if (cards && wholes_->contains(row.archive())) return true;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      values[i] = columns[i] ? row.value(*columns[i]) : Value{};
      if (empty(values[i]) && cards && fields[i] == "number") values[i] = Book::provisional_number(row.archive());
      cells[i] = empty(values[i]) ? nullptr : &values[i];
    }
    ReportRow out;
    out.archive = whole_in(*wholes_, row.archive());
    out.record = row.record();
    out.author = row.author();
    out.branch = row.branch();
    out.created = row.created();
    out.standing = static_cast<RowStanding>(row.standing());
    out.corrected = row.corrected();
    out.fields = cells;
    sink(out);
    return true;
  });
}

Result<ReportContext> BookRows::context(WallTime now, bool with_cards) {
  if (with_cards) SATCHEL_TRY(read_cards());
  ReportContext context;
  context.lang = book_.lang();
  context.names = book_.names();
  context.now = now;
  context.card = [this](const ArchiveId& archive, std::string_view field) { return card_field(archive, field); };
  context.role = [this](const PersonId& id) {
    const Person* person = book_.directory()->person(id);
    return person != nullptr ? std::string(role_name(person->role())) : std::string();
  };
  return context;
}

const std::vector<PersonId>& BookRows::owners(const ArchiveId& archive) {
  const auto known = owners_.find(archive);
  if (known != owners_.end()) return known->second;
  auto& owners = owners_[archive];
  if (const auto info = book_.archive(reading_->txn(), archive)) owners = book_.owners(*info);
  return owners;
}

const Value* BookRows::card_field(const ArchiveId& archive, std::string_view field) {
  if (field == "owner") {
    std::vector<std::string> ids;
    for (const auto& person : owners(archive)) ids.push_back(person.hex());
    value_ = std::move(ids);
    return &value_;
  }
  const auto at = card_at_.find(archive);
  if (at == card_at_.end()) return nullptr;
  value_ = cards_->value(cards_->table.at(at->second), field);
  return empty(value_) ? nullptr : &value_;
}

}  // namespace satchel::holder
