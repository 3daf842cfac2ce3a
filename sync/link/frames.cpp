// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/frames.h"

namespace satchel {

std::span<Byte> FrameReader::want() {
  if (!in_body_) return std::span(prefix_).subspan(filled_);
  const std::size_t have = filled_ - kFramePrefixBytes;
  return {bytes() + have, length_ - have};
}

Result<bool> FrameReader::got(std::size_t count) {
  filled_ += count;
  if (!in_body_) {
    if (filled_ == kFramePrefixBytes) SATCHEL_TRY(begin_body());
    return false;
  }
  if (filled_ < kFramePrefixBytes + length_) return false;
  filled_ = 0;
  in_body_ = false;
  first_ = false;
  return true;
}

Result<void> FrameReader::begin_body() {
  const std::size_t length = Reader(prefix_).u32();
  if (length == 0) return fail(ErrorKind::invalid, "link.frame-empty");
  if (length > (first_ ? first_max_ : max_))
    return fail(ErrorKind::invalid, "link.frame-too-long", std::to_string(length));
  length_ = length;
  in_body_ = true;
  if (length > capacity_) {
    // Not zeroed: pages a dribbling peer never fills are never touched.
    const std::size_t words = (length + 7) / 8;
    words_ = nullptr;
    words_ = std::make_unique_for_overwrite<std::uint64_t[]>(words);
    capacity_ = words * 8;
  }
  return {};
}

void FrameReader::release() {
  if (mid_frame()) return;
  words_ = nullptr;
  capacity_ = 0;
  length_ = 0;
}

void FrameQueue::add(Bytes frame) {
  SATCHEL_ASSERT(!frame.empty());
  SATCHEL_ASSERT(frame.size() <= (first_ ? kHelloBytesMax : kFrameBytesMax));
  first_ = false;
  bytes_ += kFramePrefixBytes + frame.size();
  frames_.push_back(std::move(frame));
}

void FrameQueue::gather(Bytes& out, std::size_t most) {
  while (most > 0 && !frames_.empty()) {
    const Bytes& frame = frames_.front();
    const std::size_t before = out.size();
    if (offset_ < kFramePrefixBytes) {
      std::array<Byte, kFramePrefixBytes> prefix;
      for (std::size_t i = 0; i < prefix.size(); ++i) prefix[i] = static_cast<Byte>(frame.size() >> (8 * i));
      const std::size_t count = std::min(most, kFramePrefixBytes - offset_);
      out.insert(out.end(), prefix.begin() + offset_, prefix.begin() + offset_ + count);
      offset_ += count;
      most -= count;
    }
    const std::size_t body = offset_ - std::min(offset_, kFramePrefixBytes);
    const std::size_t count = std::min(most, frame.size() - body);
    out.insert(out.end(), frame.begin() + body, frame.begin() + body + count);
    offset_ += count;
    most -= count;
    bytes_ -= out.size() - before;
    if (offset_ == kFramePrefixBytes + frame.size()) {
      frames_.pop_front();
      offset_ = 0;
    }
  }
  if (frames_.empty()) std::deque<Bytes>().swap(frames_);  // an idle queue keeps no memory
}

}  // namespace satchel
