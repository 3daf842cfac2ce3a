// SPDX-License-Identifier: AGPL-3.0-or-later
// Excel workbooks: a report with its groups, subtotals and chart, and plain tables for exports. Numbers and dates are
// numbers and dates; everything else is text, so that nothing from a record can ever become a formula or a link.
// The library behind it writes files and not memory, row by row, with its own temporary files in the target's folder:
// that is why these take a path, unlike the rest of the room. Of numbers beyond 15 digits, which Excel would round, and
// dates before March 1900 the text is written.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "schema/template/report.h"

namespace satchel {

inline constexpr std::size_t kXlsxRowsMax = 1'048'576;  // of a sheet, by the format

// Title, parameters, a bold frozen header, groups with their subtotals before their lines, totals, and what else a
// report says of itself (`footer`, line by line). storage "file.io"; failed "xlsx.too-many-rows".
Result<void> write_report_xlsx(const ReportResult& result, Lang lang, const std::string& footer,
                               const std::string& file);

struct XlsxColumn {
  std::string title;
  FieldType type = FieldType::text;
};

class XlsxTable {
 public:
  // storage "file.io".
  static Result<XlsxTable> create(const std::string& file, const std::string& sheet,
                                  std::span<const XlsxColumn> columns);
  XlsxTable(XlsxTable&&) noexcept;
  ~XlsxTable();
  // One cell a column. failed "xlsx.too-many-rows".
  Result<void> row(std::span<const ReportCell> cells);
  // Only now is the file there.
  Result<void> finish();

 private:
  struct Inside;
  explicit XlsxTable(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace satchel
