// SPDX-License-Identifier: AGPL-3.0-or-later
// The real Clock: UTC from the system, and a monotonic reading that goes on while the machine sleeps
// (CLOCK_BOOTTIME), so that a lease or an idle limit counts a night in a closed laptop. Any thread.
#pragma once

#include "schema/base/time.h"

namespace satchel {

class SystemClock : public Clock {
 public:
  WallTime wall() override;
  MonoTime mono() override;
};

}  // namespace satchel
