// SPDX-License-Identifier: AGPL-3.0-or-later
// A device's vault: one small file with its identity and the random vault key, both sealed (store.md, 'Key files').
// The passphrase, stretched by Argon2id, opens the vault key; the vault key opens the rest and seals this device's
// small secrets (archive keys, audience keys), which their owners store where they like. So a new passphrase rewrites
// one file and nothing else; an old copy of the file still opens with its old passphrase.
// A vault key is renewed when something was let go of: then what an old page of the disk may still hold is sealed with
// a key that is nowhere any more. begin_renewal(), everything sealed anew by reseal() in one commit of whoever keeps it
// together with next_key(), finish_renewal(). Cut in between, open() finds both keys in the file, and settle() says
// which one it became. Only while no other process has the vault open. A Vault is unlocked for as long as it lives and
// wipes its keys when it dies. Reading is safe from any thread; the two changing functions lock out other processes,
// but not other threads that use the same object.
//
// Errors: not_found "vault.missing", failed "vault.exists", integrity "vault.damaged" (whatever a disk can do to the
// file), permission "vault.wrong-passphrase" (the file is whole), integrity "vault.downgraded" (parameters below the
// floor), failed "vault.newer", storage "vault.io", "vault.full" and "seal.no-memory".
#pragma once

#include <optional>

#include "schema/base/time.h"
#include "sync/vault/identity.h"

namespace satchel {

struct VaultFile;

class Vault {
 public:
  // Always draws a fresh salt; the one in `params` is not used. An empty passphrase is a usage error,
  // "vault.empty-passphrase". Takes as long as the parameters ask for.
  static Result<Vault> create(const std::filesystem::path& file, std::string_view passphrase,
                              const StretchParams& params, const Identity& identity, Entropy& entropy);
  static Result<Vault> open(const std::filesystem::path& file, std::string_view passphrase);
  // Without a file: secrets last as long as the object (simulations; what it sealed opens with `key` again). Its key is
  // not renewed.
  static Vault in_memory(const Identity& identity, const Secret32& key);

  // Whoever wants the old passphrase asked for again opens the file with it first.
  Result<void> change_passphrase(std::string_view passphrase, const StretchParams& params, Entropy& entropy);
  // `next` must be greater than what the file holds, else failed "vault.incarnation-back".
  Result<void> set_incarnation(std::uint32_t next, Entropy& entropy);

  // False: not now; the passphrase was changed by another process since this one opened the vault.
  Result<bool> begin_renewal(Entropy& entropy);
  // Under way, begun here or before a cut.
  bool renewing() const { return next_.has_value(); }
  KeyId next_key() const;
  // What was sealed with the key so far, under the next one.
  Result<Bytes> reseal(View name, View sealed, Entropy& entropy) const;
  // The next key is the key from now on; after an error here, too, but the file still needs settle().
  Result<void> finish_renewal(Entropy& entropy);
  // After a cut or an error: `kept_under` is the key that what is kept was last sealed anew for; it decides. Does
  // nothing when no renewal is under way.
  Result<void> settle(const KeyId& kept_under, Entropy& entropy);

  const Identity& identity() const { return identity_; }
  const StretchParams& params() const { return params_; }
  const std::filesystem::path& file() const { return file_; }

  // `name` says what the secret is and is bound to it: it opens under no other name. Integrity error "seal.broken".
  Bytes seal(View name, View plain, Entropy& entropy) const;
  Result<Bytes> open_sealed(View name, View sealed) const;

 private:
  Vault(std::filesystem::path file, const StretchParams& params, const Secret32& wrapping, const Secret32& key,
        const Identity& identity);
  // The file as it is now, which another process may have changed; fails when it is no longer this vault.
  Result<VaultFile> reread() const;
  Result<void> rewrite(const Secret32& key, const std::optional<Secret32>& next, Entropy& entropy);
  Result<bool> settled_elsewhere();

  std::filesystem::path file_;
  StretchParams params_;
  Secret32 wrapping_;  // the passphrase's key
  Secret32 key_;       // in use
  Secret32 file_key_;  // the first in the file; another one only between a renewal and its last step
  std::optional<Secret32> next_;
  Identity identity_;
};

// Parameters that cost about 0.85 s on this machine: memory first, up to the maximum, then passes; never below the
// floor, and no more memory than there is. Runs stretch() a few times. The salt is fresh.
StretchParams calibrate(Entropy& entropy, Clock& clock);

}  // namespace satchel
