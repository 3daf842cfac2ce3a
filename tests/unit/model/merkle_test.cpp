// SPDX-License-Identifier: AGPL-3.0-or-later
// Merkle proofs: any set of leaves proves, nothing else does; partial trees grow and prove what they know.
#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <set>

#include "sync/model/merkle.h"

using namespace satchel;

namespace {

std::vector<Digest> make_ends(std::size_t n) {
  std::vector<Digest> ends;
  for (std::uint32_t i = 0; i < n; ++i) ends.push_back(hash("test end", Writer().u32(i).bytes()));
  return ends;
}

std::vector<std::uint32_t> some_of(std::size_t n) {
  std::set<std::uint32_t> chosen = {*rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(n))};
  const auto more = *rc::gen::inRange<std::size_t>(0, n + 1);
  for (std::size_t i = 0; i < more; ++i)
    chosen.insert(*rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(n)));
  return {chosen.begin(), chosen.end()};
}

std::vector<KnownLeaf> leaves_at(const std::vector<Digest>& ends, const std::vector<std::uint32_t>& at) {
  std::vector<KnownLeaf> out;
  for (const auto i : at) out.push_back({i, ends[i]});
  return out;
}

}  // namespace

TEST_CASE("merkle: the proof of any set of leaves leads to the root", "[model][merkle]") {
  REQUIRE(rc::check("subset", [] {
    const auto n = *rc::gen::inRange<std::size_t>(1, 70);
    const auto ends = make_ends(n);
    const auto known = some_of(n);
    const auto proof = merkle_proof(ends, known);
    RC_ASSERT(merkle_root_from(n, leaves_at(ends, known), proof).value() == merkle_root(ends));
    RC_ASSERT(PartialTree::full(ends).prove(known) == proof);
  }));
}

TEST_CASE("merkle: any flipped bit of a leaf or of the proof leads elsewhere", "[model][merkle]") {
  REQUIRE(rc::check("flipped", [] {
    const auto n = *rc::gen::inRange<std::size_t>(1, 70);
    const auto ends = make_ends(n);
    const auto known = some_of(n);
    auto proof = merkle_proof(ends, known);
    auto leaves = leaves_at(ends, known);
    const auto which = *rc::gen::inRange<std::size_t>(0, leaves.size() + proof.size());
    Digest& hit = which < leaves.size() ? leaves[which].end : proof[which - leaves.size()];
    hit.bytes[*rc::gen::inRange<std::size_t>(0, 32)] ^= static_cast<Byte>(1 << *rc::gen::inRange(0, 8));
    RC_ASSERT(merkle_root_from(n, leaves, proof).value() != merkle_root(ends));
  }));
}

TEST_CASE("merkle: a leaf does not prove at another place", "[model][merkle]") {
  REQUIRE(rc::check("moved", [] {
    const auto n = *rc::gen::inRange<std::size_t>(2, 70);
    const auto ends = make_ends(n);
    const auto at = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(n));
    const auto to = *rc::gen::suchThat(rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(n)),
                                       [&](auto i) { return i != at; });
    const std::vector<std::uint32_t> known = {at};
    const KnownLeaf moved{to, ends[at]};
    const auto root = merkle_root_from(n, std::span(&moved, 1), merkle_proof(ends, known));
    RC_ASSERT(!root || *root != merkle_root(ends));
  }));
}

TEST_CASE("merkle: proofs that do not fit are refused by name", "[model][merkle]") {
  const auto ends = make_ends(5);
  const std::vector<std::uint32_t> known = {1, 3};
  const auto proof = merkle_proof(ends, known);
  const auto leaves = leaves_at(ends, known);
  const auto code = [](const Result<Digest>& root) { return root ? "" : root.error().code; };
  auto longer = proof;
  longer.push_back({});
  auto shorter = proof;
  shorter.pop_back();
  CHECK(code(merkle_root_from(5, leaves, longer)) == "merkle.proof");
  CHECK(code(merkle_root_from(5, leaves, shorter)) == "merkle.proof");
  CHECK(code(merkle_root_from(5, {}, proof)) == "merkle.proof");
  CHECK(code(merkle_root_from(0, leaves, proof)) == "merkle.proof");
  CHECK(code(merkle_root_from(kLeavesMax + 1, leaves, proof)) == "merkle.proof");
  CHECK(code(merkle_root_from(3, leaves, proof)) == "merkle.proof");  // index 3 of 3
  CHECK(code(merkle_root_from(5, leaves_at(ends, {3, 1}), proof)) == "merkle.proof");
  CHECK(code(merkle_root_from(5, leaves_at(ends, {1, 1}), proof)) == "merkle.proof");
}

TEST_CASE("merkle: an inner node does not pass for a leaf", "[model][merkle]") {
  const auto ends = make_ends(4);
  const std::vector<Digest> halves = {merkle_root(std::span(ends).first(2)), merkle_root(std::span(ends).subspan(2))};
  CHECK(merkle_root(halves) != merkle_root(ends));
}

TEST_CASE("merkle: a partial tree learns in any order, survives its bytes, and proves all it has learnt",
          "[model][merkle]") {
  REQUIRE(rc::check("partial", [] {
    const auto n = *rc::gen::inRange<std::size_t>(1, 40);
    const auto ends = make_ends(n);
    const Digest root = merkle_root(ends);
    PartialTree tree(n);
    std::set<std::uint32_t> learnt;
    for (int part = *rc::gen::inRange(1, 5); part > 0; --part) {
      const auto known = some_of(n);
      RC_ASSERT(tree.absorb(root, leaves_at(ends, known), merkle_proof(ends, known)).has_value());
      learnt.insert(known.begin(), known.end());
      tree = PartialTree::decode(tree.encode()).value();
    }
    RC_ASSERT(tree.ends().size() == learnt.size());
    std::vector<std::uint32_t> asked;
    for (const auto i : learnt) {
      if (*rc::gen::inRange(0, 3) > 0) asked.push_back(i);
    }
    if (asked.empty()) asked.push_back(*learnt.begin());
    RC_ASSERT(merkle_root_from(n, leaves_at(ends, asked), tree.prove(asked)).value() == root);
  }));
}

TEST_CASE("merkle: a partial tree takes nothing that leads to another root", "[model][merkle]") {
  const auto ends = make_ends(6);
  PartialTree tree(6);
  const std::vector<std::uint32_t> known = {2};
  auto leaves = leaves_at(ends, known);
  leaves[0].end.bytes[0] ^= 1;
  const auto taken = tree.absorb(merkle_root(ends), leaves, merkle_proof(ends, known));
  CHECK(taken.error().code == "merkle.proof");
  CHECK(tree.ends().empty());
}

TEST_CASE("merkle: cut or oversized bytes of a partial tree are refused", "[model][merkle]") {
  const auto ends = make_ends(6);
  const Bytes bytes = PartialTree::full(ends).encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(PartialTree::decode(View(bytes).first(size)).error().code == "merkle.stored");
  }
  CHECK(PartialTree::decode(Writer().varint(kLeavesMax + 1).varint(0).varint(0).bytes()).error().code ==
        "merkle.stored");
}
