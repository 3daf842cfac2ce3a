// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/backoff.h"

#include <algorithm>

namespace satchel {

Millis Backoff::next() {
  const Millis whole = std::min(next_, most_);
  next_ = std::min(whole * 2, most_);
  std::array<Byte, 4> random{};
  entropy_.fill(random);
  const auto half = whole.count() / 2;
  const auto spread = static_cast<std::uint64_t>(whole.count() - half + 1);
  return Millis(half + static_cast<std::int64_t>(Reader(random).u32() * spread >> 32));
}

}  // namespace satchel
