// SPDX-License-Identifier: AGPL-3.0-or-later
#include <sodium.h>

#include "schema/base/planted.h"
#include "sync/seal/seal.h"

namespace satchel {

namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kNonce + kTag == kSealOverhead);

// A view that stays right when the buffer it may be part of moves.
class Floating {
 public:
  Floating(const Bytes& buffer, View part) : part_(part) {
    const std::less<> before;
    inside_ =
        !part.empty() && !before(part.data(), buffer.data()) && before(part.data(), buffer.data() + buffer.size());
    if (inside_) offset_ = static_cast<std::size_t>(part.data() - buffer.data());
  }
  const Byte* in(const Bytes& buffer) const { return inside_ ? buffer.data() + offset_ : part_.data(); }
  std::size_t size() const { return part_.size(); }

 private:
  View part_;
  bool inside_ = false;
  std::size_t offset_ = 0;
};

}  // namespace

void seal_into(Bytes& out, const Secret32& key, View associated, View plain, Entropy& entropy) {
  const Floating aad(out, associated);
  const Floating message(out, plain);
  const std::size_t at = out.size();
  out.resize(at + kSealOverhead + plain.size());
  const std::span<Byte> nonce(out.data() + at, kNonce);
  entropy.fill(nonce);
  if (SATCHEL_PLANTED(nonce_reused)) std::ranges::fill(nonce.first(kNonce - 1), Byte{7});
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + at + kNonce, nullptr, message.in(out), message.size(),
                                             aad.in(out), aad.size(), nullptr, nonce.data(), key.view().data());
}

Bytes seal(const Secret32& key, View associated, View plain, Entropy& entropy) {
  Bytes out;
  seal_into(out, key, associated, plain, entropy);
  return out;
}

Result<void> open_into(Bytes& plain, const Secret32& key, View associated, View sealed) {
  if (sealed.size() < kSealOverhead) {
    plain.clear();
    return fail(ErrorKind::integrity, "seal.broken", "too short");
  }
  plain.resize(sealed.size() - kSealOverhead);
  const View rest = sealed.subspan(kNonce);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, rest.data(), rest.size(),
                                                 associated.data(), associated.size(), sealed.data(),
                                                 key.view().data()) != 0) {
    plain.clear();
    return fail(ErrorKind::integrity, "seal.broken");
  }
  return {};
}

Result<Bytes> open(const Secret32& key, View associated, View sealed) {
  Bytes plain;
  SATCHEL_TRY(open_into(plain, key, associated, sealed));
  return plain;
}

}  // namespace satchel
