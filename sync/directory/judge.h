// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether a person's work in an archive counts. An archive's opening entry names its owners and the audiences it is
// opened for; that, the log and the hubs' stamps decide, never a device's clock or how fresh its directory was.
// Work whose author had lost the right counts only if some hub took it without knowing of the restriction, or a
// verdict says so; until then it is held. The functions are Directory's (directory.h).
#pragma once

#include <span>

#include "sync/directory/entities.h"

namespace satchel {

// From the archive's opening entry.
struct ArchiveAccess {
  ArchiveId archive;  // none: no statement about it is looked at
  std::vector<PersonId> owners;
  std::vector<AudienceId> audiences;
  BranchId branch;
  Position opened;  // what the opening's author knew of the directory
};

// A right that stands beside those of owners, managers and headquarters.
struct ArchiveGrant {
  Said said;
  AudienceId audience;
  GrantRights rights = GrantRights::read;
  std::uint32_t epoch_from = 0;
  WallTime expiry;  // 0: until taken back
  bool operator==(const ArchiveGrant&) const = default;
};

// Why an audience may read an archive. Never sent.
enum class Why : std::uint8_t { owner, role, grant };

// An audience that may read, from which of the archive's key epochs on.
struct ArchiveReader {
  AudienceId audience;
  Why why = Why::role;
  std::uint32_t epoch_from = 0;
  WallTime expiry;  // of a grant; 0: none
  bool operator==(const ArchiveReader&) const = default;
};

// An archive's standing after everything that was said of it.
struct ArchiveStanding {
  std::vector<PersonId> owners;
  BranchId branch;  // none: headquarters
  bool moved = false;
  std::vector<ArchiveGrant> grants;
};

enum class WriteRight {
  now,    // owner, or by role in an audience the archive is opened for, with a confirmed node
  lost,   // was so once: new entries are taken and held
  never,  // a foreign archive: hubs refuse
};

enum class Judgement { in_force, held, refused, foreign };

// What of a stamp matters here. The stamp's signature was verified before.
struct StampView {
  NodeId hub;
  Position known;                        // the hub's directory position
  std::span<const Digest> restrictions;  // statements it obeyed though they were not yet ordered
  std::uint32_t incarnation = 0;         // the hub's life
};

struct EntryRef {
  std::uint32_t incarnation = 0;
  std::uint64_t seq = 0;
};

}  // namespace satchel
