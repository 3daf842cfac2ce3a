// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/shredding.h"

#include "sync/node/dropping.h"

namespace satchel::node {

namespace {

constexpr std::string_view kShredMark = "shred";  // in meta: archives u32 · since i64 ms; there: owed

}  // namespace

Result<std::optional<ShreddingOwed>> shredding_owed(const ReadTxn& txn) {
  SATCHEL_GET(found, txn.get(Table::meta, view(kShredMark)));
  if (!found) return std::nullopt;
  Reader in(*found);
  ShreddingOwed owed;
  owed.archives = in.u32();
  owed.since.ms = in.i64();
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", "shred");
  return owed;
}

Result<void> owe_shredding(WriteTxn& txn, Effects& effects, std::uint32_t archives, WallTime now) {
  SATCHEL_GET(before, shredding_owed(txn));
  const ShreddingOwed owed = before.value_or(ShreddingOwed{0, now});
  effects.shredding_owed();
  return txn.put(Table::meta, view(kShredMark), Writer().u32(owed.archives + archives).i64(owed.since.ms).bytes());
}

namespace {

// Everything the directory took up to here is gone, also from the file: only then is there a word of it.
Result<bool> close_account(Replica& replica, bool holds_keys, const ShreddingOwed& owed) {
  bool done = false;
  SATCHEL_TRY(replica.write([&](WriteTxn& txn, Effects& effects) -> Result<void> {
    SATCHEL_GET(obeyed, replica.obeyed_in(txn, effects));
    // More may have been let go of meanwhile, or be due to be.
    SATCHEL_GET(now, shredding_owed(txn));
    SATCHEL_GET(due, dropping_due(txn, obeyed, replica.clock().wall()));
    if (!now || now->archives != owed.archives || (holds_keys && due)) return {};
    done = true;
    SATCHEL_TRY(txn.erase(Table::meta, view(kShredMark)));
    if (owed.archives == 0 && !receipt_wanted(*obeyed.directory, replica.self().identity.id)) return {};
    return put_receipt(txn, effects, replica, obeyed, owed.archives);
  }));
  return done;
}

}  // namespace

Result<bool> shred(Replica& replica, Keyring* keyring, std::uint64_t bytes_most) {
  std::optional<ShreddingOwed> owed;
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(found, shredding_owed(*txn));
    owed = found;
  }
  if (!owed) return false;
  const auto bytes = replica.store().bytes_at_most();
  if (bytes != UINT64_MAX && bytes > bytes_most) return false;
  SATCHEL_GET(sole, replica.store().sole_use());
  if (!sole) return false;
  if (keyring != nullptr) SATCHEL_TRY(keyring->renew_vault(replica));
  SATCHEL_GET(compacted, replica.store().compact(*sole));
  if (!compacted) return false;
  sole.reset();
  return close_account(replica, keyring != nullptr, *owed);
}

}  // namespace satchel::node
