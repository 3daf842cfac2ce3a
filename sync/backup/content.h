// SPDX-License-Identifier: AGPL-3.0-or-later
// What a backup holds and how it comes out again: the rows of the store that are truth or cost much to get back, and
// the small files of the node's folder. Left out is what follows from the log, and of a hub everything that opens an
// archive (its wraps): whoever steals a hub's backup has no more than ciphertext, and a destroyed archive does not live
// on in it. Memory stays within a chunk and a transaction's rows, whatever the size of the store.
#pragma once

#include "sync/backup/reader.h"
#include "sync/model/position.h"
#include "sync/store/store.h"

namespace satchel::backup {

// For people: what one gets.
struct Summary {
  Position directory;
  std::uint64_t archives = 0;
  std::uint64_t entries = 0;
  std::uint64_t batches = 0;
  std::string program;       // its version
  std::uint32_t tables = 0;  // how many the store knew
  bool operator==(const Summary&) const = default;
};
Result<Summary> summary_of(const ReadTxn& txn);

struct NamedFile {
  std::string name;
  Bytes bytes;
};
// The files of a node's folder that belong into its backup and are there; not_found "backup.file" when one that must be
// there is not. A vault's key file is in the header.
Result<std::vector<NamedFile>> files_of(const std::filesystem::path& folder, Kind kind);

// One moment of the store, as `txn` sees it; the node goes on meanwhile.
Result<Summary> write_content(BackupWriter& out, const ReadTxn& txn, Kind kind, std::span<const NamedFile> files);

// Into a folder that has none of it: the files, and a new store. `node` is who must have signed; when it is none, the
// identity file among the files says so, which must be the header's. integrity "backup.damaged", failed "backup.newer".
struct Unpacked {
  Summary summary;
  std::unique_ptr<Store> store;
  SignPublic node;
};
Result<Unpacked> read_content(BackupReader& in, const std::filesystem::path& folder, const SignPublic& node);

inline constexpr const char* kVaultFile = "vault.key";
inline constexpr const char* kIdentityFile = "hub.identity";
inline constexpr const char* kStoreFolder = "store";

}  // namespace satchel::backup
