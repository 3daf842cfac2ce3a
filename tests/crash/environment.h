// SPDX-License-Identifier: AGPL-3.0-or-later
// What the environment asks for. The folders these tests work in are in memory: the model of the disk is the replay's,
// not the kernel's.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

#include "tests/support/temp_folder.h"

namespace satchel::crash {

inline std::optional<std::uint64_t> number_from(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::stoull(value);
}

}  // namespace satchel::crash
