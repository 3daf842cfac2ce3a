// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/drafts.h"

#include "sync/node/dropping.h"
#include "sync/node/lease.h"
#include "sync/node/restored.h"

namespace satchel::node {

namespace {

constexpr DomainLabel kDraftLabel{"satchel draft"};
constexpr std::size_t kArchiveNoBytes = 4;
// Values are permanent.
constexpr std::uint8_t kUnderVault = 0;
constexpr std::uint8_t kUnderArchive = 1;

Bytes draft_key(ArchiveNo archive, const DraftId& id) {
  Bytes key = key_of(archive);
  key.insert(key.end(), id.bytes.begin(), id.bytes.end());
  return key;
}

Bytes draft_name(const ArchiveId& archive, const DraftId& id) {
  return Writer(48).raw(view("draft")).raw(archive.view()).raw(id.view()).take();
}

Bytes draft_context(const ArchiveId& archive, const DraftId& id) {
  return Writer(32).raw(archive.view()).raw(id.view()).take();
}

// The archive's number, 0 for none.
Result<ArchiveNo> number_of(const ReadTxn& txn, const ArchiveId& archive) {
  if (archive.none()) return 0;
  SATCHEL_GET(no, find_archive(txn, archive));
  if (!no) return fail(ErrorKind::not_found, "archive.not-found", archive.hex());
  return *no;
}

// The body with its coding in front.
Result<Bytes> seal_words(const ReadTxn& txn, const DraftKeys& keys, const StoredDraft& draft, ArchiveNo no) {
  Writer out(draft.body->size() + 64);
  if (no == 0) return out.u8(kUnderVault).raw(*draft.body).take();
  SATCHEL_GET(info, archive_info(txn, no));
  if (!info) return damaged("archive_info");
  // Its keys went with the right to it, or it was destroyed, maybe while this was typed.
  SATCHEL_GET(dropped, is_dropped(txn, no));
  if (dropped || keys.directory.is_destroyed(draft.archive))
    return fail(ErrorKind::permission, "keyring.no-key", draft.archive.hex());
  SATCHEL_GET(known, keys.keyring.keys_of(txn, keys.directory, *info));
  if (known->epochs.empty()) {
    SATCHEL_GET(over, lease_over(txn));
    SATCHEL_GET(waits, keys_wait(txn, no));
    if (!over && !waits) return fail(ErrorKind::permission, "keyring.no-key", draft.archive.hex());
    return out.u8(kUnderVault).raw(*draft.body).take();
  }
  const auto& [which, key] = *known->epochs.rbegin();
  out.u8(kUnderArchive).u32(which.epoch).raw(which.id.view());
  seal_into(out.buffer(), derive(kDraftLabel, key), draft_context(draft.archive, draft.id), *draft.body, keys.entropy);
  return out.take();
}

Result<std::optional<Bytes>> open_words(const ReadTxn& txn, const DraftKeys& keys, const StoredDraft& draft,
                                        ArchiveNo no, View coded) {
  Reader in(coded);
  const auto coding = in.u8();
  if (no == 0) return coding == kUnderVault ? std::optional(copy(in.raw(in.left()))) : std::nullopt;
  SATCHEL_GET(dropped, is_dropped(txn, no));
  SATCHEL_GET(waits, keys_wait(txn, no));
  if (dropped || waits) return std::nullopt;
  if (coding == kUnderVault) return copy(in.raw(in.left()));
  SATCHEL_GET(info, archive_info(txn, no));
  if (!info) return damaged("archive_info");
  EpochKey which;
  which.epoch = in.u32();
  which.id = KeyId::of(in.raw(KeyId::size));
  const auto key = keys.keyring.epoch_key(txn, keys.directory, *info, which);
  if (!key && key.error().kind == ErrorKind::permission) return std::nullopt;
  if (!key) return std::unexpected(key.error());
  SATCHEL_GET(plain, open(derive(kDraftLabel, *key), draft_context(draft.archive, draft.id), in.raw(in.left())));
  return std::move(plain);
}

Result<StoredDraft> open_draft(const ReadTxn& txn, const DraftKeys& keys, View key, View row) {
  if (key.size() != kArchiveNoBytes + DraftId::size) return damaged("drafts");
  StoredDraft out;
  out.id = DraftId::of(key.subspan(kArchiveNoBytes));
  out.row = copy(row);
  const ArchiveNo no = be32(key);
  if (no != 0) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (!info) return damaged("drafts");
    out.archive = info->id;
  }
  auto plain = keys.vault.open_sealed(draft_name(out.archive, out.id), row);
  out.broken = !plain;
  if (!plain) return out;
  Reader in(*plain);
  out.head = copy(in.sized(kDraftBytesMax));
  auto body = open_words(txn, keys, out, no, in.raw(in.left()));
  wipe(*plain);
  // A storage error is everybody's; bytes that do not fit are this draft's alone.
  if (!body && body.error().kind != ErrorKind::integrity) return std::unexpected(body.error());
  out.broken = !in.ok() || !body;
  if (body) out.body = std::move(*body);
  return out;
}

}  // namespace

Result<std::uint64_t> count_drafts(const ReadTxn& txn) { return txn.count(Table::drafts); }

Result<std::vector<StoredDraft>> all_drafts(const ReadTxn& txn, const DraftKeys& keys) {
  std::vector<std::pair<Bytes, Bytes>> rows;
  SATCHEL_TRY(scan_prefix(txn, Table::drafts, {}, [&](KeyValue pair) {
    rows.emplace_back(copy(pair.key), copy(pair.value));
    return true;
  }));
  std::vector<StoredDraft> out;
  for (const auto& [key, row] : rows) {
    SATCHEL_GET(draft, open_draft(txn, keys, key, row));
    out.push_back(std::move(draft));
  }
  return out;
}

Result<void> put_draft(WriteTxn& txn, const DraftKeys& keys, const StoredDraft& draft) {
  SATCHEL_ASSERT(draft.body.has_value());
  if (draft.head.size() + draft.body->size() > kDraftBytesMax)
    return fail(ErrorKind::usage, "draft.too-large", std::to_string(kDraftBytesMax / 1024) + " KiB");
  if (!draft.row.empty()) {
    SATCHEL_TRY(take_draft(txn, draft));
  } else {
    SATCHEL_GET(count, count_drafts(txn));
    if (count >= kDraftsMax) return fail(ErrorKind::usage, "draft.too-many", std::to_string(kDraftsMax));
  }
  SATCHEL_GET(no, number_of(txn, draft.archive));
  SATCHEL_GET(body, seal_words(txn, keys, draft, no));
  Bytes plain = Writer(draft.head.size() + body.size() + 8).sized(draft.head).raw(body).take();
  const Bytes sealed = keys.vault.seal(draft_name(draft.archive, draft.id), plain, keys.entropy);
  wipe(plain);
  return txn.put(Table::drafts, draft_key(no, draft.id), sealed);
}

Result<void> take_draft(WriteTxn& txn, const StoredDraft& draft) {
  SATCHEL_GET(no, number_of(txn, draft.archive));
  const Bytes key = draft_key(no, draft.id);
  SATCHEL_GET(found, txn.get(Table::drafts, key));
  if (!found) return fail(ErrorKind::not_found, "draft.not-found", draft.id.hex());
  if (!equal(*found, draft.row)) return fail(ErrorKind::conflict, "draft.changed", draft.id.hex());
  SATCHEL_TRY(txn.erase(Table::drafts, key));
  return {};
}

Result<void> drop_drafts(WriteTxn& txn, ArchiveNo archive) {
  std::vector<Bytes> keys;
  SATCHEL_TRY(scan_prefix(txn, Table::drafts, key_of(archive), [&](KeyValue pair) {
    keys.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::drafts, key));
  return {};
}

Result<void> reseal_drafts(WriteTxn& txn, const Vault& vault, Entropy& entropy) {
  std::vector<std::pair<Bytes, Bytes>> rows;
  SATCHEL_TRY(scan_prefix(txn, Table::drafts, {}, [&](KeyValue pair) {
    rows.emplace_back(copy(pair.key), copy(pair.value));
    return true;
  }));
  for (const auto& [key, sealed] : rows) {
    ArchiveId archive;
    if (be32(key) != 0) {
      SATCHEL_GET(info, archive_info(txn, be32(key)));
      if (!info) return damaged("drafts");
      archive = info->id;
    }
    const auto name = draft_name(archive, DraftId::of(View(key).subspan(kArchiveNoBytes)));
    const auto anew = vault.reseal(name, sealed, entropy);
    // One that opens no more is lost as it is, and must not hold up what is to be shredded.
    if (anew) SATCHEL_TRY(txn.put(Table::drafts, key, *anew));
    if (!anew) SATCHEL_TRY(txn.erase(Table::drafts, key));
  }
  return {};
}

}  // namespace satchel::node
