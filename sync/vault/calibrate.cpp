// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/vault/vault.h"

namespace satchel {

namespace {

constexpr Millis kAimed{850};
constexpr Millis kLongest{1000};
constexpr std::uint32_t kMemoryStepKib = 8 * 1024;

// Nothing when the memory was not there.
std::optional<Millis> time_of(const StretchParams& params, Clock& clock) {
  const MonoTime begun = clock.mono();
  if (!stretch("calibration", params)) return std::nullopt;
  return Millis(clock.mono().ms - begun.ms);
}

// The time grows with passes x memory: what would take kAimed when `params` took `took`.
StretchParams scaled(StretchParams params, Millis took) {
  const std::uint64_t work = std::uint64_t{params.passes} * params.memory_kib;
  const std::uint64_t wanted = work * static_cast<std::uint64_t>(kAimed.count()) /
                               static_cast<std::uint64_t>(std::max<Millis::rep>(took.count(), 1));
  const auto memory = std::clamp<std::uint64_t>(wanted / kStretchPassesMin, kStretchMemoryKibMin, kStretchMemoryKibMax);
  params.memory_kib = static_cast<std::uint32_t>(memory / kMemoryStepKib * kMemoryStepKib);
  const auto passes = std::clamp<std::uint64_t>(wanted / params.memory_kib, kStretchPassesMin, kStretchPassesMax);
  params.passes = static_cast<std::uint32_t>(passes);
  return params;
}

}  // namespace

StretchParams calibrate(Entropy& entropy, Clock& clock) {
  StretchParams floor{kStretchPassesMin, kStretchMemoryKibMin, {}};
  entropy.fill(floor.salt);
  const auto at_floor = time_of(floor, clock);
  // A clock that stands still measures nothing.
  if (!at_floor || at_floor->count() <= 0 || *at_floor >= kAimed) return floor;
  StretchParams params = scaled(floor, *at_floor);
  // Larger memory may be slower than in proportion, or may not be there.
  for (int trial = 0; trial < 3 && params.memory_kib > kStretchMemoryKibMin; ++trial) {
    const auto took = time_of(params, clock);
    if (took && *took <= kLongest) return params;
    if (took) {
      params = scaled(params, *took);
    } else {
      params.memory_kib = std::max(params.memory_kib / 2 / kMemoryStepKib * kMemoryStepKib, kStretchMemoryKibMin);
      params.passes = kStretchPassesMin;
    }
  }
  return params;
}

}  // namespace satchel
