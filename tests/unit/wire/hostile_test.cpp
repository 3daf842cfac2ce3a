// SPDX-License-Identifier: AGPL-3.0-or-later
// Foreign bytes: whatever comes, decode() answers "wire.broken" or a frame within its bounds. It never crashes (the
// sanitizers watch), and never holds more than a fixed multiple of what was sent.
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "schema/wire/limits.h"
#include "tests/unit/wire/samples.h"
#include "tests/vectors/vectors.h"

using namespace satchel;
using namespace satchel::wire_test;
using wire::Received;

namespace {

std::string code(View bytes) {
  const auto received = Received::decode(bytes);
  return received ? "taken" : received.error().code;
}

// A frame as Cap'n Proto words, to be bent by hand. Word 0 is the root pointer; the stream header is put in front at
// the end.
class Words {
 public:
  explicit Words(const wire::Frame& frame) {
    const Bytes bytes = wire::encode(frame);
    words_.resize(bytes.size() / 8 - 1);
    std::memcpy(words_.data(), bytes.data() + 8, words_.size() * 8);
  }
  std::uint64_t& operator[](std::size_t i) { return words_.at(i); }
  std::size_t size() const { return words_.size(); }
  std::size_t target(std::size_t at) const {
    const auto offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(words_.at(at))) >> 2;
    return static_cast<std::size_t>(static_cast<std::int64_t>(at) + 1 + offset);
  }
  // Word of the `n`th pointer of the struct that the pointer at `at` leads to.
  std::size_t pointer(std::size_t at, std::size_t n) const { return target(at) + ((words_.at(at) >> 32) & 0xffff) + n; }
  void point_list(std::size_t at, std::size_t to, unsigned element, std::uint64_t count) {
    const auto offset = static_cast<std::uint32_t>(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(at) - 1);
    words_.at(at) = static_cast<std::uint32_t>(offset << 2 | 1) | (static_cast<std::uint64_t>(element) | count << 3)
                                                                      << 32;
  }
  Bytes bytes() const {
    Writer out;
    out.u32(0).u32(static_cast<std::uint32_t>(words_.size()));
    for (const auto w : words_) out.u64(w);
    return out.take();
  }

 private:
  std::vector<std::uint64_t> words_;
};

constexpr unsigned kBytesList = 2;
constexpr unsigned kPointerList = 6;
constexpr unsigned kStructList = 7;
constexpr std::uint64_t kCountMax = (1u << 29) - 1;

}  // namespace

TEST_CASE("hostile: the stream header is judged before Cap'n Proto sees anything", "[wire][hostile]") {
  const Bytes good = wire::encode(wire::Ping{5});
  CHECK(code(good) == "taken");
  const auto with = [&](std::size_t at, std::uint32_t v) {
    Bytes bytes = good;
    std::memcpy(bytes.data() + at, &v, 4);
    return bytes;
  };
  CHECK(code(with(0, 1)) == "wire.broken");           // two segments
  CHECK(code(with(0, UINT32_MAX)) == "wire.broken");  // 2^32 segments, or none
  CHECK(code(with(4, UINT32_MAX)) == "wire.broken");
  CHECK(code(with(4, 0)) == "wire.broken");
  CHECK(code(with(4, static_cast<std::uint32_t>(good.size() / 8))) == "wire.broken");
  CHECK(code({}) == "wire.broken");
  CHECK(code(View(good).first(8)) == "wire.broken");
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(code(View(good).first(size)) == "wire.broken");
  Bytes two = good;
  two.insert(two.end(), good.begin(), good.end());
  CHECK(code(two) == "wire.broken");
  Bytes huge(kFrameBytesMax + 8);
  const auto words = static_cast<std::uint32_t>(huge.size() / 8 - 1);
  std::memcpy(huge.data() + 4, &words, 4);
  CHECK(code(huge) == "wire.broken");
}

TEST_CASE("hostile: two real segments, the second behind a far pointer, are refused", "[wire][hostile]") {
  Words words(wire::Ping{5});
  Writer out;
  out.u32(1).u32(1).u32(static_cast<std::uint32_t>(words.size())).u32(0);
  out.u64(2 | std::uint64_t{1} << 32);  // root: far pointer to word 0 of segment 1
  for (std::size_t i = 0; i < words.size(); ++i) out.u64(words[i]);
  CHECK(code(out.bytes()) == "wire.broken");
}

TEST_CASE("hostile: a thousand pointers to one large blob are refused, not unfolded", "[wire][hostile]") {
  const Bytes blob(100'000, 'x');
  const Bytes small(1, 'y');
  wire::Submit submit{std::vector<View>(1000, small)};
  submit.envelopes[0] = blob;
  const auto bent = [&](std::size_t aliases) {
    Words words(submit);
    const auto list = words.target(words.pointer(words.pointer(0, 0), 0));
    const auto to = words.target(list);
    for (std::size_t i = 1; i <= aliases; ++i) words.point_list(list + i, to, kBytesList, blob.size());
    return words.bytes();
  };
  CHECK(code(bent(0)) == "taken");
  CHECK(code(bent(3)) == "taken");
  CHECK(code(bent(12)) == "wire.broken");
  CHECK(code(bent(999)) == "wire.broken");
}

TEST_CASE("hostile: lists that claim half a billion elements are refused", "[wire][hostile]") {
  const Bytes small(9, 'y');
  for (unsigned element = 0; element < 8; ++element) {
    INFO("element size " << element);
    Words words(wire::Submit{std::vector<View>(4, small)});
    const auto at = words.pointer(words.pointer(0, 0), 0);
    words.point_list(at, words.target(at), element, kCountMax);
    CHECK(code(words.bytes()) == "wire.broken");
    Words inner(wire::Submit{std::vector<View>(4, small)});
    const auto list = inner.target(inner.pointer(inner.pointer(0, 0), 0));
    inner.point_list(list, inner.target(list), element, kCountMax);
    CHECK(code(inner.bytes()) == "wire.broken");
  }
}

TEST_CASE("hostile: a struct list with a lying tag is refused", "[wire][hostile]") {
  for (const std::uint64_t tag : {kCountMax << 2, (kCountMax << 2) | (std::uint64_t{0xffffffff} << 32),
                                  std::uint64_t{5} << 2, ~std::uint64_t{0}}) {
    Words words(wire::Touched{1, {}, 0, std::vector<wire::TouchedItem>(3)});
    const auto list = words.pointer(words.pointer(0, 0), 1);
    REQUIRE(((words[list] >> 32) & 7) == kStructList);
    words[words.target(list)] = tag;
    CHECK(code(words.bytes()) == "wire.broken");
  }
}

TEST_CASE("hostile: pointers to themselves, to each other, backwards, far and to capabilities end in an answer",
          "[wire][hostile]") {
  const auto differ = wire::Differ{1, {wire::ArchiveHeads{{}, std::vector<ChainHead>(2), false}, wire::ArchiveHeads{}}};
  const auto bent = [&](auto bend) {
    Words words(differ);
    bend(words);
    const auto received = Received::decode(words.bytes());
    return received ? describe(received->frame()).size() : 0;
  };
  const auto items = [](Words& w) { return w.pointer(w.pointer(0, 0), 0); };
  const auto first = [&](Words& w) { return w.target(items(w)) + 1; };
  for (std::size_t i = 0; i < Words(differ).size(); ++i) {
    for (const std::uint64_t v :
         {~std::uint64_t{0}, std::uint64_t{0xfffffffc}, std::uint64_t{0x0001'0001'fffffffc}, std::uint64_t{2},
          std::uint64_t{6}, std::uint64_t{3}, std::uint64_t{0xffffffff'00000001}, std::uint64_t{0x7fffffff'fffffffd}}) {
      bent([&](Words& w) { w[i] = v; });
    }
  }
  // The heads of an item are the list the item is in.
  CHECK(bent([&](Words& w) {
          const auto heads = first(w) + 2;
          w.point_list(heads, w.target(items(w)), kStructList, 4);
        }) < 10'000);
  CHECK(bent([&](Words& w) { w.point_list(items(w), items(w), kPointerList, 1); }) < 10'000);
}

TEST_CASE("hostile: ids of any other length are refused", "[wire][hostile]") {
  Maker maker(9);
  for (const std::size_t size : {0, 1, 15, 17, 32}) {
    Words words(maker.make(10));  // touched: its audience must be 16 bytes
    const auto at = words.pointer(words.pointer(0, 0), 0);
    words.point_list(at, words.target(at), kBytesList, size);
    INFO(size);
    CHECK(code(words.bytes()) == "wire.broken");
  }
}

TEST_CASE("hostile: an unknown kind of frame is refused", "[wire][hostile]") {
  Words words(wire::Notify{});
  const auto data = words.target(0);
  bool refused = false;
  for (std::uint64_t kind = kKinds; kind < kKinds + 40; ++kind) {
    for (int shift = 0; shift < 64; shift += 16) {
      Words other(wire::Notify{});
      other[data] = kind << shift;
      refused = refused || code(other.bytes()) == "wire.broken";
    }
  }
  CHECK(refused);
}

TEST_CASE("hostile: mutated, cut and spliced frames end in an answer within bounds", "[wire][hostile]") {
  std::mt19937_64 random(vectors::hostile_seed());
  Maker maker(vectors::hostile_seed());
  std::vector<Bytes> corpus;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    for (int i = 0; i < 3; ++i) corpus.push_back(wire::encode(maker.make(kind)));
  }
  std::size_t taken = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(15'000); ++i) {
    Bytes bytes = corpus[random() % corpus.size()];
    for (auto n = random() % 6 + 1; n > 0; --n) {
      const auto at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] ^= static_cast<Byte>(1 << random() % 8);
          break;
        case 1:
          bytes[at] = static_cast<Byte>(random());
          break;
        case 2: {  // a word from elsewhere: most often a pointer
          const auto from = random() % (bytes.size() / 8) * 8;
          std::memmove(bytes.data() + at / 8 * 8, bytes.data() + from, 8);
          break;
        }
        default:
          bytes.resize(16 + random() % (bytes.size() - 8) / 8 * 8);
      }
    }
    // As a sender would who gets the framing right: everything behind it is still his.
    const auto words = static_cast<std::uint32_t>(bytes.size() / 8 - 1);
    if (random() % 8 != 0) {
      std::memset(bytes.data(), 0, 4);
      std::memcpy(bytes.data() + 4, &words, 4);
    }
    const auto received = Received::decode(bytes);
    if (!received) {
      if (received.error().code != "wire.broken" || received.error().kind != ErrorKind::integrity)
        FAIL(i << " " << received.error().code);
      continue;
    }
    ++taken;
    if (describe(received->frame()).size() > bytes.size() * 64 + 4096) FAIL("unfolds too far, case " << i);
  }
  CHECK(taken > 0);
}

TEST_CASE("hostile: random item extras end in an answer", "[wire][hostile]") {
  std::mt19937_64 random(vectors::hostile_seed());
  for (std::size_t i = 0; i < vectors::hostile_cases(15'000); ++i) {
    Bytes bytes(random() % 80);
    for (auto& b : bytes) b = static_cast<Byte>(random());
    if (!bytes.empty()) bytes[0] &= 0x1f;
    const auto extra = wire::decode_extra(bytes);
    if (extra && hex(wire::encode_extra(*extra)) != hex(bytes)) FAIL(hex(bytes));
    if (!extra && extra.error().code != "wire.broken") FAIL(extra.error().code);
  }
}
