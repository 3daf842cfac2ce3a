// SPDX-License-Identifier: AGPL-3.0-or-later
// How large one frame may be, checked from its length prefix before anything is allocated.
#pragma once

#include <cstddef>

namespace satchel {

inline constexpr std::size_t kFrameBytesMax = 1024 * 1024;  // bounds what one peer can make us hold
inline constexpr std::size_t kHelloBytesMax = 4 * 1024;     // before the peer is known, nothing large is read

}  // namespace satchel
