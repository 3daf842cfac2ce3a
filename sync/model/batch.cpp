// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/model/batch.h"

namespace satchel {

namespace {

constexpr DomainLabel kBatchLabel{"satchel batch"};
constexpr DomainLabel kStampLabel{"satchel stamp"};
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kWholeVersion = 2;  // of a stamp: the same layout, and the batch was there whole

void write_author(Writer& out, const ChainId& chain) { out.raw(chain.node.view()).u32(chain.incarnation); }
ChainId read_author(Reader& in) {
  ChainId chain;
  chain.node = NodeId::of(in.raw(NodeId::size));
  chain.incarnation = in.u32();
  return chain;
}
void write_position(Writer& out, Position p) { out.u32(p.incarnation).u64(p.n); }
Position read_position(Reader& in) {
  Position p;
  p.incarnation = in.u32();
  p.n = in.u64();
  return p;
}

}  // namespace

Bytes Batch::encode() const {
  Writer out(128);
  out.u8(kVersion);
  write_author(out, author);
  out.u64(number);
  write_position(out, directory);
  out.i64(claimed.ms).i64(mono.ms).u32(entries).u32(leaves).raw(root.view());
  return out.take();
}

Result<Batch> Batch::decode(View bytes) {
  Reader in(bytes);
  Batch b;
  const auto version = in.u8();
  b.author = read_author(in);
  b.number = in.u64();
  b.directory = read_position(in);
  b.claimed.ms = in.i64();
  b.mono.ms = in.i64();
  b.entries = in.u32();
  b.leaves = in.u32();
  b.root = Digest::of(in.raw(Digest::size));
  const bool sound = in.done() && version == kVersion && b.leaves > 0 && b.leaves <= kLeavesMax &&
                     b.entries >= b.leaves && b.entries <= kBatchEntriesMax;
  if (!sound) return fail(ErrorKind::invalid, "batch.broken");
  return b;
}

Digest batch_id(View batch_bytes) { return hash(kBatchLabel, batch_bytes); }

SignedBytes sign_batch(const Batch& batch, const SignKeys& keys) {
  SignedBytes s{batch.encode(), {}};
  s.signature = sign(keys, kBatchLabel, s.bytes);
  return s;
}

bool verify_batch(const SignedBytes& batch, const SignPublic& pub) {
  return verify(pub, kBatchLabel, batch.bytes, batch.signature);
}

Bytes Stamp::encode() const {
  Writer out(96 + restrictions.size() * Digest::size);
  out.u8(whole ? kWholeVersion : kVersion).raw(batch.view());
  write_author(out, hub);
  out.i64(time.ms);
  write_position(out, directory);
  out.varint(restrictions.size());
  for (const auto& r : restrictions) out.raw(r.view());
  return out.take();
}

Result<Stamp> Stamp::decode(View bytes) {
  Reader in(bytes);
  Stamp s;
  const auto version = in.u8();
  s.batch = Digest::of(in.raw(Digest::size));
  s.hub = read_author(in);
  s.time.ms = in.i64();
  s.directory = read_position(in);
  s.restrictions.resize(in.count(kRestrictionsMax));
  for (auto& r : s.restrictions) r = Digest::of(in.raw(Digest::size));
  s.whole = version == kWholeVersion;
  if (!in.done() || (version != kVersion && !s.whole)) return fail(ErrorKind::invalid, "stamp.broken");
  return s;
}

SignedBytes sign_stamp(const Stamp& stamp, const SignKeys& keys) {
  SignedBytes s{stamp.encode(), {}};
  s.signature = sign(keys, kStampLabel, s.bytes);
  return s;
}

bool verify_stamp(const SignedBytes& stamp, const SignPublic& pub) {
  return verify(pub, kStampLabel, stamp.bytes, stamp.signature);
}

}  // namespace satchel
