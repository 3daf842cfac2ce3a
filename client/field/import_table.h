// SPDX-License-Identifier: AGPL-3.0-or-later
// A file somebody has, as a table: CSV, an Excel sheet, or visiting cards, found out from the bytes. Rows that are
// wrong are kept with their fault; the whole table stays in memory, because every row is checked before any is written.
#pragma once

#include "schema/base/bytes.h"
#include "schema/base/result.h"
#include "schema/exchange/encoding.h"

namespace satchel::field {

enum class FileFormat : std::uint8_t { csv, xlsx, vcard };
std::string_view name_of(FileFormat format);  // "csv", "xlsx", "vcard"

struct TableOptions {
  std::optional<TextEncoding> encoding;  // of CSV
  std::string sheet;                     // of a workbook
  bool companies = true;                 // visiting cards stand for their company, and the person is its contact
};

struct ImportTable {
  struct Row {
    std::size_t line = 0;
    std::vector<std::string> cells;  // as many as the header
    std::string fault;               // an error's code: "csv.too-few-cells"; empty: none
  };
  FileFormat format = FileFormat::csv;
  TextEncoding encoding = TextEncoding::utf8;
  char delimiter = ',';
  std::string sheet;
  std::vector<std::string> header;
  std::vector<Row> rows;

  std::optional<std::size_t> column(std::string_view name) const;
};

// Which form and record a card stands for that Satchel wrote.
inline constexpr std::string_view kCardFormColumn = "_satchel_form";
inline constexpr std::string_view kCardRecordColumn = "_satchel_record";

// Columns of visiting cards that fields answer to: name, customer, contact, title, contact_title, phone, email,
// address, birthday, notes, external_number; further ones, as phone.2, only by a mapping. Errors: text.encoding, csv.*,
// xlsx.*, vcard.none.
Result<ImportTable> read_table(View file, const TableOptions& options);

}  // namespace satchel::field
