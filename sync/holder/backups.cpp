// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/backups.h"

#include "sync/holder/locked.h"

namespace satchel::holder {

namespace fs = std::filesystem;

Result<BackedUp> back_up(Device& device, const fs::path& wanted) {
  SATCHEL_TRY(device.replica().refresh());
  const auto directory = device.directory();
  const bool reader = device.replica().self().role == wire::Role::reader;
  const WallTime now = device.clock().wall();
  std::error_code ignored;
  BackedUp out;
  out.file = wanted;
  const fs::path name = backup::file_name(device.identity().id, now);
  if (wanted.empty()) out.file = name;
  if (fs::is_directory(out.file, ignored)) out.file /= name;
  // Whoever restores the copy names customers by number until a hub was met.
  SATCHEL_TRY(keep_references(device));
  // What was written is signed first: a copy that had it without its batch would be restored to sign it once more, and
  // the stamps of the first signing would not count there.
  SATCHEL_TRY(device.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_TRY(node::seal_outbox(txn, device.replica().author()));
    return {};
  }));
  const backup::Source source{reader ? backup::Kind::reader : backup::Kind::device,
                              device.folder(),
                              device.config().org,
                              device.identity(),
                              device.replica().store(),
                              *directory,
                              &device.vault()};
  SATCHEL_GET(made, backup::create(source, out.file, now, device.entropy()));
  out.made = std::move(made);
  const auto& h = out.made.header;
  SATCHEL_TRY(device.replica().write([&](WriteTxn& txn, node::Effects&) {
    return node::note_backup(
        txn, {h.id.bytes, h.made, h.expires, {}, out.made.bytes, fs::absolute(out.file, ignored).string()});
  }));
  return out;
}

Result<backup::Verified> verify_backup(Device* device, const fs::path& file, const std::string& passphrase) {
  SystemEntropy entropy;
  SATCHEL_GET(verified, backup::verify(file, {passphrase, std::nullopt}, entropy));
  if (device != nullptr && verified.sound()) {
    SATCHEL_TRY(device->replica().write([&](WriteTxn& txn, node::Effects&) {
      return node::note_verified(txn, verified.header.id.bytes, device->clock().wall());
    }));
  }
  return verified;
}

}  // namespace satchel::holder
