// SPDX-License-Identifier: AGPL-3.0-or-later
// The bytes of a vault file (store.md, 'Key files'), and what opens what in it. Private to this room and its tests.
#pragma once

#include "sync/vault/identity.h"

namespace satchel {

struct VaultFile {
  StretchParams params;
  KeyId passphrase_key;   // of the key that the passphrase gives: told wrong before anything is opened with it
  Bytes wrapped_key;      // sealed(passphrase key){vault key}; everything before it in the file is associated
  Bytes sealed_identity;  // sealed(vault key){identity}
  Bytes wrapped_next;     // the same as wrapped_key of the key that is to take its place; empty: no renewal under way
  std::uint32_t version() const;
};

inline constexpr std::uint32_t kVaultVersion = 1;
inline constexpr std::uint32_t kVaultVersionRenewing = 2;  // with wrapped_next
inline constexpr std::size_t kVaultFileBytes = 8 + 4 + 4 + 4 + 16 + 16 + (32 + 40) + (kIdentityBytes + 40) + 32;

Bytes encode(const VaultFile& vault);
// integrity "vault.damaged", failed "vault.newer"; `name` is for the detail.
Result<VaultFile> decode(View bytes, const std::string& name);

// Stretches the passphrase and wraps the vault key with the outcome, under a fresh salt. The passphrase's key.
Result<Secret32> wrap_key(VaultFile& vault, const Secret32& vault_key, std::string_view passphrase,
                          const StretchParams& params, Entropy& entropy);
// The key the passphrase gives; permission "vault.wrong-passphrase".
Result<Secret32> passphrase_key(const VaultFile& vault, std::string_view passphrase, const std::string& name);
// A vault key under the passphrase's key; the rest of the file's front is bound to it.
Bytes wrap_under(const VaultFile& vault, const Secret32& passphrase_key, const Secret32& vault_key, Entropy& entropy);
Result<Secret32> unwrap_under(const VaultFile& vault, const Secret32& passphrase_key, View wrapped,
                              const std::string& name);
void put_identity(VaultFile& vault, const Secret32& vault_key, const Identity& identity, Entropy& entropy);
Result<Identity> take_identity(const VaultFile& vault, const Secret32& vault_key, const std::string& name);

}  // namespace satchel
