// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_book.h"

#include <map>

namespace satchel {

namespace {

constexpr std::size_t kStylesMax = 100'000;
constexpr std::size_t kRelationsMax = 4096;  // of a part; an honest workbook has one a sheet and a few besides
constexpr std::size_t kSheetsMax = 4096;
constexpr std::size_t kTargetBytesMax = 1024;

std::string_view attribute(const pugi::xml_node& node, std::string_view name) {
  for (const auto& a : node.attributes()) {
    const std::string_view full = a.name();
    if (full.substr(full.find(':') + 1) == name) return a.value();
  }
  return {};
}

// "xl/workbook.xml" and "worksheets/sheet1.xml" → "xl/worksheets/sheet1.xml"; "/xl/x.xml" counts from the top.
std::string resolve(std::string_view from, std::string_view target) {
  if (target.starts_with('/')) return std::string(target.substr(1));
  std::string folder(from.substr(0, from.rfind('/') == std::string_view::npos ? 0 : from.rfind('/') + 1));
  while (target.starts_with("../")) {
    target.remove_prefix(3);
    if (!folder.empty()) folder.pop_back();
    folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/') + 1);
  }
  return folder + std::string(target);
}

std::string relations_of(const std::string& part) {
  const auto slash = part.rfind('/');
  const auto cut = slash == std::string::npos ? 0 : slash + 1;
  return part.substr(0, cut) + "_rels/" + part.substr(cut) + ".rels";
}

Result<void> read_part(ZipView& zip, const std::string& part, const XlsxLimits& limits, pugi::xml_document& tree) {
  SATCHEL_GET(text, zip.read(part, limits.part_bytes));
  if (text.find("<!DOCTYPE") != std::string::npos) return fail(ErrorKind::invalid, "xlsx.damaged", "DOCTYPE");
  if (!tree.load_buffer(text.data(), text.size())) return fail(ErrorKind::invalid, "xlsx.damaged", part);
  return {};
}

struct Relation {
  std::string id, type, part;
};

Result<std::vector<Relation>> read_relations(ZipView& zip, const std::string& part, const XlsxLimits& limits) {
  std::vector<Relation> out;
  pugi::xml_document tree;
  SATCHEL_TRY(read_part(zip, relations_of(part), limits, tree));
  for (const auto& node : tree.document_element().children()) {
    const auto target = attribute(node, "Target");
    if (attribute(node, "TargetMode") == "External" || target.size() > kTargetBytesMax) continue;
    if (out.size() == kRelationsMax) return fail(ErrorKind::invalid, "xlsx.too-large", part);
    const auto type = attribute(node, "Type");
    out.push_back(
        {std::string(attribute(node, "Id")), std::string(type.substr(type.rfind('/') + 1)), resolve(part, target)});
  }
  return out;
}

Result<void> read_styles(ZipView& zip, const std::string& part, const XlsxLimits& limits, XlsxBook& book) {
  pugi::xml_document tree;
  SATCHEL_TRY(read_part(zip, part, limits, tree));
  std::map<unsigned, NumberFormat> own;
  for (const auto& f : child_of(tree.document_element(), "numFmts").children())
    own[f.attribute("numFmtId").as_uint()] = format_of_code(f.attribute("formatCode").value());
  for (const auto& xf : child_of(tree.document_element(), "cellXfs").children()) {
    if (book.formats.size() == kStylesMax) break;
    const auto id = xf.attribute("numFmtId").as_uint();
    const auto known = own.find(id);
    book.formats.push_back(known != own.end() ? known->second : built_in_format(id));
  }
  return {};
}

Result<void> read_sheets(const pugi::xml_node& workbook, const std::vector<Relation>& relations, XlsxBook& book) {
  const std::string_view date_system = child_of(workbook, "workbookPr").attribute("date1904").value();
  book.from_1904 = date_system == "1" || date_system == "true";
  std::map<std::string_view, const Relation*> worksheets;  // charts are sheets, too
  for (const auto& r : relations)
    if (r.type == "worksheet") worksheets.try_emplace(r.id, &r);
  for (const auto& node : child_of(workbook, "sheets").children()) {
    const auto relation = worksheets.find(attribute(node, "id"));
    if (relation == worksheets.end()) continue;
    if (book.sheets.size() == kSheetsMax) return fail(ErrorKind::invalid, "xlsx.too-large", "sheets");
    const std::string_view state = node.attribute("state").value();
    book.sheets.push_back(
        {node.attribute("name").value(), relation->second->part, state == "hidden" || state == "veryHidden"});
    book.names.push_back(book.sheets.back().name);
  }
  if (book.sheets.empty()) return fail(ErrorKind::invalid, "xlsx.empty");
  return {};
}

}  // namespace

bool parse_piece(pugi::xml_document& tree, const std::string& text) {
  return bool(
      tree.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8));
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view full = node.name();
  return full.substr(full.find(':') + 1);
}

pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name) {
  for (const auto& child : node.children()) {
    if (local_name(child) == name) return child;
  }
  return {};
}

std::string rich_text(const pugi::xml_node& node) {
  std::string out;
  for (const auto& child : node.children()) {
    const auto name = local_name(child);
    if (name == "t") out += child.text().get();
    if (name == "r") out += child_of(child, "t").text().get();
  }
  return out;
}

const XlsxBook::Sheet* XlsxBook::find(std::string_view name) const {
  for (const auto& sheet : sheets) {
    if (name.empty() ? !sheet.hidden : sheet.name == name) return &sheet;
  }
  return name.empty() && !sheets.empty() ? &sheets.front() : nullptr;
}

Result<XlsxBook> read_book(ZipView& zip, const XlsxLimits& limits) {
  if (!zip.has("_rels/.rels")) return fail(ErrorKind::invalid, "xlsx.not-a-workbook");
  SATCHEL_GET(top, read_relations(zip, "", limits));
  std::string workbook;
  for (const auto& r : top) {
    if (r.type == "officeDocument") workbook = r.part;
  }
  if (workbook.empty() || !zip.has(workbook)) return fail(ErrorKind::invalid, "xlsx.not-a-workbook");
  XlsxBook book;
  pugi::xml_document tree;
  SATCHEL_TRY(read_part(zip, workbook, limits, tree));
  if (local_name(tree.document_element()) != "workbook") return fail(ErrorKind::invalid, "xlsx.not-a-workbook");
  SATCHEL_GET(relations, read_relations(zip, workbook, limits));
  SATCHEL_TRY(read_sheets(tree.document_element(), relations, book));
  for (const auto& r : relations) {
    if (r.type == "sharedStrings" && zip.has(r.part)) book.shared_part = r.part;
    if (r.type == "styles" && zip.has(r.part)) SATCHEL_TRY(read_styles(zip, r.part, limits, book));
  }
  return book;
}

Result<void> SharedTexts::read(ZipView& zip, const std::string& part, const XlsxLimits& limits) {
  SATCHEL_GET(member, zip.member(part));
  XmlPieces pieces([&](std::string& out) { return member.next(out); }, "si", limits.row_bytes);
  for (std::string piece;;) {
    SATCHEL_GET(found, pieces.next(piece));
    if (!found) return {};
    pugi::xml_document tree;
    if (!parse_piece(tree, piece)) return fail(ErrorKind::invalid, "xlsx.damaged", part);
    all_ += unescape_controls(rich_text(tree.first_child()));
    // An empty one costs its place.
    if (all_.size() + ends_.size() * sizeof(std::uint32_t) > limits.shared_bytes)
      return fail(ErrorKind::invalid, "xlsx.too-large", part);
    ends_.push_back(static_cast<std::uint32_t>(all_.size()));
  }
}

}  // namespace satchel
