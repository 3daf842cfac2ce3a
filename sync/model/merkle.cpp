// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/model/merkle.h"

#include <bit>

namespace satchel {

namespace {

constexpr DomainLabel kLeafLabel{"satchel leaf"};
constexpr DomainLabel kInnerLabel{"satchel inner"};

Digest leaf(const Digest& end) { return hash(kLeafLabel, end.view()); }
Digest inner(const Digest& left, const Digest& right) { return hash(kInnerLabel, {left.view(), right.view()}); }
std::size_t split(std::size_t n) { return std::bit_floor(n - 1); }

void prove(std::span<const Digest> ends, std::size_t first, std::span<const std::uint32_t> known,
           std::vector<Digest>& proof) {
  if (known.empty()) {
    proof.push_back(merkle_root(ends));
    return;
  }
  if (ends.size() == 1) return;
  const auto left = split(ends.size());
  const auto middle = std::lower_bound(known.begin(), known.end(), first + left) - known.begin();
  prove(ends.first(left), first, known.first(middle), proof);
  prove(ends.subspan(left), first + left, known.subspan(middle), proof);
}

struct Rebuild {
  std::span<const Digest> proof;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Digest>* parts = nullptr;  // where to note what the proof gave
  bool fits = true;

  Digest run(std::size_t first, std::size_t count, std::span<const KnownLeaf> known) {
    if (known.empty()) {
      if (proof.empty()) {
        fits = false;
        return {};
      }
      const Digest taken = proof.front();
      proof = proof.subspan(1);
      if (parts != nullptr) (*parts)[{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)}] = taken;
      return taken;
    }
    if (count == 1) {
      fits = fits && known.size() == 1;
      return leaf(known.front().end);
    }
    const auto left = split(count);
    std::size_t middle = 0;
    while (middle < known.size() && known[middle].index < first + left) ++middle;
    const Digest l = run(first, left, known.first(middle));
    const Digest r = run(first + left, count - left, known.subspan(middle));
    return inner(l, r);
  }
};

}  // namespace

Digest merkle_root(std::span<const Digest> ends) {
  SATCHEL_ASSERT(!ends.empty());
  if (ends.size() == 1) return leaf(ends[0]);
  const auto left = split(ends.size());
  return inner(merkle_root(ends.first(left)), merkle_root(ends.subspan(left)));
}

std::vector<Digest> merkle_proof(std::span<const Digest> ends, std::span<const std::uint32_t> known) {
  std::vector<Digest> proof;
  prove(ends, 0, known, proof);
  return proof;
}

namespace {

Result<Digest> rebuild_root(std::size_t leaves, std::span<const KnownLeaf> known, std::span<const Digest> proof,
                            std::map<std::pair<std::uint32_t, std::uint32_t>, Digest>* parts) {
  const auto unfit = [] { return fail(ErrorKind::invalid, "merkle.proof"); };
  if (leaves == 0 || leaves > kLeavesMax || known.empty() || known.size() > leaves) return unfit();
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].index >= leaves || (i > 0 && known[i].index <= known[i - 1].index)) return unfit();
  }
  Rebuild rebuild{proof, parts};
  const Digest root = rebuild.run(0, leaves, known);
  if (!rebuild.fits || !rebuild.proof.empty()) return unfit();
  return root;
}

}  // namespace

Result<Digest> merkle_root_from(std::size_t leaves, std::span<const KnownLeaf> known, std::span<const Digest> proof) {
  return rebuild_root(leaves, known, proof, nullptr);
}

PartialTree PartialTree::full(std::span<const Digest> ends) {
  PartialTree tree(ends.size());
  for (std::uint32_t i = 0; i < ends.size(); ++i) tree.ends_.emplace_hint(tree.ends_.end(), i, ends[i]);
  return tree;
}

Result<void> PartialTree::absorb(const Digest& root, std::span<const KnownLeaf> known, std::span<const Digest> proof) {
  auto parts = parts_;
  SATCHEL_GET(found, rebuild_root(leaves_, known, proof, &parts));
  if (found != root) return fail(ErrorKind::invalid, "merkle.proof");
  for (const auto& [index, end] : known) ends_[index] = end;
  if (ends_.size() == leaves_) parts.clear();
  parts_ = std::move(parts);
  return {};
}

Digest PartialTree::hash_of(std::size_t first, std::size_t count) const {
  const auto part = parts_.find({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)});
  if (part != parts_.end()) return part->second;
  if (count == 1) {
    const auto end = ends_.find(static_cast<std::uint32_t>(first));
    SATCHEL_ASSERT(end != ends_.end());
    return leaf(end->second);
  }
  const auto left = split(count);
  return inner(hash_of(first, left), hash_of(first + left, count - left));
}

void PartialTree::prove(std::size_t first, std::size_t count, std::span<const std::uint32_t> known,
                        std::vector<Digest>& proof) const {
  if (known.empty()) {
    proof.push_back(hash_of(first, count));
    return;
  }
  if (count == 1) return;
  const auto left = split(count);
  const auto middle =
      static_cast<std::size_t>(std::lower_bound(known.begin(), known.end(), first + left) - known.begin());
  prove(first, left, known.first(middle), proof);
  prove(first + left, count - left, known.subspan(middle), proof);
}

std::vector<Digest> PartialTree::prove(std::span<const std::uint32_t> known) const {
  std::vector<Digest> proof;
  if (known.size() < leaves_) prove(0, leaves_, known, proof);
  return proof;
}

Bytes PartialTree::encode() const {
  Writer out(16 + ends_.size() * 34 + parts_.size() * 36);
  out.varint(leaves_).varint(ends_.size());
  for (const auto& [index, end] : ends_) out.varint(index).raw(end.view());
  out.varint(parts_.size());
  for (const auto& [where, digest] : parts_) out.varint(where.first).varint(where.second).raw(digest.view());
  return out.take();
}

Result<PartialTree> PartialTree::decode(View bytes) {
  Reader in(bytes);
  PartialTree tree(in.varint());
  const auto ends = in.count(kLeavesMax);
  for (std::size_t i = 0; i < ends; ++i) {
    const auto index = static_cast<std::uint32_t>(in.varint());
    tree.ends_.emplace_hint(tree.ends_.end(), index, Digest::of(in.raw(Digest::size)));
  }
  const auto parts = in.count(2 * kLeavesMax);
  for (std::size_t i = 0; i < parts; ++i) {
    const auto first = static_cast<std::uint32_t>(in.varint());
    const auto count = static_cast<std::uint32_t>(in.varint());
    tree.parts_[{first, count}] = Digest::of(in.raw(Digest::size));
  }
  if (!in.done() || tree.leaves_ == 0 || tree.leaves_ > kLeavesMax) return fail(ErrorKind::integrity, "merkle.stored");
  return tree;
}

}  // namespace satchel
