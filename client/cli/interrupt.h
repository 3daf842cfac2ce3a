// SPDX-License-Identifier: AGPL-3.0-or-later
// Interrupt: while one lives, SIGINT and SIGTERM ask for an end instead of making one. One at a time.
#pragma once

#include "sync/holder/stop.h"

namespace satchel::cli {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  const holder::Stop& stop() const { return stop_; }

 private:
  holder::Stop stop_;
};

}  // namespace satchel::cli
