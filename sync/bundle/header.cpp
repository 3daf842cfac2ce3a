// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/header.h"

#include "sync/bundle/limits.h"

namespace satchel::bundle {

namespace {

constexpr std::string_view kMagic = "SATCHELB";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBoxBytesMax = 256;

std::unexpected<Error> damaged(const char* why) { return fail(ErrorKind::integrity, "bundle.damaged", why); }

void put_bound(Writer& out, const Header& h) {
  out.raw(h.org.view()).raw(h.id.view()).raw(h.from.node.view()).u32(h.from.incarnation);
  out.u8(static_cast<std::uint8_t>(h.to.kind)).raw(h.to.id).u64(h.number).i64(h.made.ms);
}

Bytes encode_rest(const Header& h) {
  Writer out(512);
  put_bound(out, h);
  out.varint(h.boxes.size());
  for (const auto& box : h.boxes) out.raw(box.node.view()).sized(box.box);
  out.u32(h.part).u32(h.parts).u32(h.chunks).u64(h.content_bytes).raw(h.content.view());
  return out.take();
}

}  // namespace

Bytes encode_signed(const Header& header, const SignKeys& keys) {
  const Bytes rest = encode_rest(header);
  Writer out(kPreludeBytes + rest.size() + Signature::size);
  out.raw(view(kMagic)).u32(kVersion).u32(static_cast<std::uint32_t>(rest.size() + Signature::size)).raw(rest);
  const Signature signature = sign(keys, kBundleLabel, out.bytes());
  out.raw(signature.view());
  return out.take();
}

Result<std::size_t> header_size(View prelude) {
  if (prelude.size() < kPreludeBytes || text(prelude.first(kMagic.size())) != kMagic)
    return fail(ErrorKind::invalid, "bundle.none");
  Reader in(prelude.subspan(kMagic.size()));
  const auto version = in.u32();
  if (version > kVersion) return fail(ErrorKind::invalid, "bundle.newer", std::to_string(version));
  const std::size_t size = in.u32();
  if (version == 0 || size <= Signature::size || size > kHeaderBytesMax) return damaged("header size");
  return kPreludeBytes + size;
}

Result<SignedHeader> decode_header(View bytes) {
  SATCHEL_GET(size, header_size(bytes));
  if (bytes.size() != size) return damaged("header size");
  SignedHeader out;
  out.bytes = copy(bytes.first(size - Signature::size));
  out.signature = Signature::of(bytes.last(Signature::size));
  Reader in(View(out.bytes).subspan(kPreludeBytes));
  Header& h = out.header;
  h.org = OrgId::of(in.raw(OrgId::size));
  h.id = BundleId::of(in.raw(BundleId::size));
  h.from.node = NodeId::of(in.raw(NodeId::size));
  h.from.incarnation = in.u32();
  const auto kind = in.u8();
  h.to.kind = static_cast<RecipientKind>(kind);
  const View to = in.raw(h.to.id.size());
  if (in.ok()) std::ranges::copy(to, h.to.id.begin());
  h.number = in.u64();
  h.made.ms = in.i64();
  h.boxes.resize(in.count(kRecipientsMax));
  for (auto& box : h.boxes) {
    box.node = NodeId::of(in.raw(NodeId::size));
    box.box = copy(in.sized(kBoxBytesMax));
  }
  h.part = in.u32();
  h.parts = in.u32();
  h.chunks = in.u32();
  h.content_bytes = in.u64();
  h.content = Digest::of(in.raw(Digest::size));
  const bool right =
      h.number > 0 && h.part > 0 && h.part <= h.parts && h.parts <= kPartsMax && (kind == 1 || kind == 2);
  if (!in.done() || !right) return damaged("header");
  return out;
}

bool verify_header(const SignedHeader& header, const SignPublic& sender) {
  return verify(sender, kBundleLabel, header.bytes, header.signature);
}

Bytes bound_to(const Header& header) {
  Writer out(128);
  out.raw(view(kMagic)).u32(kVersion);
  put_bound(out, header);
  return out.take();
}

Digest bound_digest(const Header& header) { return hash(kBoundLabel, bound_to(header)); }

Result<Secret32> open_key(const Header& header, const NodeId& node, const BoxKeys& keys) {
  const auto box = std::ranges::find(header.boxes, node, &KeyBox::node);
  if (box == header.boxes.end()) return fail(ErrorKind::permission, "bundle.not-for-us");
  SATCHEL_GET(opened, Unboxer(keys).open(bound_to(header), box->box));
  if (opened.size() != 32) return damaged("key");
  Secret32 key = Secret32::of(opened);
  wipe(opened);
  return key;
}

Digest content_after(const Digest& before, View chunk) { return hash(kContentLabel, {before.view(), chunk}); }

Bytes chunk_bound(const Digest& bound, std::uint32_t part, std::uint32_t chunk) {
  return Writer(48).raw(bound.view()).u32(part).u32(chunk).take();
}

}  // namespace satchel::bundle
