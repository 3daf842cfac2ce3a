// SPDX-License-Identifier: AGPL-3.0-or-later
// Scribe: writes this node's own entries within one transaction: seals changes, chains them, opens archives.
// Saving needs nothing but the store and the vault: no network, no fresh directory. One Scribe a write transaction;
// finish() before the commit writes the chain heads once, however many entries an archive got.
#pragma once

#include "sync/model/change.h"
#include "sync/node/epochs.h"

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
  // One entry, atomic; `clear`: what it adds of attachments (sync/blob/reference.h). The first one after somebody lost
  // the right to read opens a new epoch; where the newest key is not here, an older one serves. permission
  // "keyring.no-key" when there is none at all.
  Result<Written> write(const StoredArchive& info, std::vector<RecordChange> records, View clear = {});
  // The key its next entry goes under, a new one where that is due: for what is sealed before that entry.
  Result<EpochKey> key_for(const StoredArchive& info);
  // A new epoch for the archive with its next entry, whether one is due or not. Returns its number.
  Result<std::uint32_t> rotate(const StoredArchive& info);
  Result<void> finish();

 private:
  struct Chain {
    NodeNo node = 0;
    std::optional<StoredHead> head;
    std::vector<Seen> seen;  // for the next entry only
    bool ready = false;      // the next three are known
    EpochKey key;
    Secret32 secret;
    Bytes clear;  // for the next entry only: opens an epoch, or names its key
  };
  Result<Chain*> chain_of(const StoredArchive& info);
  Result<void> make_ready(const StoredArchive& info, Chain& chain);
  Result<void> open_epoch(const StoredArchive& info, Chain& chain);
  Result<void> open_deposit(const StoredArchive& info, Chain& chain);
  Result<Opening> opening_of(const StoredArchive& info, const EpochKey& key, const Secret32& secret,
                             std::span<const AudienceId> audiences);
  Result<Written> append(const StoredArchive& info, Chain& chain, std::vector<RecordChange> records);

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

// Who may read an archive with these owners in this branch: the owners' own audiences, the branch's managers, HQ; a
// branch's own archive, everybody of the branch.
std::vector<AudienceId> audiences_for(const OrgId& org, ArchiveKind kind, const BranchId& branch,
                                      std::span<const PersonId> owners);

}  // namespace satchel::node
