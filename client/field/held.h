// SPDX-License-Identifier: AGPL-3.0-or-later
// Work whose author had lost the right to it: kept, counted, and without effect until somebody who answers for the
// archive admits or refuses it. The verdict is a signed statement of archive scope; until headquarters has ordered it
// people see 'pending at HQ'.
#pragma once

#include "client/field/history.h"
#include "sync/holder/statements.h"

namespace satchel::field {

struct HeldEntry {
  ArchiveId archive;
  std::string archive_name;
  Event event;                                            // who, when, what it touches
  std::vector<std::pair<std::string, std::string>> says;  // field label, value
  std::string id() const { return holder::short_id(event.hash); }
};
Result<std::vector<HeldEntry>> list_held(Book& book);

struct Verdict {
  HeldEntry entry;
  holder::Fate fate = holder::Fate::waiting;
  std::string code;  // of a refusal by headquarters
};
// `id`: the beginning of an entry's id, "all", or an archive: all that is held there. One statement an archive.
// not_found "held.none", permission "directory.*" when it is not this person's to say.
Result<std::vector<Verdict>> give_verdict(Book& book, const std::string& id, VerdictChoice choice,
                                          const std::string& reason);

}  // namespace satchel::field
