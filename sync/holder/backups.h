// SPDX-License-Identifier: AGPL-3.0-or-later
// A vault's backups: made while it is in use, noted in it, and verified by unpacking (sync/backup).
#pragma once

#include "sync/backup/create.h"
#include "sync/holder/device.h"
#include "sync/node/backups.h"

namespace satchel::holder {

// Into `file`, or, when that is empty or a folder, under a name of its own. Noted in the vault. Errors:
// backup/create.h.
struct BackedUp {
  std::filesystem::path file;
  backup::Made made;
};
Result<BackedUp> back_up(Device& device, const std::filesystem::path& file);

// Opens and audits it; noted when this vault knows of it. The passphrase is the one of the day it was made.
Result<backup::Verified> verify_backup(Device* device, const std::filesystem::path& file,
                                       const std::string& passphrase);

}  // namespace satchel::holder
