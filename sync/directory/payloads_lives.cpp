// SPDX-License-Identifier: AGPL-3.0-or-later
// Layouts of statements about the lives of nodes: copies, restored ones, and the key of backups.
#include "sync/directory/codec.h"
#include "sync/directory/limits.h"
#include "sync/directory/payloads.h"

namespace satchel::payload {

using namespace codec;

namespace {

constexpr std::size_t kHeadBytesHere = 256;   // a head has 149; its decoder knows exactly
constexpr std::size_t kBatchBytesHere = 256;  // a batch has 97; the decoder of batches knows exactly

void put_signed(Writer& out, const SignedBytes& batch) { out.sized(batch.bytes).raw(batch.signature.view()); }

SignedBytes take_signed(Reader& in) {
  SignedBytes batch;
  batch.bytes = copy(in.sized(kBatchBytesHere));
  batch.signature = take_id<Signature>(in);
  return batch;
}

}  // namespace

void NodeFrozen::put(Writer& out) const {
  out.raw(node.view());
  put_signed(out, first);
  put_signed(out, second);
}

void NodeFrozen::take(Reader& in) {
  node = take_id<NodeId>(in);
  if (node.none()) in.fail();
  first = take_signed(in);
  second = take_signed(in);
}

void NodeRenewed::put(Writer& out) const { out.raw(node.view()).u32(incarnation); }

void NodeRenewed::take(Reader& in) {
  node = take_id<NodeId>(in);
  incarnation = in.u32();
  // The first life is nobody's second.
  if (node.none() || incarnation < 2) in.fail();
}

void FormerOrder::put(Writer& out) const {
  put_position(out, after);
  out.varint(records.size());
  for (const auto& record : records) {
    out.u8(static_cast<std::uint8_t>(record.scope)).u32(record.incarnation);
    out.raw(record.statement.view()).raw(record.envelope.view()).i64(record.hub_time.ms);
  }
  out.sized(head);
}

void FormerOrder::take(Reader& in) {
  after = take_position(in);
  records.resize(in.count(kFormerRecordsMax));
  for (auto& record : records) {
    record.scope = take_enum(in, Scope::archive);
    record.incarnation = in.u32();
    record.statement = take_id<Digest>(in);
    record.envelope = take_id<Digest>(in);
    record.hub_time.ms = in.i64();
  }
  head = copy(in.sized(kHeadBytesHere));
  if (records.empty()) in.fail();
}

void BackupKey::put(Writer& out) const { out.raw(key.view()); }

void BackupKey::take(Reader& in) {
  key = take_id<BoxPublic>(in);
  if (key.none()) in.fail();
}

}  // namespace satchel::payload
