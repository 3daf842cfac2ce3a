// SPDX-License-Identifier: AGPL-3.0-or-later
// Where random bytes come from. Handed in by constructors, so that a simulation repeats from its seed;
// the real source is sync/seal/system_entropy.h.
#pragma once

#include "schema/base/id.h"

namespace satchel {

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<Byte> out) = 0;
};

template <class AnyId>
AnyId random_id(Entropy& entropy) {
  AnyId id;
  entropy.fill(id.bytes);
  return id;
}

}  // namespace satchel
