// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/deriver.h"

#include "sync/node/derive_pass.h"

namespace satchel::node {

namespace {

constexpr std::string_view kAppliedCounter = "applied";
constexpr std::string_view kDerivedMark = "derived_for";
constexpr std::string_view kLookedMark = "looked_again_at";
constexpr std::size_t kEntriesPerPass = 4096;
constexpr DomainLabel kMarkLabel{"satchel derived"};

// Everything but the log itself that derived tables depend on.
Digest derivation_mark(const Directory& directory, const PacksInForce& packs) {
  Writer out;
  out.raw(packs.mark.view());
  for (const auto& [id, person] : directory.people()) {
    out.varint(person.history.size());
    if (person.history.size() > 1) out.raw(id.view());
  }
  for (const auto& [id, node] : directory.nodes()) {
    if (node.revoked) out.raw(id.view()).u64(node.revoked->at.n);
  }
  for (const auto& [id, facts] : directory.archive_facts()) {
    out.raw(id.view()).varint(facts.verdicts.size()).varint(facts.owners.size()).varint(facts.grants.size());
  }
  return hash(kMarkLabel, out.bytes());
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

Result<bool> Deriver::start_over_if_due() {
  const auto directory = replica_.directory();
  const Digest mark = derivation_mark(*directory, packs());
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(known, txn->get(Table::meta, view(kDerivedMark)));
  if (known && equal(*known, mark.view())) return false;
  txn.reset();
  SATCHEL_TRY(replica_.write([&](WriteTxn& write, Effects&) -> Result<void> {
    for (const auto table : {Table::records, Table::sheets, Table::sheet_info}) SATCHEL_TRY(clear(write, table));
    SATCHEL_TRY(set_counter(write, kAppliedCounter, 0));
    return write.put(Table::meta, view(kDerivedMark), mark.view());
  }));
  return true;
}

Result<std::size_t> Deriver::apply() {
  SATCHEL_TRY(start_over_if_due());
  const auto directory = replica_.directory();
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
      DerivePass pass(txn, *directory, keyring_, packs().catalogue);
      if (from == mark) {
        for (const auto no : opened) SATCHEL_TRY(pass.unlock(no, from));
        for (const auto& w : again) SATCHEL_TRY(pass.look_again(w.archive, w.record));
      }
      for (Ordinal at = from + 1; at <= to; ++at) SATCHEL_TRY(pass.add(at));
      SATCHEL_TRY(pass.finish());
      if (from == mark) {
        SATCHEL_GET(looked, looked_mark(txn, *directory));
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

Result<std::vector<Deriver::Waiting>> Deriver::due_again(const ReadTxn& txn) {
  SATCHEL_GET(now, looked_mark(txn, *replica_.directory()));
  SATCHEL_GET(before, txn.get(Table::meta, view(kLookedMark)));
  if (before && equal(*before, now)) return std::vector<Waiting>{};
  return waiting(txn);
}

Result<std::vector<ArchiveNo>> Deriver::locked(const ReadTxn& txn) {
  std::vector<ArchiveNo> locked;
  SATCHEL_TRY(scan_prefix(txn, Table::sheet_info, view(kLockedPrefix), [&](KeyValue pair) {
    locked.push_back(be32(pair.key.subspan(kLockedPrefix.size())));
    return true;
  }));
  return locked;
}

Result<std::vector<ArchiveNo>> Deriver::unlocked(const ReadTxn& txn) {
  SATCHEL_GET(all, locked(txn));
  std::vector<ArchiveNo> out;
  const auto directory = replica_.directory();
  for (const auto no : all) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (info && keyring_.epoch_key(txn, *directory, *info, info->epoch)) out.push_back(no);
  }
  return out;
}

Result<SheetSchema> Deriver::schema(const ReadTxn& txn, std::string_view template_id) {
  return read_schema(txn, template_id);
}

Result<SheetTable> Deriver::load_sheet(std::string_view template_id, std::int32_t from_month, std::int32_t to_month) {
  SheetTable table;
  const auto directory = replica_.directory();
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(sheets, sheets_of(*txn, template_id));
  for (const auto& [month, no] : sheets) {
    if (from_month != 0 && month != 0 && (month < from_month || month > to_month)) continue;
    Result<void> inner{};
    SATCHEL_TRY(scan_prefix(*txn, Table::sheets, key_of(no), [&](KeyValue pair) {
      auto plain = open_row(*txn, *directory, keyring_, pair);
      if (!plain && plain.error().kind == ErrorKind::permission) return true;  // an archive that is no longer ours
      if (plain) {
        auto put = table.upsert_encoded(*plain);
        if (!put) inner = std::unexpected(put.error());
      } else {
        inner = std::unexpected(plain.error());
      }
      return inner.has_value();
    }));
    if (!inner) return std::unexpected(inner.error());
  }
  return table;
}

}  // namespace satchel::node
