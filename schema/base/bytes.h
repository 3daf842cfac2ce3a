// SPDX-License-Identifier: AGPL-3.0-or-later
// Bytes, and the only two ways of turning numbers into them and back.
// Writer appends little-endian fixed widths and LEB128 varints; Reader takes them off again and never
// reads past its end: after the first bad read ok() is false and every further read yields zeros or
// empty views, so a decoder checks once, at the end. All formats of wire.md and store.md use these.
// Views borrow: a Reader's views live as long as the bytes it was given.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace satchel {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;
using View = std::span<const Byte>;

inline View view(std::string_view text) { return {reinterpret_cast<const Byte*>(text.data()), text.size()}; }
inline std::string_view text(View bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes copy(View bytes) { return {bytes.begin(), bytes.end()}; }
bool equal(View a, View b);

// Lower-case hexadecimal, two digits a byte.
std::string hex(View bytes);
// Empty when `digits` is not an even number of hexadecimal digits.
Bytes unhex(std::string_view digits);

class Writer {
 public:
  explicit Writer(std::size_t reserve = 0) { out_.reserve(reserve); }
  Writer& u8(std::uint8_t v);
  Writer& u16(std::uint16_t v);
  Writer& u32(std::uint32_t v);
  Writer& u64(std::uint64_t v);
  Writer& i64(std::int64_t v) { return u64(static_cast<std::uint64_t>(v)); }
  Writer& varint(std::uint64_t v);
  Writer& zigzag(std::int64_t v);
  Writer& raw(View bytes);
  // Length as varint, then the bytes.
  Writer& sized(View bytes);
  Writer& sized(std::string_view text) { return sized(view(text)); }
  std::size_t size() const { return out_.size(); }
  View bytes() const { return out_; }
  Bytes take() { return std::move(out_); }
  Bytes& buffer() { return out_; }

 private:
  Bytes out_;
};

class Reader {
 public:
  explicit Reader(View bytes) : rest_(bytes) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::uint64_t varint();
  std::int64_t zigzag();
  View raw(std::size_t size);
  // A varint length of at most `most`, then that many bytes.
  View sized(std::size_t most);
  std::string string(std::size_t most) { return std::string(text(sized(most))); }
  // A count of items that each take at least one byte: never more than what is left, never more than `most`.
  std::size_t count(std::size_t most);
  std::size_t left() const { return rest_.size(); }
  bool ok() const { return ok_; }
  // Read without fault and nothing left over.
  bool done() const { return ok_ && rest_.empty(); }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  View rest_;
  bool ok_ = true;
};

// Big-endian numbers for keys, so that byte order is number order.
void put_be32(Bytes& out, std::uint32_t v);
void put_be64(Bytes& out, std::uint64_t v);
std::uint32_t be32(View bytes);
std::uint64_t be64(View bytes);

}  // namespace satchel
