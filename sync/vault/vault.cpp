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

Vault::Vault(std::filesystem::path file, const StretchParams& params, const Secret32& wrapping, const Secret32& key,
             const Identity& identity)
    : file_(std::move(file)), params_(params), wrapping_(wrapping), key_(key), file_key_(key), identity_(identity) {}

Result<Vault> Vault::create(const std::filesystem::path& file, std::string_view passphrase, const StretchParams& params,
                            const Identity& identity, Entropy& entropy) {
  SATCHEL_TRY(must_be_absent(file));  // before the long computation; again below, where nobody can come between
  const Secret32 key = Secret32::random(entropy);
  VaultFile content;
  const auto wrapping = wrap_key(content, key, passphrase, params, entropy);
  if (!wrapping) return std::unexpected(wrapping.error());
  put_identity(content, key, identity, entropy);
  auto change = KeyFileChange::begin(file);
  if (!change) return std::unexpected(change.error());
  SATCHEL_TRY(must_be_absent(file));
  SATCHEL_TRY(change->commit(encode(content)));
  return Vault(file, content.params, *wrapping, key, identity);
}

Vault Vault::in_memory(const Identity& identity, const Secret32& key) { return Vault({}, {}, {}, key, identity); }

Result<Vault> Vault::open(const std::filesystem::path& file, std::string_view passphrase) {
  const auto content = read(file);
  if (!content) return std::unexpected(content.error());
  const auto wrapping = passphrase_key(*content, passphrase, file.string());
  if (!wrapping) return std::unexpected(wrapping.error());
  const auto key = unwrap_under(*content, *wrapping, content->wrapped_key, file.string());
  if (!key) return std::unexpected(key.error());
  const auto identity = take_identity(*content, *key, file.string());
  if (!identity) return std::unexpected(identity.error());
  Vault vault(file, content->params, *wrapping, *key, *identity);
  if (content->wrapped_next.empty()) return vault;
  const auto next = unwrap_under(*content, *wrapping, content->wrapped_next, file.string());
  if (!next) return std::unexpected(next.error());
  vault.next_ = *next;
  return vault;
}

Result<VaultFile> Vault::reread() const {
  auto content = read(file_);
  if (!content) return content;
  const auto identity = take_identity(*content, file_key_, file_.string());
  if (!identity) return std::unexpected(identity.error());
  return content;
}

Result<void> Vault::change_passphrase(std::string_view passphrase, const StretchParams& params, Entropy& entropy) {
  VaultFile wrapped;
  const auto wrapping = wrap_key(wrapped, key_, passphrase, params, entropy);
  if (!wrapping) return std::unexpected(wrapping.error());
  auto change = KeyFileChange::begin(file_);
  if (!change) return std::unexpected(change.error());
  auto content = reread();
  if (!content) return std::unexpected(content.error());
  if (!content->wrapped_next.empty()) return fail(ErrorKind::conflict, "vault.renewing", file_.string());
  wrapped.sealed_identity = std::move(content->sealed_identity);
  SATCHEL_TRY(change->commit(encode(wrapped)));
  params_ = wrapped.params;
  wrapping_ = *wrapping;
  return {};
}

Result<void> Vault::set_incarnation(std::uint32_t next, Entropy& entropy) {
  auto change = KeyFileChange::begin(file_);
  if (!change) return std::unexpected(change.error());
  auto content = reread();
  if (!content) return std::unexpected(content.error());
  auto identity = take_identity(*content, file_key_, file_.string());
  if (!identity) return std::unexpected(identity.error());
  if (next <= identity->incarnation) {
    return fail(ErrorKind::failed, "vault.incarnation-back", std::to_string(identity->incarnation));
  }
  identity->incarnation = next;
  put_identity(*content, file_key_, *identity, entropy);
  SATCHEL_TRY(change->commit(encode(*content)));
  identity_ = *identity;
  return {};
}

// The identity goes under the first of the two.
Result<void> Vault::rewrite(const Secret32& key, const std::optional<Secret32>& next, Entropy& entropy) {
  auto change = KeyFileChange::begin(file_);
  if (!change) return std::unexpected(change.error());
  auto content = reread();
  if (!content) return std::unexpected(content.error());
  if (content->passphrase_key != key_id(wrapping_)) {
    return fail(ErrorKind::conflict, "vault.passphrase-changed", file_.string());
  }
  const auto identity = take_identity(*content, file_key_, file_.string());
  if (!identity) return std::unexpected(identity.error());
  // Which of the two forms the file has is part of what the wrapped keys are bound to: first the form, then the keys.
  content->wrapped_next = next ? Bytes(1) : Bytes{};
  if (next) content->wrapped_next = wrap_under(*content, wrapping_, *next, entropy);
  content->wrapped_key = wrap_under(*content, wrapping_, key, entropy);
  put_identity(*content, key, *identity, entropy);
  return change->commit(encode(*content));
}

Result<bool> Vault::begin_renewal(Entropy& entropy) {
  if (file_.empty()) return false;
  SATCHEL_ASSERT(!renewing());
  const Secret32 next = Secret32::random(entropy);
  const auto begun = rewrite(file_key_, next, entropy);
  if (!begun && begun.error().code == "vault.passphrase-changed") return false;
  // After an error the file is the old or the new one: settle() tells.
  next_ = next;
  if (!begun) return std::unexpected(begun.error());
  return true;
}

KeyId Vault::next_key() const {
  SATCHEL_ASSERT(renewing());
  return key_id(*next_);
}

Result<Bytes> Vault::reseal(View name, View sealed, Entropy& entropy) const {
  SATCHEL_ASSERT(renewing());
  auto plain = open_sealed(name, sealed);
  if (!plain) return plain;
  const WipedAtEnd wiped(*plain);
  return satchel::seal(*next_, secret_associated(name), *plain, entropy);
}

Result<void> Vault::finish_renewal(Entropy& entropy) {
  SATCHEL_ASSERT(renewing());
  key_ = *next_;
  SATCHEL_TRY(rewrite(*next_, std::nullopt, entropy));
  file_key_ = *next_;
  next_.reset();
  return {};
}

// Another process that met the same cut was faster, or the file never got so far.
Result<bool> Vault::settled_elsewhere() {
  const auto content = read(file_);
  if (!content) return std::unexpected(content.error());
  if (!content->wrapped_next.empty()) return false;
  const bool next = take_identity(*content, *next_, file_.string()).has_value();
  key_ = file_key_ = next ? *next_ : file_key_;
  next_.reset();
  return true;
}

Result<void> Vault::settle(const KeyId& kept_under, Entropy& entropy) {
  if (!renewing()) return {};
  const auto elsewhere = settled_elsewhere();
  if (!elsewhere) return std::unexpected(elsewhere.error());
  if (*elsewhere) return {};
  if (kept_under == key_id(*next_)) return finish_renewal(entropy);
  SATCHEL_TRY(rewrite(file_key_, std::nullopt, entropy));
  key_ = file_key_;
  next_.reset();
  return {};
}

Bytes Vault::seal(View name, View plain, Entropy& entropy) const {
  return satchel::seal(key_, secret_associated(name), plain, entropy);
}

Result<Bytes> Vault::open_sealed(View name, View sealed) const {
  return satchel::open(key_, secret_associated(name), sealed);
}

}  // namespace satchel
