// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/references.h"

namespace satchel::node {

namespace {

Bytes reference_name(const ArchiveId& archive) { return Writer(32).raw(view("reference")).raw(archive.view()).take(); }

}  // namespace

Result<void> note_references(WriteTxn& txn, const Vault& vault, Entropy& entropy, std::span<const Reference> all) {
  for (const auto& one : all) {
    SATCHEL_GET(info, archive_info(txn, one.archive));
    if (!info || one.number.empty() || one.number.size() > kReferenceBytesMax) continue;
    SATCHEL_GET(known, reference_of(txn, vault, *info));
    if (known == one.number) continue;
    SATCHEL_TRY(
        txn.put(Table::secrets, key_of(one.archive), vault.seal(reference_name(info->id), view(one.number), entropy)));
  }
  return {};
}

Result<std::optional<std::string>> reference_of(const ReadTxn& txn, const Vault& vault, const StoredArchive& info) {
  SATCHEL_GET(found, txn.get(Table::secrets, key_of(info.no)));
  if (!found) return std::nullopt;
  const auto plain = vault.open_sealed(reference_name(info.id), *found);
  if (!plain) return std::nullopt;
  return std::string(plain->begin(), plain->end());
}

Result<void> drop_reference(WriteTxn& txn, ArchiveNo archive) {
  SATCHEL_TRY(txn.erase(Table::secrets, key_of(archive)));
  return {};
}

Result<void> reseal_references(WriteTxn& txn, const Vault& vault, Entropy& entropy) {
  std::vector<std::pair<Bytes, Bytes>> rows;
  SATCHEL_TRY(scan_prefix(txn, Table::secrets, {}, [&](KeyValue pair) {
    rows.emplace_back(copy(pair.key), copy(pair.value));
    return true;
  }));
  for (const auto& [key, sealed] : rows) {
    SATCHEL_GET(info, archive_info(txn, be32(key)));
    if (!info) return fail(ErrorKind::integrity, "log.damaged", "secrets");
    const auto anew = vault.reseal(reference_name(info->id), sealed, entropy);
    // A convenience that does not open must not hold up what is to be shredded.
    if (anew) SATCHEL_TRY(txn.put(Table::secrets, key, *anew));
    if (!anew) SATCHEL_TRY(txn.erase(Table::secrets, key));
  }
  return {};
}

}  // namespace satchel::node
