// SPDX-License-Identifier: AGPL-3.0-or-later
// One sheet of an Excel workbook (ECMA-376) as rows of texts, like CsvReader's. Dates become 2026-11-22 and times
// 14:05 by their cell's number format; a formula gives the value that was last worked out; hidden sheets are passed
// over unless named. Rows are read one at a time and nothing is unfolded beyond XlsxLimits, so a hostile file costs
// no more than an honest one. The bytes must outlive the reader.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schema/base/bytes.h"
#include "schema/base/result.h"

namespace satchel {

struct XlsxLimits {
  std::size_t unfolded_bytes = 1024UL * 1024 * 1024;  // of all parts together: streamed, never in memory
  std::size_t part_bytes = 16UL * 1024 * 1024;        // of workbook, styles and relations, which are read whole
  std::size_t shared_bytes = 256UL * 1024 * 1024;     // of all shared texts, which stay in memory
  std::size_t row_bytes = 16UL * 1024 * 1024;         // of a row or a shared text with its markup; of a row's texts
  std::size_t rows = 1'048'576;                       // of a sheet, empty ones too, by the format
};

struct XlsxOptions {
  std::string sheet;  // by name; empty: the first that is not hidden
  XlsxLimits limits;
};

enum class XlsxFault : std::uint8_t { none, error_value, too_many_cells, not_utf8 };
std::string_view name_of(XlsxFault fault);  // "error-value", ...

struct XlsxRow {
  std::size_t line = 0;  // the row's number in the sheet, from 1
  std::vector<std::string> cells;
  XlsxFault fault = XlsxFault::none;
};

class XlsxReader {
 public:
  // Errors, all invalid: xlsx.not-a-workbook, xlsx.old-or-locked, xlsx.damaged (with the part), xlsx.too-large,
  // xlsx.no-such-sheet (with those there are), xlsx.empty, xlsx.header (an empty or a repeated name in the first row
  // that has anything).
  static Result<XlsxReader> open(View file, XlsxOptions options = {});
  XlsxReader(XlsxReader&&) noexcept;
  ~XlsxReader();

  const std::string& sheet() const;
  const std::vector<std::string>& sheets() const;
  const std::vector<std::string>& header() const;
  // False at the end. Rows without any text are skipped; each has as many cells as the header.
  Result<bool> next(XlsxRow& row);

 private:
  struct Inside;
  explicit XlsxReader(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// Whether the bytes begin as a ZIP archive does, or as an old Excel file.
bool looks_like_xlsx(View file);

}  // namespace satchel
