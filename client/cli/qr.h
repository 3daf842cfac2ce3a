// SPDX-License-Identifier: AGPL-3.0-or-later
// A QR code as text, two rows a line, for a terminal: dark modules are the terminal's background so that it reads on
// dark and on light ones (colours are set for the code alone).
#pragma once

#include <string>
#include <string_view>

namespace satchel::cli {

struct QrText {
  std::string text;  // lines end with a line feed; empty when the content does not fit a code
  int width = 0;     // columns
};
QrText qr_text(std::string_view content);

}  // namespace satchel::cli
