// SPDX-License-Identifier: AGPL-3.0-or-later
// Payloads about keys, packs, numbers, policies and single archives; and the choice of the decoder by kind.
#include "sync/directory/codec.h"
#include "sync/directory/limits.h"
#include "sync/directory/payloads.h"
#include "sync/seal/seal.h"

namespace satchel::payload {

using namespace codec;

namespace {

bool good_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Bytes take_box(Reader& in) {
  const View box = in.sized(kBoxBytesMax);
  if (box.empty()) in.fail();
  return copy(box);
}

}  // namespace

void AudienceKey::put(Writer& out) const {
  out.raw(audience.view()).u32(epoch).raw(key.view()).varint(boxes.size());
  for (const auto& [node, box] : boxes) out.raw(node.view()).sized(box);
}

void AudienceKey::take(Reader& in) {
  audience = take_id<AudienceId>(in);
  epoch = in.u32();
  key = take_id<BoxPublic>(in);
  NodeId last;
  for (auto left = in.count(kAudienceBoxesMax); left > 0 && in.ok(); --left) {
    const auto node = take_id<NodeId>(in);
    if (node <= last) in.fail();  // ascending, so that a list has one spelling and names nobody twice
    last = node;
    boxes.emplace_hint(boxes.end(), node, take_box(in));
  }
  if (epoch == 0 || boxes.empty()) in.fail();
}

void AudienceBox::put(Writer& out) const { out.raw(audience.view()).u32(epoch).raw(node.view()).sized(box); }

void AudienceBox::take(Reader& in) {
  audience = take_id<AudienceId>(in);
  epoch = in.u32();
  node = take_id<NodeId>(in);
  box = take_box(in);
  if (epoch == 0 || node.none()) in.fail();
}

void PackPublished::put(Writer& out) const {
  out.sized(pack).u32(version);
  put_ids(out, test_group);
  out.u8(static_cast<std::uint8_t>(coding)).sized(bytes).raw(digest.view());
}

void PackPublished::take(Reader& in) {
  pack = take_name(in, kPackIdBytesMax);
  version = in.u32();
  test_group = take_ids<PersonId>(in, kTestGroupMax);
  coding = take_enum(in, PackCoding::zstd);
  bytes = copy(in.sized(kPublishedPackBytesMax));
  digest = take_id<Digest>(in);
  if (version == 0) in.fail();
}

Digest pack_digest(View bytes) { return hash("satchel pack", bytes); }

void NumberRangeWanted::put(Writer& out) const { out.raw(node.view()).u32(incarnation).u32(count); }

void NumberRangeWanted::take(Reader& in) {
  node = take_id<NodeId>(in);
  incarnation = in.u32();
  count = in.u32();
  if (incarnation == 0 || count == 0 || count > kNumbersWantedMax) in.fail();
}

void NumberRange::put(Writer& out) const { out.raw(node.view()).u32(incarnation).u64(first).u32(count); }

void NumberRange::take(Reader& in) {
  node = take_id<NodeId>(in);
  incarnation = in.u32();
  first = in.u64();
  count = in.u32();
  if (incarnation == 0 || first == 0 || first > kNumberMax || count == 0 || count > kNumbersWantedMax) in.fail();
}

void Policy::put(Writer& out) const { out.sized(key).sized(value); }

void Policy::take(Reader& in) {
  key = in.string(kPolicyKeyBytesMax);
  if (!good_key(key)) in.fail();
  value = take_text(in, kPolicyValueBytesMax);
}

}  // namespace satchel::payload

namespace satchel {

namespace {

using payload::Any;

// The decoder of the alternative whose kind it is, tried in the order of the variant.
template <std::size_t kAt>
Result<Any> decode_from(StatementKind kind, View bytes) {
  if constexpr (kAt + 1 == std::variant_size_v<Any>) {
    return payload::Opaque{kind, copy(bytes)};
  } else {
    using P = std::variant_alternative_t<kAt, Any>;
    if (P::kKind != kind) return decode_from<kAt + 1>(kind, bytes);
    auto payload = decode_payload<P>(bytes);
    if (!payload) return std::unexpected(std::move(payload.error()));
    return Any(std::move(*payload));
  }
}

}  // namespace

Result<payload::Any> decode_any(StatementKind kind, View bytes) { return decode_from<0>(kind, bytes); }

}  // namespace satchel
