// SPDX-License-Identifier: AGPL-3.0-or-later
// Keyring: the keys a key-holding node (device, reader) has, on three levels: its own box key opens audience secrets,
// which the directory carries sealed per node; audience secrets open wraps, which lie in the grants table; wraps give
// an archive's epoch keys. Those are kept in Table::keys under the vault, with one local key an archive for
// everything derived from it, so that dropping one row makes the archive unreadable here.
// Not thread safe: one Keyring a thread. The directory is handed in with each call, because it moves.
#pragma once

#include <unordered_map>

#include "sync/directory/directory.h"
#include "sync/node/grants.h"
#include "sync/vault/vault.h"

namespace satchel::node {

class Replica;

// An archive's key of one epoch. Two may have opened the same epoch without knowing of each other.
struct EpochKey {
  std::uint32_t epoch = 0;
  KeyId id;
  auto operator<=>(const EpochKey&) const = default;
};

struct ArchiveKeys {
  std::map<EpochKey, Secret32> epochs;
  Secret32 local;
  bool has_local = false;
  bool stored = false;  // as it is in Table::keys
};

class Keyring {
 public:
  // `vault` and `entropy` must outlive it.
  Keyring(Vault& vault, Entropy& entropy);
  // One that only reads: the vault's key is not renewed through it.
  Keyring(const Vault& vault, Entropy& entropy);

  // The archive's keys as far as this node may have them; epochs may be empty. The reference lives until the next call.
  Result<ArchiveKeys*> keys_of(const ReadTxn& txn, const Directory& directory, const StoredArchive& info);
  // permission "keyring.no-key".
  Result<Secret32> epoch_key(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                             const EpochKey& which);
  Result<bool> has_key(const ReadTxn& txn, const Directory& directory, const StoredArchive& info);
  // The key for derived tables, made when there is none; call store() in a write transaction to keep it.
  Result<Secret32> local_key(const ReadTxn& txn, const Directory& directory, const StoredArchive& info);
  // The same as far as it is kept, without looking at or keeping anything else: for rows of very many archives.
  Result<std::optional<Secret32>> stored_local_key(const ReadTxn& txn, ArchiveNo no, const ArchiveId& id);
  Result<void> store(WriteTxn& txn, const StoredArchive& info);
  // For an archive or epoch this node opens itself.
  Result<void> adopt(WriteTxn& txn, const StoredArchive& info, std::uint32_t epoch, const Secret32& key);
  // Forgets what is in memory, after a transaction that was undone or a directory that went back: it may have held keys
  // that are nowhere now.
  void forget() {
    cache_.clear();
    audiences_.clear();
    seeds_.clear();
  }
  // A new vault key, and everything kept under it sealed anew: what was sealed with the old one before opens with
  // nothing any more. Only with the store to oneself. Without a file, or when another process changed the passphrase,
  // nothing happens: then it is done when the vault is opened the next time.
  Result<void> renew_vault(Replica& replica);
  // Forgets all keys of the archive, here and on disk.
  Result<void> drop(WriteTxn& txn, const StoredArchive& info);

  // The audience's secret of that epoch; nothing when no box is for us.
  std::optional<Secret32> audience_seed(const Directory& directory, const AudienceId& audience, std::uint32_t epoch);
  std::optional<BoxKeys> audience_secret(const Directory& directory, const AudienceId& audience, std::uint32_t epoch);
  // Text in a statement about the archive, for its readers alone: hubs carry it and cannot read it. Sealed with the
  // newest key that is here; permission "keyring.no-key" when none is. Opening: the same, or integrity "seal.broken".
  Result<payload::SealedText> seal_text(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                                        std::string_view text);
  Result<std::string> open_text(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                                const payload::SealedText& text);
  // Text in that person's statement for an audience alone, padded so that its size tells little. Boxing: failed
  // "keyring.no-audience" while the audience has no key, usage "keyring.text-too-long". Opening: permission
  // "keyring.no-key", integrity "seal.broken".
  Result<payload::BoxedText> box_text(const Directory& directory, const AudienceId& to, const PersonId& by,
                                      std::string_view text);
  Result<std::string> open_boxed(const Directory& directory, const AudienceId& to, const PersonId& by,
                                 const payload::BoxedText& text);
  Entropy& entropy() { return entropy_; }
  // A wrap of that key for an audience whose key the directory knows. One an epoch, so that whoever is given the
  // archive from an epoch on is given nothing before it.
  Bytes wrap_key(const Directory& directory, const ArchiveId& archive, std::uint32_t epoch, const Secret32& key,
                 const AudienceId& audience, bool sign_it);

 private:
  // The archive's row of Table::keys, opened; to be wiped.
  Result<std::optional<Bytes>> stored_keys(const ReadTxn& txn, ArchiveNo no, const ArchiveId& id);
  Result<void> load(const ReadTxn& txn, const StoredArchive& info, ArchiveKeys& keys);
  Result<void> unwrap(const ReadTxn& txn, const Directory& directory, const StoredArchive& info, ArchiveKeys& keys);

  const Vault& vault_;
  Vault* renewed_ = nullptr;  // the same; null when it is only read
  Entropy& entropy_;
  Boxer boxer_;
  Unboxer node_box_;
  std::unordered_map<ArchiveNo, ArchiveKeys> cache_;
  std::map<std::pair<AudienceId, std::uint32_t>, std::unique_ptr<Unboxer>> audiences_;
  std::map<std::pair<AudienceId, std::uint32_t>, Secret32> seeds_;
};

// A renewal that was cut comes to the end that the store says. To be called when a vault was opened, before it is used.
Result<void> settle_vault(const ReadTxn& txn, Vault& vault, Entropy& entropy);

// Archives whose keys are in memory at once: bounds memory whatever the number of archives.
inline constexpr std::size_t kKeyringCacheMax = 8192;

}  // namespace satchel::node
