// SPDX-License-Identifier: AGPL-3.0-or-later
// The version both programs print; raised with each release.
#pragma once

#include <string_view>

namespace satchel {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace satchel
