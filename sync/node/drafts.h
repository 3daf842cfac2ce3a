// SPDX-License-Identifier: AGPL-3.0-or-later
// Drafts: what somebody began on this node and has not finished. They stay here: in no entry, batch or bundle, only in
// this node's own backups. Sealed twice (store.md, 'drafts'): the head, which a list needs, by the vault; the body, the
// words typed, with a key that the archive's gives, too. So a body is closed while the archive's keys are away and
// comes back with them, and after the archive was destroyed its rows are gone with everything else of it. Where no key
// of the archive is here (none was opened yet, or a lease is over) the vault alone seals the body. What head and body
// say is the client's business (client/field/drafts.h).
#pragma once

#include "sync/node/keyring.h"

namespace satchel::node {

inline constexpr std::size_t kDraftsMax = 1000;
inline constexpr std::size_t kDraftBytesMax = 64 * 1024;  // of one: head and body

struct StoredDraft {
  DraftId id;
  ArchiveId archive;          // none: of one that is not opened yet
  bool broken = false;        // what lies there does not open: it can be let go of, and no more
  Bytes head;                 // empty when broken
  std::optional<Bytes> body;  // nothing while the archive's key is not here
  Bytes row;                  // as it lies there; empty: not kept yet
};

// What opens and seals them. All must outlive it.
struct DraftKeys {
  const Vault& vault;
  Keyring& keyring;
  const Directory& directory;
  Entropy& entropy;
};

Result<std::uint64_t> count_drafts(const ReadTxn& txn);
Result<std::vector<StoredDraft>> all_drafts(const ReadTxn& txn, const DraftKeys& keys);
// Keeps one that is new, or replaces what was read as `draft`. usage "draft.too-many", "draft.too-large"; not_found
// "archive.not-found"; permission "keyring.no-key" when nothing may be kept of its archive; those of take_draft.
Result<void> put_draft(WriteTxn& txn, const DraftKeys& keys, const StoredDraft& draft);
// Lets go of what was read as `draft`. not_found "draft.not-found" when it is gone; conflict "draft.changed" when it is
// another by now.
Result<void> take_draft(WriteTxn& txn, const StoredDraft& draft);
// All of an archive.
Result<void> drop_drafts(WriteTxn& txn, ArchiveNo archive);
// Under the vault's next key (Vault::begin_renewal).
Result<void> reseal_drafts(WriteTxn& txn, const Vault& vault, Entropy& entropy);

}  // namespace satchel::node
