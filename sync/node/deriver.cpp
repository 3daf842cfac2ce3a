// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/deriver.h"

#include "schema/base/planted.h"
#include "sync/node/derive_pass.h"
#include "sync/node/dropping.h"
#include "sync/node/row_opener.h"

namespace satchel::node {

namespace {

constexpr std::string_view kAppliedCounter = "applied";
constexpr std::string_view kDerivedMark = "derived_for";
constexpr std::string_view kLookedMark = "looked_again_at";
constexpr std::string_view kJudgedCounter = "judged_at";
constexpr std::string_view kJudgedPrefix = "f:";  // in Table::sheet_info: an archive's judged_mark
constexpr std::size_t kArchivesPerPass = 256;
constexpr std::size_t kEntriesPerPass = 4096;
constexpr DomainLabel kDerivedMarkLabel{"satchel derived3"};  // another one when the tables are built otherwise

// What all derived rows depend on beside the log; judgements are followed archive by archive (judged_mark).
Digest derivation_mark(const PacksInForce& packs) { return hash(kDerivedMarkLabel, packs.mark.view()); }

// A mark of what was ordered, and of what is obeyed before it: moves when a restriction is said, ordered or refused,
// though the counts come out the same.
std::uint64_t marked(std::uint64_t ordered, std::uint64_t obeyed, std::span<const Digest> restrictions) {
  Writer out;
  out.u64(ordered).u64(obeyed);
  for (const auto& restriction : restrictions) out.raw(restriction.view());
  return be64(hash(kDerivedMarkLabel, out.bytes()).view()) | 1;
}

// Moves whenever the judgement of some entry may have changed.
std::uint64_t judged_at(const Obeyed& obeyed) {
  const Directory& directory = *obeyed.ordered;
  std::uint64_t said = directory.access_changes();
  const WallTime now = directory.last_hub_time();
  for (const auto& [id, facts] : directory.archive_facts()) {
    said += facts.size();
    for (const auto& fact : facts) {
      const auto* grant = std::get_if<payload::Grant>(&fact.what);
      said += grant != nullptr && grant->expiry.ms != 0 && grant->expiry <= now;
    }
  }
  return obeyed.restrictions.empty() ? said : marked(said, 0, obeyed.restrictions);
}

// What the judgement of an archive's entries follows from, beside entries and stamps; 0 while nothing was ever said.
Result<std::uint64_t> said_mark(const ReadTxn& txn, const Directory& directory, const StoredArchive& info) {
  Writer out;
  const auto turns = directory.turns(access_of(info));
  if (turns > 0) out.u64(turns);
  SATCHEL_GET(heads, heads_of(txn, info.no));
  for (const auto& head : heads) {
    const KnownNode* node = directory.node(head.chain.chain.node);
    const Person* person = node != nullptr ? directory.person(node->person) : nullptr;
    const auto spans = person != nullptr ? person->history.size() + person->left_again.size() : 1;
    const auto moved = node != nullptr ? directory.times_restricted(node->id) : 0;
    if (spans > 1 || moved > 0) out.raw(head.chain.chain.node.view()).u64(spans).u64(moved);
  }
  if (out.bytes().empty()) return 0;
  // What hubs knew when they took the work may be told later.
  if (directory.recalled() > 0) out.u64(directory.recalled());
  return be64(hash(kDerivedMarkLabel, out.bytes()).view()) | 1;
}

// The same with what is obeyed before it is ordered, where that concerns the archive.
Result<std::uint64_t> judged_mark(const ReadTxn& txn, const Obeyed& obeyed, const StoredArchive& info) {
  SATCHEL_GET(ordered, said_mark(txn, *obeyed.ordered, info));
  if (obeyed.restrictions.empty()) return ordered;
  SATCHEL_GET(now, said_mark(txn, *obeyed.directory, info));
  return now == ordered ? ordered : marked(ordered, now, obeyed.restrictions);
}

Bytes judged_key(ArchiveNo archive) {
  Bytes key = copy(view(kJudgedPrefix));
  put_be32(key, archive);
  return key;
}

// What a record that waits depends on beside its own entries: stamps, and whose word they are.
Result<Bytes> looked_mark(const ReadTxn& txn, const Directory& directory) {
  SATCHEL_GET(stamps, txn.count(Table::stamps));
  return Writer().u64(stamps).u32(directory.position().incarnation).u64(directory.position().n).take();
}

Result<void> clear(WriteTxn& txn, Table table) {
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, table, {}, [&](KeyValue pair) {
    keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(table, key));
  return {};
}

}  // namespace

const PacksInForce& Deriver::packs() {
  const auto directory = replica_.directory();
  if (!packs_read_ || packs_at_ != directory->position()) {
    const KnownNode* self = directory->node(replica_.self().identity.id);
    packs_ = packs_in_force(*directory, self != nullptr ? self->person : PersonId{});
    packs_at_ = directory->position();
    packs_read_ = true;
  }
  return packs_;
}

Result<void> Deriver::start_over(WriteTxn& txn) {
  SATCHEL_TRY(txn.erase(Table::meta, view(kDerivedMark)));
  return {};
}

Result<bool> Deriver::start_over_if_due() {
  const auto directory = replica_.directory();
  const Digest mark = derivation_mark(packs());
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(known, txn->get(Table::meta, view(kDerivedMark)));
  if (known && equal(*known, mark.view())) return false;
  txn.reset();
  SATCHEL_TRY(replica_.write([&](WriteTxn& write, Effects&) -> Result<void> {
    for (const auto table : {Table::records, Table::sheets, Table::sheet_info}) SATCHEL_TRY(clear(write, table));
    SATCHEL_TRY(set_counter(write, kAppliedCounter, 0));
    SATCHEL_TRY(set_counter(write, kJudgedCounter, 0));
    return write.put(Table::meta, view(kDerivedMark), mark.view());
  }));
  return true;
}

// Whatever was said since changes the standing of some archives' entries: their records are looked at again.
Result<void> Deriver::judge_again() {
  const auto obeyed = replica_.obeyed();
  const auto now = judged_at(*obeyed);
  std::vector<std::pair<StoredArchive, std::uint64_t>> due;
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(before, counter(*txn, kJudgedCounter));
    if (before == now || SATCHEL_PLANTED(rows_not_judged_again)) return {};
    SATCHEL_GET(archives, archive_count(*txn));
    for (ArchiveNo no = 1; no <= archives; ++no) {
      SATCHEL_GET(info, archive_info(*txn, no));
      if (!info) continue;
      SATCHEL_GET(mark, judged_mark(*txn, *obeyed, *info));
      SATCHEL_GET(known, txn->get(Table::sheet_info, judged_key(no)));
      if (mark != (known ? be64(*known) : 0)) due.emplace_back(std::move(*info), mark);
    }
  }
  for (std::size_t at = 0; at < due.size(); at += kArchivesPerPass) {
    const auto part = std::span(due).subspan(at, std::min(kArchivesPerPass, due.size() - at));
    SATCHEL_TRY(replica_.write([&](WriteTxn& txn, Effects&) -> Result<void> {
      DerivePass pass(txn, *obeyed, keyring_, packs().catalogue);
      for (const auto& [info, mark] : part) {
        SATCHEL_TRY(pass.judge_again(info.no));
        SATCHEL_TRY(txn.put(Table::sheet_info, judged_key(info.no), key_of(mark)));
      }
      return pass.finish();
    }));
  }
  return replica_.write([&](WriteTxn& txn, Effects&) { return set_counter(txn, kJudgedCounter, now); });
}

Result<std::size_t> Deriver::apply() {
  SATCHEL_TRY(start_over_if_due());
  SATCHEL_TRY(judge_again());
  const auto obeyed = replica_.obeyed();
  std::size_t applied = 0;
  for (bool more = true; more;) {
    // Looked at without the write lock first: most calls find nothing to do.
    SATCHEL_GET(read, replica_.store().begin_read());
    SATCHEL_GET(mark, counter(*read, kAppliedCounter));
    SATCHEL_GET(last, last_ordinal(*read));
    SATCHEL_GET(again, due_again(*read));
    SATCHEL_GET(opened, unlocked(*read));
    if (mark == last && again.empty() && opened.empty()) return applied;
    read.reset();
    SATCHEL_TRY(replica_.write([&](WriteTxn& txn, Effects&) -> Result<void> {
      SATCHEL_GET(from, counter(txn, kAppliedCounter));
      SATCHEL_GET(end, last_ordinal(txn));
      const Ordinal to = std::min<Ordinal>(end, from + kEntriesPerPass);
      DerivePass pass(txn, *obeyed, keyring_, packs().catalogue);
      if (from == mark) {
        for (const auto no : opened) SATCHEL_TRY(pass.unlock(no, from));
        for (const auto& w : again.look) SATCHEL_TRY(pass.look_again(w.archive, w.record));
        for (const auto& w : again.born) SATCHEL_TRY(pass.forget_birth(w.archive, w.record));
      }
      for (Ordinal at = from + 1; at <= to; ++at) SATCHEL_TRY(pass.add(at));
      SATCHEL_TRY(pass.finish());
      if (from == mark) {
        SATCHEL_GET(looked, looked_mark(txn, *obeyed->ordered));
        SATCHEL_TRY(txn.put(Table::meta, view(kLookedMark), looked));
      }
      applied += to - from;
      more = to < end;
      return set_counter(txn, kAppliedCounter, to);
    }));
  }
  return applied;
}

Result<std::vector<Deriver::Waiting>> Deriver::waiting(const ReadTxn& txn) {
  std::vector<Waiting> out;
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, view(kWaitingPrefix), [&](KeyValue pair) {
    const View rest = pair.key.subspan(kWaitingPrefix.size());
    out.push_back({be32(rest), RecordId::of(rest.subspan(4))});
    return true;
  }));
  return out;
}

Result<Deriver::Again> Deriver::due_again(const ReadTxn& txn) {
  Again out;
  SATCHEL_GET(now, looked_mark(txn, *replica_.directory()));
  SATCHEL_GET(before, txn.get(Table::meta, view(kLookedMark)));
  if (before && equal(*before, now)) return out;
  SATCHEL_GET(all, waiting(txn));
  out.look = std::move(all);
  SATCHEL_TRY(add_births(txn, out));
  return out;
}

// A stamp cuts the time at which a record was begun only where a clock was ahead of it.
Result<void> Deriver::add_births(const ReadTxn& txn, Again& again) {
  BatchNo batch = 0;  // of the one before: what was written together lies together
  std::vector<StoredStamp> stamps;
  const auto look = [&](KeyValue pair) -> Result<void> {
    const View rest = pair.key.subspan(kBirthPrefix.size());
    Reader in(pair.value);
    const Ordinal first = in.u64();
    const WallTime claimed{in.i64()};
    if (!in.done()) return damaged("sheet_info");
    SATCHEL_GET(run, run_of(txn, first));
    if (!run) return {};
    if (run->batch != batch) {
      SATCHEL_GET(found, stamps_of(txn, run->batch));
      stamps = std::move(found);
      batch = run->batch;
    }
    if (stamps.empty()) return {};
    const bool kept =
        std::ranges::all_of(stamps, [&](const StoredStamp& s) { return claimed <= s.stamp.time + kStampGrace; });
    (kept ? again.born : again.look).push_back({be32(rest), RecordId::of(rest.subspan(4))});
    return {};
  };
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, view(kBirthPrefix), [&](KeyValue pair) {
    inner = look(pair);
    return inner.has_value();
  }));
  return inner;
}

Result<std::vector<ArchiveNo>> Deriver::locked(const ReadTxn& txn) {
  std::vector<ArchiveNo> locked;  // one row a key
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, view(kLockedPrefix), [&](KeyValue pair) {
    const auto no = be32(pair.key.subspan(kLockedPrefix.size()));
    if (!locked.empty() && locked.back() == no) return true;
    const auto gone = is_dropped(txn, no);  // that is no lack, it is as it should be
    if (!gone) inner = std::unexpected(gone.error());
    if (gone && !*gone) locked.push_back(no);
    return inner.has_value();
  }));
  if (!inner) return std::unexpected(inner.error());
  return locked;
}

Result<std::vector<ArchiveNo>> Deriver::unlocked(const ReadTxn& txn) {
  SATCHEL_GET(all, locked(txn));
  std::vector<ArchiveNo> out;
  const auto directory = replica_.directory();
  for (const auto no : all) {
    SATCHEL_GET(info, archive_info(txn, no));
    SATCHEL_GET(missing, missing_keys(txn, no));
    if (!info || missing.empty()) continue;
    // Asked for by name it is looked for among the wraps; all others that are there are known then, too.
    const auto first = keyring_.epoch_key(txn, *directory, *info, missing.front());
    if (!first && first.error().kind != ErrorKind::permission) continue;
    SATCHEL_GET(keys, keyring_.keys_of(txn, *directory, *info));
    if (std::ranges::any_of(missing, [&](const EpochKey& key) { return keys->epochs.contains(key); }))
      out.push_back(no);
  }
  return out;
}

Result<SheetSchema> Deriver::schema(const ReadTxn& txn, std::string_view template_id) {
  return read_schema(txn, template_id);
}

Result<SheetTable> Deriver::load_sheet(std::string_view template_id, std::int32_t from_month, std::int32_t to_month,
                                       const std::optional<std::vector<std::string>>& fields) {
  SheetTable table;
  const auto directory = replica_.directory();
  SATCHEL_GET(txn, replica_.store().begin_read());
  WantedColumns wanted;
  if (fields) {
    SATCHEL_GET(columns, read_schema(*txn, template_id));
    wanted = columns.wanted(*fields);
  }
  SATCHEL_GET(sheets, sheets_of(*txn, template_id));
  RowKeys keys(*txn, *directory, keyring_);
  for (const auto& [month, no] : sheets) {
    if (from_month != 0 && month != 0 && (month < from_month || month > to_month)) continue;
    SATCHEL_TRY(load_rows(replica_.store(), *txn, no, keys, wanted, table));
  }
  return table;
}

}  // namespace satchel::node
