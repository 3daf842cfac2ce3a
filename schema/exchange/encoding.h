// SPDX-License-Identifier: AGPL-3.0-or-later
// Files' bytes to UTF-8. A byte-order mark decides; without one valid UTF-8 is taken as such, and anything else as
// GB18030, which is what Chinese office programs write. A few GB18030 bytes can pass for UTF-8 by chance: a caller
// whose person says so names the encoding. Nothing is ever replaced silently: bytes that fit neither are an error.
#pragma once

#include <optional>

#include "schema/base/bytes.h"
#include "schema/base/result.h"

namespace satchel {

enum class TextEncoding : std::uint8_t { utf8, utf8_bom, gb18030, utf16le, utf16be };
std::string_view name_of(TextEncoding encoding);

struct DecodedText {
  std::string text;  // UTF-8 without a mark
  TextEncoding encoding = TextEncoding::utf8;
};

// Errors: text.encoding (invalid); the detail has the encoding tried and the offset of the first byte that does not
// fit.
Result<DecodedText> decode_text(View bytes, std::optional<TextEncoding> known = std::nullopt);
// UTF-8 to GB18030, which has every Unicode character. Fails as above on text that is not UTF-8.
Result<std::string> encode_gb18030(std::string_view utf8);

}  // namespace satchel
