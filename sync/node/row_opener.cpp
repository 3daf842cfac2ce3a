// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/row_opener.h"

#include <deque>
#include <future>

#include "sync/node/restored.h"

namespace satchel::node {

namespace {

constexpr std::size_t kRowsAtOnce = 2048;   // fewer are not worth a thread
constexpr std::size_t kPortionsOpened = 2;  // at once, beside the thread that looks up keys and fills the table

ArchiveNo archive_of(View stored) { return stored.size() < 4 ? 0 : be32(stored); }

struct LyingRow {
  ArchiveNo archive = 0;
  KeyValue stored;
};

struct OpenedRows {
  Bytes plain;  // one after another
  std::vector<std::size_t> ends;
};

// Rows in the order of archives, opened with the keys that `find` gives; nothing when it has none of some archive.
// Archives that are no longer ours are passed over.
Result<std::optional<OpenedRows>> open_portion(std::span<const LyingRow> rows, const WantedColumns& wanted,
                                               const std::function<Result<const RowKey*>(View)>& find) {
  OpenedRows out;
  out.ends.reserve(rows.size());
  Bytes one;
  ArchiveNo lost = 0;
  for (const auto& row : rows) {
    if (lost != 0 && row.archive == lost) continue;
    const auto key = find(row.stored.value);
    if (!key && key.error().kind != ErrorKind::permission) return std::unexpected(key.error());
    if (!key) {
      lost = row.archive;
      continue;
    }
    if (*key == nullptr) return std::nullopt;
    SATCHEL_TRY(open_row(one, **key, row.stored));
    if (wanted) {
      SATCHEL_TRY(pick_columns(out.plain, one, *wanted));
    } else {
      out.plain.insert(out.plain.end(), one.begin(), one.end());
    }
    out.ends.push_back(out.plain.size());
  }
  return out;
}

class Loader {
 public:
  Loader(Store& store, RowKeys& keys, const WantedColumns& wanted, SheetTable& into)
      : store_(store), keys_(keys), wanted_(wanted), into_(into) {}

  Result<void> load(std::span<const LyingRow> rows) {
    for (; rows.size() > kRowsAtOnce; rows = rows.subspan(kRowsAtOnce)) {
      while (opening_.size() >= kPortionsOpened) SATCHEL_TRY(take());
      const auto part = rows.first(kRowsAtOnce);
      opening_.push_back({part, std::async(std::launch::async, [this, part] { return open_beside(part); })});
    }
    while (!opening_.empty()) SATCHEL_TRY(take());
    return put_here(rows);
  }

 private:
  struct Opening {
    std::span<const LyingRow> rows;
    std::future<Result<std::optional<OpenedRows>>> opened;  // waited for before it is let go
  };

  Result<std::optional<OpenedRows>> open_beside(std::span<const LyingRow> rows) const {
    SATCHEL_GET(txn, store_.begin_read());
    RowKeys keys = keys_.beside(*txn);
    return open_portion(rows, wanted_, [&](View stored) { return keys.kept(stored); });
  }
  // What did not open beside (a key that is made first, one that changed in between, no reader free) does here, or says
  // why not.
  Result<void> take() {
    auto first = std::move(opening_.front());
    opening_.pop_front();
    const auto opened = first.opened.get();
    return opened && *opened ? put(**opened) : put_here(first.rows);
  }
  Result<void> put_here(std::span<const LyingRow> rows) {
    SATCHEL_GET(opened, open_portion(rows, wanted_, [&](View stored) { return keys_.of(stored); }));
    return put(*opened);
  }
  Result<void> put(const OpenedRows& opened) {
    std::size_t begin = 0;
    for (const auto end : opened.ends) {
      SATCHEL_TRY(into_.upsert_encoded(View(opened.plain).subspan(begin, end - begin)));
      begin = end;
    }
    return {};
  }

  Store& store_;
  RowKeys& keys_;
  const WantedColumns& wanted_;
  SheetTable& into_;
  std::deque<Opening> opening_;
};

}  // namespace

void put_row_subject(Bytes& subject, const ArchiveId& archive, View row_key) {
  subject.assign(archive.bytes.begin(), archive.bytes.end());
  subject.insert(subject.end(), row_key.begin(), row_key.end());
}

Result<const RowKey*> RowKeys::kept(View stored) {
  const ArchiveNo no = archive_of(stored);
  if (no == 0) return damaged("sheets");
  if (no == no_) return &key_;
  no_ = 0;
  SATCHEL_GET(info, txn_.get(Table::archive_info, key_of(no)));
  if (!info || info->size() < ArchiveId::size) return damaged("sheets");
  key_.archive = ArchiveId::of(info->first(ArchiveId::size));
  SATCHEL_GET(key, keyring_.stored_local_key(txn_, no, key_.archive));
  if (!key) return nullptr;
  key_.key = *key;
  no_ = no;
  return &key_;
}

Result<const RowKey*> RowKeys::of(View stored) {
  SATCHEL_GET(there, kept(stored));
  if (there != nullptr) return there;
  const ArchiveNo no = archive_of(stored);
  SATCHEL_GET(whole, archive_info(txn_, no));
  SATCHEL_GET(made, keyring_.local_key(txn_, directory_, *whole));
  key_.key = made;
  no_ = no;
  return &key_;
}

Result<void> open_row(Bytes& plain, const RowKey& key, KeyValue stored) {
  if (archive_of(stored.value) == 0) return damaged("sheets");
  Bytes subject;
  put_row_subject(subject, key.archive, stored.key);
  return open_into(plain, key.key, subject, stored.value.subspan(4));
}

Result<void> load_rows(Store& store, const ReadTxn& txn, std::uint32_t sheet, RowKeys& keys,
                       const WantedColumns& wanted, SheetTable& into) {
  std::vector<LyingRow> rows;
  SATCHEL_TRY(scan_prefix(txn, Table::sheets, key_of(sheet), [&](KeyValue pair) {
    rows.push_back({archive_of(pair.value), pair});
    return true;
  }));
  // They lie as they were derived, whoever's they are.
  std::ranges::sort(rows, {}, &LyingRow::archive);
  into.reserve(into.size() + rows.size());
  return Loader(store, keys, wanted, into).load(rows);
}

}  // namespace satchel::node
