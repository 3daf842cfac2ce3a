// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/vault/vault.h"

#include "sync/vault/key_file.h"
#include "sync/vault/vault_file.h"

namespace satchel {

namespace {

constexpr std::string_view kSecretAssociated = "SATCHELV secret ";

Bytes secret_associated(View name) {
  Writer out(kSecretAssociated.size() + name.size());
  out.raw(view(kSecretAssociated)).raw(name);
  return out.take();
}

Result<void> must_be_absent(const std::filesystem::path& file) {
  const auto existing = read_key_file(file);
  if (!existing) return std::unexpected(existing.error());
  if (*existing) return fail(ErrorKind::failed, "vault.exists", file.string());
  return {};
}

Result<VaultFile> read(const std::filesystem::path& file) {
  const auto bytes = read_key_file(file);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return fail(ErrorKind::not_found, "vault.missing", file.string());
  return decode(**bytes, file.string());
}

}  // namespace

Vault::Vault(std::filesystem::path file, const StretchParams& params, const Secret32& key, const Identity& identity)
    : file_(std::move(file)), params_(params), key_(key), identity_(identity) {}

Result<Vault> Vault::create(const std::filesystem::path& file, std::string_view passphrase, const StretchParams& params,
                            const Identity& identity, Entropy& entropy) {
  SATCHEL_TRY(must_be_absent(file));  // before the long computation; again below, where nobody can come between
  const Secret32 key = Secret32::random(entropy);
  VaultFile content;
  SATCHEL_TRY(wrap_key(content, key, passphrase, params, entropy));
  put_identity(content, key, identity, entropy);
  auto change = KeyFileChange::begin(file);
  if (!change) return std::unexpected(change.error());
  SATCHEL_TRY(must_be_absent(file));
  SATCHEL_TRY(change->commit(encode(content)));
  return Vault(file, content.params, key, identity);
}

Vault Vault::in_memory(const Identity& identity, const Secret32& key) { return Vault({}, {}, key, identity); }

Result<Vault> Vault::open(const std::filesystem::path& file, std::string_view passphrase) {
  const auto content = read(file);
  if (!content) return std::unexpected(content.error());
  const auto key = unwrap_key(*content, passphrase, file.string());
  if (!key) return std::unexpected(key.error());
  const auto identity = take_identity(*content, *key, file.string());
  if (!identity) return std::unexpected(identity.error());
  return Vault(file, content->params, *key, *identity);
}

Result<VaultFile> Vault::reread() const {
  auto content = read(file_);
  if (!content) return content;
  const auto identity = take_identity(*content, key_, file_.string());
  if (!identity) return std::unexpected(identity.error());
  return content;
}

Result<void> Vault::change_passphrase(std::string_view passphrase, const StretchParams& params, Entropy& entropy) {
  VaultFile wrapped;
  SATCHEL_TRY(wrap_key(wrapped, key_, passphrase, params, entropy));
  auto change = KeyFileChange::begin(file_);
  if (!change) return std::unexpected(change.error());
  auto content = reread();
  if (!content) return std::unexpected(content.error());
  wrapped.sealed_identity = std::move(content->sealed_identity);
  SATCHEL_TRY(change->commit(encode(wrapped)));
  params_ = wrapped.params;
  return {};
}

Result<void> Vault::set_incarnation(std::uint32_t next, Entropy& entropy) {
  auto change = KeyFileChange::begin(file_);
  if (!change) return std::unexpected(change.error());
  auto content = reread();
  if (!content) return std::unexpected(content.error());
  auto identity = take_identity(*content, key_, file_.string());
  if (!identity) return std::unexpected(identity.error());
  if (next <= identity->incarnation) {
    return fail(ErrorKind::failed, "vault.incarnation-back", std::to_string(identity->incarnation));
  }
  identity->incarnation = next;
  put_identity(*content, key_, *identity, entropy);
  SATCHEL_TRY(change->commit(encode(*content)));
  identity_ = *identity;
  return {};
}

Bytes Vault::seal(View name, View plain, Entropy& entropy) const {
  return satchel::seal(key_, secret_associated(name), plain, entropy);
}

Result<Bytes> Vault::open_sealed(View name, View sealed) const {
  return satchel::open(key_, secret_associated(name), sealed);
}

}  // namespace satchel
