// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/ledger.h"

#include "sync/bundle/limits.h"

namespace satchel::bundle {

namespace {

// What a row is about: the first byte of its key. Values are permanent.
enum class Row : Byte {
  counter = 'c',
  given = 'g',
  taken = 't',
  owed = 'o',
  refusal = 'r',
  refused = 's',
  standing = 'w',
  heads = 'h',
  told = 'm',
  repair = 'a',
  whole = 'y',
  wanted = 'x',
};
constexpr std::size_t kCodeBytesMax = 256;
constexpr std::size_t kWaitingTail = 4 + 4 + 1;  // part, index, kind

std::unexpected<Error> damaged() { return fail(ErrorKind::integrity, "log.damaged", "bundles"); }

class Key {
 public:
  explicit Key(Row row) { bytes_.push_back(static_cast<Byte>(row)); }
  explicit Key(Waits what) { bytes_.push_back(static_cast<Byte>(what)); }
  Key& u8(Byte v) { return bytes_.push_back(v), *this; }
  Key& u32(std::uint32_t v) { return put_be32(bytes_, v), *this; }
  Key& u64(std::uint64_t v) { return put_be64(bytes_, v), *this; }
  Key& raw(View v) { return bytes_.insert(bytes_.end(), v.begin(), v.end()), *this; }
  Key& of(const Recipient& to) {
    bytes_.push_back(static_cast<Byte>(to.kind));
    return raw(to.id);
  }
  Key& of(const Source& source) { return u32(source.node).u32(source.incarnation).u64(source.number); }
  operator View() const { return bytes_; }

 private:
  Bytes bytes_;
};

Result<void> erase_prefix(WriteTxn& txn, View prefix) {
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, prefix, [&](KeyValue pair) {
    keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::bundles, key));
  return {};
}

// The place behind the last row with this prefix.
Result<std::uint32_t> next_index(const ReadTxn& txn, View prefix) {
  SATCHEL_GET(cursor, txn.cursor(Table::bundles));
  Bytes end = copy(prefix);
  put_be32(end, UINT32_MAX);
  SATCHEL_GET(last, cursor->seek_before(end));
  if (!last || last->key.size() != prefix.size() + 5 || !equal(last->key.first(prefix.size()), prefix)) return 1;
  return be32(last->key.subspan(prefix.size())) + 1;
}

Result<std::uint64_t> number_at(const ReadTxn& txn, View key) {
  SATCHEL_GET(found, txn.get(Table::bundles, key));
  if (!found) return 0;
  if (found->size() != 8) return damaged();
  return be64(*found);
}

Bytes encode_given(const Given& given) {
  Writer out(128);
  out.raw(given.id.view()).u64(given.end).u64(given.heads).varint(given.wraps.size());
  for (const auto& w : given.wraps) out.raw(w.view());
  out.varint(given.told.size());
  for (const auto& name : given.told) out.u32(name.archive).raw(name.root.view());
  out.varint(given.acknowledged.size());
  for (const auto& s : given.acknowledged) out.u32(s.node).u32(s.incarnation).u64(s.number);
  return out.take();
}

Result<Given> decode_given(View bytes) {
  Reader in(bytes);
  Given given;
  given.id = BundleId::of(in.raw(BundleId::size));
  given.end = in.u64();
  given.heads = in.u64();
  given.wraps.resize(in.count(wire::kWrapsMax));
  for (auto& w : given.wraps) w = Digest::of(in.raw(Digest::size));
  given.told.resize(in.count(2 * kBlobsTold));
  for (auto& name : given.told) {
    name.archive = in.u32();
    name.root = Digest::of(in.raw(Digest::size));
  }
  given.acknowledged.resize(in.count(kRecipientsMax));
  for (auto& s : given.acknowledged) {
    s.node = in.u32();
    s.incarnation = in.u32();
    s.number = in.u64();
  }
  if (!in.done()) return damaged();
  return given;
}

Bytes encode_taken(const Taken& taken) {
  Writer out(128);
  out.raw(taken.id.view()).u32(taken.parts).u8((taken.complete ? 1 : 0) | (taken.acknowledged ? 2 : 0));
  out.u32(taken.applied).varint(taken.have.size());
  for (const auto part : taken.have) out.varint(part);
  out.varint(taken.begun.size());
  for (const auto& [part, chunks] : taken.begun) out.varint(part).varint(chunks);
  out.varint(taken.from.size());
  for (const auto& [audience, cursor] : taken.from) out.raw(audience.view()).u64(cursor.position).u64(cursor.stamps);
  out.varint(taken.stamps.size());
  for (const auto& [audience, up_to] : taken.stamps) out.raw(audience.view()).u64(up_to);
  return out.take();
}

Result<Taken> decode_taken(View bytes) {
  Reader in(bytes);
  Taken taken;
  taken.id = BundleId::of(in.raw(BundleId::size));
  taken.parts = in.u32();
  const auto flags = in.u8();
  taken.complete = (flags & 1) != 0;
  taken.acknowledged = (flags & 2) != 0;
  taken.applied = in.u32();
  for (auto left = in.count(kPartsMax); left > 0; --left) taken.have.insert(static_cast<std::uint32_t>(in.varint()));
  for (auto left = in.count(kPartsMax); left > 0; --left) {
    const auto part = static_cast<std::uint32_t>(in.varint());
    taken.begun[part] = static_cast<std::uint32_t>(in.varint());
  }
  for (auto left = in.count(wire::kFeedsMax + 1); left > 0; --left) {
    const auto audience = AudienceId::of(in.raw(AudienceId::size));
    const auto position = in.u64();
    taken.from[audience] = {position, in.u64()};
  }
  for (auto left = in.count(wire::kFeedsMax + 1); left > 0; --left) {
    const auto audience = AudienceId::of(in.raw(AudienceId::size));
    taken.stamps[audience] = in.u64();
  }
  if (!in.done()) return damaged();
  return taken;
}

void put_refusal(Writer& out, const wire::Refusal& r) {
  out.raw(r.archive.view()).u64(r.first_seq).u8(static_cast<std::uint8_t>(r.verdict)).sized(r.code).u64(r.have);
}
wire::Refusal read_refusal(Reader& in) {
  wire::Refusal r;
  r.archive = ArchiveId::of(in.raw(ArchiveId::size));
  r.first_seq = in.u64();
  r.verdict = static_cast<wire::EntryVerdict>(in.u8());
  r.code = in.string(kCodeBytesMax);
  r.have = in.u64();
  return r;
}

Bytes encode_heads(std::span<const ChainHead> heads) {
  Writer out(heads.size() * 64);
  for (const auto& h : heads) {
    out.raw(h.chain.node.view()).u32(h.chain.incarnation).u64(h.head.seq).raw(h.head.hash.view());
  }
  return out.take();
}

}  // namespace

// ---- what we gave ----

Result<std::uint64_t> next_number(const ReadTxn& txn, const Recipient& to) {
  SATCHEL_GET(last, number_at(txn, Key(Row::counter).of(to)));
  return last + 1;
}

Result<bool> claim_number(WriteTxn& txn, const Recipient& to, std::uint64_t number) {
  SATCHEL_GET(next, next_number(txn, to));
  if (next != number) return false;
  SATCHEL_TRY(txn.put(Table::bundles, Key(Row::counter).of(to), node::key_of(number)));
  return true;
}

Result<void> put_given(WriteTxn& txn, const Recipient& to, std::uint64_t number, const Given& given) {
  return txn.put(Table::bundles, Key(Row::given).of(to).u64(number), encode_given(given));
}

Result<std::optional<Given>> given(const ReadTxn& txn, const Recipient& to, std::uint64_t number) {
  SATCHEL_GET(found, txn.get(Table::bundles, Key(Row::given).of(to).u64(number)));
  if (!found) return std::nullopt;
  SATCHEL_GET(decoded, decode_given(*found));
  return decoded;
}

Result<std::vector<std::uint64_t>> unacknowledged(const ReadTxn& txn, const Recipient& to) {
  std::vector<std::uint64_t> numbers;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(Row::given).of(to), [&](KeyValue pair) {
    numbers.push_back(be64(pair.key.last(8)));
    return true;
  }));
  return numbers;
}

Result<void> forget_given(WriteTxn& txn, const Recipient& to, std::uint64_t number) {
  SATCHEL_GET(numbers, unacknowledged(txn, to));
  for (const auto n : numbers) {
    if (n <= number) SATCHEL_TRY(txn.erase(Table::bundles, Key(Row::given).of(to).u64(n)));
  }
  return {};
}

// ---- what we took ----

std::vector<std::uint32_t> Taken::missing() const {
  std::vector<std::uint32_t> out;
  for (std::uint32_t part = 1; part <= parts; ++part) {
    if (!have.contains(part)) out.push_back(part);
  }
  return out;
}

Result<std::optional<Taken>> taken(const ReadTxn& txn, const Source& source) {
  SATCHEL_GET(found, txn.get(Table::bundles, Key(Row::taken).of(source)));
  if (!found) return std::nullopt;
  SATCHEL_GET(decoded, decode_taken(*found));
  return decoded;
}

Result<void> put_taken(WriteTxn& txn, const Source& source, const Taken& taken) {
  return txn.put(Table::bundles, Key(Row::taken).of(source), encode_taken(taken));
}

Result<std::vector<std::pair<Source, Taken>>> taken_from(const ReadTxn& txn, NodeNo sender) {
  std::vector<std::pair<Source, Taken>> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(Row::taken).u32(sender), [&](KeyValue pair) {
    auto decoded = decode_taken(pair.value);
    if (!decoded) {
      inner = std::unexpected(decoded.error());
      return false;
    }
    out.emplace_back(Source{sender, be32(pair.key.subspan(5)), be64(pair.key.subspan(9))}, std::move(*decoded));
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  return out;
}

Result<void> put_waiting(WriteTxn& txn, Waits what, const Source& source, std::uint32_t part, std::uint8_t kind,
                         View bytes) {
  SATCHEL_GET(index, next_index(txn, Key(what).of(source).u32(part)));
  return txn.put(Table::bundles, Key(what).of(source).u32(part).u32(index).u8(kind), bytes);
}

Result<std::vector<Waiting>> waiting(const ReadTxn& txn, Waits what, const Source& source) {
  std::vector<Waiting> out;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(what).of(source), [&](KeyValue pair) {
    const View tail = pair.key.last(kWaitingTail);
    out.push_back({copy(pair.key), be32(tail), tail.back()});
    return true;
  }));
  return out;
}

Result<Bytes> waiting_bytes(const ReadTxn& txn, const Waiting& one) {
  SATCHEL_GET(found, txn.get(Table::bundles, one.key));
  if (!found) return damaged();
  return copy(*found);
}

Result<void> erase_waiting(WriteTxn& txn, const Waiting& one) {
  SATCHEL_TRY(txn.erase(Table::bundles, one.key));
  return {};
}

// ---- what became of it ----

Bytes encode(const Acknowledgement& ack) {
  Writer out(256);
  out.raw(ack.sender.node.view()).u32(ack.sender.incarnation).u64(ack.number).raw(ack.id.view());
  out.varint(ack.outcomes.owed.size());
  for (const auto& batch : ack.outcomes.owed) out.raw(batch.view());
  out.varint(ack.outcomes.refused.size());
  for (const auto& r : ack.outcomes.refused) put_refusal(out, r);
  return out.take();
}

Result<Acknowledgement> decode_acknowledgement(View bytes) {
  Reader in(bytes);
  Acknowledgement ack;
  ack.sender.node = NodeId::of(in.raw(NodeId::size));
  ack.sender.incarnation = in.u32();
  ack.number = in.u64();
  ack.id = BundleId::of(in.raw(BundleId::size));
  ack.outcomes.owed.resize(in.count(kOutcomesMax));
  for (auto& batch : ack.outcomes.owed) batch = Digest::of(in.raw(Digest::size));
  for (auto left = in.count(kOutcomesMax); left > 0; --left) ack.outcomes.refused.push_back(read_refusal(in));
  if (!in.done()) return fail(ErrorKind::integrity, "bundle.damaged", "acknowledgement");
  return ack;
}

Result<void> add_owed(WriteTxn& txn, const Source& source, const Digest& batch) {
  return txn.put(Table::bundles, Key(Row::owed).of(source).raw(batch.view()), {});
}

Result<void> add_refusal(WriteTxn& txn, const Source& source, const wire::Refusal& refusal) {
  Writer out(64);
  put_refusal(out, refusal);
  return txn.put(Table::bundles, Key(Row::refusal).of(source).raw(refusal.archive.view()).u64(refusal.first_seq),
                 out.bytes());
}

Result<Outcomes> outcomes_of(const ReadTxn& txn, const Source& source) {
  Outcomes out;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(Row::owed).of(source), [&](KeyValue pair) {
    out.owed.push_back(Digest::of(pair.key.last(Digest::size)));
    return out.owed.size() < kOutcomesMax;
  }));
  bool sound = true;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(Row::refusal).of(source), [&](KeyValue pair) {
    Reader in(pair.value);
    out.refused.push_back(read_refusal(in));
    sound = in.done();
    return sound && out.refused.size() < kOutcomesMax;
  }));
  if (!sound) return damaged();
  return out;
}

Result<void> settle(WriteTxn& txn, const Source& up_to) {
  SATCHEL_GET(all, taken_from(txn, up_to.node));
  for (auto& [source, taken] : all) {
    if (source.incarnation != up_to.incarnation || source.number > up_to.number || !taken.complete) continue;
    if (taken.acknowledged) continue;
    taken.acknowledged = true;
    SATCHEL_TRY(put_taken(txn, source, taken));
    SATCHEL_TRY(erase_prefix(txn, Key(Row::owed).of(source)));
    SATCHEL_TRY(erase_prefix(txn, Key(Row::refusal).of(source)));
  }
  return {};
}

Result<void> put_refused(WriteTxn& txn, NodeNo sender, const Digest& statement, std::string_view code) {
  return txn.put(Table::bundles, Key(Row::refused).u32(sender).raw(statement.view()), view(code));
}

Result<std::vector<wire::SubmitResult>> refused_of(const ReadTxn& txn, NodeNo sender) {
  std::vector<wire::SubmitResult> out;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(Row::refused).u32(sender), [&](KeyValue pair) {
    out.push_back(
        {Digest::of(pair.key.last(Digest::size)), wire::SubmitStatus::refused, std::string(text(pair.value))});
    return out.size() < wire::kStatementsMax;
  }));
  return out;
}

Result<void> forget_refused(WriteTxn& txn, NodeNo sender) { return erase_prefix(txn, Key(Row::refused).u32(sender)); }

// ---- attachments ----

namespace {

Result<std::vector<blob::Name>> names_of(const ReadTxn& txn, Row row, NodeNo peer) {
  std::vector<blob::Name> out;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(row).u32(peer), [&](KeyValue pair) {
    out.push_back({be32(pair.key.subspan(5)), Digest::of(pair.key.last(Digest::size))});
    return out.size() < kBlobsTold;
  }));
  return out;
}

Key name_key(Row row, NodeNo peer, const blob::Name& name) {
  return Key(row).u32(peer).u32(name.archive).raw(name.root.view());
}

}  // namespace

Result<void> put_whole(WriteTxn& txn, NodeNo peer, const blob::Name& name) {
  return txn.put(Table::bundles, name_key(Row::whole, peer, name), {});
}
Result<std::vector<blob::Name>> whole_of(const ReadTxn& txn, NodeNo peer) { return names_of(txn, Row::whole, peer); }
Result<void> forget_whole(WriteTxn& txn, NodeNo peer, const blob::Name& name) {
  SATCHEL_TRY(txn.erase(Table::bundles, name_key(Row::whole, peer, name)));
  return {};
}
Result<void> put_wanted(WriteTxn& txn, NodeNo peer, const blob::Name& name) {
  return txn.put(Table::bundles, name_key(Row::wanted, peer, name), {});
}
Result<std::vector<blob::Name>> wanted_by(const ReadTxn& txn, NodeNo peer) { return names_of(txn, Row::wanted, peer); }
Result<void> forget_wanted(WriteTxn& txn, NodeNo peer, const blob::Name& name) {
  SATCHEL_TRY(txn.erase(Table::bundles, name_key(Row::wanted, peer, name)));
  return {};
}

// ---- where a peer stands ----

Result<std::optional<Standing>> standing(const ReadTxn& txn, NodeNo peer) {
  SATCHEL_GET(found, txn.get(Table::bundles, Key(Row::standing).u32(peer)));
  if (!found) return std::nullopt;
  Reader in(*found);
  Standing out;
  out.incarnation = in.u32();
  out.number = in.u64();
  out.sync = copy(in.raw(in.left()));
  if (!in.ok()) return damaged();
  return out;
}

Result<void> put_standing(WriteTxn& txn, NodeNo peer, const Standing& now) {
  SATCHEL_GET(before, standing(txn, peer));
  if (before && std::pair(before->incarnation, before->number) >= std::pair(now.incarnation, now.number)) return {};
  // One that was restored may hold less than it once said.
  if (before && before->incarnation != now.incarnation) {
    SATCHEL_TRY(erase_prefix(txn, Key(Row::heads).u32(peer)));
    SATCHEL_TRY(erase_prefix(txn, Key(Row::told).u32(peer)));
  }
  return txn.put(Table::bundles, Key(Row::standing).u32(peer),
                 Writer().u32(now.incarnation).u64(now.number).raw(now.sync).bytes());
}

Result<std::vector<ChainHead>> known_heads(const ReadTxn& txn, NodeNo peer, node::ArchiveNo archive) {
  std::vector<ChainHead> heads;
  SATCHEL_GET(found, txn.get(Table::bundles, Key(Row::heads).u32(peer).u32(archive)));
  if (!found) return heads;
  Reader in(*found);
  while (in.ok() && in.left() > 0) {
    ChainHead h;
    h.chain.node = NodeId::of(in.raw(NodeId::size));
    h.chain.incarnation = in.u32();
    h.head.seq = in.u64();
    h.head.hash = Digest::of(in.raw(Digest::size));
    heads.push_back(h);
  }
  if (!in.ok()) return damaged();
  return heads;
}

Result<void> add_known_heads(WriteTxn& txn, NodeNo peer, node::ArchiveNo archive, std::span<const ChainHead> heads) {
  SATCHEL_GET(known, known_heads(txn, peer, archive));
  for (const auto& h : heads) {
    const auto before = std::ranges::find(known, h.chain, &ChainHead::chain);
    if (before == known.end()) {
      if (known.size() < wire::kHeadsPerArchiveMax) known.push_back(h);
    } else if (before->head.seq < h.head.seq) {
      *before = h;
    }
  }
  return txn.put(Table::bundles, Key(Row::heads).u32(peer).u32(archive), encode_heads(known));
}

Result<Ordinal> told_up_to(const ReadTxn& txn, NodeNo peer) { return number_at(txn, Key(Row::told).u32(peer)); }

Result<void> set_told(WriteTxn& txn, NodeNo peer, Ordinal end) {
  return txn.put(Table::bundles, Key(Row::told).u32(peer), node::key_of(end));
}

Result<void> put_repair(WriteTxn& txn, NodeNo peer, const ArchiveId& archive) {
  return txn.put(Table::bundles, Key(Row::repair).u32(peer).raw(archive.view()), {});
}

Result<std::vector<ArchiveId>> repairs(const ReadTxn& txn, NodeNo peer) {
  std::vector<ArchiveId> out;
  SATCHEL_TRY(scan_prefix(txn, Table::bundles, Key(Row::repair).u32(peer), [&](KeyValue pair) {
    out.push_back(ArchiveId::of(pair.key.last(ArchiveId::size)));
    return true;
  }));
  return out;
}

Result<void> forget_repairs(WriteTxn& txn, NodeNo peer) { return erase_prefix(txn, Key(Row::repair).u32(peer)); }

}  // namespace satchel::bundle
