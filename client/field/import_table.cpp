// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/import_table.h"

#include <algorithm>

#include "schema/exchange/csv.h"
#include "schema/exchange/vcard.h"
#include "schema/exchange/xlsx_reader.h"

namespace satchel::field {

namespace {

constexpr std::size_t kRowsMax = 1'100'000;  // a sheet's, and a little more
constexpr std::size_t kCellsMax = 40'000'000;
constexpr std::size_t kWaysMax = 4;  // phones and mails of a visiting card that get a column

// A short row is as wide as the header once it is read.
std::size_t rows_max(std::size_t width) { return std::min(kRowsMax, kCellsMax / std::max<std::size_t>(width, 1)); }

std::unexpected<Error> too_many(std::size_t most) {
  return fail(ErrorKind::invalid, "import.too-many-rows", std::to_string(most));
}

Result<ImportTable> read_csv(View file, const TableOptions& options) {
  SATCHEL_GET(decoded, decode_text(file, options.encoding));
  SATCHEL_GET(csv, CsvReader::open(decoded.text));
  ImportTable out;
  out.encoding = decoded.encoding;
  out.delimiter = csv.delimiter();
  out.header = csv.header();
  const auto width = out.header.size();
  for (CsvRow row; csv.next(row);) {
    if (out.rows.size() == rows_max(width)) return too_many(out.rows.size());
    ImportTable::Row one{row.line, std::move(row.cells), {}};
    if (row.fault != CsvFault::none) one.fault = "csv." + std::string(name_of(row.fault));
    for (std::size_t i = width; i < one.cells.size(); ++i) one.cells[width - 1] += csv.delimiter() + one.cells[i];
    one.cells.resize(width);
    out.rows.push_back(std::move(one));
  }
  return out;
}

Result<ImportTable> read_xlsx(View file, const TableOptions& options) {
  SATCHEL_GET(sheet, XlsxReader::open(file, {options.sheet, {}}));
  ImportTable out;
  out.format = FileFormat::xlsx;
  out.sheet = sheet.sheet();
  out.header = sheet.header();
  for (XlsxRow row;;) {
    SATCHEL_GET(more, sheet.next(row));
    if (!more) return out;
    if (out.rows.size() == rows_max(out.header.size())) return too_many(out.rows.size());
    out.rows.push_back({row.line, std::move(row.cells), {}});
    if (row.fault != XlsxFault::none) out.rows.back().fault = "xlsx." + std::string(name_of(row.fault));
  }
}

class Cards {
 public:
  explicit Cards(bool companies) : companies_(companies) { out_.format = FileFormat::vcard; }

  void add(const VCard& card) {
    row_ = {card.line, std::vector<std::string>(out_.header.size()), {}};
    if (card.fault != VCardFault::none) row_.fault = "vcard." + std::string(name_of(card.fault));
    const bool of_company = companies_ && !card.organisation.empty();
    put("name", of_company ? card.organisation : card.formatted);
    if (!companies_) put("customer", card.organisation);
    if (of_company && card.formatted != card.organisation) put("contact", card.formatted);
    put(companies_ ? "contact_title" : "title", card.title);
    for (std::size_t i = 0; i < std::min(card.phones.size(), kWaysMax); ++i)
      put(numbered("phone", i), card.phones[i].text);
    for (std::size_t i = 0; i < std::min(card.emails.size(), kWaysMax); ++i)
      put(numbered("email", i), card.emails[i].text);
    if (!card.addresses.empty()) put("address", card.addresses.front().text());
    put("birthday", card.birthday);
    put("notes", card.note);
    put("external_number", card.uid);
    put(std::string(kCardFormColumn), card.own_form);
    put(std::string(kCardRecordColumn), card.own_record);
    out_.rows.push_back(std::move(row_));
  }

  ImportTable take() {
    for (auto& row : out_.rows) row.cells.resize(out_.header.size());
    return std::move(out_);
  }
  std::size_t count() const { return out_.rows.size(); }

 private:
  static std::string numbered(const std::string& name, std::size_t i) {
    return i == 0 ? name : name + "." + std::to_string(i + 1);
  }
  // Columns come to be when something is in them.
  void put(const std::string& column, const std::string& text) {
    if (text.empty()) return;
    const auto known = std::ranges::find(out_.header, column);
    const auto at = static_cast<std::size_t>(known - out_.header.begin());
    if (known == out_.header.end()) out_.header.push_back(column);
    if (row_.cells.size() <= at) row_.cells.resize(at + 1);
    row_.cells[at] = text;
  }

  bool companies_;
  ImportTable out_;
  ImportTable::Row row_;
};

Result<ImportTable> read_vcards(View file, const TableOptions& options) {
  SATCHEL_GET(reader, VCardReader::open(file));
  Cards cards(options.companies);
  for (VCard card; reader.next(card);) {
    if (cards.count() == kRowsMax) return too_many(kRowsMax);
    cards.add(card);
  }
  return cards.take();
}

}  // namespace

std::string_view name_of(FileFormat format) {
  static constexpr std::string_view kNames[] = {"csv", "xlsx", "vcard"};
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<std::size_t> ImportTable::column(std::string_view name) const {
  const auto at = std::ranges::find(header, name);
  if (at == header.end()) return std::nullopt;
  return static_cast<std::size_t>(at - header.begin());
}

Result<ImportTable> read_table(View file, const TableOptions& options) {
  if (looks_like_xlsx(file)) return read_xlsx(file, options);
  if (!options.sheet.empty()) return fail(ErrorKind::usage, "import.no-sheets", options.sheet);
  if (looks_like_vcard(file)) return read_vcards(file, options);
  return read_csv(file, options);
}

}  // namespace satchel::field
