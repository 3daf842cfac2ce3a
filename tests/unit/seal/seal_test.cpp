// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/seal/seal.h"

#include <rapidcheck.h>
#include <sys/resource.h>
#include <catch2/catch.hpp>
#include <set>
#include <type_traits>

#include "tests/support/sanitized.h"
#include "tests/unit/seal/test_entropy.h"

using namespace satchel;

namespace {

// Calls `check` with every single-bit change of `bytes`.
template <class Check>
void each_bit(Bytes bytes, Check check) {
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<Byte>(1 << bit % 8);
    check(bytes);
    bytes[bit / 8] ^= static_cast<Byte>(1 << bit % 8);
  }
}

bool broken(const Result<Bytes>& plain) {
  return !plain && plain.error().kind == ErrorKind::integrity && plain.error().code == "seal.broken";
}

bool opens_to(const Result<Bytes>& plain, const Bytes& expected) { return plain && *plain == expected; }

DomainLabel any_label(const std::array<Byte, 16>& bytes) {
  DomainLabel label("");
  label.bytes = bytes;
  return label;
}

}  // namespace

TEST_CASE("seal: a hash depends on label and bytes, not on how they are cut", "[seal]") {
  REQUIRE(rc::check("parts", [](const Bytes& a, const Bytes& b, const Bytes& c) {
    Bytes whole = a;
    whole.insert(whole.end(), b.begin(), b.end());
    whole.insert(whole.end(), c.begin(), c.end());
    RC_ASSERT(hash("one", {a, b, c}) == hash("one", whole));
    RC_ASSERT(hash("one", whole) != hash("two", whole));
    whole.push_back(0);
    RC_ASSERT(hash("one", whole) != hash("one", {a, b, c}));
  }));
  CHECK(hash("one", {}) == hash("one", View()));
}

TEST_CASE("seal: derived keys differ by label, key and context, and a key id is none of them", "[seal]") {
  TestEntropy entropy(1);
  const Secret32 key = Secret32::random(entropy);
  const Secret32 other = Secret32::random(entropy);
  std::set<std::string> all{hex(key.view()),
                            hex(derive("one", key).view()),
                            hex(derive("two", key).view()),
                            hex(derive("one", key, view("context")).view()),
                            hex(derive("one", other).view()),
                            hash("one", key.view()).hex()};
  CHECK(all.size() == 6);
  CHECK(key_id(key) == key_id(Secret32::of(key.view())));
  CHECK(key_id(key) != key_id(other));
}

TEST_CASE("seal: a secret leaves no bytes behind when it dies, and does not compare or print", "[seal]") {
  alignas(Secret32) std::array<Byte, sizeof(Secret32)> memory{};
  TestEntropy entropy(2);
  auto* const secret = new (memory.data()) Secret32(Secret32::random(entropy));
  CHECK(hex(memory) != std::string(64, '0'));
  secret->~Secret32();
  CHECK(hex(memory) == std::string(64, '0'));
  STATIC_REQUIRE_FALSE(std::equality_comparable<Secret32>);
}

TEST_CASE("seal: a signature holds for its message, label and key only", "[seal]") {
  REQUIRE(rc::check("signatures", [](std::uint64_t seed, const Bytes& message, const std::array<Byte, 16>& label) {
    TestEntropy entropy(seed);
    const SignKeys keys = make_sign_keys(Secret32::random(entropy));
    const SignKeys other = make_sign_keys(Secret32::random(entropy));
    const Signature signature = sign(keys, any_label(label), message);
    RC_ASSERT(verify(keys.pub, any_label(label), message, signature));
    RC_ASSERT(!verify(other.pub, any_label(label), message, signature));
    auto changed = label;
    changed[seed % 16] ^= 1;
    RC_ASSERT(!verify(keys.pub, any_label(changed), message, signature));
    Bytes longer = message;
    longer.push_back(0);
    RC_ASSERT(!verify(keys.pub, any_label(label), longer, signature));
  }));
  TestEntropy entropy(3);
  const SignKeys keys = make_sign_keys(Secret32::random(entropy));
  const Bytes message = copy(view("visit"));
  const Signature signature = sign(keys, "test", message);
  each_bit(copy(signature.view()), [&](View s) { CHECK_FALSE(verify(keys.pub, "test", message, Signature::of(s))); });
  each_bit(copy(keys.pub.view()), [&](View p) { CHECK_FALSE(verify(SignPublic::of(p), "test", message, signature)); });
  each_bit(message, [&](View m) { CHECK_FALSE(verify(keys.pub, "test", m, signature)); });
}

TEST_CASE("seal: what was sealed opens with the same key and associated data only", "[seal]") {
  REQUIRE(rc::check("sealing", [](std::uint64_t seed, const Bytes& associated, const Bytes& plain) {
    TestEntropy entropy(seed);
    const Secret32 key = Secret32::random(entropy);
    const Bytes sealed = seal(key, associated, plain, entropy);
    RC_ASSERT(sealed.size() == plain.size() + kSealOverhead);
    RC_ASSERT(opens_to(open(key, associated, sealed), plain));
    RC_ASSERT(seal(key, associated, plain, entropy) != sealed);
    RC_ASSERT(broken(open(Secret32::random(entropy), associated, sealed)));
    Bytes more = associated;
    more.push_back(0);
    RC_ASSERT(broken(open(key, more, sealed)));
    const auto cut = static_cast<std::size_t>(seed % sealed.size());
    RC_ASSERT(broken(open(key, associated, View(sealed).first(cut))));
  }));
}

TEST_CASE("seal: any changed bit of sealed bytes, associated data or key is found out", "[seal]") {
  TestEntropy entropy(4);
  const Secret32 key = Secret32::random(entropy);
  const Bytes associated = copy(view("header"));
  const Bytes sealed = seal(key, associated, view("福田百货 0755-83001122"), entropy);
  each_bit(sealed, [&](View changed) { CHECK(broken(open(key, associated, changed))); });
  each_bit(associated, [&](View changed) { CHECK(broken(open(key, changed, sealed))); });
  each_bit(copy(key.view()), [&](View changed) { CHECK(broken(open(Secret32::of(changed), associated, sealed))); });
  Bytes reused = copy(view("what was there before"));
  CHECK_FALSE(open_into(reused, key, view("other"), sealed));
  CHECK(reused.empty());
  CHECK(open_into(reused, key, associated, sealed));
  CHECK(text(reused) == "福田百货 0755-83001122");
}

// Guards: callers seal a body behind the header that stands in the same buffer, and the buffer moves as it grows.
TEST_CASE("seal: seal_into takes its arguments from the buffer it appends to", "[seal]") {
  TestEntropy entropy(5);
  const Secret32 key = Secret32::random(entropy);
  for (std::size_t size = 2; size < 400; ++size) {
    Bytes out(size);
    entropy.fill(out);
    out.shrink_to_fit();
    const Bytes header(out.begin(), out.begin() + 1);
    const Bytes body(out.begin() + 1, out.end());
    seal_into(out, key, View(out).first(1), View(out).subspan(1), entropy);
    REQUIRE(out.size() == size + body.size() + kSealOverhead);
    REQUIRE(opens_to(open(key, header, View(out).subspan(size)), body));
  }
}

TEST_CASE("seal: a box opens for its recipient only", "[seal]") {
  REQUIRE(rc::check("boxes", [](std::uint64_t seed, const Bytes& associated, const Bytes& plain) {
    TestEntropy entropy(seed);
    Boxer boxer(entropy);
    Unboxer one(make_box_keys(Secret32::random(entropy)));
    Unboxer two(make_box_keys(Secret32::random(entropy)));
    for (int repeat = 0; repeat < 2; ++repeat) {  // the second time with remembered keys
      const Bytes boxed = boxer.box(one.pub(), associated, plain);
      RC_ASSERT(boxed.size() == plain.size() + kBoxOverhead);
      RC_ASSERT(opens_to(one.open(associated, boxed), plain));
      RC_ASSERT(broken(two.open(associated, boxed)));
      RC_ASSERT(opens_to(two.open(associated, boxer.box(two.pub(), associated, plain)), plain));
      RC_ASSERT(broken(one.open(associated, View(boxed).first(seed % boxed.size()))));
    }
  }));
}

TEST_CASE("seal: any changed bit of a box is found out, by fresh and by remembered keys", "[seal]") {
  TestEntropy entropy(6);
  const BoxKeys keys = make_box_keys(Secret32::random(entropy));
  CHECK(make_box_keys(keys.secret).pub == keys.pub);
  const Bytes boxed = Boxer(entropy).box(keys.pub, view("grant"), view("an archive key of 32 bytes......"));
  Unboxer remembering(keys);
  REQUIRE(remembering.open(view("grant"), boxed));
  each_bit(boxed, [&](View changed) {
    CHECK(broken(remembering.open(view("grant"), changed)));
    CHECK(broken(Unboxer(keys).open(view("grant"), changed)));
  });
  CHECK(remembering.open(view("grant"), boxed));
}

TEST_CASE("seal: nothing is boxed to a public key of small order", "[seal]") {
  TestEntropy entropy(7);
  Boxer boxer(entropy);
  const BoxPublic zero;
  CHECK_FALSE(usable(zero));
  CHECK(boxer.box(zero, {}, view("secret")).empty());
  CHECK(boxer.box(zero, {}, view("secret")).empty());
  REQUIRE(rc::check("honest keys", [](std::uint64_t seed) {
    TestEntropy random(seed);
    RC_ASSERT(usable(make_box_keys(Secret32::random(random)).pub));
  }));
}

TEST_CASE("seal: shared keys are remembered up to the limit, the oldest goes first", "[seal]") {
  SharedKeys keys(3);
  const auto peer = [](Byte n) { return BoxPublic{{n}}; };
  const auto shared = [](Byte n) { return Secret32::of(Bytes(32, n)); };
  for (Byte n = 1; n <= 200; ++n) {
    CHECK(hex(keys.remember(peer(n), shared(n)).view()) == hex(Bytes(32, n)));
    CHECK(keys.size() == std::min<std::size_t>(n, 3));
    for (Byte back = 0; back < 5 && back < n; ++back) CHECK((keys.find(peer(n - back)) != nullptr) == (back < 3));
  }
  keys.remember(peer(198), shared(198));  // known already: nobody goes
  CHECK(keys.find(peer(198)) != nullptr);
  CHECK(keys.size() == 3);
}

TEST_CASE("seal: stretching depends on passphrase and salt, also an empty passphrase", "[seal]") {
  StretchParams params;
  const auto one = stretch("", params);
  params.salt[15] = 1;
  const auto two = stretch({}, params);
  REQUIRE((one && two));
  CHECK(hex(one->view()) != hex(two->view()));
}

// Sanitizers need the address space themselves.
#ifndef SATCHEL_SANITIZED
TEST_CASE("seal: memory that is not there is a storage error, not another key", "[seal]") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  const rlimit tight{200 * 1024 * 1024, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
  const auto key = stretch("passphrase", {3, kStretchMemoryKibMax, {}});
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  REQUIRE_FALSE(key);
  CHECK(key.error().kind == ErrorKind::storage);
  CHECK(key.error().code == "seal.no-memory");
}
#endif

TEST_CASE("seal: start_crypto forbids core files", "[seal]") {
  start_crypto();
  start_crypto();
  rlimit core{};
  REQUIRE(getrlimit(RLIMIT_CORE, &core) == 0);
  CHECK(core.rlim_cur == 0);
  CHECK(core.rlim_max == 0);
}
