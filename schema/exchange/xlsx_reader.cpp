// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_reader.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <set>

#include "schema/base/value.h"
#include "schema/exchange/csv.h"
#include "schema/exchange/xlsx_book.h"
#include "schema/template/field_text.h"

namespace satchel {

namespace {

constexpr std::size_t kColumnsMax = kCsvColumnsMax;
constexpr std::size_t kNamesShownMax = 4096;  // bytes of sheets' names in an error

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

// A cell without a name stands right of the one before it; one whose name is none stands nowhere.
std::size_t place_of(const pugi::xml_node& cell, std::size_t next) {
  const std::string_view name = cell.attribute("r").value();
  return name.empty() ? next : column_of(name).value_or(kColumnsMax);
}

bool blank(const std::vector<std::string>& cells) { return std::ranges::all_of(cells, &std::string::empty); }

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
  std::size_t rows_read = 0;
  std::size_t given = 0;  // bytes of all cells so far
  std::string piece;

  Inside(ZipView z, XlsxLimits l) : zip(std::move(z)), limits(l) {}
  Result<void> start(const std::string& wanted);
  Result<bool> read_row(XlsxRow& row);
  Result<void> read_cells(const pugi::xml_node& node, XlsxRow& row);
  void read_cell(const pugi::xml_node& cell, std::size_t column, XlsxRow& row);
  std::string text_of(const pugi::xml_node& cell, XlsxRow& row) const;
};

std::string XlsxReader::Inside::text_of(const pugi::xml_node& cell, XlsxRow& row) const {
  const std::string_view type = cell.attribute("t").value();
  if (type == "inlineStr") return unescape_controls(rich_text(child_of(cell, "is")));
  const std::string_view value = child_of(cell, "v").child_value();
  if (type == "s") {
    std::size_t at = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), at);
    if (end.ec != std::errc() || end.ptr != value.data() + value.size() || at >= shared.size()) {
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

void XlsxReader::Inside::read_cell(const pugi::xml_node& cell, std::size_t column, XlsxRow& row) {
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
  given += text.size();
  row.cells[column] = std::move(text);
}

Result<void> XlsxReader::Inside::read_cells(const pugi::xml_node& node, XlsxRow& row) {
  const std::size_t before = given;
  std::size_t next = 0;
  for (const auto& cell : node.children()) {
    if (local_name(cell) != "c") continue;
    const auto column = place_of(cell, next);
    read_cell(cell, column, row);
    next = column + 1;
    // A shared text is named in a few bytes: what is handed out has the bounds of what is unfolded.
    if (given - before > limits.row_bytes || given > limits.unfolded_bytes)
      return fail(ErrorKind::invalid, "xlsx.too-large", sheet);
  }
  return {};
}

Result<bool> XlsxReader::Inside::read_row(XlsxRow& row) {
  for (;;) {
    SATCHEL_GET(found, rows->next(piece));
    if (!found) return false;
    if (++rows_read > limits.rows) return fail(ErrorKind::invalid, "xlsx.too-large", sheet);
    pugi::xml_document tree;
    if (!parse_piece(tree, piece)) return fail(ErrorKind::invalid, "xlsx.damaged", sheet);
    const auto node = tree.first_child();
    const auto numbered = node.attribute("r").as_ullong();
    line = numbered > 0 ? numbered : line + 1;
    row.line = line;
    row.cells.clear();
    row.fault = XlsxFault::none;
    SATCHEL_TRY(read_cells(node, row));
    if (!blank(row.cells) || row.fault != XlsxFault::none) return true;
  }
}

Result<void> XlsxReader::Inside::start(const std::string& wanted) {
  SATCHEL_GET(read, read_book(zip, limits));
  book = std::move(read);
  const auto* chosen = book.find(wanted);
  if (chosen == nullptr) {
    std::string known;
    for (const auto& s : book.sheets) {
      if (known.size() + s.name.size() > kNamesShownMax) break;
      known += (known.empty() ? "" : ", ") + s.name;
    }
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
    std::string name(trim_blanks(first.cells[i]));
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
