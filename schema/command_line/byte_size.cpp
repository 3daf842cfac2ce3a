// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/command_line/byte_size.h"

#include <charconv>

namespace satchel {

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !(number > 0)) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  double factor = 1;
  if (!unit.empty()) {
    constexpr std::string_view kUnits = "KMGT";
    const auto at = kUnits.find(static_cast<char>(unit.front() & ~0x20));
    if (at == std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i <= at; ++i) factor *= 1024;
    unit.remove_prefix(1);
    if (!unit.empty() && unit != "B" && unit != "iB") return std::nullopt;
  }
  constexpr double kMost = 1e18;
  if (number * factor > kMost) return std::nullopt;
  return static_cast<std::uint64_t>(number * factor);
}

}  // namespace satchel
