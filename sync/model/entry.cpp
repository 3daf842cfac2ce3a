// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/model/entry.h"

#include "schema/base/planted.h"

namespace satchel {

namespace {

constexpr DomainLabel kHeaderLabel{"satchel header"};
constexpr DomainLabel kBodyLabel{"satchel body"};
constexpr DomainLabel kClearLabel{"satchel clear"};
constexpr DomainLabel kHeadsLabel{"satchel heads"};
constexpr DomainLabel kWrapLabel{"satchel wrap"};
constexpr DomainLabel kWrapSignLabel{"satchel wrapsign"};

constexpr std::uint8_t kEntryVersion = 1;
constexpr std::uint8_t kOpeningVersion = 1;
constexpr std::uint8_t kWrapVersion = 1;
constexpr std::size_t kOwnersMax = 64;
constexpr std::size_t kWrapsMax = 200;
constexpr std::size_t kBoxBytesMax = 256;

template <class AnyId>
AnyId read_id(Reader& in) {
  return AnyId::of(in.raw(AnyId::size));
}

void write_wrap_subject(Writer& out, const Wrap& w) {
  out.u8(kWrapVersion)
      .raw(w.archive.view())
      .u32(w.epoch)
      .raw(w.audience.view())
      .u32(w.audience_epoch)
      .raw(w.key.view());
}

}  // namespace

Digest heads_digest(std::span<const ChainHead> sorted) {
  Writer out(sorted.size() * 60);
  if (SATCHEL_PLANTED(digest_without_last_chain) && sorted.size() > 2) sorted = sorted.first(sorted.size() - 1);
  for (const auto& [chain, head] : sorted) {
    out.raw(chain.node.view()).u32(chain.incarnation).u64(head.seq).raw(head.hash.view());
  }
  return hash(kHeadsLabel, out.bytes());
}

Header::Raw Header::encode() const {
  Raw raw{};
  std::size_t at = 0;
  const auto put = [&](const void* from, std::size_t size) {
    std::memcpy(raw.data() + at, from, size);
    at += size;
  };
  const std::uint8_t version[4] = {kEntryVersion, flags, 0, 0};
  put(version, 4);
  put(&epoch, 4);
  put(&chain.incarnation, 4);
  put(&body_size, 4);
  put(&seq, 8);
  put(&directory.n, 8);
  put(&directory.incarnation, 4);
  at += 4;  // reserved, zero
  put(archive.bytes.data(), 16);
  put(chain.node.bytes.data(), 16);
  put(body.bytes.data(), 32);
  put(previous.bytes.data(), 32);
  put(clear.bytes.data(), 32);
  SATCHEL_ASSERT(at == kBytes);
  return raw;
}

Result<Header> Header::decode(View raw) {
  Reader in(raw);
  Header h;
  const auto version = in.u8();
  h.flags = in.u8();
  const auto reserved = in.u16();
  h.epoch = in.u32();
  h.chain.incarnation = in.u32();
  h.body_size = in.u32();
  h.seq = in.u64();
  h.directory.n = in.u64();
  h.directory.incarnation = in.u32();
  const auto reserved2 = in.u32();
  h.archive = read_id<ArchiveId>(in);
  h.chain.node = read_id<NodeId>(in);
  h.body = read_id<Digest>(in);
  h.previous = read_id<Digest>(in);
  h.clear = read_id<Digest>(in);
  const bool sound = in.done() && version == kEntryVersion && h.flags == 0 && reserved == 0 && reserved2 == 0 &&
                     h.seq > 0 && h.previous.none() == (h.seq == 1) && h.body_size <= kBodyBytesMax &&
                     h.body.none() == (h.body_size == 0);
  if (!sound) return fail(ErrorKind::invalid, "entry.header");
  return h;
}

Digest header_hash(const Header::Raw& raw) { return hash(kHeaderLabel, raw); }
Digest body_hash(View sealed) { return sealed.empty() ? Digest{} : hash(kBodyLabel, sealed); }
Digest clear_hash(View clear) { return clear.empty() ? Digest{} : hash(kClearLabel, clear); }

Header::Raw associated_data(const Header& header) {
  Header without = SATCHEL_PLANTED(drop_aad) ? Header{} : header;
  without.body = {};
  return without.encode();
}

Bytes Opening::encode() const {
  Writer out(64 + owners.size() * 16 + wraps.size() * 52);
  out.u8(kOpeningVersion).u8(static_cast<std::uint8_t>(kind)).raw(branch.view()).u32(epoch).raw(key.view());
  out.varint(owners.size());
  for (const auto& owner : owners) out.raw(owner.view());
  out.varint(wraps.size());
  for (const auto& w : wraps) out.raw(w.audience.view()).u32(w.audience_epoch).raw(w.wrap.view());
  return out.take();
}

Result<Opening> Opening::decode(View clear) {
  Reader in(clear);
  Opening o;
  const auto version = in.u8();
  o.kind = static_cast<ArchiveKind>(in.u8());
  o.branch = read_id<BranchId>(in);
  o.epoch = in.u32();
  o.key = read_id<KeyId>(in);
  o.owners.resize(in.count(kOwnersMax));
  for (auto& owner : o.owners) owner = read_id<PersonId>(in);
  o.wraps.resize(in.count(kWrapsMax));
  for (auto& w : o.wraps) {
    w.audience = read_id<AudienceId>(in);
    w.audience_epoch = in.u32();
    w.wrap = read_id<Digest>(in);
  }
  const bool known_kind = o.kind >= ArchiveKind::customer && o.kind <= ArchiveKind::common;
  if (!in.done() || version != kOpeningVersion || !known_kind) return fail(ErrorKind::invalid, "entry.opening");
  return o;
}

Bytes Wrap::associated() const {
  Writer out(64);
  write_wrap_subject(out, *this);
  return out.take();
}

Bytes Wrap::encode() const {
  Writer out(224);
  write_wrap_subject(out, *this);
  out.sized(box).u8(by.none() ? 0 : 1);
  if (!by.none()) out.raw(by.view()).raw(signature.view());
  return out.take();
}

Result<Wrap> Wrap::decode(View bytes) {
  Reader in(bytes);
  Wrap w;
  const auto version = in.u8();
  w.archive = read_id<ArchiveId>(in);
  w.epoch = in.u32();
  w.audience = read_id<AudienceId>(in);
  w.audience_epoch = in.u32();
  w.key = read_id<KeyId>(in);
  w.box = copy(in.sized(kBoxBytesMax));
  const auto has_signer = in.u8();
  if (has_signer == 1) {
    w.by = read_id<NodeId>(in);
    w.signature = read_id<Signature>(in);
  }
  if (!in.done() || version != kWrapVersion || has_signer > 1) return fail(ErrorKind::invalid, "entry.wrap");
  return w;
}

Digest wrap_hash(View encoded_wrap) { return hash(kWrapLabel, encoded_wrap); }

namespace {
Bytes wrap_signed_bytes(const Wrap& wrap) {
  Writer out(256);
  write_wrap_subject(out, wrap);
  out.sized(wrap.box).raw(wrap.by.view());
  return out.take();
}
}  // namespace

void sign_wrap(Wrap& wrap, const NodeId& by, const SignKeys& keys) {
  wrap.by = by;
  wrap.signature = sign(keys, kWrapSignLabel, wrap_signed_bytes(wrap));
}

bool verify_wrap(const Wrap& wrap, const SignPublic& pub) {
  return verify(pub, kWrapSignLabel, wrap_signed_bytes(wrap), wrap.signature);
}

}  // namespace satchel
