// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/backup/create.h"

#include <charconv>
#include <ctime>

#include "sync/backup/limits.h"
#include "sync/node/keyring.h"
#include "sync/vault/key_file.h"

namespace satchel::backup {

namespace fs = std::filesystem;

namespace {

// A folder that goes when it is no longer needed.
class Scratch {
 public:
  explicit Scratch(fs::path folder) : folder_(std::move(folder)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Result<void> make() {
    std::error_code error;
    fs::remove_all(folder_, error);
    if (!error) fs::create_directories(folder_, error);
    if (!error) fs::permissions(folder_, fs::perms::owner_all, error);
    if (error) return fail(ErrorKind::storage, "backup.io", folder_.string() + ": " + error.message());
    return {};
  }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

Result<void> lock(Header& header, const Source& from, const Secret32& key, Entropy& entropy) {
  if (from.kind == Kind::hub) {
    const BoxPublic& to = from.directory.backup_key();
    if (to.none()) return fail(ErrorKind::conflict, "backup.no-key", from.directory.name());
    header.lock = Boxer(entropy).box(to, lock_name(header), key.view());
    return {};
  }
  SATCHEL_GET(file, read_key_file(from.vault->file()));
  if (!file) return fail(ErrorKind::not_found, "vault.missing", from.vault->file().string());
  header.vault = std::move(*file);
  header.lock = from.vault->seal(lock_name(header), key.view(), entropy);
  return {};
}

Result<Secret32> key_from(Result<Bytes> plain) {
  if (!plain || plain->size() != 32) return fail(ErrorKind::integrity, "backup.damaged", "key");
  const Secret32 key = Secret32::of(*plain);
  wipe(*plain);
  return key;
}

Result<Secret32> open_lock(const Header& header, const fs::path& folder, const Unlock& unlock,
                           std::optional<Vault>& vault) {
  if (header.kind == Kind::hub) {
    if (!unlock.root) return fail(ErrorKind::usage, "backup.other-kind", "hub");
    if (org_id(unlock.root->pub) != header.org)
      return fail(ErrorKind::permission, "backup.other-kit", header.org.hex());
    return key_from(Unboxer(recovery_keys(unlock.root->seed)).open(lock_name(header), header.lock));
  }
  if (unlock.root) return fail(ErrorKind::usage, "backup.other-kind", "device");
  SATCHEL_GET(change, KeyFileChange::begin(folder / kVaultFile));
  SATCHEL_TRY(change.commit(header.vault));
  SATCHEL_GET(opened, Vault::open(folder / kVaultFile, unlock.passphrase));
  const auto& who = opened.identity();
  if (who.id != header.node.node || who.incarnation != header.node.incarnation)
    return fail(ErrorKind::integrity, "backup.damaged", "identity");
  vault = std::move(opened);
  return key_from(vault->open_sealed(lock_name(header), header.lock));
}

Result<void> check_keys(const Opened& opened, const Directory& directory, Entropy& entropy, Verified& out) {
  if (!opened.vault) return {};
  node::Keyring ring(*opened.vault, entropy);
  SATCHEL_GET(txn, opened.store->begin_read());
  SATCHEL_GET(archives, node::archive_count(*txn));
  for (node::ArchiveNo no = 1; no <= archives; ++no) {
    SATCHEL_GET(info, node::archive_info(*txn, no));
    if (!info || !info->opened) continue;
    const auto keys = ring.keys_of(*txn, directory, *info);
    if (!keys && keys.error().kind == ErrorKind::storage) return std::unexpected(keys.error());
    if (!keys) ++out.keys_broken;
    if (keys && !(*keys)->epochs.empty()) ++out.keys;
  }
  return {};
}

}  // namespace

std::chrono::hours life_of(const Directory& directory) {
  std::uint32_t days = kBackupDaysDefault;
  if (const auto policy = directory.policy(kPolicyBackup)) {
    std::uint32_t said = 0;
    const auto end = policy->data() + policy->size();
    const auto read = std::from_chars(policy->data(), end, said);
    if (read.ec == std::errc{} && read.ptr == end && said <= kBackupDaysMax) days = said;
  }
  return std::chrono::hours{24} * days;
}

std::string file_name(const NodeId& node, WallTime made) {
  const std::time_t seconds = made.ms / 1000;
  std::tm when{};
  gmtime_r(&seconds, &when);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &when);
  return node.hex().substr(0, 8) + "-" + text + ".satchel-backup";
}

Result<Made> create(const Source& from, const fs::path& file, WallTime now, Entropy& entropy) {
  Made out;
  Header& h = out.header;
  h.kind = from.kind;
  h.org = from.org;
  h.node = {from.identity.id, from.identity.incarnation};
  h.id = random_id<BackupId>(entropy);
  h.made = now;
  const auto life = life_of(from.directory);
  // A hub's copy holds nothing that opens an archive.
  if (from.kind != Kind::hub && life.count() > 0) h.expires = now + std::chrono::duration_cast<Millis>(life);
  const Secret32 key = Secret32::random(entropy);
  SATCHEL_TRY(lock(h, from, key, entropy));
  SATCHEL_GET(files, files_of(from.folder, from.kind));
  SATCHEL_GET(writer, BackupWriter::open(file, h, key, entropy));
  SATCHEL_GET(txn, from.store.begin_read());
  auto summary = write_content(writer, *txn, from.kind, files);
  for (auto& one : files) wipe(one.bytes);
  if (!summary) return std::unexpected(summary.error());
  txn.reset();
  out.summary = std::move(*summary);
  SATCHEL_GET(bytes, writer.finish(from.identity.sign));
  out.bytes = bytes;
  return out;
}

Result<Opened> unpack(const fs::path& file, const fs::path& folder, const Unlock& unlock) {
  SATCHEL_GET(reader, BackupReader::open(file));
  Opened out;
  out.header = reader.header();
  SATCHEL_GET(key, open_lock(out.header, folder, unlock, out.vault));
  reader.unlock(key);
  SATCHEL_GET(content, read_content(reader, folder, out.vault ? out.vault->identity().sign.pub : SignPublic{}));
  out.summary = content.summary;
  out.store = std::move(content.store);
  if (out.vault) {
    out.identity = out.vault->identity();
  } else {
    SATCHEL_GET(identity, load_identity_file(folder / kIdentityFile));
    out.identity = identity;
  }
  return out;
}

Result<Verified> verify(const fs::path& file, const Unlock& unlock, Entropy& entropy) {
  fs::path beside = file;
  beside += ".verifying";
  Scratch scratch(beside);
  SATCHEL_TRY(scratch.make());
  SATCHEL_GET(opened, unpack(file, scratch.folder(), unlock));
  Verified out;
  out.header = opened.header;
  out.summary = opened.summary;
  SATCHEL_GET(txn, opened.store->begin_read());
  auto directory = node::verify_directory(*txn, opened.header.org, opened.header.node);
  if (!directory && directory.error().kind == ErrorKind::storage) return std::unexpected(directory.error());
  if (!directory) {
    out.directory = directory.error().code;
    return out;
  }
  SATCHEL_GET(log, node::verify_log(*txn, *directory, {opened.identity.id, opened.header.kind == Kind::hub}));
  out.log = std::move(log);
  txn.reset();
  SATCHEL_TRY(check_keys(opened, *directory, entropy, out));
  return out;
}

}  // namespace satchel::backup
