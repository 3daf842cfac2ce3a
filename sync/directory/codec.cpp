// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/codec.h"

namespace satchel::codec {

namespace {

// Takes one code point off the front; false when the bytes are not the shortest UTF-8 of a scalar value.
bool next_scalar(std::string_view& rest, char32_t& scalar) {
  const auto lead = static_cast<unsigned char>(rest.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0 || size > rest.size()) return false;
  constexpr unsigned kLeadMask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  scalar = lead & kLeadMask[size];
  for (std::size_t i = 1; i < size; ++i) {
    const auto c = static_cast<unsigned char>(rest[i]);
    if ((c & 0xc0) != 0x80) return false;
    scalar = (scalar << 6) | (c & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (scalar < kLeast[size] || scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000)) return false;
  rest.remove_prefix(size);
  return true;
}

// Control characters, and those that turn the direction of writing round: they make one name look like another.
bool hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0x200e || c == 0x200f || c == 0xfeff;
}

}  // namespace

bool good_text(std::string_view text) {
  char32_t scalar = 0;
  while (!text.empty()) {
    if (!next_scalar(text, scalar) || hidden(scalar)) return false;
  }
  return true;
}

std::string take_text(Reader& in, std::size_t most) {
  auto text = in.string(most);
  if (!good_text(text)) in.fail();
  return text;
}

std::string take_name(Reader& in, std::size_t most) {
  auto text = take_text(in, most);
  if (text.empty()) in.fail();
  return text;
}

bool take_flag(Reader& in) {
  const auto v = in.u8();
  if (v > 1) in.fail();
  return v == 1;
}

void put_texts(Writer& out, const std::vector<std::string>& texts) {
  out.varint(texts.size());
  for (const auto& text : texts) out.sized(text);
}

std::vector<std::string> take_texts(Reader& in, std::size_t most, std::size_t bytes_most) {
  std::vector<std::string> texts(in.count(most));
  for (auto& text : texts) text = take_name(in, bytes_most);
  return texts;
}

}  // namespace satchel::codec
