// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/vault/vault_file.h"

#include "sync/vault/key_file.h"

namespace satchel {

namespace {

constexpr std::string_view kVaultMagic = "SATCHELV";
constexpr std::string_view kIdentityAssociated = "SATCHELV identity";
constexpr std::size_t kWrappedKeyBytes = 32 + kSealOverhead;
constexpr std::size_t kSealedIdentityBytes = kIdentityBytes + kSealOverhead;

std::unexpected<Error> damaged(const std::string& detail) {
  return fail(ErrorKind::integrity, "vault.damaged", detail);
}

void write_front(Writer& out, const VaultFile& vault) {
  out.raw(view(kVaultMagic)).u32(vault.version()).u32(vault.params.passes).u32(vault.params.memory_kib);
  out.raw(vault.params.salt).raw(vault.passphrase_key.view());
}

Bytes front(const VaultFile& vault) {
  Writer out;
  write_front(out, vault);
  return out.take();
}

}  // namespace

std::uint32_t VaultFile::version() const { return wrapped_next.empty() ? kVaultVersion : kVaultVersionRenewing; }

Bytes encode(const VaultFile& vault) {
  Writer out(kVaultFileBytes + kWrappedKeyBytes);
  write_front(out, vault);
  out.raw(vault.wrapped_key).raw(vault.sealed_identity).raw(vault.wrapped_next);
  write_checksum(out);
  SATCHEL_ASSERT(out.size() == kVaultFileBytes + vault.wrapped_next.size());
  return out.take();
}

Result<VaultFile> decode(View bytes, const std::string& name) {
  const auto content = without_checksum(bytes);
  if (!content) return damaged(name);
  Reader in(*content);
  if (text(in.raw(kVaultMagic.size())) != kVaultMagic) return damaged(name);
  const std::uint32_t version = in.u32();
  if (version > kVaultVersionRenewing) return fail(ErrorKind::failed, "vault.newer", name);
  VaultFile vault;
  vault.params.passes = in.u32();
  vault.params.memory_kib = in.u32();
  const View salt = in.raw(vault.params.salt.size());
  std::copy(salt.begin(), salt.end(), vault.params.salt.begin());
  vault.passphrase_key = KeyId::of(in.raw(KeyId::size));
  vault.wrapped_key = copy(in.raw(kWrappedKeyBytes));
  vault.sealed_identity = copy(in.raw(kSealedIdentityBytes));
  if (version == kVaultVersionRenewing) vault.wrapped_next = copy(in.raw(kWrappedKeyBytes));
  if (!in.done() || version != vault.version()) return damaged(name);
  return vault;
}

Bytes wrap_under(const VaultFile& vault, const Secret32& passphrase_key, const Secret32& vault_key, Entropy& entropy) {
  return seal(passphrase_key, front(vault), vault_key.view(), entropy);
}

Result<Secret32> unwrap_under(const VaultFile& vault, const Secret32& passphrase_key, View wrapped,
                              const std::string& name) {
  auto plain = open(passphrase_key, front(vault), wrapped);
  if (!plain) return damaged(name);
  const WipedAtEnd wiped(*plain);
  return Secret32::of(*plain);
}

Result<Secret32> wrap_key(VaultFile& vault, const Secret32& vault_key, std::string_view passphrase,
                          const StretchParams& params, Entropy& entropy) {
  if (passphrase.empty()) return fail(ErrorKind::usage, "vault.empty-passphrase");
  vault.params = params;
  entropy.fill(vault.params.salt);
  const auto key = stretch(passphrase, vault.params);
  if (!key) return key;
  vault.passphrase_key = key_id(*key);
  vault.wrapped_key = wrap_under(vault, *key, vault_key, entropy);
  return key;
}

Result<Secret32> passphrase_key(const VaultFile& vault, std::string_view passphrase, const std::string& name) {
  const auto key = stretch(passphrase, vault.params);
  if (!key) {
    if (key.error().code == "seal.downgraded") {
      return fail(ErrorKind::integrity, "vault.downgraded", name + ": " + key.error().detail);
    }
    if (key.error().code == "seal.excessive") return damaged(name + ": " + key.error().detail);
    return key;
  }
  if (key_id(*key) != vault.passphrase_key) return fail(ErrorKind::permission, "vault.wrong-passphrase", name);
  return key;
}

void put_identity(VaultFile& vault, const Secret32& vault_key, const Identity& identity, Entropy& entropy) {
  Writer plain(kIdentityBytes);
  const WipedAtEnd wiped(plain.buffer());
  write_identity(plain, identity);
  vault.sealed_identity = seal(vault_key, view(kIdentityAssociated), plain.bytes(), entropy);
}

Result<Identity> take_identity(const VaultFile& vault, const Secret32& vault_key, const std::string& name) {
  auto plain = open(vault_key, view(kIdentityAssociated), vault.sealed_identity);
  if (!plain) return damaged(name);
  const WipedAtEnd wiped(*plain);
  Reader in(*plain);
  Identity identity = read_identity(in);
  if (!in.done()) return damaged(name);
  return identity;
}

}  // namespace satchel
