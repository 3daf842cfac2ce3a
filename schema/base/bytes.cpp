// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace satchel {

static_assert(std::endian::native == std::endian::little, "formats are written with native stores");

namespace {

template <class T>
void append(Bytes& out, T v) {
  const auto at = out.size();
  out.resize(at + sizeof v);
  std::memcpy(out.data() + at, &v, sizeof v);
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class T>
T load(View bytes) {
  T v{};
  if (!bytes.empty()) std::memcpy(&v, bytes.data(), std::min(sizeof v, bytes.size()));
  return v;
}

}  // namespace

bool equal(View a, View b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string hex(View bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const Byte b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

Bytes unhex(std::string_view digits) {
  if (digits.size() % 2 != 0) return {};
  Bytes out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = digit(digits[i]);
    const int low = digit(digits[i + 1]);
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<Byte>(high * 16 + low));
  }
  return out;
}

Writer& Writer::u8(std::uint8_t v) {
  out_.push_back(v);
  return *this;
}
Writer& Writer::u16(std::uint16_t v) {
  append(out_, v);
  return *this;
}
Writer& Writer::u32(std::uint32_t v) {
  append(out_, v);
  return *this;
}
Writer& Writer::u64(std::uint64_t v) {
  append(out_, v);
  return *this;
}

Writer& Writer::varint(std::uint64_t v) {
  while (v >= 0x80) {
    out_.push_back(static_cast<Byte>(v | 0x80));
    v >>= 7;
  }
  out_.push_back(static_cast<Byte>(v));
  return *this;
}

Writer& Writer::zigzag(std::int64_t v) {
  return varint((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
}

Writer& Writer::raw(View bytes) {
  out_.insert(out_.end(), bytes.begin(), bytes.end());
  return *this;
}

Writer& Writer::sized(View bytes) { return varint(bytes.size()).raw(bytes); }

View Reader::raw(std::size_t size) {
  if (!ok_ || size > rest_.size()) {
    fail();
    return {};
  }
  const View taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::uint8_t Reader::u8() { return load<std::uint8_t>(raw(1)); }
std::uint16_t Reader::u16() { return load<std::uint16_t>(raw(2)); }
std::uint32_t Reader::u32() { return load<std::uint32_t>(raw(4)); }
std::uint64_t Reader::u64() { return load<std::uint64_t>(raw(8)); }

std::uint64_t Reader::varint() {
  std::uint64_t v = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const Byte b = u8();
    if (!ok_) return 0;
    v |= static_cast<std::uint64_t>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) {
      // One spelling a number: no padding zeros, nothing beyond 64 bits.
      if ((b == 0 && shift > 0) || (shift == 63 && b > 1)) break;
      return v;
    }
  }
  fail();
  return 0;
}

std::int64_t Reader::zigzag() {
  const auto v = varint();
  return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

View Reader::sized(std::size_t most) {
  const auto size = varint();
  if (size > most) {
    fail();
    return {};
  }
  return raw(size);
}

std::size_t Reader::count(std::size_t most) {
  const auto n = varint();
  if (n > most || n > rest_.size()) {
    fail();
    return 0;
  }
  return n;
}

void put_be32(Bytes& out, std::uint32_t v) { append(out, __builtin_bswap32(v)); }
void put_be64(Bytes& out, std::uint64_t v) { append(out, __builtin_bswap64(v)); }
std::uint32_t be32(View bytes) { return __builtin_bswap32(load<std::uint32_t>(bytes)); }
std::uint64_t be64(View bytes) { return __builtin_bswap64(load<std::uint64_t>(bytes)); }

}  // namespace satchel
