// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/text_table.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace satchel {

namespace {

constexpr std::string_view kReplacement = "\ufffd";
constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kGap = "  ";

// Takes one character off the front of `rest`; negative when it is not UTF-8 (one byte is taken).
UChar32 take_character(std::string_view& rest) {
  std::int32_t i = 0;
  UChar32 c = 0;
  const auto length = static_cast<std::int32_t>(std::min<std::size_t>(rest.size(), 8));
  U8_NEXT(rest.data(), i, length, c);
  rest.remove_prefix(c < 0 ? 1 : static_cast<std::size_t>(i));
  return c;
}

std::size_t width_of(UChar32 c) {
  if (c < 0) return 1;
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return c == 0xad ? 1 : 0;
    case U_CONTROL_CHAR:
      return 0;
    default:
      break;
  }
  const auto width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

bool turns_direction(UChar32 c) { return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069); }

void pad(std::string& line, std::string_view cell, std::size_t width, bool right) {
  const std::size_t blanks = width - std::min(width, display_width(cell));
  if (right) line.append(blanks, ' ');
  line += cell;
  if (!right) line.append(blanks, ' ');
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) width += width_of(take_character(utf8));
  return width;
}

std::string cut_to_width(std::string_view utf8, std::size_t width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  std::string_view rest = utf8;
  std::size_t used = 0, kept = 0;
  while (!rest.empty()) {
    const std::size_t next = width_of(take_character(rest));
    if (used + next + 1 > width) break;
    used += next;
    kept = utf8.size() - rest.size();
  }
  return std::string(utf8.substr(0, kept)) + std::string(width > 0 ? kEllipsis : "");
}

std::string printable(std::string_view utf8) {
  std::string out;
  while (!utf8.empty()) {
    const std::string_view before = utf8;
    const UChar32 c = take_character(utf8);
    if (c < 0 || turns_direction(c))
      out += kReplacement;
    else if (u_charType(c) == U_CONTROL_CHAR || c == 0x2028 || c == 0x2029)
      out.push_back(' ');
    else
      out += before.substr(0, before.size() - utf8.size());
  }
  return out;
}

void TextTable::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = cut_to_width(printable(cells[i]), columns_[i].width_max);
  rows_.push_back({std::move(cells), false});
}

void TextTable::rule() { rows_.push_back({{}, true}); }

std::string TextTable::text() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (const auto& c : columns_) {
    titles.push_back(printable(c.title));
    widths.push_back(display_width(titles.back()));
  }
  for (const auto& r : rows_)
    for (std::size_t i = 0; i < r.cells.size(); ++i) widths[i] = std::max(widths[i], display_width(r.cells[i]));
  std::size_t across = columns_.empty() ? 0 : (columns_.size() - 1) * kGap.size();
  for (const auto w : widths) across += w;

  std::string out;
  const auto put = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += kGap;
      pad(line, cells[i], widths[i], columns_[i].right);
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  };
  put(titles);
  out += std::string(across, '-') + "\n";
  for (const auto& r : rows_) {
    if (r.rule)
      out += std::string(across, '-') + "\n";
    else
      put(r.cells);
  }
  return out;
}

}  // namespace satchel
