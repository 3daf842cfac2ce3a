// SPDX-License-Identifier: AGPL-3.0-or-later
// The formats an export is written in, a record at a time. Rows of visiting cards may be of another form than the
// first. Part of exporting.h.
#pragma once

#include <filesystem>

#include "client/field/exporting.h"

namespace satchel::field {

struct ExportColumn {
  const Field* field = nullptr;  // null: owner, or the customer a record belongs to
  std::string title;
};

struct ExportRow {
  CustomerRef customer;
  RecordId record;
  std::vector<std::string> owners;  // of a customer
  FieldMap fields;
};

struct ExportShape {
  const Template* form = nullptr;
  bool customers = false;
  std::vector<ExportColumn> columns;
};

class ExportSink {
 public:
  virtual ~ExportSink() = default;
  virtual Result<void> put(const ExportShape& shape, const ExportRow& row) = 0;
  // The file takes its name. failed "file.exists".
  virtual Result<void> keep() = 0;

 protected:
  explicit ExportSink(Book& book) : book_(book) {}
  Book& book_;
};

Result<std::unique_ptr<ExportSink>> make_sink(Book& book, const ExportShape& shape, const ExportOptions& options);

// A value as files hold it: as people read it, the entries of a log a line each.
std::string export_text(Book& book, const Field& field, const Value& value);

}  // namespace satchel::field
