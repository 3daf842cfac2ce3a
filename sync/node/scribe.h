// SPDX-License-Identifier: AGPL-3.0-or-later
// Scribe: writes this node's own entries within one transaction: seals changes, chains them, opens archives.
// Saving needs nothing but the store and the vault: no network, no fresh directory. One Scribe a write transaction;
// finish() before the commit writes the chain heads once, however many entries an archive got.
#pragma once

#include "sync/model/change.h"
#include "sync/node/keyring.h"

namespace satchel::node {

// What every entry of one transaction shares.
struct Moment {
  WallTime claimed;
  MonoTime mono;
  bool compress = true;
};

struct Written {
  ArchiveNo archive = 0;
  Ordinal ordinal = 0;
  std::uint64_t seq = 0;
};

class Scribe {
 public:
  // All must outlive it.
  Scribe(WriteTxn& txn, const Directory& directory, const Identity& self, Keyring& keyring, Entropy& entropy,
         Moment moment);

  // A new archive whose first entry carries `records` (its card). Wraps go to every audience that may read it and
  // has a key by now; the others get theirs later (upkeep).
  struct NewArchive {
    ArchiveKind kind = ArchiveKind::customer;
    BranchId branch;
    std::vector<PersonId> owners;
  };
  Result<StoredArchive> open_archive(const NewArchive& archive, std::vector<RecordChange> records);
  // One entry, atomic. `clear`: what it adds of attachments (sync/blob/reference.h).
  Result<Written> write(const StoredArchive& info, std::vector<RecordChange> records, View clear = {});
  Result<void> finish();

 private:
  struct Chain {
    NodeNo node = 0;
    std::optional<StoredHead> head;
    std::vector<Seen> seen;  // for the next entry only
  };
  Result<Chain*> chain_of(const StoredArchive& info);
  Result<Written> append(const StoredArchive& info, const Secret32& key, View clear, std::vector<RecordChange> records);

  WriteTxn& txn_;
  const Directory& directory_;
  const Identity& self_;
  Keyring& keyring_;
  Entropy& entropy_;
  Moment moment_;
  HybridClock hybrid_;
  std::map<ArchiveNo, Chain> chains_;
  Ordinal last_ = 0;
  NodeNo node_ = 0;
  bool started_ = false;
};

// Who may read an archive with these owners in this branch: the owners' own audiences, the branch's managers, HQ.
std::vector<AudienceId> audiences_for(const OrgId& org, const BranchId& branch, std::span<const PersonId> owners);

}  // namespace satchel::node
