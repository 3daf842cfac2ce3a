// SPDX-License-Identifier: AGPL-3.0-or-later
#include <sodium.h>

#include "sync/seal/seal.h"

namespace satchel {

namespace {

// Nothing when the agreement comes out as zero (libsodium tells): such a key is known to everybody.
std::optional<Secret32> agree(const Secret32& secret, const BoxPublic& peer, const BoxPublic& ephemeral,
                              const BoxPublic& recipient) {
  Secret32 point;
  if (crypto_scalarmult_curve25519(point.writable().data(), secret.view().data(), peer.bytes.data()) != 0) {
    return std::nullopt;
  }
  Digest digest = hash("satchel box", {point.view(), ephemeral.view(), recipient.view()});
  Secret32 shared = Secret32::of(digest.view());
  wipe(digest.bytes);
  return shared;
}

}  // namespace

BoxKeys make_box_keys(const Secret32& seed) {
  BoxKeys keys{{}, seed};
  crypto_scalarmult_curve25519_base(keys.pub.bytes.data(), seed.view().data());
  return keys;
}

bool usable(const BoxPublic& pub) {
  // Clamping makes every scalar a multiple of the cofactor, so one trial finds all points of small order.
  constexpr std::array<Byte, crypto_scalarmult_curve25519_SCALARBYTES> kAnyScalar{1};
  std::array<Byte, crypto_scalarmult_curve25519_BYTES> point;
  return crypto_scalarmult_curve25519(point.data(), kAnyScalar.data(), pub.bytes.data()) == 0;
}

const Secret32* SharedKeys::find(const BoxPublic& peer) const {
  const auto found = keys_.find(peer);
  return found == keys_.end() ? nullptr : &found->second;
}

const Secret32& SharedKeys::remember(const BoxPublic& peer, const Secret32& shared) {
  const auto [place, added] = keys_.try_emplace(peer, shared);
  if (!added) return place->second;
  if (order_.size() < most_) {
    order_.push_back(peer);
  } else {
    keys_.erase(std::exchange(order_[oldest_], peer));
    oldest_ = (oldest_ + 1) % most_;
  }
  return place->second;
}

Boxer::Boxer(Entropy& entropy) : entropy_(entropy), ephemeral_(make_box_keys(Secret32::random(entropy))) {}

Bytes Boxer::box(const BoxPublic& to, View associated, View plain) {
  const Secret32* shared = shared_.find(to);
  if (shared == nullptr) {
    const auto agreed = agree(ephemeral_.secret, to, ephemeral_.pub, to);
    if (!agreed) return {};
    shared = &shared_.remember(to, *agreed);
  }
  Bytes out;
  out.reserve(kBoxOverhead + plain.size());
  out.assign(ephemeral_.pub.bytes.begin(), ephemeral_.pub.bytes.end());
  seal_into(out, *shared, associated, plain, entropy_);
  return out;
}

Unboxer::Unboxer(BoxKeys keys) : keys_(std::move(keys)) {}

Result<Bytes> Unboxer::open(View associated, View boxed) {
  if (boxed.size() < kBoxOverhead) return fail(ErrorKind::integrity, "seal.broken", "too short");
  const BoxPublic ephemeral = BoxPublic::of(boxed.first(BoxPublic::size));
  const View sealed = boxed.subspan(BoxPublic::size);
  if (const Secret32* shared = shared_.find(ephemeral)) return satchel::open(*shared, associated, sealed);
  const auto agreed = agree(keys_.secret, ephemeral, ephemeral, keys_.pub);
  if (!agreed) return fail(ErrorKind::integrity, "seal.broken", "a public key of small order");
  auto plain = satchel::open(*agreed, associated, sealed);
  if (plain) shared_.remember(ephemeral, *agreed);
  return plain;
}

}  // namespace satchel
