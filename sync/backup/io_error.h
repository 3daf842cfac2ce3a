// SPDX-License-Identifier: AGPL-3.0-or-later
// What went wrong with a backup's file, by errno. Private to the room.
#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "schema/base/result.h"

namespace satchel::backup {

inline std::unexpected<Error> io_error(const std::filesystem::path& file) {
  return fail(ErrorKind::storage, "backup.io", file.string() + ": " + std::strerror(errno));
}

}  // namespace satchel::backup
