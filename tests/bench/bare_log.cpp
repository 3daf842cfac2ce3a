// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/bench/bare_log.h"

#include <unistd.h>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "tests/bench/bare_tls.h"

namespace satchel::bench {
namespace {

constexpr std::size_t kMapBytes = std::size_t{4} << 30;  // address space only

void lmdb(int outcome) {
  if (outcome != 0) throw std::runtime_error(std::string("bare pipeline: LMDB: ") + mdb_strerror(outcome));
}

void chain(Head& head, const unsigned char* record) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, head.size());
  crypto_generichash_update(&state, head.data(), head.size());
  crypto_generichash_update(&state, record, kBareRecordBytes);
  crypto_generichash_final(&state, head.data(), head.size());
}

MDB_val value_of(std::span<const unsigned char> bytes) {
  return {bytes.size(), const_cast<unsigned char*>(bytes.data())};  // LMDB's C interface; it only reads
}

}  // namespace

BareLog::BareLog(const std::filesystem::path& folder) {
  static std::atomic<int> next = 0;
  path_ = folder / ("bare." + std::to_string(::getpid()) + "." + std::to_string(next++));
  std::filesystem::create_directories(path_);
  lmdb(mdb_env_create(&environment_));
  lmdb(mdb_env_set_mapsize(environment_, kMapBytes));
  lmdb(mdb_env_open(environment_, path_.c_str(), 0, 0600));
  begin();
  lmdb(mdb_dbi_open(transaction_, nullptr, 0, &table_));
  commit();
}

BareLog::~BareLog() {
  if (transaction_) mdb_txn_abort(transaction_);
  mdb_env_close(environment_);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void BareLog::begin() { lmdb(mdb_txn_begin(environment_, nullptr, 0, &transaction_)); }

void BareLog::put(std::span<const unsigned char> key, std::span<const unsigned char> value) {
  MDB_val k = value_of(key);
  MDB_val v = value_of(value);
  lmdb(mdb_put(transaction_, table_, &k, &v, 0));
}

void BareLog::commit() { lmdb(mdb_txn_commit(std::exchange(transaction_, nullptr))); }

BareKey bare_key(std::uint64_t device, std::uint64_t sequence) {
  BareKey key{};
  for (int i = 0; i < 8; ++i) {
    key[static_cast<std::size_t>(i)] = static_cast<unsigned char>(device >> (56 - 8 * i));
    key[static_cast<std::size_t>(i) + 8] = static_cast<unsigned char>(sequence >> (56 - 8 * i));
  }
  return key;
}

BareKeys::BareKeys() {
  must(sodium_init() >= 0, "libsodium");
  randombytes_buf(seal.data(), seal.size());
  crypto_sign_keypair(pub.data(), secret.data());
}

BareSender::BareSender(const BareKeys& keys, std::uint64_t device)
    : keys_(keys), device_(device), plain_(kBarePlainBytes) {
  randombytes_buf(plain_.data(), plain_.size());
}

void BareSender::record(unsigned char* out) {
  const BareKey key = bare_key(device_, sequence_++);
  std::memcpy(out, key.data(), key.size());
  unsigned char* nonce = out + kBareKeyBytes;
  unsigned char* sealed = nonce + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  randombytes_buf(nonce, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  std::memcpy(plain_.data(), key.data(), key.size());  // no two records alike
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, nullptr, plain_.data(), plain_.size(), out, kBareKeyBytes, nullptr,
                                             nonce, keys_.seal.data());
  chain(head_, out);
}

std::span<const unsigned char> BareSender::batch(std::size_t records) {
  frame_.resize(records * kBareRecordBytes + kBareTailBytes);
  for (std::size_t i = 0; i < records; ++i) record(frame_.data() + i * kBareRecordBytes);
  unsigned char* tail = frame_.data() + records * kBareRecordBytes;
  std::memcpy(tail, head_.data(), head_.size());
  crypto_sign_detached(tail + kBareHeadBytes, nullptr, head_.data(), head_.size(), keys_.secret.data());
  return frame_;
}

void BareReceiver::check(std::span<const unsigned char> batch) {
  const std::size_t end = batch.size() - kBareTailBytes;
  for (std::size_t at = 0; at < end; at += kBareRecordBytes) chain(head_, batch.data() + at);
  must(std::memcmp(head_.data(), batch.data() + end, head_.size()) == 0, "the chain does not match");
  must(crypto_sign_verify_detached(batch.data() + end + kBareHeadBytes, head_.data(), head_.size(), keys_.pub.data()) ==
           0,
       "the signature does not match");
}

void BareReceiver::store(BareLog& log, std::span<const unsigned char> batch) {
  const std::size_t end = batch.size() - kBareTailBytes;
  for (std::size_t at = 0; at < end; at += kBareRecordBytes)
    log.put(batch.subspan(at, kBareKeyBytes), batch.subspan(at + kBareKeyBytes, kBareSealedBytes));
}

}  // namespace satchel::bench
