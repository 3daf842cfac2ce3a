// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/grants.h"

#include "schema/base/planted.h"

namespace satchel::node {

namespace {

Bytes prefix_of(ArchiveNo archive, const AudienceId& audience) {
  Bytes key = key_of(archive);
  key.insert(key.end(), audience.bytes.begin(), audience.bytes.end());
  return key;
}

Bytes wrap_key(ArchiveNo archive, const Wrap& wrap) {
  Bytes key = prefix_of(archive, wrap.audience);
  put_be32(key, wrap.epoch);
  key.insert(key.end(), wrap.key.bytes.begin(), wrap.key.bytes.end());
  return key;
}

Result<std::vector<Bytes>> gather(const ReadTxn& txn, View prefix) {
  std::vector<Bytes> out;
  SATCHEL_TRY(scan_prefix(txn, Table::grants, prefix, [&](KeyValue pair) {
    out.push_back(copy(pair.value));
    return true;
  }));
  return out;
}

}  // namespace

Result<std::optional<Bytes>> wrap_like(const ReadTxn& txn, ArchiveNo archive, const Wrap& wrap) {
  SATCHEL_GET(known, txn.get(Table::grants, wrap_key(archive, wrap)));
  return known ? std::optional(copy(*known)) : std::nullopt;
}

Result<void> drop_wrap(WriteTxn& txn, ArchiveNo archive, const Wrap& wrap) {
  SATCHEL_TRY(txn.erase(Table::grants, wrap_key(archive, wrap)));
  return {};
}

Result<bool> put_wrap(WriteTxn& txn, ArchiveNo archive, const Wrap& wrap, View bytes) {
  const Bytes key = wrap_key(archive, wrap);
  SATCHEL_GET(known, txn.get(Table::grants, key));
  if (known) return false;
  SATCHEL_TRY(txn.put(Table::grants, key, bytes));
  return true;
}

Result<void> drop_wraps(WriteTxn& txn, ArchiveNo archive) {
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::grants, key_of(archive), [&](KeyValue pair) {
    keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::grants, key));
  return {};
}

Result<std::vector<Bytes>> wraps_of(const ReadTxn& txn, ArchiveNo archive) { return gather(txn, key_of(archive)); }

Result<std::vector<Bytes>> wraps_for(const ReadTxn& txn, ArchiveNo archive, const AudienceId& audience) {
  return gather(txn, prefix_of(archive, audience));
}

namespace {

Bytes queue_key(const Digest& hash) {
  Bytes key = key_of(kWrapQueue);
  key.insert(key.end(), hash.bytes.begin(), hash.bytes.end());
  return key;
}

}  // namespace

Result<void> queue_wrap(WriteTxn& txn, const Digest& hash, View bytes) {
  if (SATCHEL_PLANTED(wraps_left_unqueued)) return {};
  return txn.put(Table::marks, queue_key(hash), bytes);
}

Result<std::vector<Bytes>> queued_wraps(const ReadTxn& txn, std::size_t most) {
  std::vector<Bytes> out;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kWrapQueue), [&](KeyValue pair) {
    out.push_back(copy(pair.value));
    return out.size() < most;
  }));
  return out;
}

Result<void> unqueue_wrap(WriteTxn& txn, const Digest& hash) {
  SATCHEL_TRY(txn.erase(Table::marks, queue_key(hash)));
  return {};
}

Result<void> unqueue_wraps_of(WriteTxn& txn, ArchiveNo archive) {
  SATCHEL_GET(info, archive_info(txn, archive));
  if (!info) return {};
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kWrapQueue), [&](KeyValue pair) {
    const auto wrap = Wrap::decode(pair.value);
    if (wrap && wrap->archive == info->id) keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::marks, key));
  return {};
}

Result<std::uint64_t> wraps_mark(const ReadTxn& txn, ArchiveNo archive, const AudienceId& audience) {
  SATCHEL_GET(wraps, wraps_for(txn, archive, audience));
  std::uint64_t mark = 0;
  for (const auto& w : wraps) mark ^= be64(wrap_hash(w).view());
  return mark;
}

}  // namespace satchel::node
