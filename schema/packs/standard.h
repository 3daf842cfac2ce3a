// SPDX-License-Identifier: AGPL-3.0-or-later
// The packs of this folder, built into the programs (embed.cmake), so that nobody needs files to begin.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace satchel {

// File name ("visits.toml") and its whole text. The views live for ever.
using BuiltInPack = std::pair<std::string_view, std::string_view>;

// What every company begins with, by name.
std::span<const BuiltInPack> standard_packs();
// One a system ("s06_complaints.toml"), for companies that work by it, by name.
std::span<const BuiltInPack> system_packs();

}  // namespace satchel
