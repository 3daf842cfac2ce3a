// SPDX-License-Identifier: AGPL-3.0-or-later
// Stop: one request to end, from a signal handler or another thread, and a way to wait for it. request() only writes
// to a pipe and an atomic, so a signal handler may call it. Everything that runs until told otherwise takes one.
#pragma once

#include <atomic>

#include "schema/base/time.h"

namespace satchel::holder {

class Stop {
 public:
  Stop();
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  void request() noexcept;
  bool requested() const noexcept { return requested_.load(); }
  // Until the request or for `most`, whichever comes first; true when it was requested.
  bool wait(Millis most) const;

 private:
  std::atomic<bool> requested_ = false;
  int ends_[2] = {-1, -1};
};

}  // namespace satchel::holder
