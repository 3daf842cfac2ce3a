// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/feeds.h"

namespace satchel::node {

namespace {

Bytes feed_key(const AudienceId& audience, std::uint64_t position) {
  Bytes key = copy(audience.view());
  put_be64(key, position);
  return key;
}

Bytes mark_key(ArchiveNo archive, const AudienceId& audience) {
  Bytes key = key_of(archive);
  key.insert(key.end(), audience.bytes.begin(), audience.bytes.end());
  return key;
}

}  // namespace

Result<void> Toucher::touch(ArchiveNo archive, std::span<const AudienceId> readers) {
  for (const auto& audience : readers) SATCHEL_TRY(touch(archive, audience));
  return {};
}

Result<void> Toucher::touch(ArchiveNo archive, const AudienceId& audience) {
  auto move = moves_.find(audience);
  if (move == moves_.end()) {
    SATCHEL_GET(end, feed_end(txn_, audience));
    move = moves_.emplace(audience, Move{end, end}).first;
  }
  const Bytes mark = mark_key(archive, audience);
  SATCHEL_GET(old, txn_.get(Table::feed_marks, mark));
  if (old) {
    const auto position = be64(*old);
    if (position > move->second.from) return {};  // already at the end, by this transaction
    SATCHEL_TRY(txn_.erase(Table::feeds, feed_key(audience, position)));
  }
  const auto position = ++move->second.to;
  SATCHEL_TRY(txn_.put(Table::feeds, feed_key(audience, position), key_of(archive)));
  return txn_.put(Table::feed_marks, mark, key_of(position));
}

Result<std::uint64_t> feed_end(const ReadTxn& txn, const AudienceId& audience) {
  SATCHEL_GET(cursor, txn.cursor(Table::feeds));
  SATCHEL_GET(last, cursor->seek_before(feed_key(audience, UINT64_MAX)));
  if (!last || !equal(last->key.first(AudienceId::size), audience.view())) return 0;
  return be64(last->key.subspan(AudienceId::size));
}

Result<std::vector<FeedItem>> feed_after(const ReadTxn& txn, const AudienceId& audience, std::uint64_t position,
                                         std::size_t most) {
  std::vector<FeedItem> items;
  SATCHEL_GET(cursor, txn.cursor(Table::feeds));
  auto pair = cursor->seek(feed_key(audience, position + 1));
  while (pair && *pair && items.size() < most && equal((*pair)->key.first(AudienceId::size), audience.view())) {
    items.push_back({be64((*pair)->key.subspan(AudienceId::size)), be32((*pair)->value)});
    pair = cursor->next();
  }
  if (!pair) return std::unexpected(pair.error());
  return items;
}

}  // namespace satchel::node
