// SPDX-License-Identifier: AGPL-3.0-or-later
// Repeatable bytes for tests: hash(seed | counter), so that a failing case replays.
#pragma once

#include "sync/seal/seal.h"

namespace satchel {

class TestEntropy final : public Entropy {
 public:
  explicit TestEntropy(std::uint64_t seed) : seed_(seed) {}
  void fill(std::span<Byte> out) override {
    while (!out.empty()) {
      Writer source;
      source.u64(seed_).u64(counter_++);
      const Digest block = hash("test entropy", source.bytes());
      const auto n = std::min(out.size(), Digest::size);
      std::copy_n(block.bytes.begin(), n, out.begin());
      out = out.subspan(n);
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

}  // namespace satchel
