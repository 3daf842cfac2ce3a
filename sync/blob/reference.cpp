// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/blob/reference.h"

namespace satchel::blob {

namespace {

constexpr std::uint8_t kClearVersion = 2;  // of clear parts: 1 is an opening
constexpr DomainLabel kChunkLabel{"satchel chunk"};
constexpr DomainLabel kRootLabel{"satchel chunks"};

}  // namespace

bool names_attachments(View clear) { return !clear.empty() && clear.front() == kClearVersion; }

Bytes encode_references(std::span<const Reference> references) {
  Writer out(8 + references.size() * 40);
  out.u8(kClearVersion).varint(references.size());
  for (const auto& r : references) out.raw(r.root.view()).u64(r.sealed);
  return out.take();
}

Result<std::vector<Reference>> decode_references(View clear) {
  Reader in(clear);
  const bool ours = in.u8() == kClearVersion;
  const auto count = in.count(kReferencesMax);
  std::vector<Reference> out;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    Reference r;
    r.root = Digest::of(in.raw(Digest::size));
    r.sealed = in.u64();
    if (r.root.none() || chunk_count(r.sealed) == 0) in.fail();
    out.push_back(r);
  }
  if (!ours || out.empty() || !in.done()) return fail(ErrorKind::invalid, "entry.attachments");
  return out;
}

std::uint32_t chunk_count(std::uint64_t sealed) {
  if (sealed > kSealedBytesMax) return 0;
  const std::uint64_t rest = sealed % kChunkSealedBytes;
  if (sealed == 0 || (rest != 0 && rest <= kSealOverhead)) return 0;
  return static_cast<std::uint32_t>(sealed / kChunkSealedBytes + (rest != 0 ? 1 : 0));
}

std::size_t chunk_bytes(std::uint64_t sealed, std::uint32_t index) {
  const std::uint32_t count = chunk_count(sealed);
  if (index >= count) return 0;
  return index + 1 < count ? kChunkSealedBytes : sealed - std::uint64_t{count - 1} * kChunkSealedBytes;
}

Digest chunk_id(View sealed_chunk) { return hash(kChunkLabel, sealed_chunk); }

Digest root_of(std::uint64_t sealed, View ids) {
  const Bytes size = Writer(8).u64(sealed).take();
  return hash(kRootLabel, {size, ids});
}

}  // namespace satchel::blob
