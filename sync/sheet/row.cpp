// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/row.h"

#include <algorithm>

namespace satchel {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kStandingBits = 0x03;
constexpr std::uint8_t kContestedBit = 0x04;
constexpr std::uint8_t kCorrectedBit = 0x08;
constexpr std::uint8_t kTextType = 4;  // value.h: the type byte of text

using Column = std::pair<std::uint16_t, Value>;

void write_columns(Writer& out, const std::vector<const Column*>& columns) {
  out.varint(columns.size());
  int before = -1;
  Writer one;
  for (const Column* column : columns) {
    one.buffer().clear();
    write_value(one, column->second);
    out.varint(static_cast<std::uint64_t>(column->first - before)).sized(one.bytes());
    before = column->first;
  }
}

// Text is by far the most common and is checked in place; everything else is small enough to decode for the check.
bool is_value(View bytes) {
  if (bytes.empty() || bytes[0] == 0) return false;
  Reader in(bytes);
  if (bytes[0] != kTextType) {
    read_value(in);
    return in.done();
  }
  in.u8();
  const View content = in.sized(kValueBytesMax);
  return in.done() && is_utf8(text(content));
}

// Calls use(column, value bytes) for each; false when the bytes are no list of columns.
template <class F>
bool each_column(Reader& in, F use) {
  const std::size_t count = in.count(kSheetColumnsMax);
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t distance = in.varint();
    const View bytes = in.sized(kSheetRowBytesMax);
    if (!in.ok() || distance == 0 || distance > kSheetColumnsMax) return false;
    next += distance;
    if (next > kSheetColumnsMax || !use(static_cast<std::uint16_t>(next - 1), bytes)) return false;
  }
  return in.done();
}

template <class AnyId>
void read_id(Reader& in, AnyId& id) {
  id = AnyId::of(in.raw(AnyId::size));
}

}  // namespace

const Value& SheetRow::value(std::uint16_t column) const {
  static const Value nothing;
  for (const auto& [number, content] : values) {
    if (number == column) return content;
  }
  return nothing;
}

Result<Bytes> encode_row(const SheetRow& row) {
  std::vector<const Column*> columns;
  columns.reserve(row.values.size());
  for (const auto& column : row.values) {
    if (!empty(column.second)) columns.push_back(&column);
  }
  std::ranges::sort(columns, {}, [](const Column* c) { return c->first; });
  const auto twice = std::ranges::adjacent_find(columns, {}, [](const Column* c) { return c->first; });
  if (twice != columns.end()) return fail(ErrorKind::usage, "sheet.column", std::to_string((*twice)->first));
  if (!columns.empty() && columns.back()->first >= kSheetColumnsMax) {
    return fail(ErrorKind::usage, "sheet.column", std::to_string(columns.back()->first));
  }
  Writer out(160);
  out.u8(kVersion).raw(row.record.bytes).varint(row.archive_no).raw(row.archive.bytes);
  out.raw(row.author.bytes).raw(row.branch.bytes).zigzag(row.created.ms);
  out.u8(static_cast<std::uint8_t>((row.standing & kStandingBits) | (row.contested ? kContestedBit : 0) |
                                   (row.corrected ? kCorrectedBit : 0)));
  write_columns(out, columns);
  if (out.size() > kSheetRowBytesMax) return fail(ErrorKind::usage, "sheet.row-size", std::to_string(out.size()));
  return out.take();
}

Result<SheetRowParts> split_row(View bytes) {
  if (bytes.size() > kSheetRowBytesMax) return fail(ErrorKind::invalid, "sheet.row");
  Reader in(bytes);
  SheetRowParts parts;
  SheetRow& row = parts.fixed;
  const std::uint8_t version = in.u8();
  read_id(in, row.record);
  const std::uint64_t archive_no = in.varint();
  read_id(in, row.archive);
  read_id(in, row.author);
  read_id(in, row.branch);
  row.created.ms = in.zigzag();
  const std::uint8_t flags = in.u8();
  row.archive_no = static_cast<std::uint32_t>(archive_no);
  row.standing = flags & kStandingBits;
  row.contested = (flags & kContestedBit) != 0;
  row.corrected = (flags & kCorrectedBit) != 0;
  const bool known = version == kVersion && archive_no <= UINT32_MAX && row.standing <= kRowHeld &&
                     flags <= (kStandingBits | kContestedBit | kCorrectedBit);
  if (!in.ok() || !known) return fail(ErrorKind::invalid, "sheet.row");
  parts.columns = bytes.last(in.left());
  if (!each_column(in, [](std::uint16_t, View value) { return is_value(value); })) {
    return fail(ErrorKind::invalid, "sheet.row");
  }
  return parts;
}

Result<SheetRow> decode_row(View bytes) {
  auto parts = split_row(bytes);
  if (!parts) return std::unexpected(parts.error());
  SheetRow row = std::move(parts->fixed);
  row.values = read_columns(parts->columns);
  return row;
}

std::vector<std::pair<std::uint16_t, Value>> read_columns(View columns) {
  std::vector<std::pair<std::uint16_t, Value>> values;
  Reader in(columns);
  each_column(in, [&](std::uint16_t column, View value) {
    Reader content(value);
    values.emplace_back(column, read_value(content));
    return true;
  });
  return values;
}

Result<void> pick_columns(Bytes& out, View row, const std::vector<bool>& wanted) {
  const auto parts = split_row(row);
  if (!parts) return std::unexpected(parts.error());
  Writer picked;
  std::size_t count = 0;
  int before = -1;
  Reader in(parts->columns);
  each_column(in, [&](std::uint16_t column, View value) {
    if (column >= wanted.size() || !wanted[column]) return true;
    picked.varint(static_cast<std::uint64_t>(column - before)).sized(value);
    before = column;
    ++count;
    return true;
  });
  const View fixed = row.first(row.size() - parts->columns.size());
  out.insert(out.end(), fixed.begin(), fixed.end());
  const Bytes columns = Writer(picked.size() + 2).varint(count).raw(picked.bytes()).take();
  out.insert(out.end(), columns.begin(), columns.end());
  return {};
}

View column_bytes(View columns, std::uint16_t column) {
  View found;
  Reader in(columns);
  each_column(in, [&](std::uint16_t number, View value) {
    if (number == column) found = value;
    return number < column;
  });
  return found;
}

std::optional<std::uint16_t> SheetSchema::column(std::string_view name) const {
  const auto at = std::ranges::find(columns, name);
  if (at == columns.end()) return std::nullopt;
  return static_cast<std::uint16_t>(at - columns.begin());
}

std::vector<bool> SheetSchema::wanted(std::span<const std::string> names) const {
  std::vector<bool> out(columns.size());
  for (const auto& name : names) {
    if (const auto number = column(name)) out[*number] = true;
  }
  return out;
}

Result<std::uint16_t> SheetSchema::append(std::string_view name) {
  if (const auto known = column(name)) return *known;
  if (name.empty() || name.size() > kSheetNameBytesMax || !is_utf8(name) || columns.size() >= kSheetColumnsMax) {
    return fail(ErrorKind::usage, "sheet.column", std::string(name.substr(0, kSheetNameBytesMax)));
  }
  columns.emplace_back(name);
  return static_cast<std::uint16_t>(columns.size() - 1);
}

Bytes encode_schema(const SheetSchema& schema) {
  Writer out;
  out.u8(kVersion).sized(schema.template_id).varint(schema.columns.size());
  for (const auto& name : schema.columns) out.sized(name);
  return out.take();
}

Result<SheetSchema> decode_schema(View bytes) {
  Reader in(bytes);
  SheetSchema schema;
  const std::uint8_t version = in.u8();
  schema.template_id = in.string(kSheetNameBytesMax);
  schema.columns.resize(in.count(kSheetColumnsMax));
  bool good = is_utf8(schema.template_id);
  for (auto& name : schema.columns) {
    name = in.string(kSheetNameBytesMax);
    good = good && !name.empty() && is_utf8(name);
  }
  std::vector<std::string_view> sorted(schema.columns.begin(), schema.columns.end());
  std::ranges::sort(sorted);
  good = good && std::ranges::adjacent_find(sorted) == sorted.end();
  if (!good || !in.done() || version != kVersion) return fail(ErrorKind::invalid, "sheet.schema");
  return schema;
}

}  // namespace satchel
