// SPDX-License-Identifier: AGPL-3.0-or-later
// The packs of this folder, built into the programs (embed.cmake), so that a first administrator needs no files.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace satchel {

// File name ("visits.toml") and its whole text, by name. The views live for ever.
std::span<const std::pair<std::string_view, std::string_view>> standard_packs();

}  // namespace satchel
