// SPDX-License-Identifier: AGPL-3.0-or-later
// One backup: made beside a node at work, and verified by really unpacking it. A moment of the store is written as one
// read transaction sees it; nothing is stopped and nobody waits.
//
// Errors: those of writer.h and reader.h, and conflict "backup.no-key" (the organisation has no recovery key for hubs'
// backups), permission "backup.other-kit" (another organisation's recovery kit), usage "backup.other-kind", and what
// the vault says of a passphrase.
#pragma once

#include "sync/backup/content.h"
#include "sync/directory/directory.h"
#include "sync/node/verify_log.h"
#include "sync/vault/vault.h"

namespace satchel::backup {

// How long a device's backup may be restored by this directory's policy; 0: for ever.
std::chrono::hours life_of(const Directory& directory);

struct Source {
  Kind kind = Kind::device;
  std::filesystem::path folder;
  OrgId org;
  const Identity& identity;
  Store& store;
  const Directory& directory;
  const Vault* vault = nullptr;  // of a device or reader
};

struct Made {
  Header header;
  Summary summary;
  std::uint64_t bytes = 0;
};
Result<Made> create(const Source& from, const std::filesystem::path& file, WallTime now, Entropy& entropy);
// "<node>-<time>.satchel-backup", for when nobody named a file.
std::string file_name(const NodeId& node, WallTime made);

// What opens a backup: the passphrase its vault had then, or the root key of the recovery kit.
struct Unlock {
  std::string passphrase;
  std::optional<SignKeys> root;
};

// A backup in a folder of its own, as it was: nothing has been made anew yet.
struct Opened {
  Header header;
  Summary summary;
  Identity identity;
  std::optional<Vault> vault;
  std::unique_ptr<Store> store;
};
Result<Opened> unpack(const std::filesystem::path& file, const std::filesystem::path& folder, const Unlock& unlock);

struct Verified {
  Header header;
  Summary summary;
  node::VerifyReport log;
  std::string directory;   // code of what is wrong with it; empty when nothing is
  std::uint64_t keys = 0;  // archives whose keys open under the vault
  std::uint64_t keys_broken = 0;
  bool sound() const { return directory.empty() && log.sound() && keys_broken == 0; }
};
// Unpacks it beside the file, goes through all of it as `verify` does, and takes the copy away again.
Result<Verified> verify(const std::filesystem::path& file, const Unlock& unlock, Entropy& entropy);

}  // namespace satchel::backup
