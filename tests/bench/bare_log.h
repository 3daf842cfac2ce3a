// SPDX-License-Identifier: AGPL-3.0-or-later
// The bare pipeline's own parts without a network: an LMDB environment with synced commits, and batches of sealed,
// chained and signed records. For bare.h only.
#pragma once

#include <lmdb.h>
#include <sodium.h>

#include <array>
#include <filesystem>
#include <span>
#include <vector>

#include "tests/bench/bare.h"

namespace satchel::bench {

inline constexpr std::size_t kBareKeyBytes = 24;
inline constexpr std::size_t kBareRecordBytes = kBareKeyBytes + kBareSealedBytes;
inline constexpr std::size_t kBareHeadBytes = 32;
inline constexpr std::size_t kBareTailBytes = kBareHeadBytes + crypto_sign_BYTES;

using Head = std::array<unsigned char, kBareHeadBytes>;
using BareKey = std::array<unsigned char, kBareKeyBytes>;

// A fresh environment in a folder of its own, gone with it.
class BareLog {
 public:
  explicit BareLog(const std::filesystem::path& folder);
  ~BareLog();
  BareLog(const BareLog&) = delete;
  void begin();
  void put(std::span<const unsigned char> key, std::span<const unsigned char> value);
  void commit();
  bool open() const { return transaction_ != nullptr; }

 private:
  std::filesystem::path path_;
  MDB_env* environment_ = nullptr;
  MDB_txn* transaction_ = nullptr;
  MDB_dbi table_ = 0;
};

// (device, sequence): log order within a device.
BareKey bare_key(std::uint64_t device, std::uint64_t sequence);

struct BareKeys {
  std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> seal;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> pub;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
  BareKeys();
};

// A device: seals and chains records one after the other and signs each batch's end.
class BareSender {
 public:
  BareSender(const BareKeys& keys, std::uint64_t device);
  // records | head | signature; valid until the next call.
  std::span<const unsigned char> batch(std::size_t records);

 private:
  void record(unsigned char* out);
  const BareKeys& keys_;
  std::uint64_t device_;
  std::uint64_t sequence_ = 0;
  Head head_{};
  std::vector<unsigned char> plain_;
  std::vector<unsigned char> frame_;
};

// A hub's view of one device: recomputes the chain and checks the signature, then stores.
class BareReceiver {
 public:
  explicit BareReceiver(const BareKeys& keys) : keys_(keys) {}
  // Throws when the batch is not what its sender made.
  void check(std::span<const unsigned char> batch);
  static void store(BareLog& log, std::span<const unsigned char> batch);

 private:
  const BareKeys& keys_;
  Head head_{};
};

}  // namespace satchel::bench
