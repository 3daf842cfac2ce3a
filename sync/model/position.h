// SPDX-License-Identifier: AGPL-3.0-or-later
// A place in the directory's linear log: the HQ hub's incarnation and the number it gave. {0, 0} is before everything.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace satchel {

struct Position {
  std::uint32_t incarnation = 0;
  std::uint64_t n = 0;
  auto operator<=>(const Position&) const = default;
};

// "1.27", as people see it.
inline std::string position_text(const Position& p) {
  return std::to_string(p.incarnation) + "." + std::to_string(p.n);
}

}  // namespace satchel
