// SPDX-License-Identifier: AGPL-3.0-or-later
// Customers, or records of any form, from a CSV file, an Excel sheet or visiting cards: the format is found out,
// columns are mapped to fields (those named like a field map themselves), every row is checked before anything is
// written, and each row gets a status and a message. The result file has the original columns and `_satchel_status`,
// `_satchel_message` and `_satchel_number`, so that wrong rows can be corrected there and fed in again: rows that are
// in are passed over, by their status, by their external number, or because the same file came in before; all others
// are judged anew, but rows whose cells did not fit the columns stay out until a person has cleared their status. Every
// run has an id by which it is undone (import_undo.h). Destinations besides fields: owner (people's names) of
// customers; customer (whole name, number or external number) of their records; original_author, original_date; number,
// to update by it.
#pragma once

#include "client/field/customers.h"
#include "client/field/import_table.h"

namespace satchel::field {

using ColumnMap = std::vector<std::pair<std::string, std::string>>;  // column -> field id, label or destination

struct ImportOptions {
  ColumnMap map;
  std::vector<PersonId> owners;  // of every row
  std::optional<TextEncoding> encoding;
  bool apply = false;
  bool doubles_too = false;  // also rows whose phone another customer has
  std::string into;          // a template; empty: customers
  std::string sheet;         // of a workbook
  std::string file;          // its name, for people
  ColumnMap set;             // field -> value of every row that has no column for it
  std::string update_by;     // a field: rows that find their record by it change it; empty: every row is new
  bool again = false;        // also lines that an earlier import of the same file wrote
};

enum class RowStatus : std::uint8_t { ready, imported, updated, skipped, double_, error };
std::string_view name_of(RowStatus status);  // "ready", "imported", "updated", "skipped", "double", "error"

struct ImportRow {
  std::size_t line = 0;
  std::string name;
  RowStatus status = RowStatus::ready;
  std::string message;
  std::string number;                                        // of the customer, once it has one
  bool update = false;                                       // of something that is there
  std::vector<std::pair<std::string, std::string>> preview;  // label, text as it would be stored; of the first rows
};

struct ImportResult {
  std::string id;    // of this import; empty when nothing was written
  std::string into;  // template
  FileFormat format = FileFormat::csv;
  TextEncoding encoding = TextEncoding::utf8;
  char delimiter = ',';
  std::string sheet;
  ColumnMap mapped;                   // column -> field id
  std::vector<std::string> unmapped;  // columns left out
  std::vector<ImportRow> rows;
  std::string result_csv;
  std::size_t count(RowStatus status) const;
};

// Errors of the whole file: those of read_table, "template.unknown", "field.*", usage "import.no-such-column",
// "import.mapped-twice", "import.no-name", "import.no-customer" (records without a column for it),
// "import.no-such-key". `words` puts an error into the person's language for a row's message.
Result<ImportResult> import_records(Book& book, View file, const ImportOptions& options,
                                    const std::function<std::string(const Error&)>& words);

}  // namespace satchel::field
