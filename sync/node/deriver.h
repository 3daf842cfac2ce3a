// SPDX-License-Identifier: AGPL-3.0-or-later
// Deriver: keeps what can be rebuilt from the log (store.md: records, sheets, sheet_info): for every record the entries
// that touch it, and its row in a sheet, sealed with the archive's local key. Works in sorted batches up to the
// applied mark, by whoever asks first. When packs changed it starts over; when rights or verdicts did, or what is
// obeyed of them before headquarters ordered it, it looks again at the archives concerned; records whose value depends
// on stamps still to come are looked at again each time. A file betrays no name, phone or date. One Deriver a process
// and thread; replica and keyring must outlive it.
#pragma once

#include "sync/node/catalogue.h"
#include "sync/node/records.h"
#include "sync/sheet/row.h"
#include "sync/sheet/table.h"

namespace satchel::node {

// Where a record's row lies. Sheets are one a template and month (0: undated).
struct RowPlace {
  std::uint32_t sheet = 0;  // 0: no row
  std::uint32_t position = 0;
};

struct RecordIndex {
  RowPlace place;
  std::vector<Ordinal> ordinals;
};

// Year * 12 + month - 1.
std::int32_t month_number(Date date);

struct SheetName {
  std::string template_id;
  std::int32_t month = 0;  // month_number, 0 undated
  auto operator<=>(const SheetName&) const = default;
};

Result<std::optional<RecordIndex>> record_index(const ReadTxn& txn, ArchiveNo archive, const RecordId& record);
// All records of an archive.
Result<std::vector<std::pair<RecordId, RecordIndex>>> records_of(const ReadTxn& txn, ArchiveNo archive);

// What a row is made by: the record's form, and the packs in force, for the workflow its matters go through.
struct RowShape {
  const Template& form;
  const Catalogue& catalogue;
};
// The row a record's state gives (`held`: nothing of it is in force yet); shared with verification, which derives again
// and compares.
SheetRow make_row(const StoredArchive& info, const RecordId& record, const merge::RecordState& state, bool held,
                  const RowShape& shape, SheetSchema& schema, const Directory& directory);

class Deriver {
 public:
  Deriver(Replica& replica, Keyring& keyring) : replica_(replica), keyring_(keyring) {}

  // Brings the derived tables up to the log. Returns the entries applied.
  Result<std::size_t> apply();
  // Bodies of entries that were derived are gone: the next apply() derives everything from the log again.
  static Result<void> start_over(WriteTxn& txn);
  const PacksInForce& packs();

  // The template's rows, months from..to (0,0: all), decoded; `fields`: their columns alone. Call apply() first.
  Result<SheetTable> load_sheet(std::string_view template_id, std::int32_t from_month = 0, std::int32_t to_month = 0,
                                const std::optional<std::vector<std::string>>& fields = std::nullopt);
  Result<SheetSchema> schema(const ReadTxn& txn, std::string_view template_id);
  // Records that wait: concurrent values, held entries.
  struct Waiting {
    ArchiveNo archive = 0;
    RecordId record;
  };
  Result<std::vector<Waiting>> waiting(const ReadTxn& txn);
  // Archives this node holds whose key has not come yet.
  Result<std::vector<ArchiveNo>> locked(const ReadTxn& txn);

 private:
  class Pass;
  Result<bool> start_over_if_due();
  Result<void> judge_again();
  // Of those locked, the ones whose key is here now.
  Result<std::vector<ArchiveNo>> unlocked(const ReadTxn& txn);
  struct Again {
    std::vector<Waiting> look;
    std::vector<Waiting> born;  // whose first entry has its stamp now, which changes nothing
    bool empty() const { return look.empty() && born.empty(); }
  };
  Result<Again> due_again(const ReadTxn& txn);
  Result<void> add_births(const ReadTxn& txn, Again& again);

  Replica& replica_;
  Keyring& keyring_;
  PacksInForce packs_;
  Position packs_at_{};
  bool packs_read_ = false;
};

}  // namespace satchel::node
