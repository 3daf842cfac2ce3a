// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/lease.h"

#include <charconv>

#include "schema/base/planted.h"
#include "sync/node/dropping.h"
#include "sync/node/upkeep.h"

namespace satchel::node {

namespace {

constexpr std::string_view kLeaseMark = "lease";  // in meta: over u8 · used, wall, mono i64 ms

struct Count {
  bool over = false;
  std::int64_t used = 0;
  std::int64_t wall = 0;
  std::int64_t mono = 0;
};

Result<std::optional<Count>> read_count(const ReadTxn& txn) {
  SATCHEL_GET(found, txn.get(Table::meta, view(kLeaseMark)));
  if (!found) return std::nullopt;
  Reader in(*found);
  Count count;
  count.over = in.u8() != 0;
  count.used = in.i64();
  count.wall = in.i64();
  count.mono = in.i64();
  if (!in.done()) return damaged("lease");
  return count;
}

Result<void> write_count(WriteTxn& txn, const Count& count) {
  return txn.put(Table::meta, view(kLeaseMark),
                 Writer().u8(count.over ? 1 : 0).i64(count.used).i64(count.wall).i64(count.mono).bytes());
}

Millis allowed_by(const Directory& directory) {
  std::uint32_t days = kLeaseDaysDefault;
  if (const auto policy = directory.policy(std::string(kPolicyLease))) {
    std::uint32_t said = 0;
    const auto end = policy->data() + policy->size();
    const auto read = std::from_chars(policy->data(), end, said);
    if (read.ec == std::errc{} && read.ptr == end && said <= kLeaseDaysMax) days = said;
  }
  return std::chrono::duration_cast<Millis>(std::chrono::hours{24} * days);
}

// Never backwards; a clock that was turned back is made good by the other one, as far as that reaches.
std::int64_t passed(const Count& count, WallTime wall, MonoTime mono) {
  if (wall.ms >= count.wall) return wall.ms - count.wall;
  return std::max<std::int64_t>(0, mono.ms - count.mono);
}

Result<void> let_keys_go(Replica& replica, Keyring& keyring) {
  ArchiveNo archives = 0;
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(count, archive_count(*txn));
    archives = count;
  }
  for (ArchiveNo from = 1; from <= archives; from += kArchivesPerWrite) {
    SATCHEL_TRY(replica.write([&](WriteTxn& txn, Effects& effects) -> Result<void> {
      SATCHEL_TRY(owe_shredding(txn, effects, 0, replica.clock().wall()));
      for (ArchiveNo no = from; no < from + kArchivesPerWrite && no <= archives; ++no) {
        SATCHEL_GET(info, archive_info(txn, no));
        if (info && info->opened) SATCHEL_TRY(drop_keys(txn, keyring, *info, replica.self().chain()));
      }
      return {};
    }));
  }
  keyring.forget();
  // The hubs are asked for everything again, because what is missing now are wraps of archives nobody touched.
  return replica.write([&](WriteTxn& txn, Effects&) { return forget_feed_cursors(txn); });
}

}  // namespace

Result<Lease> lease_of(const ReadTxn& txn, const Directory& directory) {
  SATCHEL_GET(count, read_count(txn));
  return Lease{Millis{count ? count->used : 0}, allowed_by(directory), count && count->over};
}

Result<bool> lease_over(const ReadTxn& txn) {
  SATCHEL_GET(count, read_count(txn));
  return count && count->over;
}

Result<Lease> count_lease(Replica& replica, Keyring& keyring, const std::function<void()>& before_it_ends) {
  const auto directory = replica.directory();
  const WallTime wall = replica.clock().wall();
  const MonoTime mono = replica.clock().mono();
  const KnownNode* self = directory->node(replica.self().identity.id);
  Count count{false, 0, wall.ms, mono.ms};
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(known, read_count(*txn));
    if (known) count = *known;
  }
  const auto more = passed(count, wall, mono);
  Lease lease{Millis{count.used + more}, allowed_by(*directory), count.over};
  // HQ's reader stands beside its hub; who waits for confirmation has no keys.
  if (self == nullptr || self->kind != NodeKind::device || self->state() == NodeState::enrolled) return lease;
  const bool runs_out = lease.allowed.count() > 0 && lease.used >= lease.allowed && !lease.over;
  if (runs_out) {
    if (before_it_ends) before_it_ends();
    SATCHEL_TRY(let_keys_go(replica, keyring));
    lease.over = true;
  }
  // Not at every look: a commit costs a sync of the disk.
  constexpr std::int64_t kNoteEvery = 3'600'000;
  if (!runs_out && more < kNoteEvery && wall.ms >= count.wall && count.wall != wall.ms) return lease;
  SATCHEL_TRY(replica.write(
      [&](WriteTxn& txn, Effects&) { return write_count(txn, {lease.over, lease.used.count(), wall.ms, mono.ms}); }));
  return lease;
}

Result<bool> renew_lease(Replica& replica, Millis ahead) {
  bool was_over = false;
  const WallTime own = replica.clock().own();
  const HubContact contact{{own.ms - ahead.count()}, own, replica.clock().mono()};
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    SATCHEL_GET(known, read_count(*txn));
    was_over = known && known->over;
    constexpr std::int64_t kNoteEvery = 600'000;
    const WallTime now = replica.clock().wall();
    const bool fresh = known && !known->over && known->used == 0 && std::abs(now.ms - known->wall) < kNoteEvery;
    const bool right = std::abs(now.ms - contact.hub.ms) < kClockKept.count();
    if (fresh && right) return false;
  }
  replica.clock().told(contact);
  SATCHEL_TRY(replica.write([&](WriteTxn& txn, Effects&) -> Result<void> {
    SATCHEL_TRY(note_contact(txn, contact));
    // What was passed over for want of the keys is wrapped for others now.
    if (was_over) SATCHEL_TRY(set_counter(txn, kWrappedCounter, 0));
    return write_count(
        txn, {SATCHEL_PLANTED(lease_not_renewed) && was_over, 0, replica.clock().wall().ms, replica.clock().mono().ms});
  }));
  return was_over;
}

}  // namespace satchel::node
