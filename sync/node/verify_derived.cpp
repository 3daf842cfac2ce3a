// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/verify_derived.h"

#include <set>

#include "sync/node/derive_pass.h"
#include "sync/node/row_opener.h"
#include "sync/node/seen_heads.h"

namespace satchel::node {

namespace {

class Verifier {
 public:
  Verifier(const ReadTxn& txn, const Obeyed& obeyed, Keyring& keyring, const Catalogue& catalogue)
      : txn_(txn),
        directory_(*obeyed.ordered),
        keyring_(keyring),
        catalogue_(catalogue),
        reader_(txn, obeyed, keyring),
        keys_(txn, directory_, keyring) {}

  Result<DerivedReport> run() {
    SATCHEL_TRY(check_keys());
    SATCHEL_TRY(read_log());
    SATCHEL_GET(archives, archive_count(txn_));
    for (ArchiveNo no = 1; no <= archives; ++no) SATCHEL_TRY(check_archive(no));
    for (const auto& [key, ordinals] : expected_) found("verify.record-missing", key.first, key.second);
    SATCHEL_TRY(check_left_over());
    return std::move(report_);
  }

 private:
  using Key = std::pair<ArchiveNo, RecordId>;

  void found(const char* code, ArchiveNo archive, const RecordId& record) {
    const auto info = archive_info(txn_, archive);
    const std::string name = info && *info ? (*info)->id.hex() : "archive " + std::to_string(archive);
    add(code, name + (record.none() ? std::string{} : " " + record.hex()));
  }
  void add(const char* code, std::string where) {
    ++report_.found;
    if (report_.findings.size() < kFindingsMax) report_.findings.push_back({code, std::move(where)});
  }

  Result<void> check_keys() {
    std::vector<ArchiveNo> archives;
    SATCHEL_TRY(scan_prefix(txn_, Table::keys, {}, [&](KeyValue pair) {
      archives.push_back(be32(pair.key));
      return true;
    }));
    for (const auto no : archives) {
      SATCHEL_GET(info, archive_info(txn_, no));
      if (!info) {
        found("verify.key-of-nothing", no, {});
        continue;
      }
      const auto keys = keyring_.keys_of(txn_, directory_, *info);
      if (!keys && keys.error().kind == ErrorKind::storage) return std::unexpected(keys.error());
      if (keys) {
        ++report_.keys;
      } else {
        found("verify.key", no, {});
      }
    }
    return {};
  }

  // Which entries touch which record, by the log alone.
  Result<void> read_log() {
    SATCHEL_GET(last, last_ordinal(txn_));
    for (Ordinal at = 1; at <= last; ++at) {
      SATCHEL_GET(entry, entry_at(txn_, at));
      SATCHEL_GET(no, find_archive(txn_, entry.header.archive));
      SATCHEL_GET(info, no ? archive_info(txn_, *no) : Result<std::optional<StoredArchive>>(std::nullopt));
      if (!info) {
        add("verify.archive-unknown", entry.header.archive.hex());
        continue;
      }
      seen_.entry(*no, entry.header);
      const auto opened = reader_.open(*info, at);
      if (opened) {
        seen_.claims(*no, opened->change.seen);
        for (const auto& change : opened->change.records) {
          auto& ordinals = expected_[{*no, change.record}];
          if (ordinals.empty() || ordinals.back() != at) ordinals.push_back(at);
        }
      } else if (opened.error().kind == ErrorKind::storage) {
        return std::unexpected(opened.error());
      } else {
        const bool broken = opened.error().kind == ErrorKind::integrity || opened.error().kind == ErrorKind::invalid;
        ++(broken ? report_.unreadable : report_.not_ours);
      }
    }
    const auto against = seen_.against();
    report_.missing = against.missing;
    report_.otherwise = against.otherwise;
    return {};
  }

  Result<void> check_archive(ArchiveNo no) {
    auto stored = records_of(txn_, no);
    if (!stored && stored.error().kind == ErrorKind::storage) return std::unexpected(stored.error());
    if (!stored) {
      found("verify.record-index", no, {});
      return {};
    }
    SATCHEL_GET(info, archive_info(txn_, no));
    for (const auto& [record, index] : *stored) {
      const auto expected = expected_.find({no, record});
      if (expected == expected_.end() || expected->second != index.ordinals) {
        found("verify.record-index", no, record);
      } else {
        SATCHEL_TRY(check_row(*info, record, index));
      }
      if (expected != expected_.end()) expected_.erase(expected);
      if (index.place.sheet != 0) places_.insert({index.place.sheet, index.place.position});
    }
    return {};
  }

  Result<void> check_row(const StoredArchive& info, const RecordId& record, const RecordIndex& index) {
    ++report_.records;
    SATCHEL_GET(loaded, reader_.load(info, record, index.ordinals));
    const auto& state = loaded.shown();
    const Template* shape = state.empty() ? nullptr : catalogue_.find_template(state.type());
    if (shape == nullptr) {
      if (index.place.sheet != 0) found("verify.row-unfounded", info.no, record);
      return {};
    }
    SATCHEL_GET(same, same_row(info, record, index, loaded, *shape));
    if (same) {
      ++report_.rows;
    } else {
      found("verify.row", info.no, record);
    }
    return {};
  }

  Result<bool> same_row(const StoredArchive& info, const RecordId& record, const RecordIndex& index,
                        const RecordReader::Loaded& loaded, const Template& shape) {
    SATCHEL_GET(schema, schema_of(shape.id));
    SATCHEL_GET(sheets, sheets_of(txn_, shape.id));
    const bool its_sheet = std::ranges::any_of(sheets, [&](const auto& s) { return s.second == index.place.sheet; });
    const std::size_t columns = schema->columns.size();
    const SheetRow row =
        make_row(info, record, loaded.shown(), loaded.only_held(), {shape, catalogue_}, *schema, directory_);
    SATCHEL_GET(encoded, encode_row(row));
    const bool known_columns = schema->columns.size() == columns;
    schema->columns.resize(columns);
    const Bytes key = key_of(index.place.sheet, index.place.position);
    SATCHEL_GET(stored, txn_.get(Table::sheets, key));
    if (!its_sheet || !known_columns || !stored || stored->size() < 4) return false;
    if (be32(*stored) != info.no) return false;
    const auto opens = keys_.of(*stored);
    if (!opens && opens.error().kind == ErrorKind::storage) return std::unexpected(opens.error());
    Bytes plain;
    return opens && open_row(plain, **opens, {key, *stored}) && equal(plain, encoded);
  }

  Result<SheetSchema*> schema_of(const std::string& template_id) {
    const auto known = schemas_.find(template_id);
    if (known != schemas_.end()) return &known->second;
    SATCHEL_GET(schema, read_schema(txn_, template_id));
    return &(schemas_[template_id] = std::move(schema));
  }

  Result<void> check_left_over() {
    return scan_prefix(txn_, Table::sheets, {}, [&](KeyValue pair) {
      const std::pair<std::uint32_t, std::uint32_t> place{be32(pair.key), be32(pair.key.subspan(4))};
      if (!places_.contains(place)) {
        add("verify.row-unfounded", "sheet " + std::to_string(place.first) + " row " + std::to_string(place.second));
      }
      return true;
    });
  }

  const ReadTxn& txn_;
  const Directory& directory_;
  Keyring& keyring_;
  const Catalogue& catalogue_;
  RecordReader reader_;
  RowKeys keys_;
  DerivedReport report_;
  SeenHeads seen_;
  std::map<Key, std::vector<Ordinal>> expected_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> places_;
  std::map<std::string, SheetSchema> schemas_;
};

}  // namespace

Result<DerivedReport> verify_derived(Replica& replica, Keyring& fresh, Deriver& deriver) {
  SATCHEL_TRY(deriver.apply());
  const auto obeyed = replica.obeyed();
  SATCHEL_GET(txn, replica.store().begin_read());
  return Verifier(*txn, *obeyed, fresh, deriver.packs().catalogue).run();
}

}  // namespace satchel::node
