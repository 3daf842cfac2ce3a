// SPDX-License-Identifier: AGPL-3.0-or-later
// What a customer whose archive is locked here can still be called by: its number, and nothing else of it. Kept under
// the vault in Table::secrets when keys are about to go for a while (a lease, a backup that may be restored), so that
// work can be recorded by the number that stands on every contract. It goes with the right to the archive, and is
// sealed anew with everything else when the vault's key is renewed.
#pragma once

#include <span>

#include "sync/node/log.h"
#include "sync/vault/vault.h"

namespace satchel::node {

inline constexpr std::size_t kReferenceBytesMax = 256;  // more is no number

struct Reference {
  ArchiveNo archive = 0;
  std::string number;
};

// Keeps these; those of other archives stay. Longer ones than allowed are left out.
Result<void> note_references(WriteTxn& txn, const Vault& vault, Entropy& entropy, std::span<const Reference> all);
// Nothing when none was kept, or what is there does not open.
Result<std::optional<std::string>> reference_of(const ReadTxn& txn, const Vault& vault, const StoredArchive& info);
Result<void> drop_reference(WriteTxn& txn, ArchiveNo archive);
// Under the vault's next key (Vault::begin_renewal).
Result<void> reseal_references(WriteTxn& txn, const Vault& vault, Entropy& entropy);

}  // namespace satchel::node
