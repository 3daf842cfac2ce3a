// SPDX-License-Identifier: AGPL-3.0-or-later
// Sizes as people type them: "700K", "4M", "1.5G", or bytes without a letter; K is 1024.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace satchel {

std::optional<std::uint64_t> parse_byte_size(std::string_view text);

}  // namespace satchel
