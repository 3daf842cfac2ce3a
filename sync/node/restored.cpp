// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/restored.h"

#include "sync/node/dropping.h"
#include "sync/node/grants.h"
#include "sync/node/hub_word.h"
#include "sync/node/upkeep.h"

namespace satchel::node {

namespace {

constexpr std::string_view kRestoredMark = "restored";
constexpr std::int64_t kLivesFromMs = 1'767'225'600'000;  // 2026
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kLivesAMinute = 256;  // enough until the year 2057; then a leap at random has to do
constexpr std::int64_t kLivesAtOnce = 4;     // in a little less than a second

Result<void> put_restored(WriteTxn& txn, const Restored& r) {
  return txn.put(Table::meta, view(kRestoredMark),
                 Writer()
                     .u8(static_cast<std::uint8_t>((r.waiting ? 1 : 0) | (r.settled ? 2 : 0)))
                     .i64(r.made.ms)
                     .i64(r.at.ms)
                     .u32(r.archives)
                     .bytes());
}

Result<void> clear_rows(WriteTxn& txn, Table table, View prefix = {}) {
  constexpr std::size_t kKeysAtOnce = 4096;
  for (;;) {
    std::vector<Bytes> keys;
    SATCHEL_TRY(scan_prefix(txn, table, prefix, [&](KeyValue pair) {
      keys.push_back(copy(pair.key));
      return keys.size() < kKeysAtOnce;
    }));
    for (const auto& key : keys) SATCHEL_TRY(txn.erase(table, key));
    if (keys.size() < kKeysAtOnce) return {};
  }
}

// Everything that follows from the log, for whatever the copy had of it.
Result<void> forget_derived(WriteTxn& txn) {
  for (const auto table : {Table::records, Table::sheets, Table::sheet_info, Table::digests})
    SATCHEL_TRY(clear_rows(txn, table));
  for (const std::string_view name : {"applied", "judged_at", "digested"}) SATCHEL_TRY(set_counter(txn, name, 0));
  for (const std::string_view name : {"derived_for", "looked_again_at"})
    SATCHEL_TRY(txn.erase(Table::meta, view(name)));
  return {};
}

Result<void> say_renewed(Replica& replica) {
  const auto directory = replica.directory();
  const auto& self = replica.self();
  const KnownNode* node = directory->node(self.identity.id);
  if (node == nullptr) return {};
  const Speaker speaker{self.org, self.identity.id, node->person, directory->position(), replica.clock().wall()};
  const Envelope envelope =
      make_statement(speaker, self.identity.sign, payload::NodeRenewed{self.identity.id, self.identity.incarnation},
                     replica.entropy());
  return replica.write([&](WriteTxn& txn, Effects& effects) -> Result<void> {
    SATCHEL_GET(now, restored_of(txn));
    Restored settled = now.value_or(Restored{});
    settled.settled = true;
    SATCHEL_TRY(put_restored(txn, settled));
    SATCHEL_TRY(put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
    effects.pending_changed();
    return {};
  });
}

}  // namespace

std::uint32_t next_life(std::uint32_t known, WallTime now, Entropy& entropy) {
  std::array<Byte, 4> draw{};
  entropy.fill(draw);
  const std::int64_t apart = be32(draw) % kLivesAMinute;
  const std::int64_t ticks = std::max<std::int64_t>(now.ms - kLivesFromMs, 0) * kLivesAMinute / kMinuteMs;
  const std::int64_t by_time = ticks / kLivesAtOnce * kLivesAtOnce + apart % kLivesAtOnce;
  const bool ahead = by_time > known && by_time <= UINT32_MAX;
  return static_cast<std::uint32_t>(ahead ? by_time : known + 1 + apart);
}

Result<std::optional<Restored>> restored_of(const ReadTxn& txn) {
  SATCHEL_GET(found, txn.get(Table::meta, view(kRestoredMark)));
  if (!found) return std::nullopt;
  Reader in(*found);
  Restored r;
  const auto flags = in.u8();
  r.waiting = (flags & 1) != 0;
  r.settled = (flags & 2) != 0;
  r.made.ms = in.i64();
  r.at.ms = in.i64();
  r.archives = in.u32();
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", "restored");
  return r;
}

Result<bool> keys_wait(const ReadTxn& txn, ArchiveNo archive) {
  SATCHEL_GET(restored, restored_of(txn));
  return restored && restored->waiting && archive <= restored->archives;
}

Result<void> seal_again(WriteTxn& txn, const Author& before, Entropy& entropy) {
  // A number no other batch of that life can have: two batches under one number would pass for the work of two pens.
  Author author = before;
  std::array<Byte, 8> draw{};
  entropy.fill(draw);
  author.first_number = kSignedAgain | (be64(draw) >> 2);
  SATCHEL_TRY(seal_outbox(txn, author));
  return {};
}

Result<void> note_life(WriteTxn& txn, WallTime now) { return put_restored(txn, {false, false, now, now, 0}); }

Result<void> begin_again(WriteTxn& txn, const Author& before, WallTime made, Entropy& entropy) {
  SATCHEL_TRY(seal_again(txn, before, entropy));
  SATCHEL_TRY(forget_derived(txn));
  SATCHEL_GET(archives, archive_count(txn));
  return put_restored(txn, {true, false, made, before.claimed, archives});
}

Result<void> begin_hub_again(WriteTxn& txn) {
  SATCHEL_TRY(forget_derived(txn));
  SATCHEL_TRY(clear_rows(txn, Table::grants));
  SATCHEL_TRY(clear_rows(txn, Table::bundles));
  SATCHEL_TRY(clear_rows(txn, Table::marks, key_of(kWrapQueue)));
  // Words are a life's own: one whose clock once ran ahead begins at the clock again.
  SATCHEL_TRY(forget_hub_time(txn));
  return forget_feed_cursors(txn);
}

Result<bool> admit_restored(Replica& replica, Keyring& keyring) {
  Restored restored;
  std::size_t unsent = 0;
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(known, restored_of(*txn));
    if (!known || (!known->waiting && known->settled)) return false;
    restored = *known;
    SATCHEL_GET(left, count_unsent_before(*txn, replica.self().chain()));
    unsent = left;
  }
  const bool free = restored.waiting;
  if (free) {
    SATCHEL_TRY(drop_what_is_lost(replica, keyring, replica.clock().wall()));
    SATCHEL_TRY(replica.write([&](WriteTxn& txn, Effects&) -> Result<void> {
      restored.waiting = false;
      SATCHEL_TRY(put_restored(txn, restored));
      // What was passed over for want of the keys is wrapped for others now.
      return set_counter(txn, kWrappedCounter, 0);
    }));
    keyring.forget();
  }
  // Who was copied has no word on which of the copies lives.
  const KnownNode* self = replica.directory()->node(replica.self().identity.id);
  if (restored.settled || unsent > 0 || (self != nullptr && self->frozen_now())) return free;
  SATCHEL_TRY(say_renewed(replica));
  return true;
}

Result<std::size_t> count_unsent_before(const ReadTxn& txn, const ChainId& self) {
  SATCHEL_GET(restored, restored_of(txn));
  if (!restored || restored->settled) return 0;
  std::size_t unsent = 0;
  SATCHEL_GET(sealed, unstamped(txn));
  for (const auto no : sealed) {
    SATCHEL_GET(batch, batch_itself(txn, no));
    if (batch.author == self) continue;
    SATCHEL_GET(ordinals, ordinals_of(txn, no));
    for (const auto at : ordinals) {
      SATCHEL_GET(entry, entry_at(txn, at));
      // What was written again, or destroyed, is handed in no more.
      if (!entry.body.empty()) ++unsent;
    }
  }
  return unsent;
}

}  // namespace satchel::node
