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

// The statement that took the right away.
struct Restriction {
  satchel::Said said;
  StatementKind kind{};
  bool ran_out = false;  // a grant's time was over
  PersonId by;
  WallTime time;  // when it was ordered, or when the time was over
};

// All there is to decide by.
struct HeldShown {
  HeldEntry entry;
  std::string device;  // the author's
  std::string branch;  // the author's
  std::optional<Restriction> restriction;
  struct Taken {
    std::string hub;
    WallTime time;
    Position known;     // what the hub knew of the directory
    bool knew = false;  // the restriction was among it
  };
  std::vector<Taken> stamps;
  // The author's other entries here.
  std::size_t in_force = 0, held = 0, refused = 0;
  std::size_t held_elsewhere = 0;
};
// By the beginning of the entry's id; not_found "held.none", conflict "held.ambiguous".
Result<HeldShown> show_held(Book& book, const std::string& id);

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
