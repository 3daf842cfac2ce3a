// SPDX-License-Identifier: AGPL-3.0-or-later
// TOML text as a plain tree of values with line numbers. It exists so that toml++, which is heavy to compile, stays
// in one source file and its exceptions never leave it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/base/result.h"

namespace satchel {

inline constexpr std::size_t kPackNodesMax = 50'000;  // values in a pack

struct TomlNode {
  enum class Kind : std::uint8_t { text, integer, boolean, table, array, other };
  Kind kind = Kind::other;
  int line = 0;
  std::string text;  // of a text; and, as written, of a date or a number with a point (kind other)
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<std::string> keys;  // of a table, one an item
  std::vector<TomlNode> items;    // of a table or an array

  const TomlNode* find(std::string_view key) const;
};

struct TomlFault {
  int line = 0;
  std::string message;  // the parser's own, in English
};

// At most `nodes_max` values in all. The parser bounds the depth of values within values; keys have at most eight
// parts.
std::expected<TomlNode, TomlFault> parse_toml(std::string_view text, std::size_t nodes_max);

}  // namespace satchel
