// SPDX-License-Identifier: AGPL-3.0-or-later
// What an import leaves behind so that it can be undone, by whoever holds the same archives: on every record it wrote
// a mark with the import's id and, of what it changed, the values from before; in the importer's own archive, one
// record a batch with the rows that are in (template import_batch). Values never leave the archive they belong to;
// mark and batch are in the same transaction as the rows, so none is ever without the other.
#pragma once

#include "client/field/records.h"

namespace satchel::field {

// "3f2a91c0…": 16 digits; people type the beginning.
std::string new_import_id(Book& book);

// ---- marks: values of kImportField ----
struct ImportMark {
  std::string import;
  bool created = false;
  std::vector<std::pair<std::string, Value>> before;  // of fields it changed; nothing where they were empty
};
Value mark_value(const ImportMark& mark);
std::optional<ImportMark> mark_of(const Value& value);

// ---- batches ----
struct ImportedRow {
  std::size_t line = 0;
  ArchiveId archive;
  RecordId record;
  bool created = true;
};

struct ImportBatch {
  RecordPlace place;
  std::string import;
  std::string into;  // template
  std::string file;  // its name, for people
  std::string mark;  // of the file's bytes: the same file goes on where it was interrupted
  WallTime at;
  bool undone = false;
  std::vector<ImportedRow> rows;
};

std::string file_mark(View file, std::string_view into);
// Within the transaction that wrote the rows. `own`: the person's archive, once it is known.
Result<void> note_batch(Book& book, Desk& desk, const ImportBatch& batch, std::optional<ArchiveId>& own);
// All of this person's, oldest first.
Result<std::vector<ImportBatch>> import_batches(Book& book);
Result<void> note_undone(Book& book, Desk& desk, const ImportBatch& batch);

}  // namespace satchel::field
