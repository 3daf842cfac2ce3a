// SPDX-License-Identifier: AGPL-3.0-or-later
// The product's Store: one LMDB environment in a folder (data.mdb, lock.mdb), tables "t00" to "t28".
// Commits are synced; a power cut at any moment leaves the last acknowledged transaction or the one after it. A new
// environment is made aside, synced and renamed into place, so that a folder never holds half of one. The map starts
// small and is doubled well before it is full; at least 32 MiB (30 % of a larger map) are free when a write transaction
// begins, and one that outgrows that is undone with "store.full". Values are not aligned: copy before casting.
//
// Any number of threads and processes may use one folder, but one process opens it once (closing a second handle would
// drop the first one's locks; refused with "store.open-twice") and never uses a Store after fork(). A write transaction
// stays on its thread; a read transaction may move. Local file systems only.
#pragma once

#include <cstdint>
#include <filesystem>

#include "sync/store/store.h"

namespace satchel {

struct LmdbOptions {
  // Address space to begin with; a file that is already larger brings its own. Costs no disk.
  std::uint64_t map_bytes = 64ull << 20;
  // Nothing is created and begin_write() fails with "store.read-only".
  bool read_only = false;
  // Without: a folder that holds no store fails with "store.missing", rather than beginning anew where data was lost.
  bool create = true;
  // Further LMDB environment flags, so that tests can show what the defaults are worth. Never set by the product:
  // any of them gives up durability.
  unsigned extra_flags_for_tests = 0;
};
inline constexpr unsigned kLmdbNoSyncForTests = 0x10000;      // MDB_NOSYNC
inline constexpr unsigned kLmdbNoMetaSyncForTests = 0x40000;  // MDB_NOMETASYNC

Result<std::unique_ptr<Store>> open_lmdb(const std::filesystem::path& folder, const LmdbOptions& options = {});

// Whether every page in use can be read and is in order, tried in a forked child: LMDB has no checksums and dies of
// some damage, and then only the child does. Integrity "store.damaged", not_found "store.missing". Proves the shape of
// the tables, never their content. Reads the whole file: for a start after a failure, not for every start.
Result<void> check_in_child(const std::filesystem::path& folder);

}  // namespace satchel
