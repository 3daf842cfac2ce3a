// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/vault/identity.h"

#include "sync/vault/key_file.h"

namespace satchel {

namespace {

constexpr std::string_view kIdentityMagic = "SATCHELN";
constexpr std::uint32_t kIdentityVersion = 1;

Identity identity_of(const Secret32& sign_seed, const Secret32& box_secret, std::uint32_t incarnation) {
  Identity identity{{}, make_sign_keys(sign_seed), make_box_keys(box_secret), incarnation};
  identity.id = node_id(identity.sign.pub, identity.box.pub);
  return identity;
}

Bytes encode_identity(const Identity& identity) {
  // Room for all of it from the start: a buffer that grew would leave copies of the seeds behind.
  Writer out(kIdentityMagic.size() + 4 + kIdentityBytes + Digest::size);
  out.raw(view(kIdentityMagic)).u32(kIdentityVersion);
  write_identity(out, identity);
  write_checksum(out);
  return out.take();
}

Result<Identity> decode_identity(View bytes, const std::filesystem::path& file) {
  const auto damaged = fail(ErrorKind::integrity, "vault.identity-damaged", file.string());
  const auto content = without_checksum(bytes);
  if (!content) return damaged;
  Reader in(*content);
  if (text(in.raw(kIdentityMagic.size())) != kIdentityMagic) return damaged;
  const std::uint32_t version = in.u32();
  if (version > kIdentityVersion) return fail(ErrorKind::failed, "vault.newer", file.string());
  Identity identity = read_identity(in);
  if (!in.done() || version != kIdentityVersion) return damaged;
  return identity;
}

}  // namespace

Identity make_identity(Entropy& entropy) {
  const Secret32 sign_seed = Secret32::random(entropy);
  return identity_of(sign_seed, Secret32::random(entropy), 1);
}

void write_identity(Writer& out, const Identity& identity) {
  out.raw(identity.sign.seed.view()).raw(identity.box.secret.view()).u32(identity.incarnation);
}

Identity read_identity(Reader& in) {
  const View seeds = in.raw(64);
  const std::uint32_t incarnation = in.u32();
  if (!in.ok()) return {};
  return identity_of(Secret32::of(seeds.first(32)), Secret32::of(seeds.last(32)), incarnation);
}

Result<void> create_identity_file(const std::filesystem::path& file, const Identity& identity) {
  auto change = KeyFileChange::begin(file);
  if (!change) return std::unexpected(change.error());
  auto existing = read_key_file(file);
  if (!existing) return std::unexpected(existing.error());
  if (*existing) {
    wipe(**existing);
    return fail(ErrorKind::failed, "vault.identity-exists", file.string());
  }
  Bytes bytes = encode_identity(identity);
  const WipedAtEnd wiped(bytes);
  return change->commit(bytes);
}

Result<Identity> load_identity_file(const std::filesystem::path& file) {
  auto bytes = read_key_file(file);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return fail(ErrorKind::not_found, "vault.identity-missing", file.string());
  const WipedAtEnd wiped(**bytes);
  return decode_identity(**bytes, file);
}

Result<Identity> advance_identity_file(const std::filesystem::path& file, std::uint32_t next) {
  auto change = KeyFileChange::begin(file);
  if (!change) return std::unexpected(change.error());
  auto identity = load_identity_file(file);
  if (!identity) return identity;
  if (next <= identity->incarnation) {
    return fail(ErrorKind::failed, "vault.incarnation-back", std::to_string(identity->incarnation));
  }
  identity->incarnation = next;
  Bytes bytes = encode_identity(*identity);
  const WipedAtEnd wiped(bytes);
  SATCHEL_TRY(change->commit(bytes));
  return identity;
}

}  // namespace satchel
