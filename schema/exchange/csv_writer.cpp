// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "schema/exchange/csv.h"

namespace satchel {

namespace {

// Skipped in front: spreadsheets trim them, or drop them as quotes around text.
constexpr std::string_view kSkipped[] = {" ", "\"", "'", "\n", "\v", "\f", "\u00a0", "\u3000", "\u200b", "\ufeff"};
constexpr std::string_view kStarts[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
// Any of them would part cells in some locale's spreadsheet.
constexpr std::string_view kParts = ",;\t|\r\n";

bool parts_cells(char c) { return kParts.find(c) != std::string_view::npos; }

std::string_view skip_front(std::string_view text, std::string_view more_skipped) {
  for (bool more = true; more;) {
    more = false;
    while (!text.empty() && more_skipped.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    for (const auto skip : kSkipped) {
      if (!text.starts_with(skip)) continue;
      text.remove_prefix(skip.size());
      more = true;
    }
  }
  return text;
}

// Bytes of the formula's first character, 0 when there is none.
std::size_t start_of(std::string_view text) {
  for (const auto s : kStarts)
    if (text.starts_with(s)) return s.size();
  return 0;
}

// Behind a separator, which would begin a cell only in a spreadsheet that takes it for the delimiter: a list's "- " and
// a sum's "+ " are let be.
bool formula_inside(std::string_view text) {
  text = skip_front(text, {"\t\r\0", 3});
  const auto size = start_of(text);
  if (size == 0) return false;
  const bool sign = text.front() == '+' || text.front() == '-';
  return !(sign && text.size() > size && text[size] == ' ');
}

}  // namespace

bool looks_like_formula(std::string_view text) {
  text = skip_front(text, {});
  if (text.empty()) return false;
  if (text.front() == '\t' || text.front() == '\r' || text.front() == '\0') return true;
  return start_of(text) > 0;
}

std::string guard_formulas(std::string_view text) {
  std::string out;
  if (looks_like_formula(text)) out.push_back('\'');
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.push_back(text[i]);
    if (parts_cells(text[i]) && formula_inside(text.substr(i + 1))) out.push_back('\'');
  }
  return out;
}

// Quotes are among what is skipped, so a text is judged the same with guards in it and without.
std::string unguard_formulas(std::string_view text) {
  std::string out;
  if (text.starts_with('\'') && looks_like_formula(text.substr(1))) text.remove_prefix(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.push_back(text[i]);
    const auto rest = text.substr(i + 1);
    if (parts_cells(text[i]) && rest.starts_with('\'') && formula_inside(rest.substr(1))) ++i;
  }
  return out;
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
  const std::string text = guard_formulas(cell.text);
  // At a file's beginning a mark or a hint would be taken as such.
  const bool quotes = text.size() != cell.text.size() || text.find_first_of(kParts) != std::string::npos ||
                      text.find_first_of({'"', delimiter_}) != std::string::npos || text.starts_with(' ') ||
                      text.ends_with(' ') || (alone && text.empty()) || text.starts_with("\ufeff") ||
                      text.starts_with("sep=");
  if (quotes) out_.push_back('"');
  for (const char c : text) {
    if (c == '"') out_.push_back('"');
    out_.push_back(c);
  }
  if (quotes) out_.push_back('"');
}

}  // namespace satchel
