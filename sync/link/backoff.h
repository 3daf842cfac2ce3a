// SPDX-License-Identifier: AGPL-3.0-or-later
// How long to wait before dialling again: doubled at each failure up to a bound, and drawn between half and the
// whole of it, so that the devices of a branch do not all come back in the same instant. Pure; the caller waits.
#pragma once

#include "schema/base/entropy.h"
#include "schema/base/time.h"
#include "schema/wire/limits.h"

namespace satchel {

class Backoff {
 public:
  // `entropy` must outlive it.
  explicit Backoff(Entropy& entropy, Millis first = kBackoffFirst, Millis most = kBackoffMost)
      : entropy_(entropy), first_(first), most_(most), next_(first) {}
  // The wait before the next attempt.
  Millis next();
  // After a connection that got somewhere.
  void reset() { next_ = first_; }

 private:
  Entropy& entropy_;
  Millis first_;
  Millis most_;
  Millis next_;
};

}  // namespace satchel
