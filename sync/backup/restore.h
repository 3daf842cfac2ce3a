// SPDX-License-Identifier: AGPL-3.0-or-later
// Restoring: a backup unpacked aside, made into one that a new life may go on from, and swapped into place in one
// step. Killed at any moment it leaves the folder that was there, or the new one whole; in the new one nothing can be
// written under a number the former life used, because its key file is in the next incarnation before anything else can
// open it. What stood there before is kept beside, under another name.
//
// Errors: those of create.h, and permission "backup.expired", conflict "restore.occupied" (the folder holds a node and
// nobody said it may be replaced), conflict "restore.newer-here" (it holds more than the backup), conflict
// "restore.running" (a hub serves it), conflict "restore.in-the-way" (a folder that is not ours), storage "backup.io".
#pragma once

#include "sync/backup/create.h"

namespace satchel::backup {

struct RestoreWishes {
  std::filesystem::path file;
  std::filesystem::path target;
  Unlock unlock;
  bool replace = false;  // a node that stands there already is kept beside
  bool dry_run = false;  // everything but the swap
};

// What is in the way, as far as it can be read.
struct Standing {
  bool there = false;
  bool readable = false;
  NodeId node;
  Summary summary;
  WallTime written;  // when its store was last changed
};

struct RestoreResult {
  Header header;
  Summary summary;                // what comes back
  Standing before;                // what stands there
  std::uint32_t incarnation = 0;  // the new life
  std::filesystem::path kept;     // where the former folder is now; empty: there was none
};
Result<RestoreResult> restore(const RestoreWishes& wishes, Clock& clock, Entropy& entropy);

}  // namespace satchel::backup
