// SPDX-License-Identifier: AGPL-3.0-or-later
// SheetRow: what lists, search, rules and reports see of one record, and its bytes. The bytes hold names and phones:
// the caller seals them with the archive's local key before they are stored, this room never does.
// Columns are numbers; the SheetSchema stored beside a sheet gives them their field names and only ever grows at its
// end, so that rows written under an older pack stay readable. Decoding is strict: unknown versions, flags, unordered
// columns and trailing bytes are refused (invalid "sheet.row", "sheet.schema").
//
// Row:    u8 version 1 · record 16 · archive no varint · archive 16 · author 16 · branch 16 · created zigzag ·
//         u8 flags (bits 0-1 standing, 2 contested, 3 corrected) · columns
// Columns: varint count · each: varint distance from the column before (the first: from -1) · varint size · Value
// Schema: u8 version 1 · sized template · varint count · sized names
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/base/result.h"
#include "schema/base/value.h"

namespace satchel {

inline constexpr std::size_t kSheetRowBytesMax = 512 * 1024;  // sealed, it must fit one value of the store
inline constexpr std::size_t kSheetColumnsMax = 1024;
inline constexpr std::size_t kSheetNameBytesMax = 256;

// Values of SheetRow::standing; permanent.
inline constexpr std::uint8_t kRowInForce = 0;
inline constexpr std::uint8_t kRowWithdrawn = 1;
inline constexpr std::uint8_t kRowBinned = 2;
inline constexpr std::uint8_t kRowHeld = 3;  // nothing of the record counts yet; the row reads as it would if admitted

struct SheetRow {
  RecordId record;
  std::uint32_t archive_no = 0;  // this node's number for the archive
  ArchiveId archive;
  PersonId author;
  BranchId branch;  // the owner's
  WallTime created;
  std::uint8_t standing = kRowInForce;
  bool contested = false;
  bool corrected = false;
  // Any order, each column at most once. Empty values are not stored; decoding yields ascending columns.
  std::vector<std::pair<std::uint16_t, Value>> values;
  bool operator==(const SheetRow&) const = default;

  // The empty value when the row has no such column.
  const Value& value(std::uint16_t column) const;
};

// Fails with usage "sheet.column" (a column twice, or beyond kSheetColumnsMax) or "sheet.row-size".
Result<Bytes> encode_row(const SheetRow& row);
Result<SheetRow> decode_row(View bytes);

// A row whose bytes were checked but not copied: the fixed part, and the columns as they stand.
struct SheetRowParts {
  SheetRow fixed;  // without values
  View columns;
};
Result<SheetRowParts> split_row(View bytes);
// The bytes of one column's Value within `columns`, which split_row has checked; empty when it is not there.
View column_bytes(View columns, std::uint16_t column);
std::vector<std::pair<std::uint16_t, Value>> read_columns(View columns);
// Appends the row with those of its columns alone whose number is true in `wanted`. Fails as split_row does.
Result<void> pick_columns(Bytes& out, View row, const std::vector<bool>& wanted);

struct SheetSchema {
  std::string template_id;
  std::vector<std::string> columns;
  bool operator==(const SheetSchema&) const = default;

  std::optional<std::uint16_t> column(std::string_view name) const;
  // For pick_columns, as far as they are there.
  std::vector<bool> wanted(std::span<const std::string> names) const;
  // The column of that name, appended when it is new. Fails with usage "sheet.column".
  Result<std::uint16_t> append(std::string_view name);
};
Bytes encode_schema(const SheetSchema& schema);
Result<SheetSchema> decode_schema(View bytes);

}  // namespace satchel
