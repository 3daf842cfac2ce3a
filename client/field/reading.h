// SPDX-License-Identifier: AGPL-3.0-or-later
// Who took something out, and why: an export, a report in a file, sensitive fields that were opened. Each is a record
// of its own in the reader's own archive, signed and travelling as all entries do, so that the manager and headquarters
// see it. It is written before what was asked for is handed out.
#pragma once

#include "client/field/records.h"

namespace satchel::field {

struct ReadingNote {
  std::string kind;     // "export", "report", "sensitive", "opening"
  std::string what;     // "customer xlsx", a report's id with its parameters
  std::string purpose;  // in the person's words
  std::size_t count = 0;
  std::vector<ArchiveId> archives;  // those concerned, when they are few
};

// In one entry. Errors: permission "device.unconfirmed", those of writing.
Result<void> note_reading(Book& book, const ReadingNote& note);

}  // namespace satchel::field
