// SPDX-License-Identifier: AGPL-3.0-or-later
// Comma-separated values, RFC 4180, over text already decoded (encoding.h).
// The reader walks a view that must outlive it and holds one row at a time; a row that is wrong is given with its
// fault and the reading goes on, except after an unterminated quote, which would swallow the rest of the file.
// The writer makes files that a spreadsheet opens without running anything: a text that a spreadsheet would take
// for a formula gets a quote (') in front, numbers stay numbers. The reader takes that quote off again, so that
// what was written is what is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/result.h"

namespace satchel {

inline constexpr std::size_t kCsvColumnsMax = 1024;
inline constexpr std::size_t kCsvCellBytesMax = 1024 * 1024;

struct CsvOptions {
  char delimiter = 0;                 // 0: found among , ; tab | from the first rows, or from a first line "sep=;"
  bool header = true;                 // the first row names the columns, and every row must have as many cells
  std::string null_word;              // an unquoted cell that says just this is empty
  std::string repair_extra_cells_in;  // surplus cells are joined again into this column: text with unquoted delimiters
  bool unguard = true;                // takes off the quote the writer put before a formula
};

enum class CsvFault : std::uint8_t {
  none,
  too_few_cells,
  too_many_cells,
  unterminated_quote,
  text_after_quote,
  too_long
};
std::string_view name_of(CsvFault fault);

struct CsvRow {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<std::string> cells;
  CsvFault fault = CsvFault::none;
  bool repaired = false;
};

class CsvReader {
 public:
  // Fails with csv.empty, csv.header (a fault, an empty or a repeated name in it), csv.no-such-column (to repair in).
  static Result<CsvReader> open(std::string_view utf8, CsvOptions options = {});

  const std::vector<std::string>& header() const { return header_; }
  std::optional<std::size_t> column(std::string_view name) const;
  char delimiter() const { return options_.delimiter; }
  // False at the end. Empty lines are skipped. With a header a row has as many cells as it, unless it has a fault.
  bool next(CsvRow& row);

 private:
  CsvReader(std::string_view text, CsvOptions options) : rest_(text), options_(std::move(options)) {}
  bool read_row(CsvRow& row);
  void read_cell(CsvRow& row);
  void read_quoted(CsvRow& row, std::string& cell);
  Result<void> read_header();
  void fit(CsvRow& row);
  void finish_cell(std::string& cell, bool quoted) const;

  std::string_view rest_;
  CsvOptions options_;
  std::size_t line_ = 1;
  std::vector<std::string> header_;
  std::optional<std::size_t> repair_;
};

// The delimiter under which the first rows agree best; ',' when nothing speaks for another.
char detect_delimiter(std::string_view utf8);

struct CsvCell {
  std::string text;
  bool number = false;  // an exact number, written as it is
};

class CsvWriter {
 public:
  explicit CsvWriter(bool byte_order_mark = false, char delimiter = ',');
  void row(const std::vector<CsvCell>& cells);
  void row(const std::vector<std::string>& texts);
  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void put(const CsvCell& cell, bool alone);
  std::string out_;
  char delimiter_;
};

// Whether a spreadsheet might run it: after blanks and quotes it begins with = + - @, their full-width forms, a tab, CR
// or NUL.
bool looks_like_formula(std::string_view text);
// Text with a ' before whatever a spreadsheet might run: at the front, and behind separators and line ends, because a
// spreadsheet of another locale parts cells there. unguard_formulas(guard_formulas(x)) is x, whatever x.
std::string guard_formulas(std::string_view text);
std::string unguard_formulas(std::string_view text);
// -12, 3.50: digits with at most one point and a leading minus.
bool is_plain_number(std::string_view text);

}  // namespace satchel
