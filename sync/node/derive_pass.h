// SPDX-License-Identifier: AGPL-3.0-or-later
// One pass of the Deriver inside one write transaction, and the bytes of the derived tables (store.md). Entries are
// gathered first and written in key order at the end, because random keys cost many times more.
#pragma once

#include "sync/node/deriver.h"

namespace satchel::node {

inline constexpr std::string_view kLockedPrefix = "l:";   // in Table::sheet_info: archives and keys not come yet
inline constexpr std::string_view kWaitingPrefix = "w:";  // in Table::sheet_info: records to be looked at again
inline constexpr std::string_view kBirthPrefix = "b:";    // in Table::sheet_info: first entries that no hub has stamped

Result<SheetSchema> read_schema(const ReadTxn& txn, std::string_view template_id);
// Month and number of each of the template's sheets.
Result<std::vector<std::pair<std::int32_t, std::uint32_t>>> sheets_of(const ReadTxn& txn, std::string_view template_id);
Result<std::vector<std::pair<std::int32_t, std::uint32_t>>> all_sheets(const ReadTxn& txn);
// The keys that an archive's entries were passed over for want of.
Result<std::vector<EpochKey>> missing_keys(const ReadTxn& txn, ArchiveNo archive);
Result<void> note_locked(WriteTxn& txn, ArchiveNo archive, const EpochKey& missing);
Result<void> forget_locked(WriteTxn& txn, ArchiveNo archive);
// Takes a record's row and index away; its entries stay in the log.
Result<void> drop_record(WriteTxn& txn, ArchiveNo archive, const RecordId& record, const RecordIndex& index);
class DerivePass {
 public:
  DerivePass(WriteTxn& txn, const Obeyed& obeyed, Keyring& keyring, const Catalogue& catalogue)
      : txn_(txn),
        directory_(*obeyed.ordered),
        keyring_(keyring),
        catalogue_(catalogue),
        reader_(txn, obeyed, keyring) {}

  Result<void> add(Ordinal ordinal);
  Result<void> look_again(ArchiveNo archive, const RecordId& record);
  // Its first entry has its stamp, which changes nothing.
  Result<void> forget_birth(ArchiveNo archive, const RecordId& record);
  // Entries of the archive may be judged otherwise now.
  Result<void> judge_again(ArchiveNo archive);
  // A key of the archive has come: takes its entries up to `applied` that were passed over.
  Result<void> unlock(ArchiveNo archive, Ordinal applied);
  Result<void> finish();

 private:
  struct Touched {
    RecordIndex index;
    merge::RecordState state;
    bool reload = false;  // has entries from before this pass, or ones that are held
    bool again = false;
    bool held = false;  // nothing of it is in force
  };
  struct Sheet {
    std::uint32_t no = 0;
    std::uint32_t rows = 0;
    bool dirty = false;
  };
  using Key = std::pair<ArchiveNo, RecordId>;

  Result<StoredArchive*> info_of(ArchiveNo no);
  Result<StoredArchive*> info_of(const ArchiveId& id);
  Result<Touched*> touched(ArchiveNo archive, const RecordId& record);
  Result<void> write(const Key& key, Touched& record);
  Result<void> place_row(const StoredArchive& info, const Key& key, Touched& record, const Template& shape);
  Result<void> put_row(const StoredArchive& info, const RowPlace& place, const SheetRow& row);
  Result<Sheet*> sheet(const SheetName& name);
  Result<SheetSchema*> schema(const std::string& template_id);
  bool waits(const StoredArchive& info, const Touched& record, const Template* shape) const;

  WriteTxn& txn_;
  const Directory& directory_;
  Keyring& keyring_;
  const Catalogue& catalogue_;
  RecordReader reader_;
  std::map<Key, Touched> records_;
  std::map<SheetName, Sheet> sheets_;
  std::map<std::string, SheetSchema> schemas_;
  std::map<std::string, std::size_t> schema_columns_;  // as stored
  std::unordered_map<ArchiveNo, StoredArchive> infos_;
  std::unordered_map<ArchiveId, ArchiveNo> numbers_;
};

}  // namespace satchel::node
