// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/privacy/sieve.h"

#include <algorithm>
#include <stdexcept>

#include "sync/model/change.h"

namespace satchel::test {

namespace {

constexpr std::size_t kShortestNeedle = 6;
constexpr std::array<Byte, 4> kZstdMagic{0x28, 0xb5, 0x2f, 0xfd};

Bytes folded(View bytes) {
  Bytes out = copy(bytes);
  for (Byte& b : out) {
    if (b >= 'A' && b <= 'Z') b = static_cast<Byte>(b - 'A' + 'a');
  }
  return out;
}

Bytes utf16(std::string_view utf8, bool big_endian) {
  Bytes out;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<Byte>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3;  // words for tests stay below U+10000
    unsigned unit = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) unit = unit << 6 | (static_cast<Byte>(utf8[i + k]) & 0x3fU);
    const auto high = static_cast<Byte>(unit >> 8);
    const auto low = static_cast<Byte>(unit);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
    i += length;
  }
  return out;
}

// The letters of base64 that are the same whatever stands before and behind, `lead` bytes into a group of three.
Bytes base64(View bytes, std::size_t lead) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto bit = [&](std::size_t at) { return bytes[at / 8 - lead] >> (7 - at % 8) & 1; };
  Bytes out;
  for (std::size_t letter = (lead * 8 + 5) / 6; (letter + 1) * 6 <= (lead + bytes.size()) * 8; ++letter) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < 6; ++i) value = value << 1 | static_cast<std::size_t>(bit(letter * 6 + i));
    out.push_back(static_cast<Byte>(kLetters[value]));
  }
  return out;
}

std::size_t little_endian(View bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i)
    value |= static_cast<std::size_t>(bytes[at + i]) << 8 * i;
  return value;
}

// RFC 8878: how long the frame is that begins here; 0 when it is none or is cut short.
std::size_t frame_length(View bytes) {
  if (bytes.size() < 6) return 0;
  const Byte descriptor = bytes[4];
  const bool single = (descriptor >> 5 & 1) != 0;
  static constexpr std::size_t kDictionary[] = {0, 1, 2, 4};
  const std::size_t content[] = {single ? 1U : 0U, 2, 4, 8};
  std::size_t at = 5 + (single ? 0 : 1) + kDictionary[descriptor & 3] + content[descriptor >> 6];
  for (bool last = false; !last;) {
    if (at + 3 > bytes.size()) return 0;
    const std::size_t block = little_endian(bytes, at, 3);
    last = (block & 1) != 0;
    const std::size_t type = block >> 1 & 3;
    if (type == 3) return 0;
    at += 3 + (type == 1 ? 1 : block >> 3);
  }
  at += (descriptor >> 2 & 1) != 0 ? 4 : 0;
  return at <= bytes.size() ? at : 0;
}

}  // namespace

std::vector<Bytes> unpacked_frames(View bytes) {
  std::vector<Bytes> out;
  for (auto at = bytes.begin();; ++at) {
    at = std::search(at, bytes.end(), kZstdMagic.begin(), kZstdMagic.end());
    if (at == bytes.end()) return out;
    const View rest = bytes.subspan(static_cast<std::size_t>(at - bytes.begin()));
    const std::size_t length = frame_length(rest);
    if (length == 0) continue;
    Writer packed;
    packed.u8(static_cast<std::uint8_t>(BodyCodec::zstd)).sized(rest.first(length));
    if (auto content = unpack_body(packed.bytes())) out.push_back(std::move(*content));
  }
}

void Sieve::add(const std::string& name, Bytes bytes, bool fold) {
  if (bytes.size() < kShortestNeedle) throw std::invalid_argument(name + " is too short to tell from chance");
  needles_.push_back({name, fold ? folded(bytes) : std::move(bytes), fold});
}

Sieve& Sieve::spelling(const std::string& name, View bytes) {
  add(name, copy(bytes), false);
  return *this;
}

Sieve& Sieve::secret(const std::string& name, View bytes) {
  add(name, copy(bytes), false);
  add(name + " reversed", {bytes.rbegin(), bytes.rend()}, false);
  add(name + " hex", copy(view(hex(bytes))), true);
  for (std::size_t lead = 0; lead < 3; ++lead) add(name + " base64", base64(bytes, lead), false);
  return *this;
}

Sieve& Sieve::word(const std::string& name, std::string_view utf8) {
  const Bytes little = utf16(utf8, false);
  add(name, copy(view(utf8)), true);
  add(name + " reversed", {utf8.rbegin(), utf8.rend()}, true);
  add(name + " UTF-16LE", little, true);
  add(name + " UTF-16BE", utf16(utf8, true), true);
  for (const View bytes : {view(utf8), View(little)}) {
    add(name + " hex", copy(view(hex(bytes))), true);
    for (std::size_t lead = 0; lead < 3; ++lead) add(name + " base64", base64(bytes, lead), false);
  }
  return *this;
}

void Sieve::find_plain(View bytes, const std::string& where, std::vector<std::string>& out) const {
  const Bytes low = folded(bytes);
  for (const auto& needle : needles_) {
    const std::string_view hay = text(needle.folded ? View(low) : bytes);
    const auto at = hay.find(text(needle.bytes));
    if (at != std::string_view::npos) out.push_back(needle.name + " in " + where + " at " + std::to_string(at));
  }
}

std::vector<std::string> Sieve::find(View bytes, const std::string& where) const {
  std::vector<std::string> out;
  find_plain(bytes, where, out);
  for (const auto& content : unpacked_frames(bytes)) find_plain(content, where + ", unpacked", out);
  return out;
}

}  // namespace satchel::test
