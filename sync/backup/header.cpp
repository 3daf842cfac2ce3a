// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/backup/header.h"

#include "sync/backup/limits.h"

namespace satchel::backup {

namespace {

constexpr std::string_view kMagic = "SATCHELC";
constexpr std::uint32_t kVersion = 1;
constexpr DomainLabel kBoundLabel{"satchel backup"};
constexpr DomainLabel kCheckLabel{"satchel bkp head"};
constexpr DomainLabel kRecoveryLabel{"satchel recovery"};
constexpr std::string_view kLockName = "backup";
constexpr std::size_t kVaultBytesMax = 1024;
constexpr std::size_t kLockBytesMax = 256;

std::unexpected<Error> damaged(const char* why) { return fail(ErrorKind::integrity, "backup.damaged", why); }

void put_identity(Writer& out, const Header& h) {
  out.u8(static_cast<std::uint8_t>(h.kind)).raw(h.org.view()).raw(h.node.node.view()).u32(h.node.incarnation);
  out.raw(h.id.view()).i64(h.made.ms).i64(h.expires.ms);
}

}  // namespace

Bytes encode(const Header& h) {
  Writer rest(1024);
  put_identity(rest, h);
  rest.sized(h.vault).sized(h.lock);
  Writer out(1024);
  out.raw(view(kMagic)).u32(kVersion).u32(static_cast<std::uint32_t>(rest.size() + Digest::size)).raw(rest.bytes());
  const Digest check = hash(kCheckLabel, out.bytes());
  out.raw(check.view());
  return out.take();
}

Result<std::size_t> header_size(View prelude) {
  if (prelude.size() < kPreludeBytes || text(prelude.first(kMagic.size())) != kMagic)
    return fail(ErrorKind::invalid, "backup.none");
  Reader in(prelude.subspan(kMagic.size()));
  const auto version = in.u32();
  if (version > kVersion) return fail(ErrorKind::failed, "backup.newer", std::to_string(version));
  const std::size_t size = in.u32();
  if (version == 0 || size <= Digest::size || size > kHeaderBytesMax) return damaged("header size");
  return kPreludeBytes + size;
}

Result<Header> decode_header(View bytes) {
  SATCHEL_GET(size, header_size(bytes));
  if (bytes.size() != size) return damaged("header size");
  const View content = bytes.first(size - Digest::size);
  if (!equal(hash(kCheckLabel, content).view(), bytes.last(Digest::size))) return damaged("header");
  Reader in(content.subspan(kPreludeBytes));
  Header h;
  const auto kind = in.u8();
  h.kind = static_cast<Kind>(kind);
  h.org = OrgId::of(in.raw(OrgId::size));
  h.node.node = NodeId::of(in.raw(NodeId::size));
  h.node.incarnation = in.u32();
  h.id = BackupId::of(in.raw(BackupId::size));
  h.made.ms = in.i64();
  h.expires.ms = in.i64();
  h.vault = copy(in.sized(kVaultBytesMax));
  h.lock = copy(in.sized(kLockBytesMax));
  const bool right = kind >= 1 && kind <= 3 && h.vault.empty() == (h.kind == Kind::hub) && h.expires.ms >= 0;
  if (!in.done() || !right || h.lock.empty()) return damaged("header");
  return h;
}

Digest bound_digest(const Header& header) { return hash(kBoundLabel, encode(header)); }

Bytes lock_name(const Header& header) {
  Writer out(128);
  out.raw(view(kLockName));
  put_identity(out, header);
  return out.take();
}

BoxKeys recovery_keys(const Secret32& root_seed) { return make_box_keys(derive(kRecoveryLabel, root_seed)); }

}  // namespace satchel::backup
