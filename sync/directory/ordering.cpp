// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/ordering.h"

#include "sync/directory/codec.h"

namespace satchel {

using namespace codec;

namespace {

constexpr DomainLabel kOrderLabel{"satchel order"};
constexpr DomainLabel kHeadLabel{"satchel dirhead"};
constexpr std::uint8_t kOrderVersion = 1;

Bytes head_bytes(const DirectoryHead& head) {
  Writer out(85);
  out.u8(kOrderVersion).raw(head.org.view());
  put_position(out, head.position);
  return out.raw(head.order_hash.view()).i64(head.time.ms).raw(head.hub.view()).take();
}

}  // namespace

Bytes encode(const Ordered& o) {
  Writer out(Ordered::kBytes);
  out.u8(kOrderVersion).u8(static_cast<std::uint8_t>(o.scope));
  put_position(out, o.position);
  return out.raw(o.statement.view()).raw(o.envelope.view()).raw(o.prev.view()).i64(o.hub_time.ms).take();
}

Result<Ordered> decode_ordered(View bytes) {
  Reader in(bytes);
  Ordered o;
  if (in.u8() != kOrderVersion) in.fail();
  o.scope = take_enum(in, Scope::archive);
  o.position = take_position(in);
  o.statement = take_id<Digest>(in);
  o.envelope = take_id<Digest>(in);
  o.prev = take_id<Digest>(in);
  o.hub_time.ms = in.i64();
  if (!in.done()) return fail(ErrorKind::invalid, "directory.bad-order");
  return o;
}

Digest order_hash(const Ordered& ordered) { return hash(kOrderLabel, encode(ordered)); }

Bytes encode(const DirectoryHead& head) {
  Writer out(149);
  return out.raw(head_bytes(head)).raw(head.signature.view()).take();
}

Result<DirectoryHead> decode_head(View bytes) {
  Reader in(bytes);
  DirectoryHead head;
  if (in.u8() != kOrderVersion) in.fail();
  head.org = take_id<OrgId>(in);
  head.position = take_position(in);
  head.order_hash = take_id<Digest>(in);
  head.time.ms = in.i64();
  head.hub = take_id<NodeId>(in);
  head.signature = take_id<Signature>(in);
  if (!in.done()) return fail(ErrorKind::invalid, "directory.bad-head");
  return head;
}

void sign_head(DirectoryHead& head, const SignKeys& hub) { head.signature = sign(hub, kHeadLabel, head_bytes(head)); }

bool verify_head(const DirectoryHead& head, const SignPublic& hub) {
  return verify(hub, kHeadLabel, head_bytes(head), head.signature);
}

bool proves_fork(const DirectoryHead& a, const DirectoryHead& b, const SignPublic& hub) {
  return a.org == b.org && a.hub == b.hub && a.position == b.position && a.order_hash != b.order_hash &&
         verify_head(a, hub) && verify_head(b, hub);
}

}  // namespace satchel
