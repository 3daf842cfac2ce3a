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

// Rows, and the keys of their archives.
struct Portion {
  struct Row {
    KeyValue stored;
    std::size_t key = 0;
  };
  std::vector<RowKey> keys;
  std::vector<Row> rows;
};

struct OpenedRows {
  Bytes plain;  // one after another
  std::vector<std::size_t> ends;
};

Result<OpenedRows> open_portion(const Portion& portion, const WantedColumns& wanted) {
  OpenedRows out;
  out.ends.reserve(portion.rows.size());
  Bytes one;
  for (const auto& row : portion.rows) {
    SATCHEL_TRY(open_row(one, portion.keys[row.key], row.stored));
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
  Loader(RowKeys& keys, const WantedColumns& wanted, SheetTable& into) : keys_(keys), wanted_(wanted), into_(into) {}

  Result<void> add(KeyValue stored) {
    const ArchiveNo no = archive_of(stored.value);
    if (no != last_ || portion_.keys.empty()) {
      last_ = no;
      const auto key = keys_.of(stored.value);
      ours_ = key.has_value();
      if (!key && key.error().kind != ErrorKind::permission) return std::unexpected(key.error());
      if (key) portion_.keys.push_back(**key);
    }
    if (ours_) portion_.rows.push_back({stored, portion_.keys.size() - 1});
    if (portion_.rows.size() < kRowsAtOnce) return {};
    while (opening_.size() >= kPortionsOpened) SATCHEL_TRY(take());
    opening_.push_back(std::async(std::launch::async, [portion = std::exchange(portion_, {}), &wanted = wanted_] {
      return open_portion(portion, wanted);
    }));
    return {};
  }

  Result<void> finish() {
    while (!opening_.empty()) SATCHEL_TRY(take());
    return put(open_portion(portion_, wanted_));
  }

 private:
  Result<void> take() {
    auto first = std::move(opening_.front());
    opening_.pop_front();
    return put(first.get());
  }
  Result<void> put(const Result<OpenedRows>& opened) {
    if (!opened) return std::unexpected(opened.error());
    std::size_t begin = 0;
    for (const auto end : opened->ends) {
      SATCHEL_TRY(into_.upsert_encoded(View(opened->plain).subspan(begin, end - begin)));
      begin = end;
    }
    return {};
  }

  RowKeys& keys_;
  const WantedColumns& wanted_;
  SheetTable& into_;
  Portion portion_;
  ArchiveNo last_ = 0;
  bool ours_ = false;
  std::deque<std::future<Result<OpenedRows>>> opening_;  // each waited for before it is let go
};

}  // namespace

void put_row_subject(Bytes& subject, const ArchiveId& archive, View row_key) {
  subject.assign(archive.bytes.begin(), archive.bytes.end());
  subject.insert(subject.end(), row_key.begin(), row_key.end());
}

Result<const RowKey*> RowKeys::of(View stored) {
  const ArchiveNo no = archive_of(stored);
  if (no == 0) return damaged("sheets");
  if (no == no_) return &key_;
  no_ = 0;
  SATCHEL_GET(info, txn_.get(Table::archive_info, key_of(no)));
  if (!info || info->size() < ArchiveId::size) return damaged("sheets");
  key_.archive = ArchiveId::of(info->first(ArchiveId::size));
  SATCHEL_GET(kept, keyring_.stored_local_key(txn_, no, key_.archive));
  if (!kept) {
    SATCHEL_GET(whole, archive_info(txn_, no));
    SATCHEL_GET(made, keyring_.local_key(txn_, directory_, *whole));
    kept = made;
  }
  key_.key = *kept;
  no_ = no;
  return &key_;
}

Result<void> open_row(Bytes& plain, const RowKey& key, KeyValue stored) {
  if (archive_of(stored.value) == 0) return damaged("sheets");
  Bytes subject;
  put_row_subject(subject, key.archive, stored.key);
  return open_into(plain, key.key, subject, stored.value.subspan(4));
}

Result<void> load_rows(const ReadTxn& txn, std::uint32_t sheet, RowKeys& keys, const WantedColumns& wanted,
                       SheetTable& into) {
  std::vector<std::pair<ArchiveNo, KeyValue>> rows;
  SATCHEL_TRY(scan_prefix(txn, Table::sheets, key_of(sheet), [&](KeyValue pair) {
    rows.emplace_back(archive_of(pair.value), pair);
    return true;
  }));
  // They lie as they were derived, whoever's they are.
  std::ranges::sort(rows, {}, [](const auto& row) { return row.first; });
  into.reserve(into.size() + rows.size());
  Loader loader(keys, wanted, into);
  for (const auto& [archive, row] : rows) SATCHEL_TRY(loader.add(row));
  return loader.finish();
}

}  // namespace satchel::node
