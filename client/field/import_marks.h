// SPDX-License-Identifier: AGPL-3.0-or-later
// What an import leaves behind so that it can be undone, by whoever holds the same archives: on every record it wrote
// a mark with the import's id and, of what it changed, the values from before, each as a value of its own, so that
// whatever a field may hold fits; in the importer's own archive, one record a batch with the rows that are in (template
// import_batch), and those of them that were undone. Values never leave the archive they belong to; mark and batch are
// in the same transaction as the rows, so none is ever without the other.
#pragma once

#include "client/field/records.h"

namespace satchel::field {

// "3f2a91c0…": 16 digits; people type the beginning.
std::string new_import_id(Book& book);

// ---- marks: values of kImportField and kReplacedField in one entry ----
struct ImportMark {
  std::string import;
  bool created = false;
  std::vector<std::pair<std::string, Value>> before;  // of fields it changed; nothing where they were empty
};
void put_mark(Origin& origin, const ImportMark& mark);
// The mark that an import left on a record, and the entry it came with.
struct FoundMark {
  ImportMark mark;
  Dot entry;
};
std::optional<FoundMark> find_mark(const merge::RecordState& state, std::string_view import);
// Whether an operation is of the entry that `entry` is one of.
inline bool of_entry(const Dot& dot, const Dot& entry) { return dot.chain == entry.chain && dot.seq == entry.seq; }

// ---- batches ----
struct ImportedRow {
  std::size_t line = 0;
  ArchiveId archive;
  RecordId record;
  bool created = true;
  bool undone = false;
};

struct ImportBatch {
  RecordPlace place;
  std::string import;
  std::string into;  // template
  std::string file;  // its name, for people
  std::string mark;  // of what was read, and how: the same goes on where it was interrupted
  WallTime at;
  std::vector<ImportedRow> rows;
};

// What makes two runs the same: the file's bytes, the sheet of a workbook, the form, the field that rows update by.
struct FileMark {
  View file;
  std::string_view sheet, into, update_by;
};
std::string file_mark(const FileMark& of);
// Within the transaction that wrote the rows. `own`: the person's archive, once it is known.
Result<void> note_batch(Book& book, Desk& desk, const ImportBatch& batch, std::optional<ArchiveId>& own);
// All of this person's, oldest first.
Result<std::vector<ImportBatch>> import_batches(Book& book);
// Within the transaction that undid rows of it: those that are undone by now.
Result<void> note_undone(Book& book, Desk& desk, const ImportBatch& batch);

}  // namespace satchel::field
