// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/qr.h"

#include <qrencode.h>

#include <memory>

namespace satchel::cli {

namespace {

constexpr int kQuiet = 2;  // modules around; the standard asks for four, phones are content with two

}  // namespace

QrText qr_text(std::string_view content) {
  const std::string text(content);
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), QRcode_free);
  QrText out;
  if (!code) return out;
  const int width = code->width;
  const auto dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < width && (code->data[y * width + x] & 1) != 0;
  };
  for (int y = -kQuiet; y < width + kQuiet; y += 2) {
    out.text += "\x1b[38;5;16;48;5;231m";  // black on white
    for (int x = -kQuiet; x < width + kQuiet; ++x) {
      const bool upper = dark(x, y);
      const bool lower = dark(x, y + 1);
      out.text += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out.text += "\x1b[0m\n";
  }
  out.width = width + 2 * kQuiet;
  return out;
}

}  // namespace satchel::cli
