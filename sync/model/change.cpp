// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/model/change.h"

#include <bit>

namespace satchel {

namespace {

constexpr std::uint8_t kChangeVersion = 1;
// Room for the largest hybrid time: year 10889 in 48 bits of milliseconds.
constexpr std::int64_t kWallMsMax = (std::int64_t{1} << 48) - 1;

void write_chain(Writer& out, const ChainId& chain) { out.raw(chain.node.view()).varint(chain.incarnation); }

ChainId read_chain(Reader& in) {
  ChainId chain;
  chain.node = NodeId::of(in.raw(NodeId::size));
  const auto incarnation = in.varint();
  if (incarnation > UINT32_MAX) in.fail();
  chain.incarnation = static_cast<std::uint32_t>(incarnation);
  return chain;
}

Dot read_dot(Reader& in) {
  Dot dot;
  dot.chain = read_chain(in);
  dot.seq = in.varint();
  const auto op = in.varint();
  if (op > UINT16_MAX) in.fail();
  dot.op = static_cast<std::uint16_t>(op);
  return dot;
}

Op read_op(Reader& in) {
  Op op;
  op.field = in.string(kFieldNameBytesMax);
  op.value = read_value(in);
  op.replaces.resize(in.count(kReplacesMax));
  for (auto& dot : op.replaces) dot = read_dot(in);
  return op;
}

RecordChange read_record(Reader& in) {
  RecordChange r;
  r.record = RecordId::of(in.raw(RecordId::size));
  r.type = in.string(kFieldNameBytesMax);
  const auto version = in.varint();
  if (version > UINT32_MAX) in.fail();
  r.version = static_cast<std::uint32_t>(version);
  r.ops.resize(in.count(kOpsPerRecordMax));
  for (auto& op : r.ops) op = read_op(in);
  return r;
}

}  // namespace

Bytes Change::encode() const {
  Writer out(1024);
  out.u8(kChangeVersion).varint(hybrid).zigzag(claimed.ms).zigzag(mono.ms);
  out.varint(seen.size());
  for (const auto& s : seen) {
    write_chain(out, s.chain);
    out.varint(s.seq).raw(s.hash);
  }
  out.varint(records.size());
  for (const auto& r : records) {
    out.raw(r.record.view()).sized(r.type).varint(r.version).varint(r.ops.size());
    for (const auto& op : r.ops) {
      out.sized(op.field);
      write_value(out, op.value);
      out.varint(op.replaces.size());
      for (const auto& dot : op.replaces) {
        write_chain(out, dot.chain);
        out.varint(dot.seq).varint(dot.op);
      }
    }
  }
  return out.take();
}

Result<Change> Change::decode(View bytes) {
  Reader in(bytes);
  Change c;
  const auto version = in.u8();
  c.hybrid = in.varint();
  c.claimed.ms = in.zigzag();
  c.mono.ms = in.zigzag();
  c.seen.resize(in.count(kSeenMax));
  for (auto& s : c.seen) {
    s.chain = read_chain(in);
    s.seq = in.varint();
    const View front = in.raw(s.hash.size());
    std::copy(front.begin(), front.end(), s.hash.begin());
  }
  c.records.resize(in.count(kRecordsPerChangeMax));
  std::size_t ops = 0;
  for (auto& r : c.records) {
    r = read_record(in);
    ops += r.ops.size();
  }
  // Dots count operations over the whole change in 16 bits.
  if (!in.done() || version != kChangeVersion || ops > UINT16_MAX) return fail(ErrorKind::invalid, "change.broken");
  return c;
}

std::size_t padded_size(std::size_t size) {
  if (size <= 1024) return (size + 63) / 64 * 64;
  // Padmé: keep as many leading bits as the exponent needs, so that at most log log size bits leak.
  const auto exponent = static_cast<std::size_t>(std::bit_width(size)) - 1;
  const auto kept = static_cast<std::size_t>(std::bit_width(exponent));
  const std::size_t mask = (std::size_t{1} << (exponent - kept)) - 1;
  return (size + mask) & ~mask;
}

Bytes seal_body(Header& header, View packed, const Secret32& epoch_key, Entropy& entropy) {
  header.body_size = static_cast<std::uint32_t>(packed.size() + kSealOverhead);
  SATCHEL_ASSERT(header.body_size <= kBodyBytesMax);
  Bytes sealed = seal(epoch_key, associated_data(header), packed, entropy);
  header.body = body_hash(sealed);
  return sealed;
}

Result<Change> open_body(const Header& header, View sealed, const Secret32& epoch_key) {
  Bytes packed;
  SATCHEL_TRY(open_into(packed, epoch_key, associated_data(header), sealed));
  const auto encoded = unpack_body(packed);
  if (!encoded) return std::unexpected(encoded.error());
  return Change::decode(*encoded);
}

std::uint64_t HybridClock::of(WallTime t) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(t.ms, 0, kWallMsMax)) << 16;
}

std::uint64_t HybridClock::next(WallTime claimed) {
  last_ = std::max(last_ + 1, of(claimed));
  return last_;
}

}  // namespace satchel
