// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/derive_pass.h"

#include "schema/base/planted.h"
#include "schema/template/report.h"
#include "sync/node/epochs.h"
#include "sync/node/matter.h"
#include "sync/node/row_opener.h"

namespace satchel::node {

namespace {

constexpr std::string_view kSchemaPrefix = "t:";
constexpr std::string_view kSheetPrefix = "s:";
constexpr std::size_t kEntriesPerRecordMax = 1 << 20;

Bytes record_key(ArchiveNo archive, const RecordId& record) {
  Bytes key = key_of(archive);
  key.insert(key.end(), record.bytes.begin(), record.bytes.end());
  return key;
}

Bytes sheet_key(const SheetName& name) {
  Bytes key = copy(view(std::string(kSheetPrefix) + name.template_id + ":"));
  put_be32(key, static_cast<std::uint32_t>(name.month));
  return key;
}

Bytes waiting_key(std::string_view prefix, ArchiveNo archive, const RecordId& record) {
  Bytes key = copy(view(prefix));
  const Bytes rest = record_key(archive, record);
  key.insert(key.end(), rest.begin(), rest.end());
  return key;
}

Bytes locked_key(ArchiveNo archive) {
  Bytes key = copy(view(kLockedPrefix));
  put_be32(key, archive);
  return key;
}

Bytes encode_index(const RecordIndex& index) {
  Writer out(32);
  out.varint(index.place.sheet).varint(index.place.position).varint(index.ordinals.size());
  Ordinal last = 0;
  for (const auto o : index.ordinals) {
    out.varint(o - last);
    last = o;
  }
  return out.take();
}

Result<RecordIndex> decode_index(View bytes) {
  Reader in(bytes);
  RecordIndex index;
  index.place.sheet = static_cast<std::uint32_t>(in.varint());
  index.place.position = static_cast<std::uint32_t>(in.varint());
  index.ordinals.resize(in.count(kEntriesPerRecordMax));
  Ordinal last = 0;
  for (auto& o : index.ordinals) o = last += in.varint();
  if (!in.done()) return damaged("records");
  return index;
}

std::int32_t month_of(const Template& shape, const SheetRow& row, const SheetSchema& schema) {
  if (shape.date_field.empty()) return 0;
  const auto column = schema.column(shape.date_field);
  Date date = date_of(row.created, 480);
  if (column) {
    const Value& value = row.value(*column);
    if (const auto* d = std::get_if<Date>(&value)) date = *d;
    if (const auto* t = std::get_if<WallTime>(&value)) date = date_of(*t, 480);
  }
  return month_number(date);
}

}  // namespace

std::int32_t month_number(Date date) {
  const auto civil = date.civil();
  return static_cast<int>(civil.year()) * 12 + static_cast<int>(static_cast<unsigned>(civil.month())) - 1;
}

Result<std::vector<EpochKey>> missing_keys(const ReadTxn& txn, ArchiveNo archive) {
  std::vector<EpochKey> out;
  bool sound = true;
  const Bytes prefix = locked_key(archive);
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, prefix, [&](KeyValue pair) {
    Reader in(pair.key.subspan(prefix.size()));
    EpochKey key;
    key.epoch = be32(in.raw(4));
    key.id = KeyId::of(in.raw(KeyId::size));
    sound = in.done();
    out.push_back(key);
    return sound;
  }));
  if (!sound) return damaged("sheet_info");
  return out;
}

Result<std::optional<RecordIndex>> record_index(const ReadTxn& txn, ArchiveNo archive, const RecordId& record) {
  SATCHEL_GET(found, txn.get(Table::records, record_key(archive, record)));
  if (!found) return std::nullopt;
  SATCHEL_GET(index, decode_index(*found));
  return index;
}

Result<std::vector<std::pair<RecordId, RecordIndex>>> records_of(const ReadTxn& txn, ArchiveNo archive) {
  std::vector<std::pair<RecordId, RecordIndex>> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::records, key_of(archive), [&](KeyValue pair) {
    auto index = decode_index(pair.value);
    if (!index) {
      inner = std::unexpected(index.error());
      return false;
    }
    out.emplace_back(RecordId::of(pair.key.subspan(4)), std::move(*index));
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  return out;
}

Result<void> note_locked(WriteTxn& txn, ArchiveNo archive, const EpochKey& missing) {
  Bytes key = locked_key(archive);
  put_be32(key, missing.epoch);
  key.insert(key.end(), missing.id.bytes.begin(), missing.id.bytes.end());
  return txn.put(Table::sheet_info, key, {});
}

Result<void> forget_locked(WriteTxn& txn, ArchiveNo archive) {
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, locked_key(archive), [&](KeyValue pair) {
    keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::sheet_info, key));
  return {};
}

Result<void> drop_record(WriteTxn& txn, ArchiveNo archive, const RecordId& record, const RecordIndex& index) {
  if (index.place.sheet != 0) SATCHEL_TRY(txn.erase(Table::sheets, key_of(index.place.sheet, index.place.position)));
  for (const auto prefix : {kWaitingPrefix, kBirthPrefix})
    SATCHEL_TRY(txn.erase(Table::sheet_info, waiting_key(prefix, archive, record)));
  SATCHEL_TRY(txn.erase(Table::records, record_key(archive, record)));
  return {};
}

Result<SheetSchema> read_schema(const ReadTxn& txn, std::string_view template_id) {
  SATCHEL_GET(found, txn.get(Table::sheet_info, view(std::string(kSchemaPrefix) + std::string(template_id))));
  if (!found) return SheetSchema{std::string(template_id), {}};
  return decode_schema(*found);
}

namespace {

// The month is the last four bytes of a sheet's key.
Result<std::vector<std::pair<std::int32_t, std::uint32_t>>> sheets_behind(const ReadTxn& txn,
                                                                          const std::string& prefix) {
  std::vector<std::pair<std::int32_t, std::uint32_t>> out;
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, view(prefix), [&](KeyValue pair) {
    out.emplace_back(static_cast<std::int32_t>(be32(pair.key.last(4))), be32(pair.value));
    return true;
  }));
  return out;
}

}  // namespace

Result<std::vector<std::pair<std::int32_t, std::uint32_t>>> sheets_of(const ReadTxn& txn,
                                                                      std::string_view template_id) {
  return sheets_behind(txn, std::string(kSheetPrefix) + std::string(template_id) + ":");
}

Result<std::vector<std::pair<std::int32_t, std::uint32_t>>> all_sheets(const ReadTxn& txn) {
  return sheets_behind(txn, std::string(kSheetPrefix));
}

namespace {

using PutColumn = std::function<void(std::string_view name, Value value)>;

// What follows from a record as a whole: computed fields, and what is still blank.
void put_worked_out(const Template& form, FieldMap& values, const PutColumn& put) {
  fill_computed(form, values);
  for (const auto& field : form.fields) {
    const auto at = field.formula && field.sheet ? values.find(field.id) : values.end();
    if (at != values.end()) put(field.id, at->second);
  }
  std::vector<std::string> blank;
  for (const auto* field : blanks(form, values)) blank.push_back(field->id);
  if (blank.size() > kValueTextsMax) blank.resize(kValueTextsMax);
  if (!blank.empty()) put(kBlanksColumn, std::move(blank));
}

}  // namespace

SheetRow make_row(const StoredArchive& info, const RecordId& record, const merge::RecordState& state, bool held,
                  const RowShape& shape, SheetSchema& schema, const Directory& directory) {
  SheetRow row;
  row.record = record;
  row.archive_no = info.no;
  row.archive = info.id;
  row.author = state.author();
  row.branch = directory.archive_facts().contains(info.id) ? directory.standing(access_of(info)).branch : info.branch;
  row.created = state.created();
  const auto standing = shape.form.kept() ? merge::RecordStanding::in_force : merge::standing_of(state).standing;
  row.standing = held ? kRowHeld : static_cast<std::uint8_t>(standing);
  const auto put = [&](std::string_view name, Value value) {
    if (const auto column = schema.append(name)) row.values.emplace_back(*column, std::move(value));
  };
  const bool whole = shape.catalogue.works_out(shape.form);
  FieldMap values;
  for (const auto& field : shape.form.fields) {
    auto now = resolved(field, state, directory);
    row.contested = row.contested || now.contested;
    row.corrected = row.corrected || now.corrected;
    if (empty(now.value)) continue;
    if (whole) values.emplace(field.id, now.value);
    if (field.sheet) put(field.id, std::move(now.value));
  }
  if (whole) put_worked_out(shape.form, values, put);
  if (const auto matter = matter_of({info, state, directory}, shape.catalogue, {})) {
    put(kStateColumn, matter->standing.state());
    put(kSinceColumn, matter->standing.since());
    if (matter->due && !matter->due->paused) put(kDueColumn, matter->due->at);
    if (matter->late) put(kLateColumn, true);
    std::vector<std::string> copies;
    for (const auto& copy : matter->copies)
      if (copy.by.none()) copies.push_back(format_actor(copy.to));
    if (!copies.empty()) put(kCopiesColumn, std::move(copies));
  }
  return row;
}

Result<StoredArchive*> DerivePass::info_of(ArchiveNo no) {
  const auto known = infos_.find(no);
  if (known != infos_.end()) return &known->second;
  SATCHEL_GET(info, archive_info(txn_, no));
  if (!info) return damaged("archive_info");
  return &(infos_[no] = std::move(*info));
}

Result<StoredArchive*> DerivePass::info_of(const ArchiveId& id) {
  const auto known = numbers_.find(id);
  if (known != numbers_.end()) return info_of(known->second);
  SATCHEL_GET(no, find_archive(txn_, id));
  if (!no) return damaged("archives");
  numbers_[id] = *no;
  return info_of(*no);
}

Result<DerivePass::Touched*> DerivePass::touched(ArchiveNo archive, const RecordId& record) {
  const Key key{archive, record};
  const auto known = records_.find(key);
  if (known != records_.end()) return &known->second;
  Touched fresh;
  SATCHEL_GET(index, record_index(txn_, archive, record));
  if (index) {
    fresh.index = std::move(*index);
    fresh.reload = true;
  }
  return &(records_[key] = std::move(fresh));
}

Result<void> DerivePass::add(Ordinal ordinal) {
  SATCHEL_GET(entry, entry_at(txn_, ordinal));
  SATCHEL_GET(info, info_of(entry.header.archive));
  auto opened = reader_.open(*info, ordinal);
  if (!opened) {
    // Not ours to read, withheld or not to be understood: it stays in its place and counts as no change. A key may
    // still come.
    if (opened.error().kind == ErrorKind::permission) {
      SATCHEL_GET(missing, key_of_entry(txn_, *info, entry.header));
      return note_locked(txn_, info->no, missing);
    }
    return opened.error().kind == ErrorKind::storage ? std::unexpected(opened.error()) : Result<void>{};
  }
  std::uint16_t op = 0;
  for (const auto& change : opened->change.records) {
    SATCHEL_GET(record, touched(info->no, change.record));
    auto& ordinals = record->index.ordinals;
    const auto place = std::ranges::lower_bound(ordinals, ordinal);
    if (place != ordinals.end()) record->reload = true;  // out of turn, or again
    const bool here = place != ordinals.end() && *place == ordinal;
    if (!here || SATCHEL_PLANTED(entry_counted_twice)) ordinals.insert(place, ordinal);
    if (opened->judgement == Judgement::held) record->again = record->reload = true;
    if (!record->reload && opened->judgement == Judgement::in_force) record->state.apply(opened->source, change, op);
    op = static_cast<std::uint16_t>(op + change.ops.size());
  }
  return {};
}

Result<void> DerivePass::unlock(ArchiveNo archive, Ordinal applied) {
  // Those still missing are noted again.
  SATCHEL_TRY(forget_locked(txn_, archive));
  SATCHEL_GET(heads, heads_of(txn_, archive));
  for (const auto& head : heads) {
    SATCHEL_GET(ordinals, chain_after(txn_, head, 0));
    for (const auto ordinal : ordinals) {
      if (ordinal <= applied) SATCHEL_TRY(add(ordinal));
    }
  }
  return {};
}

Result<void> DerivePass::look_again(ArchiveNo archive, const RecordId& record) {
  SATCHEL_GET(again, touched(archive, record));
  again->reload = true;
  return {};
}

Result<void> DerivePass::forget_birth(ArchiveNo archive, const RecordId& record) {
  SATCHEL_TRY(txn_.erase(Table::sheet_info, waiting_key(kBirthPrefix, archive, record)));
  return {};
}

Result<void> DerivePass::judge_again(ArchiveNo archive) {
  SATCHEL_GET(records, records_of(txn_, archive));
  for (const auto& [record, index] : records) SATCHEL_TRY(look_again(archive, record));
  return {};
}

bool DerivePass::waits(const StoredArchive& info, const Touched& record, const Template* shape) const {
  if (record.again || record.state.birth() == merge::RecordState::Birth::unsure) return true;
  const auto matter = matter_of({info, record.state, directory_}, catalogue_, {});
  if (matter && is_unsettled(*matter, record.state)) return true;
  // Concurrent values of a `latest` field: stamps still to come may change which one wins.
  for (const auto& name : record.state.fields()) {
    const Field* field = shape != nullptr ? shape->field(name) : nullptr;
    const auto policy = field != nullptr ? field->merge : MergePolicy::latest;
    if (policy == MergePolicy::set || policy == MergePolicy::log || name == kStepField) continue;
    if (record.state.standing(name).size() > 1) return true;
  }
  return false;
}

Result<void> DerivePass::finish() {
  for (auto& [key, record] : records_) SATCHEL_TRY(write(key, record));
  for (const auto& [name, sheet] : sheets_) {
    if (sheet.dirty) SATCHEL_TRY(txn_.put(Table::sheet_info, sheet_key(name), key_of(sheet.no, sheet.rows)));
  }
  for (const auto& [id, schema] : schemas_) {
    if (schema.columns.size() == schema_columns_[id]) continue;
    SATCHEL_TRY(txn_.put(Table::sheet_info, view(std::string(kSchemaPrefix) + id), encode_schema(schema)));
  }
  return {};
}

Result<void> DerivePass::write(const Key& key, Touched& record) {
  SATCHEL_GET(info, info_of(key.first));
  if (record.reload) {
    SATCHEL_GET(loaded, reader_.load(*info, key.second, record.index.ordinals));
    record.held = loaded.only_held();
    record.again = loaded.held > 0;
    record.state = record.held ? std::move(loaded.proposed) : std::move(loaded.state);
  }
  const Template* shape = record.state.empty() ? nullptr : catalogue_.find_template(record.state.type());
  // What everybody goes by counts only where headquarters alone can have written it.
  const bool for_everyone = shape != nullptr && shape->scopes == std::vector{RecordScope::everyone};
  if (for_everyone && info->kind != ArchiveKind::common) shape = nullptr;
  if (shape != nullptr) {
    SATCHEL_TRY(place_row(*info, key, record, *shape));
  } else if (record.index.place.sheet != 0) {
    SATCHEL_TRY(txn_.erase(Table::sheets, key_of(record.index.place.sheet, record.index.place.position)));
    record.index.place = {};
  }
  const auto note = [&](std::string_view prefix, bool is, View value) -> Result<void> {
    const Bytes at = waiting_key(prefix, key.first, key.second);
    if (is) return txn_.put(Table::sheet_info, at, value);
    if (record.reload) SATCHEL_TRY(txn_.erase(Table::sheet_info, at));
    return {};
  };
  SATCHEL_TRY(note(kWaitingPrefix, waits(*info, record, shape), {}));
  const bool unstamped = record.state.birth() == merge::RecordState::Birth::unstamped;
  const Ordinal first = record.index.ordinals.empty() ? 0 : record.index.ordinals.front();
  SATCHEL_TRY(note(kBirthPrefix, unstamped, Writer().u64(first).i64(record.state.claimed().ms).bytes()));
  return txn_.put(Table::records, record_key(key.first, key.second), encode_index(record.index));
}

Result<void> DerivePass::place_row(const StoredArchive& info, const Key& key, Touched& record, const Template& shape) {
  SATCHEL_GET(columns, schema(shape.id));
  const SheetRow row = make_row(info, key.second, record.state, record.held, {shape, catalogue_}, *columns, directory_);
  SATCHEL_GET(target, sheet({shape.id, month_of(shape, row, *columns)}));
  RowPlace& place = record.index.place;
  if (place.sheet != 0 && place.sheet != target->no) {
    SATCHEL_TRY(txn_.erase(Table::sheets, key_of(place.sheet, place.position)));
    place = {};
  }
  if (place.sheet == 0) {
    place = {target->no, target->rows++};
    target->dirty = true;
  }
  return put_row(info, place, row);
}

Result<void> DerivePass::put_row(const StoredArchive& info, const RowPlace& place, const SheetRow& row) {
  SATCHEL_GET(encoded, encode_row(row));
  SATCHEL_GET(key, keyring_.local_key(txn_, directory_, info));
  SATCHEL_TRY(keyring_.store(txn_, info));
  const Bytes row_key = key_of(place.sheet, place.position);
  Bytes stored = key_of(info.no);
  Bytes subject;
  put_row_subject(subject, info.id, row_key);
  seal_into(stored, key, subject, encoded, keyring_.entropy());
  return txn_.put(Table::sheets, row_key, stored);
}

Result<DerivePass::Sheet*> DerivePass::sheet(const SheetName& name) {
  const auto known = sheets_.find(name);
  if (known != sheets_.end()) return &known->second;
  Sheet fresh;
  SATCHEL_GET(found, txn_.get(Table::sheet_info, sheet_key(name)));
  if (found) {
    fresh.no = be32(*found);
    fresh.rows = be32(found->subspan(4));
  } else {
    SATCHEL_GET(last, counter(txn_, "sheets"));
    SATCHEL_TRY(set_counter(txn_, "sheets", last + 1));
    fresh.no = static_cast<std::uint32_t>(last + 1);
    fresh.dirty = true;
  }
  return &(sheets_[name] = fresh);
}

Result<SheetSchema*> DerivePass::schema(const std::string& template_id) {
  const auto known = schemas_.find(template_id);
  if (known != schemas_.end()) return &known->second;
  SATCHEL_GET(stored, read_schema(txn_, template_id));
  schema_columns_[template_id] = stored.columns.size();
  return &(schemas_[template_id] = std::move(stored));
}

}  // namespace satchel::node
