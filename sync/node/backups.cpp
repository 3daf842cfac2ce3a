// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/backups.h"

namespace satchel::node {

namespace {

constexpr std::string_view kBackupPrefix = "backup:";  // in meta, and the backup's id
constexpr std::size_t kBackupFileBytesMax = 4096;

Bytes backup_key(const std::array<Byte, 16>& id) { return Writer(32).raw(view(kBackupPrefix)).raw(id).take(); }

Result<KnownBackup> read_backup(KeyValue pair) {
  KnownBackup out;
  const View id = pair.key.subspan(kBackupPrefix.size());
  Reader in(pair.value);
  out.made.ms = in.i64();
  out.expires.ms = in.i64();
  out.verified.ms = in.i64();
  out.bytes = in.u64();
  out.file = in.string(kBackupFileBytesMax);
  if (!in.done() || id.size() != out.id.size()) return fail(ErrorKind::integrity, "log.damaged", "backup");
  std::ranges::copy(id, out.id.begin());
  return out;
}

Result<void> put_backup(WriteTxn& txn, const KnownBackup& b) {
  return txn.put(Table::meta, backup_key(b.id),
                 Writer()
                     .i64(b.made.ms)
                     .i64(b.expires.ms)
                     .i64(b.verified.ms)
                     .u64(b.bytes)
                     .sized(std::string_view(b.file).substr(0, kBackupFileBytesMax))
                     .bytes());
}

}  // namespace

Result<void> note_backup(WriteTxn& txn, const KnownBackup& backup) {
  SATCHEL_TRY(put_backup(txn, backup));
  SATCHEL_GET(all, known_backups(txn));
  for (std::size_t i = kKnownBackupsMax; i < all.size(); ++i)
    SATCHEL_TRY(txn.erase(Table::meta, backup_key(all[i].id)));
  return {};
}

Result<void> note_verified(WriteTxn& txn, const std::array<Byte, 16>& id, WallTime when) {
  SATCHEL_GET(all, known_backups(txn));
  const auto found = std::ranges::find(all, id, &KnownBackup::id);
  if (found == all.end()) return {};
  found->verified = when;
  return put_backup(txn, *found);
}

Result<std::vector<KnownBackup>> known_backups(const ReadTxn& txn) {
  std::vector<KnownBackup> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::meta, view(kBackupPrefix), [&](KeyValue pair) {
    auto one = read_backup(pair);
    if (!one) {
      inner = std::unexpected(one.error());
      return false;
    }
    out.push_back(std::move(*one));
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  std::ranges::sort(out, std::ranges::greater{}, [](const KnownBackup& b) { return b.made.ms; });
  return out;
}

}  // namespace satchel::node
