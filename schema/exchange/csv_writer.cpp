// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "schema/exchange/csv.h"

namespace satchel {

namespace {

// Skipped in front: spreadsheets trim them, or drop them as quotes around text.
constexpr std::string_view kSkipped[] = {" ", "\"", "'", "\n", "\v", "\f", "\u00a0", "\u3000", "\u200b", "\ufeff"};
constexpr std::string_view kStarts[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
// Any of them would part cells in some locale's spreadsheet.
constexpr std::string_view kNeedsQuotes = ",;\t|\"\r\n";

}  // namespace

bool looks_like_formula(std::string_view text) {
  for (bool more = true; more;) {
    more = false;
    for (const auto skip : kSkipped) {
      if (!text.starts_with(skip)) continue;
      text.remove_prefix(skip.size());
      more = true;
    }
  }
  if (text.empty()) return false;
  if (text.front() == '\t' || text.front() == '\r' || text.front() == '\0') return true;
  return std::ranges::any_of(kStarts, [&](std::string_view s) { return text.starts_with(s); });
}

bool is_plain_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  return std::ranges::count(text, '.') <= 1 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

CsvWriter::CsvWriter(bool byte_order_mark, char delimiter) : delimiter_(delimiter) {
  if (byte_order_mark) out_ = "\xef\xbb\xbf";
}

void CsvWriter::row(const std::vector<CsvCell>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out_.push_back(delimiter_);
    put(cells[i], cells.size() == 1);
  }
  out_ += "\r\n";
}

void CsvWriter::row(const std::vector<std::string>& texts) {
  std::vector<CsvCell> cells;
  for (const auto& text : texts) cells.push_back({text, false});
  row(cells);
}

void CsvWriter::put(const CsvCell& cell, bool alone) {
  // A cell is believed to be a number only when it reads as one.
  if (cell.number && is_plain_number(cell.text)) {
    out_ += cell.text;
    return;
  }
  const bool guard = looks_like_formula(cell.text);
  const bool quotes = guard || cell.text.find_first_of(kNeedsQuotes) != std::string::npos ||
                      cell.text.find(delimiter_) != std::string::npos || cell.text.starts_with(' ') ||
                      cell.text.ends_with(' ') || (alone && cell.text.empty());
  if (quotes) out_.push_back('"');
  if (guard) out_.push_back('\'');
  for (const char c : cell.text) {
    if (c == '"') out_.push_back('"');
    out_.push_back(c);
  }
  if (quotes) out_.push_back('"');
}

}  // namespace satchel
