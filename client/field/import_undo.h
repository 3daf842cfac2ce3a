// SPDX-License-Identifier: AGPL-3.0-or-later
// Taking an import back: what it created is withdrawn, what it changed gets its values from before, each only where
// nobody has worked on it since: a value, an attachment or a step of somebody's, records in a customer's archive,
// records that refer to it. What cannot be undone is listed with the reason, stays as it is, and counts as in when the
// same file comes again. Doing it again does only what is left; everything is an ordinary change, so it can itself be
// looked at and restored.
#pragma once

#include "client/field/import_marks.h"

namespace satchel::field {

struct ImportListed {
  std::string import, into, file;
  WallTime at;
  std::size_t rows = 0;
  std::size_t undone_rows = 0;  // of these
  bool undone = false;          // all of them
};
// This person's, newest first.
Result<std::vector<ImportListed>> list_imports(Book& book);

enum class UndoStatus : std::uint8_t { withdrawn, restored, already, kept };
std::string_view name_of(UndoStatus status);  // "withdrawn", "restored", "already", "kept"

struct UndoRow {
  std::size_t line = 0;
  ArchiveId archive;
  RecordId record;
  std::string name;
  UndoStatus status = UndoStatus::kept;
  std::string reason;  // of `kept`: a code, "changed", "worked-on", "referred-to", "not-here", "locked"
  std::string detail;
};

struct UndoResult {
  std::string import;
  std::vector<UndoRow> rows;
  std::size_t count(UndoStatus status) const;
};

// `id`: the beginning of one. Without `apply` nothing is written and the rows say what would become of them.
// not_found "import.no-such-import", conflict "import.ambiguous".
Result<UndoResult> undo_import(Book& book, std::string_view id, bool apply);

}  // namespace satchel::field
