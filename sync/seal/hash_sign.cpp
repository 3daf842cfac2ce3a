// SPDX-License-Identifier: AGPL-3.0-or-later
#include <sodium.h>

#include "sync/seal/seal.h"

namespace satchel {

static_assert(crypto_generichash_blake2b_PERSONALBYTES == sizeof(DomainLabel));
static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_BYTES == Signature::size);

Digest hash(const DomainLabel& label, std::initializer_list<View> parts) {
  Digest out;
  if (parts.size() == 1) {
    const View part = *parts.begin();
    crypto_generichash_blake2b_salt_personal(out.bytes.data(), Digest::size, part.data(), part.size(), nullptr, 0,
                                             nullptr, label.bytes.data());
    return out;
  }
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init_salt_personal(&state, nullptr, 0, Digest::size, nullptr, label.bytes.data());
  for (const View part : parts) crypto_generichash_blake2b_update(&state, part.data(), part.size());
  crypto_generichash_blake2b_final(&state, out.bytes.data(), Digest::size);
  return out;
}

Secret32::~Secret32() { wipe(bytes_); }

Secret32 Secret32::random(Entropy& entropy) {
  Secret32 secret;
  entropy.fill(secret.bytes_);
  return secret;
}

Secret32 Secret32::of(View from) {
  Secret32 secret;
  SATCHEL_ASSERT(from.size() == secret.bytes_.size());
  std::copy(from.begin(), from.end(), secret.bytes_.begin());
  return secret;
}

KeyId key_id(const Secret32& key) { return KeyId::of(hash("satchel key id", key.view()).view().first(KeyId::size)); }

Secret32 derive(const DomainLabel& label, const Secret32& key, View context) {
  Secret32 out;
  crypto_generichash_blake2b_salt_personal(out.writable().data(), out.writable().size(), context.data(), context.size(),
                                           key.view().data(), key.view().size(), nullptr, label.bytes.data());
  return out;
}

void wipe(std::span<Byte> bytes) { sodium_memzero(bytes.data(), bytes.size()); }

SignKeys make_sign_keys(const Secret32& seed) {
  SignKeys keys{{}, seed};
  std::array<Byte, crypto_sign_SECRETKEYBYTES> expanded;
  crypto_sign_seed_keypair(keys.pub.bytes.data(), expanded.data(), seed.view().data());
  wipe(expanded);
  return keys;
}

Signature sign(const SignKeys& keys, const DomainLabel& label, View message) {
  const Digest digest = hash(label, message);
  // libsodium's secret key is seed | public key.
  std::array<Byte, crypto_sign_SECRETKEYBYTES> expanded;
  const View seed = keys.seed.view();
  std::copy(keys.pub.bytes.begin(), keys.pub.bytes.end(), std::copy(seed.begin(), seed.end(), expanded.begin()));
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, digest.bytes.data(), Digest::size, expanded.data());
  wipe(expanded);
  return signature;
}

bool verify(const SignPublic& pub, const DomainLabel& label, View message, const Signature& signature) {
  const Digest digest = hash(label, message);
  return crypto_sign_verify_detached(signature.bytes.data(), digest.bytes.data(), Digest::size, pub.bytes.data()) == 0;
}

NodeId node_id(const SignPublic& sign, const BoxPublic& box) {
  return NodeId::of(hash("satchel node", {sign.view(), box.view()}).view().first(NodeId::size));
}

}  // namespace satchel
