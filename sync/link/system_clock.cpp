// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/system_clock.h"

#include <time.h>

namespace satchel {
namespace {

std::int64_t read_ms(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

WallTime SystemClock::wall() { return {read_ms(CLOCK_REALTIME)}; }
MonoTime SystemClock::mono() { return {read_ms(CLOCK_BOOTTIME)}; }

}  // namespace satchel
