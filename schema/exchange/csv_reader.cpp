// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <array>
#include <set>

#include "schema/exchange/csv.h"
#include "schema/template/field_text.h"

namespace satchel {

namespace {

constexpr std::array<char, 4> kDelimiters = {',', ';', '\t', '|'};
constexpr std::size_t kRowsLookedAt = 20;
constexpr std::size_t kBytesLookedAt = 64 * 1024;
constexpr std::string_view kMark = "\xef\xbb\xbf";

// Excel's hint "sep=;" alone in the first line.
std::optional<char> take_hint(std::string_view& text) {
  const bool hint = text.size() >= 5 && text.starts_with("sep=") && text[4] != '\r' && text[4] != '\n';
  if (!hint || (text.size() > 5 && text[5] != '\r' && text[5] != '\n')) return std::nullopt;
  const char delimiter = text[4];
  text.remove_prefix(5);
  if (text.starts_with('\r')) text.remove_prefix(1);
  if (text.starts_with('\n')) text.remove_prefix(1);
  return delimiter;
}

// Cells of each of the first rows; quotes hide delimiters and line ends.
std::vector<std::size_t> count_cells(std::string_view text, char delimiter) {
  std::vector<std::size_t> counts;
  std::size_t cells = 1;
  bool quoted = false, any = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    any = true;
    if (quoted) continue;
    if (c == delimiter) ++cells;
    if (c != '\n') continue;
    counts.push_back(cells);
    if (counts.size() == kRowsLookedAt) return counts;
    cells = 1;
    any = false;
  }
  if (any) counts.push_back(cells);
  return counts;
}

}  // namespace

std::string_view name_of(CsvFault fault) {
  static constexpr std::string_view kNames[] = {
      "none", "too-few-cells", "too-many-cells", "unterminated-quote", "text-after-quote", "too-long"};
  return kNames[static_cast<std::size_t>(fault)];
}

char detect_delimiter(std::string_view text) {
  text = text.substr(0, kBytesLookedAt);
  char best = ',';
  std::size_t best_agree = 0, best_cells = 1;
  for (const char candidate : kDelimiters) {
    const auto counts = count_cells(text, candidate);
    if (counts.empty() || counts.front() < 2) continue;
    const auto agree = static_cast<std::size_t>(std::ranges::count(counts, counts.front()));
    if (agree < best_agree || (agree == best_agree && counts.front() <= best_cells)) continue;
    best = candidate;
    best_agree = agree;
    best_cells = counts.front();
  }
  return best;
}

Result<CsvReader> CsvReader::open(std::string_view utf8, CsvOptions options) {
  if (utf8.starts_with(kMark)) utf8.remove_prefix(kMark.size());
  const auto before = utf8.size();
  const auto hint = options.delimiter == 0 ? take_hint(utf8) : std::nullopt;
  if (options.delimiter == 0) options.delimiter = hint ? *hint : detect_delimiter(utf8);
  CsvReader reader(utf8, std::move(options));
  if (utf8.size() != before) reader.line_ = 2;
  if (!reader.options_.header) return reader;
  SATCHEL_TRY(reader.read_header());
  return reader;
}

Result<void> CsvReader::read_header() {
  CsvRow row;
  if (!read_row(row)) return fail(ErrorKind::invalid, "csv.empty");
  if (row.fault != CsvFault::none) return fail(ErrorKind::invalid, "csv.header", std::string(name_of(row.fault)));
  std::set<std::string_view> seen;
  for (auto& name : row.cells) name = std::string(trim_blanks(name));
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const auto& name = row.cells[i];
    if (name.empty() || !seen.insert(name).second)
      return fail(ErrorKind::invalid, "csv.header", std::to_string(i + 1) + ": " + (name.empty() ? "-" : name));
  }
  header_ = std::move(row.cells);
  if (options_.repair_extra_cells_in.empty()) return {};
  repair_ = column(options_.repair_extra_cells_in);
  if (!repair_) return fail(ErrorKind::usage, "csv.no-such-column", options_.repair_extra_cells_in);
  return {};
}

std::optional<std::size_t> CsvReader::column(std::string_view name) const {
  const auto at = std::ranges::find(header_, name);
  if (at == header_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - header_.begin());
}

bool CsvReader::next(CsvRow& row) {
  if (!read_row(row)) return false;
  if (options_.header && row.fault == CsvFault::none) fit(row);
  return true;
}

bool CsvReader::read_row(CsvRow& row) {
  while (rest_.starts_with('\n') || rest_.starts_with('\r')) {
    rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
    ++line_;
  }
  row.cells.clear();
  row.fault = CsvFault::none;
  row.repaired = false;
  row.line = line_;
  if (rest_.empty()) return false;
  for (;;) {
    read_cell(row);
    if (rest_.starts_with(options_.delimiter)) {
      rest_.remove_prefix(1);
      continue;
    }
    if (rest_.starts_with("\r\n"))
      rest_.remove_prefix(2);
    else if (!rest_.empty())
      rest_.remove_prefix(1);  // a line end, as read_cell stops nowhere else
    ++line_;
    return true;
  }
}

// Up to the next delimiter or line end; a lone CR ends a line too.
void CsvReader::read_cell(CsvRow& row) {
  std::string cell;
  const bool quoted = rest_.starts_with('"');
  if (quoted) read_quoted(row, cell);
  const char stops[] = {options_.delimiter, '\r', '\n'};
  const auto end = std::min(rest_.find_first_of(std::string_view(stops, sizeof stops)), rest_.size());
  if (end > 0) {
    if (quoted && row.fault == CsvFault::none) row.fault = CsvFault::text_after_quote;
    cell.append(rest_.substr(0, std::min(end, kCsvCellBytesMax + 1)));
    rest_.remove_prefix(end);
  }
  finish_cell(cell, quoted);
  if (cell.size() > kCsvCellBytesMax || row.cells.size() >= kCsvColumnsMax)
    row.fault = CsvFault::too_long;
  else
    row.cells.push_back(std::move(cell));
}

void CsvReader::read_quoted(CsvRow& row, std::string& cell) {
  std::string_view left = rest_.substr(1);
  for (;;) {
    const auto quote = left.find('"');
    if (quote == std::string_view::npos) {
      // The reading ends here: what follows the open quote cannot be told apart.
      row.fault = CsvFault::unterminated_quote;
      rest_ = {};
      return;
    }
    if (cell.size() <= kCsvCellBytesMax) cell.append(left.substr(0, quote));
    line_ += static_cast<std::size_t>(std::ranges::count(left.substr(0, quote), '\n'));
    left.remove_prefix(quote + 1);
    if (!left.starts_with('"')) break;
    cell.push_back('"');
    left.remove_prefix(1);
  }
  rest_ = left;
}

void CsvReader::finish_cell(std::string& cell, bool quoted) const {
  if (!quoted && !options_.null_word.empty() && cell == options_.null_word) cell.clear();
  if (options_.unguard && cell.find('\'') != std::string::npos) cell = unguard_formulas(cell);
}

void CsvReader::fit(CsvRow& row) {
  if (row.cells.size() < header_.size()) row.fault = CsvFault::too_few_cells;
  if (row.cells.size() <= header_.size()) return;
  if (!repair_) {
    row.fault = CsvFault::too_many_cells;
    return;
  }
  const auto first = row.cells.begin() + static_cast<std::ptrdiff_t>(*repair_);
  const auto extra = static_cast<std::ptrdiff_t>(row.cells.size() - header_.size());
  for (auto cell = first + 1; cell <= first + extra; ++cell) *first += options_.delimiter + *cell;
  row.cells.erase(first + 1, first + 1 + extra);
  row.repaired = true;
}

}  // namespace satchel
