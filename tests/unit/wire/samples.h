// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames of every kind with everything in them, and a frame as text, field by field: frames that say the same are
// the same text. Reading a frame out touches every byte its views name, for the sanitizers to watch.
#pragma once

#include <deque>
#include <random>

#include "sync/wire/frame.h"

namespace satchel::wire_test {

// Makes frames; what their views borrow from lives as long as it does.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}
  // Of the alternative `kind` of wire::Frame.
  wire::Frame make(std::size_t kind);

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::uint32_t u32() { return static_cast<std::uint32_t>(random_()); }
  View bytes(std::size_t most);
  std::string word();
  Position position() { return {u32(), random_()}; }
  ChainId chain() { return {id<NodeId>(), u32()}; }
  template <class AnyId>
  AnyId id() {
    AnyId out;
    for (auto& b : out.bytes) b = static_cast<Byte>(random_() | 1);
    return out;
  }
  template <class Make>
  auto some(std::size_t most, Make make) {
    std::vector<decltype(make())> out(below(most + 1));
    for (auto& item : out) item = make();
    return out;
  }
  wire::SignedView signed_view() { return {bytes(200), id<Signature>()}; }
  wire::ArchiveHeads archive_heads();
  wire::TouchedItem touched_item() { return {id<ArchiveId>(), id<Digest>(), random_()}; }
  wire::DirectoryRun directory_run();
  wire::Parcel parcel();
  wire::Hello hello();
  wire::Accepted accepted();

  std::mt19937_64 random_;
  std::deque<Bytes> kept_;
};

inline constexpr std::size_t kKinds = std::variant_size_v<wire::Frame>;
std::string describe(const wire::Frame& frame);

}  // namespace satchel::wire_test
