// SPDX-License-Identifier: AGPL-3.0-or-later
// All cryptography of the project. Nothing outside this room includes sodium.h.
// Hashes are BLAKE2b-256 with a domain label (its 16-byte personalisation), signatures Ed25519 over such a
// hash, sealing XChaCha20-Poly1305 with a random nonce in front, boxes X25519 to a public key. Labels keep one
// kind of bytes from ever passing for another; they are permanent (wire.md, 'Labels').
// Secrets are wiped when they die and cannot be printed. No function here blocks or allocates more than its
// output, except stretch(). Facts and figures: libsodium 1.0.18; XChaCha20-Poly1305 is not key-committing, so
// keys carry a KeyId that is checked before a key is used, and nothing is ever trial-decrypted.
#pragma once

#include <initializer_list>
#include <unordered_map>

#include "schema/base/entropy.h"
#include "schema/base/result.h"

namespace satchel {

// At most 16 characters each.
struct DomainLabel {
  std::array<Byte, 16> bytes{};
  consteval DomainLabel(const char* text) {
    for (std::size_t i = 0; text[i] != 0; ++i) bytes.at(i) = static_cast<Byte>(text[i]);
  }
};

// Hash of the parts one after the other. Callers make them unambiguous (fixed sizes or lengths in front).
Digest hash(const DomainLabel& label, std::initializer_list<View> parts);
inline Digest hash(const DomainLabel& label, View part) { return hash(label, {part}); }

// 32 secret bytes, wiped on destruction; never formatted, never compared with ==.
class Secret32 {
 public:
  Secret32() = default;
  Secret32(const Secret32&) = default;
  Secret32(Secret32&&) noexcept = default;
  Secret32& operator=(const Secret32&) = default;
  Secret32& operator=(Secret32&&) noexcept = default;
  ~Secret32();
  static Secret32 random(Entropy& entropy);
  // `from` must be exactly 32 bytes.
  static Secret32 of(View from);
  View view() const { return bytes_; }
  std::span<Byte> writable() { return bytes_; }

 private:
  std::array<Byte, 32> bytes_{};
};

// Names the key without telling anything of it: the first 16 bytes of a labelled hash of it.
KeyId key_id(const Secret32& key);
// A further key for another purpose: `context` hashed under `key` with the label.
Secret32 derive(const DomainLabel& label, const Secret32& key, View context = {});
// Overwrites memory so that no compiler removes it.
void wipe(std::span<Byte> bytes);

// ---- signatures ----
struct SignKeys {
  SignPublic pub;
  Secret32 seed;
};
SignKeys make_sign_keys(const Secret32& seed);
Signature sign(const SignKeys& keys, const DomainLabel& label, View message);
bool verify(const SignPublic& pub, const DomainLabel& label, View message, const Signature& signature);

// ---- sealing with a shared key: nonce(24) | ciphertext | tag(16) ----
inline constexpr std::size_t kSealOverhead = 24 + 16;
Bytes seal(const Secret32& key, View associated, View plain, Entropy& entropy);
// Appends to `out`, for callers that build larger structures without copying. `associated` and `plain` may be
// parts of what already stands in `out`.
void seal_into(Bytes& out, const Secret32& key, View associated, View plain, Entropy& entropy);
// integrity error "seal.broken" when the bytes, the associated data or the key are not the right ones.
Result<Bytes> open(const Secret32& key, View associated, View sealed);
// The same into a reused buffer, which is resized, and left empty after an error. `sealed` and `associated` must not be
// parts of it.
Result<void> open_into(Bytes& plain, const Secret32& key, View associated, View sealed);

// ---- boxes to a public key: ephemeral public(32) | nonce(24) | ciphertext | tag(16) ----
struct BoxKeys {
  BoxPublic pub;
  Secret32 secret;
};
inline constexpr std::size_t kBoxOverhead = 32 + kSealOverhead;
// The seed is the secret, so make_box_keys(keys.secret) gives the same keys again.
BoxKeys make_box_keys(const Secret32& seed);
// False for the few public keys with which every agreement comes out as zero, so that anybody could open the box.
// To be asked wherever a public key comes in from outside.
bool usable(const BoxPublic& pub);
// A node is named by its keys: the first 16 bytes of a labelled hash of both.
NodeId node_id(const SignPublic& sign, const BoxPublic& box);

// At most this many shared keys are remembered; one computed anew costs some 30 us.
inline constexpr std::size_t kBoxerKeysMax = 4096;
inline constexpr std::size_t kUnboxerKeysMax = 4096;

// Shared keys by peer, at most `most` of them: the one remembered longest makes room for the next.
class SharedKeys {
 public:
  explicit SharedKeys(std::size_t most) : most_(most) {}
  // Null when `peer` is not remembered; valid until the next remember().
  const Secret32* find(const BoxPublic& peer) const;
  const Secret32& remember(const BoxPublic& peer, const Secret32& shared);
  std::size_t size() const { return keys_.size(); }

 private:
  std::size_t most_;
  std::unordered_map<BoxPublic, Secret32> keys_;
  std::vector<BoxPublic> order_;  // a ring once it is full
  std::size_t oldest_ = 0;
};

// Seals to public keys. One ephemeral key serves all boxes of one Boxer; the shared key per recipient is computed
// once, so that wrapping a thousand keys for one audience costs one X25519 and a thousand seals.
class Boxer {
 public:
  // `entropy` must outlive it.
  explicit Boxer(Entropy& entropy);
  // Empty when `to` is not usable().
  Bytes box(const BoxPublic& to, View associated, View plain);

 private:
  Entropy& entropy_;
  BoxKeys ephemeral_;
  SharedKeys shared_{kBoxerKeysMax};
};

// Opens boxes for one recipient, remembering the shared key per ephemeral. Only ephemerals that opened a box are
// remembered, so that made-up ones drive no good one out.
class Unboxer {
 public:
  explicit Unboxer(BoxKeys keys);
  // integrity error "seal.broken".
  Result<Bytes> open(View associated, View boxed);
  const BoxPublic& pub() const { return keys_.pub; }

 private:
  BoxKeys keys_;
  SharedKeys shared_{kUnboxerKeysMax};
};

// ---- passphrases: Argon2id, one lane ----
struct StretchParams {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 64 * 1024;
  std::array<Byte, 16> salt{};
};
inline constexpr std::uint32_t kStretchPassesMin = 3;  // the floor; weaker files are refused as downgraded
inline constexpr std::uint32_t kStretchMemoryKibMin = 64 * 1024;
inline constexpr std::uint32_t kStretchPassesMax = 64;  // more than any machine needs; bounds what a file can ask
inline constexpr std::uint32_t kStretchMemoryKibMax = 256 * 1024;
// Storage error "seal.no-memory" when the memory is not there: not the same as a wrong passphrase. Integrity errors
// "seal.downgraded" below the floor and "seal.excessive" above the maxima. Passphrases are taken as bytes.
Result<Secret32> stretch(std::string_view passphrase, const StretchParams& params);

// Call once in main() before anything else of this room. Also forbids core dumps.
void start_crypto();

}  // namespace satchel
