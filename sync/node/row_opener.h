// SPDX-License-Identifier: AGPL-3.0-or-later
// Stored rows of sheets (store.md: sheets), opened. A row is sealed with its archive's local key, and headquarters has
// rows of a hundred thousand archives: keys are looked up archive by archive and kept nowhere, and keys are looked up
// and rows opened by other threads meanwhile, because that is most of what a large sheet costs.
#pragma once

#include "sync/node/keyring.h"
#include "sync/sheet/table.h"

namespace satchel::node {

struct RowKey {
  ArchiveId archive;
  Secret32 key;
};

// The keys of rows, one archive at a time: asked for in the order of archives, each is looked up once.
class RowKeys {
 public:
  RowKeys(const ReadTxn& txn, const Directory& directory, Keyring& keyring)
      : txn_(txn), directory_(directory), keyring_(keyring) {}
  // Of a stored row; lives until the next call. Keyring's errors, integrity "log.damaged".
  Result<const RowKey*> of(View stored);
  // The same where the key lies in the store; null where it does not. Changes nothing of the keyring.
  Result<const RowKey*> kept(View stored);
  // For another thread, with a transaction of its own: kept() alone.
  RowKeys beside(const ReadTxn& txn) const { return {txn, directory_, keyring_}; }

 private:
  const ReadTxn& txn_;
  const Directory& directory_;
  Keyring& keyring_;
  ArchiveNo no_ = 0;  // whose it is; 0: nobody's
  RowKey key_;
};

// What the stored row is sealed over; replaces `subject`.
void put_row_subject(Bytes& subject, const ArchiveId& archive, View row_key);
// A row's plain bytes (encode_row's) from its key and value in Table::sheets, into a buffer that is used again.
// integrity "seal.broken".
Result<void> open_row(Bytes& plain, const RowKey& key, KeyValue stored);

using WantedColumns = std::optional<std::vector<bool>>;  // by number (row.h, pick_columns); nothing: all
// Puts the rows of that sheet into the table; those of archives that are no longer ours are passed over. `txn` is one
// of the store's.
Result<void> load_rows(Store& store, const ReadTxn& txn, std::uint32_t sheet, RowKeys& keys,
                       const WantedColumns& wanted, SheetTable& into);

}  // namespace satchel::node
