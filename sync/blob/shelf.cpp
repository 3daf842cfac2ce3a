// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/blob/shelf.h"

#include "sync/blob/keys.h"

namespace satchel::blob {

namespace {

enum : std::uint8_t { kOwn = 1, kAtHub = 2 };

Result<Row> read_row(View bytes) {
  Reader in(bytes);
  Row row;
  row.sealed = in.u64();
  row.author = in.u32();
  row.ordinal = in.u64();
  row.have = in.u32();
  const auto flags = in.u8();
  row.own = (flags & kOwn) != 0;
  row.at_hub = (flags & kAtHub) != 0;
  if (!in.done() || row.chunks() == 0) return damaged("blobs");
  return row;
}

// The first bytes of it are here: from now on hubs are offered it.
Result<void> give_number(WriteTxn& txn, const Name& name) {
  SATCHEL_GET(cursor, txn.cursor(Table::blobs));
  SATCHEL_GET(last, cursor->seek_before(tagged(kNumberTag + 1)));
  const bool any = last && last->key.front() == kNumberTag && last->key.size() == 9;
  const std::uint64_t number = any ? be64(last->key.subspan(1)) + 1 : 1;
  return txn.put(Table::blobs, tagged_number(kNumberTag, number), View(tagged(kRowTag, name)).subspan(1));
}

Result<void> add_bytes(WriteTxn& txn, const Name& name, const Row& row, std::uint64_t bytes) {
  for (const Bytes& key : {tagged(kArchiveBytesTag, name.archive), tagged(kAuthorBytesTag, row.author)}) {
    SATCHEL_GET(now, number_at(txn, key));
    SATCHEL_TRY(put_number(txn, key, now + bytes));
  }
  return {};
}

}  // namespace

Result<std::uint64_t> number_at(const ReadTxn& txn, View key) {
  SATCHEL_GET(found, txn.get(Table::blobs, key));
  if (!found) return 0;
  if (found->size() != 8) return damaged("blobs");
  return be64(*found);
}

Result<void> put_number(WriteTxn& txn, View key, std::uint64_t value) {
  Bytes bytes;
  put_be64(bytes, value);
  return txn.put(Table::blobs, key, bytes);
}

Result<std::optional<Row>> find(const ReadTxn& txn, const Name& name) {
  SATCHEL_GET(found, txn.get(Table::blobs, tagged(kRowTag, name)));
  if (!found) return std::nullopt;
  SATCHEL_GET(row, read_row(*found));
  return row;
}

Result<void> put_row(WriteTxn& txn, const Name& name, const Row& row) {
  const std::uint8_t flags = (row.own ? kOwn : 0) | (row.at_hub ? kAtHub : 0);
  return txn.put(Table::blobs, tagged(kRowTag, name),
                 Writer(32).u64(row.sealed).u32(row.author).u64(row.ordinal).u32(row.have).u8(flags).bytes());
}

Result<std::vector<std::pair<Name, Row>>> rows(const ReadTxn& txn, std::uint32_t archive) {
  std::vector<std::pair<Name, Row>> out;
  Result<void> inner{};
  const Bytes prefix = archive == 0 ? tagged(kRowTag) : tagged(kRowTag, archive);
  SATCHEL_TRY(scan_prefix(txn, Table::blobs, prefix, [&](KeyValue pair) {
    auto row = read_row(pair.value);
    if (!row || pair.key.size() != 37) {
      inner = damaged("blobs");
      return false;
    }
    out.emplace_back(name_in(pair.key), *row);
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  return out;
}

Result<void> refer(WriteTxn& txn, std::uint32_t archive, std::uint32_t author, std::uint64_t ordinal,
                   std::span<const Reference> references) {
  for (const auto& r : references) {
    const Name name{archive, r.root};
    SATCHEL_GET(known, find(txn, name));
    if (!known) SATCHEL_TRY(put_row(txn, name, {r.sealed, author, ordinal, 0, false, false}));
  }
  return {};
}

// ---- lists and chunks ----

Result<std::optional<View>> ids(const ReadTxn& txn, const Name& name) {
  return txn.get(Table::blobs, tagged(kIdsTag, name));
}

bool right_ids(const Name& name, const Row& row, View ids) {
  return ids.size() == std::size_t{row.chunks()} * Digest::size && root_of(row.sealed, ids) == name.root;
}

Digest id_at(View ids, std::uint32_t index) {
  const std::size_t at = std::size_t{index} * Digest::size;
  return at + Digest::size <= ids.size() ? Digest::of(ids.subspan(at, Digest::size)) : Digest{};
}

Result<void> put_ids(WriteTxn& txn, const Name& name, View ids) {
  SATCHEL_GET(known, txn.get(Table::blobs, tagged(kIdsTag, name)));
  if (known) return {};
  SATCHEL_GET(row, find(txn, name));
  if (!row) return {};
  return txn.put(Table::blobs, tagged(kIdsTag, name), ids);
}

Result<std::optional<View>> chunk(const ReadTxn& txn, std::uint32_t archive, const Digest& id) {
  return txn.get(Table::chunks, chunk_key(archive, id));
}

Result<bool> over_quota(const ReadTxn& txn, const Name& name, const Row& row) {
  SATCHEL_GET(archive, number_at(txn, tagged(kArchiveBytesTag, name.archive)));
  SATCHEL_GET(author, number_at(txn, tagged(kAuthorBytesTag, row.author)));
  return archive >= kArchiveBytesMax || author >= kAuthorBytesMax;
}

Result<Stored> put_chunk(WriteTxn& txn, const Name& name, const Digest& id, View sealed, bool bounded) {
  Stored out;
  SATCHEL_GET(row, find(txn, name));
  if (!row) return out;  // dropped meanwhile
  SATCHEL_GET(known, chunk(txn, name.archive, id));
  if (known) {
    out.whole = row->whole();
    return out;
  }
  if (bounded) {
    SATCHEL_GET(over, over_quota(txn, name, *row));
    if (over) {
      out.put = Put::over_quota;
      return out;
    }
  }
  SATCHEL_TRY(txn.put(Table::chunks, chunk_key(name.archive, id), sealed));
  SATCHEL_TRY(add_bytes(txn, name, *row, sealed.size()));
  out.put = Put::fresh;
  out.first = row->have == 0;
  if (out.first) SATCHEL_TRY(give_number(txn, name));
  row->have = std::min(row->have + 1, row->chunks());
  out.whole = row->whole();
  SATCHEL_TRY(put_row(txn, name, *row));
  if (out.whole) SATCHEL_TRY(unwant(txn, name));
  return out;
}

Result<Bytes> held(const ReadTxn& txn, const Name& name, const Row& row) {
  Bytes bits((row.chunks() + 7) / 8);
  SATCHEL_GET(list, ids(txn, name));
  if (!list) return bits;
  for (std::uint32_t i = 0; i < row.chunks(); ++i) {
    SATCHEL_GET(here, chunk(txn, name.archive, id_at(*list, i)));
    if (here) bits[i / 8] = static_cast<Byte>(bits[i / 8] | 1u << (i % 8));
  }
  return bits;
}

Result<Row> recount(WriteTxn& txn, const Name& name) {
  SATCHEL_GET(row, find(txn, name));
  if (!row) return Row{};
  SATCHEL_GET(bits, held(txn, name, *row));
  std::uint32_t have = 0;
  for (std::uint32_t i = 0; i < row->chunks(); ++i) have += has_bit(bits, i) ? 1 : 0;
  if (row->have == have) return *row;
  row->have = have;
  SATCHEL_TRY(put_row(txn, name, *row));
  return *row;
}

// ---- a chunk begun ----

Result<std::optional<Part>> part(const ReadTxn& txn, const Name& name) {
  SATCHEL_GET(found, txn.get(Table::blobs, tagged(kPartTag, name)));
  if (!found) return std::nullopt;
  if (found->size() < 4) return damaged("blobs");
  return Part{be32(*found), found->subspan(4)};
}

Result<void> put_part(WriteTxn& txn, const Name& name, std::uint32_t index, View bytes) {
  SATCHEL_GET(row, find(txn, name));
  if (!row || bytes.empty()) return {};
  Bytes value;
  put_be32(value, index);
  value.insert(value.end(), bytes.begin(), bytes.end());
  return txn.put(Table::blobs, tagged(kPartTag, name), value);
}

Result<void> drop_part(WriteTxn& txn, const Name& name) {
  SATCHEL_TRY(txn.erase(Table::blobs, tagged(kPartTag, name)));
  return {};
}

// ---- wishes ----

Result<void> want(WriteTxn& txn, const Name& name) {
  SATCHEL_GET(row, find(txn, name));
  if (!row || row->whole()) return {};
  return txn.put(Table::blobs, tagged(kWantTag, name), {});
}

Result<void> unwant(WriteTxn& txn, const Name& name) {
  SATCHEL_TRY(txn.erase(Table::blobs, tagged(kWantTag, name)));
  return {};
}

Result<std::vector<Name>> wanted(const ReadTxn& txn, std::size_t most) {
  std::vector<Name> out;
  SATCHEL_TRY(scan_prefix(txn, Table::blobs, tagged(kWantTag), [&](KeyValue pair) {
    out.push_back(name_in(pair.key));
    return out.size() < most;
  }));
  return out;
}

// ---- cutting ----

Result<void> note_cut(WriteTxn& txn, const CutId& cut, std::uint32_t archive, WallTime since, View ids) {
  Bytes key = tagged(kCutTag);
  key.insert(key.end(), cut.bytes.begin(), cut.bytes.end());
  return txn.put(Table::blobs, key, Writer(16 + ids.size()).u32(archive).i64(since.ms).raw(ids).bytes());
}

Result<void> put_cut_chunk(WriteTxn& txn, std::uint32_t archive, const Digest& id, View sealed) {
  return txn.put(Table::chunks, chunk_key(archive, id), sealed);
}

Result<void> finish_cut(WriteTxn& txn, const CutId& cut, const Name& name, View ids) {
  SATCHEL_GET(row, find(txn, name));
  SATCHEL_ASSERT(row.has_value() && right_ids(name, *row, ids));
  SATCHEL_TRY(put_ids(txn, name, ids));
  row->have = row->chunks();
  row->own = true;
  SATCHEL_TRY(put_row(txn, name, *row));
  SATCHEL_TRY(add_bytes(txn, name, *row, row->sealed));
  SATCHEL_TRY(give_number(txn, name));
  SATCHEL_TRY(put_number(txn, tagged(kUnsentTag, name), row->sealed));
  Bytes key = tagged(kCutTag);
  key.insert(key.end(), cut.bytes.begin(), cut.bytes.end());
  SATCHEL_TRY(txn.erase(Table::blobs, key));
  return {};
}

namespace {

Result<void> drop_cut(WriteTxn& txn, View key, View value) {
  Reader in(value);
  const auto archive = in.u32();
  in.i64();
  const Bytes list = copy(in.raw(in.left()));
  const Bytes at = copy(key);
  for (std::uint32_t i = 0; i < list.size() / Digest::size; ++i)
    SATCHEL_TRY(txn.erase(Table::chunks, chunk_key(archive, id_at(list, i))));
  SATCHEL_TRY(txn.erase(Table::blobs, at));
  return {};
}

}  // namespace

Result<void> forget_cut(WriteTxn& txn, const CutId& cut) {
  Bytes key = tagged(kCutTag);
  key.insert(key.end(), cut.bytes.begin(), cut.bytes.end());
  SATCHEL_GET(found, txn.get(Table::blobs, key));
  if (!found) return {};
  const Bytes value = copy(*found);
  return drop_cut(txn, key, value);
}

Result<std::size_t> forget_cuts(WriteTxn& txn, WallTime before) {
  std::vector<std::pair<Bytes, Bytes>> old;
  SATCHEL_TRY(scan_prefix(txn, Table::blobs, tagged(kCutTag), [&](KeyValue pair) {
    Reader in(pair.value);
    in.u32();
    if (in.i64() < before.ms) old.emplace_back(copy(pair.key), copy(pair.value));
    return true;
  }));
  for (const auto& [key, value] : old) SATCHEL_TRY(drop_cut(txn, key, value));
  return old.size();
}

// ---- counts ----

Result<std::pair<std::uint64_t, std::uint64_t>> unsent(const ReadTxn& txn) {
  std::pair<std::uint64_t, std::uint64_t> out{0, 0};
  SATCHEL_TRY(scan_prefix(txn, Table::blobs, tagged(kUnsentTag), [&](KeyValue pair) {
    ++out.first;
    if (pair.value.size() == 8) out.second += be64(pair.value);
    return true;
  }));
  return out;
}

Result<Totals> totals(const ReadTxn& txn) {
  Totals out;
  SATCHEL_GET(all, rows(txn));
  for (const auto& [name, row] : all) {
    ++out.named;
    if (row.whole()) ++out.whole;
  }
  SATCHEL_TRY(scan_prefix(txn, Table::blobs, tagged(kArchiveBytesTag), [&](KeyValue pair) {
    if (pair.value.size() == 8) out.bytes += be64(pair.value);
    return true;
  }));
  SATCHEL_TRY(scan_prefix(txn, Table::blobs, tagged(kWantTag), [&](KeyValue) {
    ++out.wanted;
    return true;
  }));
  SATCHEL_GET(waiting, unsent(txn));
  out.unsent = waiting.first;
  out.unsent_bytes = waiting.second;
  return out;
}

}  // namespace satchel::blob
