// SPDX-License-Identifier: AGPL-3.0-or-later
// Customers, or records of a form, out into a file: CSV, Excel, visiting cards, JSON lines that `add --stdin` takes
// back. Only what this person may read here, by construction; sensitive fields only when asked for. The reading is
// noted with its purpose (sync/holder/reading_note.h) before the file is begun, and its count before the file takes its
// name: nothing leaves without a trace, and neither does what an interrupted export left aside.
#pragma once

#include "client/field/customers.h"

namespace satchel::field {

enum class ExportFormat : std::uint8_t { csv, xlsx, vcard, jsonl };
inline constexpr std::string_view kExportFormatNames[] = {"csv", "xlsx", "vcard", "jsonl"};

struct ExportOptions {
  std::string what;  // a template; empty or "customers": customers
  ExportFormat format = ExportFormat::csv;
  std::string out;
  std::string purpose;
  std::string customer;       // only this one's
  std::vector<Typed> filter;  // all must hold; of a list field, one of its values
  bool sensitive = false;
};

struct Exported {
  std::string what;
  std::size_t records = 0;
  std::size_t locked = 0;             // customers whose archive does not open here: not in it
  std::vector<std::string> left_out;  // labels of sensitive fields
};

// Errors: usage "export.no-purpose", "export.no-vcard" (a form that is neither customer nor contact), "field.*";
// not_found "template.unknown", "customer.not-found"; failed "file.exists"; storage "file.io".
Result<Exported> export_records(Book& book, const ExportOptions& options);

}  // namespace satchel::field
