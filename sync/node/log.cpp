// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/log.h"

#include "sync/blob/shelf.h"

namespace satchel::node {

std::unexpected<Error> damaged(const char* table) { return fail(ErrorKind::integrity, "log.damaged", table); }

namespace {

constexpr std::size_t kOwnersMax = 64;
constexpr std::size_t kAudiencesMax = 256;

Bytes encode_info(const StoredArchive& info) {
  Writer out(160);
  out.raw(info.id.view()).u8(static_cast<std::uint8_t>(info.kind)).raw(info.branch.view()).raw(info.opener.view());
  out.u32(info.epoch).raw(info.key.view()).u8(info.opened ? 1 : 0);
  out.varint(info.owners.size());
  for (const auto& owner : info.owners) out.raw(owner.view());
  out.varint(info.audiences.size());
  for (const auto& audience : info.audiences) out.raw(audience.view());
  out.u32(info.opened_at.incarnation).u64(info.opened_at.n);
  return out.take();
}

Result<StoredArchive> decode_info(ArchiveNo no, View bytes) {
  Reader in(bytes);
  StoredArchive info;
  info.no = no;
  info.id = ArchiveId::of(in.raw(16));
  info.kind = static_cast<ArchiveKind>(in.u8());
  info.branch = BranchId::of(in.raw(16));
  info.opener = PersonId::of(in.raw(16));
  info.epoch = in.u32();
  info.key = KeyId::of(in.raw(16));
  info.opened = in.u8() != 0;
  info.owners.resize(in.count(kOwnersMax));
  for (auto& owner : info.owners) owner = PersonId::of(in.raw(16));
  info.audiences.resize(in.count(kAudiencesMax));
  for (auto& audience : info.audiences) audience = AudienceId::of(in.raw(16));
  info.opened_at.incarnation = in.u32();
  info.opened_at.n = in.u64();
  if (!in.done()) return damaged("archive_info");
  return info;
}

Result<StoredHead> decode_chain_head(const ChainId& chain, NodeNo node, View value) {
  Reader in(value);
  StoredHead head;
  head.chain.chain = chain;
  head.node_no = node;
  head.chain.head.seq = in.u64();
  head.chain.head.hash = Digest::of(in.raw(Digest::size));
  head.last = in.u64();
  if (!in.done()) return damaged("heads");
  return head;
}

Result<std::uint32_t> next_no(WriteTxn& txn, std::string_view name) {
  SATCHEL_GET(last, counter(txn, name));
  SATCHEL_TRY(set_counter(txn, name, last + 1));
  return static_cast<std::uint32_t>(last + 1);
}

}  // namespace

Bytes key_of(std::uint32_t a) {
  Bytes key;
  put_be32(key, a);
  return key;
}
Bytes key_of(std::uint64_t a) {
  Bytes key;
  put_be64(key, a);
  return key;
}
Bytes key_of(std::uint32_t a, std::uint32_t b) {
  Bytes key = key_of(a);
  put_be32(key, b);
  return key;
}
Bytes key_of(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  Bytes key = key_of(a, b);
  put_be32(key, c);
  return key;
}

Result<std::uint64_t> counter(const ReadTxn& txn, std::string_view name) {
  SATCHEL_GET(found, txn.get(Table::meta, view(name)));
  if (!found) return 0;
  Reader in(*found);
  const auto value = in.u64();
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", std::string(name));
  return value;
}

Result<void> set_counter(WriteTxn& txn, std::string_view name, std::uint64_t value) {
  return txn.put(Table::meta, view(name), Writer().u64(value).bytes());
}

Result<std::optional<ArchiveNo>> find_archive(const ReadTxn& txn, const ArchiveId& id) {
  SATCHEL_GET(found, txn.get(Table::archives, id.view()));
  if (!found) return std::nullopt;
  return be32(*found);
}

Result<std::optional<StoredArchive>> archive_info(const ReadTxn& txn, ArchiveNo no) {
  SATCHEL_GET(found, txn.get(Table::archive_info, key_of(no)));
  if (!found) return std::nullopt;
  SATCHEL_GET(info, decode_info(no, *found));
  return info;
}

Result<StoredArchive> add_archive(WriteTxn& txn, const ArchiveId& id) {
  SATCHEL_GET(no, next_no(txn, "archives"));
  SATCHEL_TRY(txn.put(Table::archives, id.view(), key_of(no)));
  StoredArchive info;
  info.no = no;
  info.id = id;
  SATCHEL_TRY(put_archive_info(txn, info));
  return info;
}

Result<void> put_archive_info(WriteTxn& txn, const StoredArchive& info) {
  return txn.put(Table::archive_info, key_of(info.no), encode_info(info));
}

Result<std::uint32_t> archive_count(const ReadTxn& txn) {
  SATCHEL_GET(n, counter(txn, "archives"));
  return static_cast<std::uint32_t>(n);
}

Result<std::optional<NodeNo>> find_node(const ReadTxn& txn, const NodeId& id) {
  SATCHEL_GET(found, txn.get(Table::nodes, id.view()));
  if (!found) return std::nullopt;
  return be32(*found);
}

Result<NodeNo> node_no(WriteTxn& txn, const NodeId& id) {
  SATCHEL_GET(known, find_node(txn, id));
  if (known) return *known;
  SATCHEL_GET(no, next_no(txn, "nodes"));
  SATCHEL_TRY(txn.put(Table::nodes, id.view(), key_of(no)));
  SATCHEL_TRY(txn.put(Table::nodes, key_of(no), id.view()));
  return no;
}

Result<NodeId> node_of(const ReadTxn& txn, NodeNo no) {
  SATCHEL_GET(found, txn.get(Table::nodes, key_of(no)));
  if (!found || found->size() != NodeId::size) return damaged("nodes");
  return NodeId::of(*found);
}

Result<std::vector<StoredHead>> heads_of(const ReadTxn& txn, ArchiveNo archive) {
  std::vector<StoredHead> heads;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::heads, key_of(archive), [&](KeyValue pair) {
    const NodeNo no = be32(pair.key.subspan(4));
    auto id = node_of(txn, no);
    if (!id) {
      inner = std::unexpected(id.error());
      return false;
    }
    auto head = decode_chain_head({*id, be32(pair.key.subspan(8))}, no, pair.value);
    if (!head) {
      inner = std::unexpected(head.error());
      return false;
    }
    heads.push_back(*head);
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  std::ranges::sort(heads, {}, [](const StoredHead& h) { return h.chain.chain; });
  return heads;
}

Result<std::optional<StoredHead>> head_of(const ReadTxn& txn, ArchiveNo archive, NodeNo node, const ChainId& chain) {
  SATCHEL_GET(found, txn.get(Table::heads, key_of(archive, node, chain.incarnation)));
  if (!found) return std::nullopt;
  SATCHEL_GET(head, decode_chain_head(chain, node, *found));
  return head;
}

Digest digest_of(const std::vector<StoredHead>& heads) {
  std::vector<ChainHead> plain;
  plain.reserve(heads.size());
  for (const auto& h : heads) plain.push_back(h.chain);
  return heads_digest(plain);
}

Result<Ordinal> last_ordinal(const ReadTxn& txn) {
  SATCHEL_GET(cursor, txn.cursor(Table::log));
  SATCHEL_GET(last, cursor->seek_before({}));
  return last ? be64(last->key) : 0;
}

Result<StoredEntry> entry_at(const ReadTxn& txn, Ordinal ordinal) {
  SATCHEL_GET(found, txn.get(Table::log, key_of(ordinal)));
  if (!found) return fail(ErrorKind::integrity, "log.missing", std::to_string(ordinal));
  Reader in(*found);
  StoredEntry entry;
  entry.raw = in.raw(Header::kBytes);
  entry.previous = in.u64();
  entry.clear = in.sized(kClearBytesMax);
  entry.body = in.raw(in.left());
  auto header = Header::decode(entry.raw);
  if (!in.ok() || !header) return fail(ErrorKind::integrity, "log.damaged", std::to_string(ordinal));
  entry.header = *header;
  return entry;
}

Result<Ordinal> append_entries(WriteTxn& txn, ArchiveNo archive, NodeNo node, const ChainId& chain,
                               const std::optional<StoredHead>& head, std::span<const NewEntry> entries) {
  SATCHEL_ASSERT(!entries.empty());
  SATCHEL_GET(last, last_ordinal(txn));
  const Ordinal first = last + 1;
  Ordinal previous = head ? head->last : 0;
  Ordinal at = last;
  Writer out(1024);
  for (const auto& e : entries) {
    ++at;
    out.buffer().clear();
    out.raw(e.raw).u64(previous).sized(e.clear).raw(e.body);
    SATCHEL_TRY(txn.append(Table::log, key_of(at), out.bytes()));
    if (!e.clear.empty()) SATCHEL_TRY(note_clear(txn, archive, node, at, e.clear));
    previous = at;
  }
  const std::uint64_t seq = (head ? head->chain.head.seq : 0) + entries.size();
  out.buffer().clear();
  out.u64(seq).raw(entries.back().hash.view()).u64(at);
  SATCHEL_TRY(txn.put(Table::heads, key_of(archive, node, chain.incarnation), out.bytes()));
  return first;
}

Result<void> strip_entry(WriteTxn& txn, Ordinal ordinal) {
  SATCHEL_GET(entry, entry_at(txn, ordinal));
  if (entry.body.empty()) return {};
  Writer out(Header::kBytes + 16 + entry.clear.size());
  out.raw(entry.raw).u64(entry.previous).sized(entry.clear);
  return txn.put(Table::log, key_of(ordinal), out.bytes());
}

Result<std::vector<Ordinal>> chain_after(const ReadTxn& txn, const StoredHead& head, std::uint64_t after) {
  std::vector<Ordinal> ordinals;
  Ordinal at = head.last;
  for (auto seq = head.chain.head.seq; seq > after; --seq) {
    ordinals.push_back(at);
    if (seq == after + 1) break;
    SATCHEL_GET(entry, entry_at(txn, at));
    at = entry.previous;
  }
  std::ranges::reverse(ordinals);
  return ordinals;
}

bool opens(View clear) { return !clear.empty() && !blob::names_attachments(clear); }

Result<void> note_clear(WriteTxn& txn, ArchiveNo archive, NodeNo author, Ordinal ordinal, View clear) {
  if (!opens(clear)) {
    SATCHEL_GET(references, blob::decode_references(clear));
    return blob::refer(txn, archive, author, ordinal, references);
  }
  SATCHEL_GET(opening, Opening::decode(clear));
  return note_opening(txn, archive, opening.epoch, ordinal);
}

Result<void> note_opening(WriteTxn& txn, ArchiveNo archive, std::uint32_t epoch, Ordinal ordinal) {
  Bytes key = key_of(archive, epoch);
  put_be64(key, ordinal);
  return txn.put(Table::archive_info, key, {});
}

Result<std::vector<Ordinal>> openings_of(const ReadTxn& txn, ArchiveNo archive, std::uint32_t epoch) {
  std::vector<Ordinal> ordinals;
  SATCHEL_TRY(scan_prefix(txn, Table::archive_info, key_of(archive, epoch), [&](KeyValue pair) {
    ordinals.push_back(be64(pair.key.subspan(8)));
    return true;
  }));
  return ordinals;
}

Result<Digest> hash_at(const ReadTxn& txn, const StoredHead& head, std::uint64_t seq) {
  SATCHEL_ASSERT(seq >= 1 && seq <= head.chain.head.seq);
  if (seq == head.chain.head.seq) return head.chain.head.hash;
  // The successor names it.
  SATCHEL_GET(after, chain_after(txn, head, seq));
  SATCHEL_GET(next, entry_at(txn, after.front()));
  return next.header.previous;
}

}  // namespace satchel::node
