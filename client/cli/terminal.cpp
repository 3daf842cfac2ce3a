// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace satchel::cli {

int terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace satchel::cli
