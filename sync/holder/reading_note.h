// SPDX-License-Identifier: AGPL-3.0-or-later
// Who took something out, and why: an export, a report in a file, sensitive fields that were opened. Each is a record,
// signed and travelling as all entries do: in the reader's own archive, where the manager and headquarters see it; what
// headquarters' reader hands out, in headquarters' own. It is written before what was asked for is handed out.
#pragma once

#include "sync/holder/book.h"

namespace satchel::holder {

struct ReadingNote {
  std::string kind;     // "export", "report", "sensitive", "opening"
  std::string what;     // "customer xlsx", a report's id with its parameters
  std::string purpose;  // in the person's words
  std::size_t count = 0;
  std::vector<ArchiveId> archives;  // those concerned, when they are few
};

// In one entry. Errors: permission "device.unconfirmed", those of writing.
Result<void> note_reading(Book& book, const ReadingNote& note);

// A form the program itself writes records of: of the packs in force, or, where the organisation has not published it,
// of those built in. not_found "template.unknown".
Result<const Template*> own_form(Book& book, std::string_view id);

}  // namespace satchel::holder
