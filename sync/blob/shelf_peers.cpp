// SPDX-License-Identifier: AGPL-3.0-or-later
// What hubs are still to be offered, and what is taken off the shelf.
#include <map>
#include <set>

#include "sync/blob/keys.h"

namespace satchel::blob {

namespace {

Result<std::uint64_t> last_number(const ReadTxn& txn) {
  SATCHEL_GET(cursor, txn.cursor(Table::blobs));
  SATCHEL_GET(last, cursor->seek_before(tagged(kNumberTag + 1)));
  const bool any = last && last->key.front() == kNumberTag && last->key.size() == 9;
  return any ? be64(last->key.subspan(1)) : 0;
}

Bytes due_key(std::uint32_t peer, std::uint32_t incarnation, std::uint64_t number) {
  Bytes key = tagged(kDueTag, peer, incarnation);
  put_be64(key, number);
  return key;
}

Result<std::optional<Name>> numbered(const ReadTxn& txn, std::uint64_t number) {
  SATCHEL_GET(found, txn.get(Table::blobs, tagged_number(kNumberTag, number)));
  if (!found) return std::nullopt;
  if (found->size() != 36) return damaged("blobs");
  return Name{be32(*found), Digest::of(found->subspan(4))};
}

}  // namespace

Result<bool> has_undue(const ReadTxn& txn, std::uint32_t peer, std::uint32_t incarnation) {
  SATCHEL_GET(offered, number_at(txn, tagged(kOfferedTag, peer, incarnation)));
  SATCHEL_GET(last, last_number(txn));
  return offered < last;
}

Result<void> make_due(WriteTxn& txn, std::uint32_t peer, std::uint32_t incarnation) {
  const Bytes mark = tagged(kOfferedTag, peer, incarnation);
  SATCHEL_GET(offered, number_at(txn, mark));
  SATCHEL_GET(last, last_number(txn));
  for (auto number = offered + 1; number <= last; ++number)
    SATCHEL_TRY(txn.put(Table::blobs, due_key(peer, incarnation, number), {}));
  return put_number(txn, mark, last);
}

Result<std::vector<Due>> due(const ReadTxn& txn, std::uint32_t peer, std::uint32_t incarnation, std::uint64_t after,
                             std::size_t most) {
  std::vector<std::uint64_t> numbers;
  SATCHEL_GET(cursor, txn.cursor(Table::blobs));
  const Bytes prefix = tagged(kDueTag, peer, incarnation);
  auto pair = cursor->seek(due_key(peer, incarnation, after + 1));
  for (; pair && *pair && numbers.size() < most; pair = cursor->next()) {
    const View key = (*pair)->key;
    if (key.size() != prefix.size() + 8 || !equal(key.first(prefix.size()), prefix)) break;
    numbers.push_back(be64(key.subspan(prefix.size())));
  }
  if (!pair) return std::unexpected(pair.error());
  std::vector<Due> out;
  for (const auto number : numbers) {
    SATCHEL_GET(name, numbered(txn, number));
    if (name) out.push_back({number, *name});
  }
  return out;
}

Result<void> forget_due(WriteTxn& txn, std::uint32_t peer, std::uint32_t incarnation, const Due& due) {
  SATCHEL_TRY(txn.erase(Table::blobs, due_key(peer, incarnation, due.number)));
  return {};
}

Result<void> settle(WriteTxn& txn, std::uint32_t peer, std::uint32_t incarnation, const Due& due) {
  SATCHEL_TRY(forget_due(txn, peer, incarnation, due));
  SATCHEL_GET(row, find(txn, due.name));
  if (!row) return {};
  SATCHEL_TRY(txn.erase(Table::blobs, tagged(kUnsentTag, due.name)));
  if (row->at_hub) return {};
  row->at_hub = true;
  return put_row(txn, due.name, *row);
}

namespace {

class Dropper {
 public:
  Dropper(WriteTxn& txn, std::uint32_t archive, Drop why) : txn_(txn), archive_(archive), why_(why) {}

  Result<void> run() {
    SATCHEL_GET(all, rows(txn_, archive_));
    std::vector<std::pair<Name, Row>> dropped;
    for (const auto& [name, row] : all) {
      SATCHEL_GET(stays, unsent_here(name));
      if (!stays) dropped.emplace_back(name, row);
    }
    for (const auto& [name, row] : dropped) SATCHEL_TRY(drop(name, row));
    if (why_ == Drop::destroyed) SATCHEL_TRY(drop_strays());
    return count_down();
  }

 private:
  Result<bool> unsent_here(const Name& name) {
    if (why_ == Drop::destroyed) return false;
    SATCHEL_GET(waiting, txn_.get(Table::blobs, tagged(kUnsentTag, name)));
    if (!waiting) return false;
    SATCHEL_GET(list, ids(txn_, name));
    for (std::uint32_t i = 0; list && i < list->size() / Digest::size; ++i) keep_.insert(id_at(*list, i));
    return true;
  }

  Result<void> drop(const Name& name, Row row) {
    SATCHEL_GET(found, ids(txn_, name));
    const Bytes list = found ? copy(*found) : Bytes();
    for (std::uint32_t i = 0; i < list.size() / Digest::size; ++i) {
      const Digest id = id_at(list, i);
      if (keep_.contains(id)) continue;
      SATCHEL_GET(here, chunk(txn_, archive_, id));
      if (!here) continue;
      gone_[row.author] += here->size();
      SATCHEL_TRY(txn_.erase(Table::chunks, chunk_key(archive_, id)));
    }
    for (const char tag : {kRowTag, kIdsTag, kPartTag, kWantTag, kUnsentTag})
      SATCHEL_TRY(txn_.erase(Table::blobs, tagged(tag, name)));
    if (why_ == Drop::destroyed) return {};
    row.have = 0;
    return put_row(txn_, name, row);
  }

  // Whatever else lies there: of files that were being cut.
  Result<void> drop_strays() {
    std::vector<Bytes> strays;
    Bytes prefix;
    put_be32(prefix, archive_);
    SATCHEL_TRY(scan_prefix(txn_, Table::chunks, prefix, [&](KeyValue pair) {
      strays.push_back(copy(pair.key));
      return true;
    }));
    for (const auto& key : strays) SATCHEL_TRY(txn_.erase(Table::chunks, key));
    return {};
  }

  Result<void> count_down() {
    for (const auto& [author, bytes] : gone_) {
      for (const Bytes& key : {tagged(kArchiveBytesTag, archive_), tagged(kAuthorBytesTag, author)}) {
        SATCHEL_GET(now, number_at(txn_, key));
        SATCHEL_TRY(put_number(txn_, key, now - std::min(now, bytes)));
      }
    }
    return {};
  }

  WriteTxn& txn_;
  std::uint32_t archive_;
  Drop why_;
  std::set<Digest> keep_;
  std::map<std::uint32_t, std::uint64_t> gone_;  // bytes, by author
};

}  // namespace

Result<void> drop_blobs(WriteTxn& txn, std::uint32_t archive, Drop why) { return Dropper(txn, archive, why).run(); }

}  // namespace satchel::blob
