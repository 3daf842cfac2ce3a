// SPDX-License-Identifier: AGPL-3.0-or-later
// Work whose author had lost the right to it: kept, counted, and without effect until somebody who answers for the
// archive admits or refuses it. The verdict is a signed statement of archive scope; it is prepared and 'pending at HQ'
// until headquarters has ordered it, and the work stays held so long. Who takes a right away himself sees what it
// concerns held at once, and can decide while headquarters is out of reach (sync/node/replica.h, Obeyed).
#pragma once

#include "client/field/history.h"
#include "client/field/said.h"

namespace satchel::field {

// A verdict that was given here and that headquarters has not ordered yet.
struct PreparedVerdict {
  Digest statement;
  VerdictChoice choice{};
  WallTime claimed;
};

struct HeldEntry {
  ArchiveId archive;
  std::string archive_name;
  Event event;                                            // who, when, what it touches
  std::vector<std::pair<std::string, std::string>> says;  // field label, value
  std::optional<PreparedVerdict> prepared;                // the last one
  std::string id() const { return holder::short_id(event.hash); }
};
Result<std::vector<HeldEntry>> list_held(Book& book);

// A statement that took a part of the right away, which was not given back.
struct Restriction {
  satchel::Said said;
  StatementKind kind{};
  bool ran_out = false;  // a grant's time was over
  bool pending = false;  // obeyed, though headquarters has not ordered it
  PersonId by;
  WallTime time;  // when it was ordered, or when the time was over; while it is pending, when it was said
};

// All there is to decide by.
struct HeldShown {
  HeldEntry entry;
  std::string device;                     // the author's
  std::string branch;                     // the author's
  std::vector<Restriction> restrictions;  // all that stand against it, the earliest first
  struct Taken {
    std::string hub;
    WallTime time;
    Position known;                 // what the hub knew of the directory
    std::vector<std::size_t> knew;  // which of the restrictions were among it; if none was, the work counts
  };
  std::vector<Taken> stamps;
  // The author's other entries here.
  std::size_t in_force = 0, held = 0, refused = 0;
  std::size_t held_elsewhere = 0;
};
// By the beginning of the entry's id; not_found "held.none", conflict "held.ambiguous".
Result<HeldShown> show_held(Book& book, const std::string& id);

struct GivenVerdicts {
  std::vector<HeldEntry> entries;
  std::vector<Said> said;              // one an archive, or several where there are very many entries
  std::vector<std::size_t> statement;  // of each entry, which of them
};
// `id`: the beginning of an entry's id, "all", or an archive: all that is held there and not decided here before; by
// its own id an entry is decided again. not_found "held.none", "held.prepared" (all of it waits for headquarters
// already), permission "directory.*" when it is not this person's to say.
Result<GivenVerdicts> give_verdict(Book& book, const std::string& id, VerdictChoice choice, const std::string& reason);

}  // namespace satchel::field
