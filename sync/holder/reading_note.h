// SPDX-License-Identifier: AGPL-3.0-or-later
// Who took something out, and why: an export, a report in a file, a printed card, sensitive fields that were opened.
// Each is a record, signed and travelling as all entries do: in the reader's own archive, where the manager and
// headquarters see it; what headquarters' reader hands out, in headquarters' own. It is written before what was asked
// for is handed out, and before any of it stands on a disk; how much it was may follow.
#pragma once

#include "sync/holder/book.h"

namespace satchel::holder {

struct ReadingNote {
  std::string kind;     // "export", "report", "print", "sensitive", "opening"
  std::string what;     // "customer xlsx", a report's id with its parameters
  std::string purpose;  // in the person's words
  std::optional<std::size_t> count;
  std::vector<ArchiveId> archives;  // those concerned, when they are few
};

// In one entry. Errors: permission "device.unconfirmed", those of writing.
Result<void> note_reading(Book& book, const ReadingNote& note);

// For what is gone through only once: noted before it begins, and its count when it is whole.
struct BegunReading {
  ArchiveId archive;
  RecordId record;
};
Result<BegunReading> begin_reading(Book& book, const ReadingNote& note);
Result<void> end_reading(Book& book, const BegunReading& begun, std::size_t count,
                         const std::vector<ArchiveId>& archives);

// A form the program itself writes records of: of the packs in force, or, where the organisation has not published it,
// of those built in. not_found "template.unknown".
Result<const Template*> own_form(Book& book, std::string_view id);

}  // namespace satchel::holder
