// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames on a byte stream (wire.md, 'Frames'): four bytes length, little-endian, then that many bytes; never none,
// at most kHelloBytesMax in the first frame and kFrameBytesMax afterwards. Pure: no sockets.
// FrameReader says where the next bytes belong and never allocates before it has judged the length; a frame starts
// on an 8-byte boundary, as Cap'n Proto's flat reader demands. FrameQueue joins waiting frames into large writes.
#pragma once

#include <deque>
#include <memory>

#include "schema/base/result.h"
#include "sync/session/endpoint.h"

namespace satchel {

inline constexpr std::size_t kFramePrefixBytes = 4;

class FrameReader {
 public:
  explicit FrameReader(std::size_t first_max = kHelloBytesMax, std::size_t max = kFrameBytesMax)
      : first_max_(first_max), max_(max) {}
  // Where the next bytes go; never empty. Valid until got().
  std::span<Byte> want();
  // `count` bytes were put there. True: frame() is whole. Fails with invalid "link.frame-empty" or
  // "link.frame-too-long".
  Result<bool> got(std::size_t count);
  // The whole frame, valid until the next want() or release().
  View frame() const { return {bytes(), length_}; }
  // Part of a frame has arrived.
  bool mid_frame() const { return filled_ > 0; }
  // Length of the frame under way, once known.
  std::size_t expected() const { return in_body_ ? length_ : 0; }
  // From the next frame on, after the first.
  void limit(std::size_t max) { max_ = max; }
  // Gives the buffer back; does nothing in the middle of a frame. For connections that have nothing to do.
  void release();

 private:
  Byte* bytes() const { return reinterpret_cast<Byte*>(words_.get()); }
  Result<void> begin_body();

  std::array<Byte, kFramePrefixBytes> prefix_{};
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t capacity_ = 0;  // bytes
  std::size_t length_ = 0;
  std::size_t filled_ = 0;  // of the prefix, or of prefix and body once in_body_
  bool in_body_ = false;
  bool first_ = true;
  std::size_t first_max_;
  std::size_t max_;
};

class FrameQueue {
 public:
  // The frame must keep to the limits: a longer one is our own fault and stops the program.
  void add(Bytes frame);
  // Appends up to `most` bytes of prefixes and frames to `out`.
  void gather(Bytes& out, std::size_t most);
  // Prefixes included.
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  std::deque<Bytes> frames_;
  std::size_t offset_ = 0;  // of the first frame and its prefix, already gathered
  std::size_t bytes_ = 0;
  bool first_ = true;
};

}  // namespace satchel
