// SPDX-License-Identifier: AGPL-3.0-or-later
// Planted faults: bugs such as real ones, to prove that the simulation finds them. In every build of the product
// SATCHEL_PLANTED(name) is `false`, and nothing of it is left in the program. Only the preset `planted` compiles them
// in; there SATCHEL_PLANTED_FAULT in the environment names the one that is at work. tests/simulation/planted.py runs
// them one by one and tells which are found. A name stands at one place in the code.
#pragma once

#ifdef SATCHEL_PLANT
#include <cstdlib>
#include <string_view>

namespace satchel {
inline bool planted(std::string_view name) {
  static const char* chosen = std::getenv("SATCHEL_PLANTED_FAULT");
  return chosen != nullptr && name == chosen;
}
}  // namespace satchel
#define SATCHEL_PLANTED(name) (::satchel::planted(#name))
#else
#define SATCHEL_PLANTED(name) false
#endif
