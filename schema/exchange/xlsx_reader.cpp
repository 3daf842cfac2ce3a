// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_reader.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <set>

#include "schema/base/value.h"
#include "schema/exchange/csv.h"
#include "schema/exchange/xlsx_book.h"

namespace satchel {

namespace {

constexpr std::size_t kColumnsMax = kCsvColumnsMax;

// "AB12" → 27; nothing when it is no cell's name.
std::optional<std::size_t> column_of(std::string_view cell) {
  std::size_t out = 0, letters = 0;
  for (const char c : cell) {
    if (c < 'A' || c > 'Z') break;
    if (++letters > 3) return std::nullopt;
    out = out * 26 + static_cast<std::size_t>(c - 'A') + 1;
  }
  if (letters == 0) return std::nullopt;
  return out - 1;
}

bool blank(const std::vector<std::string>& cells) { return std::ranges::all_of(cells, &std::string::empty); }

std::string trimmed(std::string text) {
  const auto edge = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && edge(text.back())) text.pop_back();
  while (!text.empty() && edge(text.front())) text.erase(0, 1);
  return text;
}

}  // namespace

std::string_view name_of(XlsxFault fault) {
  static constexpr std::string_view kNames[] = {"none", "error-value", "too-many-cells", "not-utf8"};
  return kNames[static_cast<std::size_t>(fault)];
}

struct XlsxReader::Inside {
  ZipView zip;
  XlsxLimits limits;
  XlsxBook book;
  SharedTexts shared;
  std::string sheet;
  std::optional<ZipView::Member> member;
  std::optional<XmlPieces> rows;
  std::vector<std::string> header;
  std::size_t line = 0;
  std::string piece;

  Inside(ZipView z, XlsxLimits l) : zip(std::move(z)), limits(l) {}
  Result<void> start(const std::string& wanted);
  Result<bool> read_row(XlsxRow& row);
  void read_cell(const pugi::xml_node& cell, XlsxRow& row);
  std::string text_of(const pugi::xml_node& cell, XlsxRow& row) const;
};

std::string XlsxReader::Inside::text_of(const pugi::xml_node& cell, XlsxRow& row) const {
  const std::string_view type = cell.attribute("t").value();
  if (type == "inlineStr") return unescape_controls(rich_text(child_of(cell, "is")));
  const std::string_view value = child_of(cell, "v").child_value();
  if (type == "s") {
    std::size_t at = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), at);
    if (end.ec != std::errc() || at >= shared.size()) {
      row.fault = XlsxFault::error_value;
      return {};
    }
    return std::string(shared.at(at));
  }
  if (type == "str") return unescape_controls(value);
  if (type == "b") return value == "1" || value == "true" ? "true" : value.empty() ? "" : "false";
  if (type == "e") {
    row.fault = XlsxFault::error_value;
    return std::string(value);
  }
  if (type == "d") {  // ISO 8601
    std::string out(value.substr(0, value.find('.')));
    std::ranges::replace(out, 'T', ' ');
    return out.ends_with(" 00:00:00") ? out.substr(0, 10) : out;
  }
  return number_text(value, book.format(cell.attribute("s").as_uint()), book.from_1904);
}

void XlsxReader::Inside::read_cell(const pugi::xml_node& cell, XlsxRow& row) {
  const auto named = column_of(cell.attribute("r").value());
  const std::size_t column = named.value_or(row.cells.size());
  std::string text = text_of(cell, row);
  if (text.empty() && column >= row.cells.size()) return;  // formatted, and nothing in it
  if (column >= kColumnsMax || text.size() > kCsvCellBytesMax) {
    row.fault = XlsxFault::too_many_cells;
    return;
  }
  if (!is_utf8(text)) {
    row.fault = XlsxFault::not_utf8;
    text.clear();
  }
  if (row.cells.size() <= column) row.cells.resize(column + 1);
  row.cells[column] = std::move(text);
}

Result<bool> XlsxReader::Inside::read_row(XlsxRow& row) {
  for (;;) {
    SATCHEL_GET(found, rows->next(piece));
    if (!found) return false;
    pugi::xml_document tree;
    if (!parse_piece(tree, piece)) return fail(ErrorKind::invalid, "xlsx.damaged", sheet);
    const auto node = tree.first_child();
    const auto numbered = node.attribute("r").as_ullong();
    line = numbered > 0 ? numbered : line + 1;
    row.line = line;
    row.cells.clear();
    row.fault = XlsxFault::none;
    for (const auto& cell : node.children()) {
      if (local_name(cell) == "c") read_cell(cell, row);
    }
    if (!blank(row.cells) || row.fault != XlsxFault::none) return true;
  }
}

Result<void> XlsxReader::Inside::start(const std::string& wanted) {
  SATCHEL_GET(read, read_book(zip, limits));
  book = std::move(read);
  const auto* chosen = book.find(wanted);
  if (chosen == nullptr) {
    std::string known;
    for (const auto& s : book.sheets) known += (known.empty() ? "" : ", ") + s.name;
    return fail(ErrorKind::invalid, "xlsx.no-such-sheet", wanted + " (" + known + ")");
  }
  sheet = chosen->name;
  if (!book.shared_part.empty()) SATCHEL_TRY(shared.read(zip, book.shared_part, limits));
  SATCHEL_GET(opened, zip.member(chosen->part));
  member.emplace(std::move(opened));
  rows.emplace([this](std::string& out) { return member->next(out); }, "row", limits.row_bytes);
  XlsxRow first;
  SATCHEL_GET(any, read_row(first));
  if (!any) return fail(ErrorKind::invalid, "xlsx.empty", sheet);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < first.cells.size(); ++i) {
    auto name = trimmed(std::move(first.cells[i]));
    if (name.empty() || !seen.insert(name).second)
      return fail(ErrorKind::invalid, "xlsx.header", std::to_string(i + 1) + ": " + (name.empty() ? "-" : name));
    header.push_back(std::move(name));
  }
  if (first.fault != XlsxFault::none || header.empty())
    return fail(ErrorKind::invalid, "xlsx.header", std::string(name_of(first.fault)));
  return {};
}

XlsxReader::XlsxReader(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
XlsxReader::XlsxReader(XlsxReader&&) noexcept = default;
XlsxReader::~XlsxReader() = default;

Result<XlsxReader> XlsxReader::open(View file, XlsxOptions options) {
  SATCHEL_GET(zip, ZipView::open(file, options.limits.unfolded_bytes));
  auto inside = std::make_unique<Inside>(std::move(zip), options.limits);
  SATCHEL_TRY(inside->start(options.sheet));
  return XlsxReader(std::move(inside));
}

const std::string& XlsxReader::sheet() const { return inside_->sheet; }
const std::vector<std::string>& XlsxReader::sheets() const { return inside_->book.names; }
const std::vector<std::string>& XlsxReader::header() const { return inside_->header; }

Result<bool> XlsxReader::next(XlsxRow& row) {
  SATCHEL_GET(found, inside_->read_row(row));
  if (!found) return false;
  const auto width = inside_->header.size();
  if (row.cells.size() > width) {
    if (row.fault == XlsxFault::none) row.fault = XlsxFault::too_many_cells;
    // What stands outside the table is kept with its last cell, so that the row can be shown whole.
    for (std::size_t i = width; i < row.cells.size(); ++i) {
      if (!row.cells[i].empty()) row.cells[width - 1] += " " + row.cells[i];
    }
  }
  row.cells.resize(width);
  return true;
}

bool looks_like_xlsx(View file) {
  return text(file).starts_with("PK\x03\x04") || text(file).starts_with("\xd0\xcf\x11\xe0");
}

}  // namespace satchel
