// SPDX-License-Identifier: AGPL-3.0-or-later
// Planted faults: bugs such as real ones, to prove that the simulation finds them. In every build of the product
// SATCHEL_PLANTED(name) is `false`, and nothing of it is left in the program. Only the preset `planted` compiles them
// in; there SATCHEL_PLANTED_FAULT in the environment names the one that is at work, or is 'none': then no fault is at
// work, and what asks for one is noted. tests/simulation/planted.py runs them one by one and tells which are found. A
// name stands at one place in the code, after the conditions without which it would change nothing.
#pragma once

#include <string>

#ifdef SATCHEL_PLANT
#include <cstdlib>
#include <set>
#include <string_view>

namespace satchel {
inline std::set<std::string, std::less<>>& planted_reached() {
  static std::set<std::string, std::less<>> names;
  return names;
}
inline bool planted(std::string_view name) {
  static const char* chosen = std::getenv("SATCHEL_PLANTED_FAULT");
  static const bool noting = chosen != nullptr && std::string_view(chosen) == "none";
  if (noting && !planted_reached().contains(name)) planted_reached().emplace(name);
  return chosen != nullptr && name == chosen;
}
// Whose places were come to since this was asked last.
inline std::string take_planted_reached() {
  std::string out;
  for (const auto& name : planted_reached()) out += " " + name;
  planted_reached().clear();
  return out;
}
}  // namespace satchel
#define SATCHEL_PLANTED(name) (::satchel::planted(#name))
#else
namespace satchel {
inline std::string take_planted_reached() { return {}; }
}  // namespace satchel
#define SATCHEL_PLANTED(name) false
#endif
