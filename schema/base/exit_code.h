// SPDX-License-Identifier: AGPL-3.0-or-later
// What a program's exit code says to scripts. Both programs use it; values are permanent.
#pragma once

#include "schema/base/result.h"

namespace satchel {

enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,
  not_found = 3,
  permission = 4,
  conflict = 5,   // a person has to decide
  integrity = 6,  // bytes are not what was written, or a peer lied
  partial = 7,    // some of it was done
  offline = 8,
};

inline constexpr int kOk = static_cast<int>(ExitCode::ok);

constexpr ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failed:
      return ExitCode::failed;
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::not_found:
      return ExitCode::not_found;
    case ErrorKind::permission:
      return ExitCode::permission;
    case ErrorKind::conflict:
      return ExitCode::conflict;
    case ErrorKind::integrity:
      return ExitCode::integrity;
    case ErrorKind::offline:
      return ExitCode::offline;
    case ErrorKind::storage:
      return ExitCode::failed;
    case ErrorKind::invalid:
      return ExitCode::usage;  // what was handed in cannot be read
  }
  return ExitCode::failed;
}

}  // namespace satchel
