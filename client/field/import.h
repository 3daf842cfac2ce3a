// SPDX-License-Identifier: AGPL-3.0-or-later
// Customers from a CSV file: encoding and delimiter are found out, columns are mapped to fields (those named like a
// field map themselves), every row is checked before anything is written, and each row gets a status and a message. The
// result file has the original columns and those two, so that wrong rows can be corrected there and fed in again:
// rows already imported are passed over, by their status or by their external number; rows whose cells did not fit the
// columns stay out until a person has cleared their status.
// Destinations besides fields: owner (people's names), original_author, original_date.
#pragma once

#include "client/field/customers.h"
#include "schema/exchange/encoding.h"

namespace satchel::field {

struct ImportOptions {
  std::vector<std::pair<std::string, std::string>> map;  // column -> field id or label
  std::vector<PersonId> owners;                          // of every row
  std::optional<TextEncoding> encoding;
  bool apply = false;
  bool doubles_too = false;  // also rows whose phone another customer has
};

enum class RowStatus : std::uint8_t { ready, imported, skipped, double_, error };
std::string_view name_of(RowStatus status);  // "ready", "imported", "skipped", "double", "error"

struct ImportRow {
  std::size_t line = 0;
  std::string name;
  RowStatus status = RowStatus::ready;
  std::string message;
  std::string number;  // once imported
};

struct ImportResult {
  TextEncoding encoding = TextEncoding::utf8;
  char delimiter = ',';
  std::vector<std::pair<std::string, std::string>> mapped;  // column -> field id
  std::vector<std::string> unmapped;                        // columns left out
  std::vector<ImportRow> rows;
  std::string result_csv;
  std::size_t count(RowStatus status) const;
};

// Errors of the whole file: text.encoding, csv.*, usage "import.no-such-column", "import.mapped-twice", "field.*",
// "import.no-name". `words` puts an error into the person's language for a row's message.
Result<ImportResult> import_customers(Book& book, View file, const ImportOptions& options,
                                      const std::function<std::string(const Error&)>& words);

}  // namespace satchel::field
