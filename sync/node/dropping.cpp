// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/dropping.h"

#include "schema/base/planted.h"
#include "sync/blob/shelf.h"
#include "sync/directory/limits.h"
#include "sync/node/backups.h"
#include "sync/node/derive_pass.h"
#include "sync/node/drafts.h"
#include "sync/node/epochs.h"
#include "sync/node/grants.h"
#include "sync/node/outbox.h"
#include "sync/node/references.h"

namespace satchel::node {

namespace {

// In meta: access changes · last and next expiry · archives looked at · what is obeyed before it is ordered.
constexpr std::string_view kDroppedMark = "dropped_for";
constexpr std::string_view kDroppedPrefix = "dropped:";  // in meta, and an archive's number: its keys went
constexpr std::uint8_t kStripped = 1;                    // its value when what they open went too
constexpr DomainLabel kObeyedLabel{"satchel obeyed"};

Bytes dropped_key(ArchiveNo archive) {
  Bytes key = copy(view(kDroppedPrefix));
  put_be32(key, archive);
  return key;
}

Result<bool> is_stripped(const ReadTxn& txn, ArchiveNo archive) {
  SATCHEL_GET(found, txn.get(Table::meta, dropped_key(archive)));
  return found && found->size() == 1 && found->front() == kStripped;
}

// When a grant's time was over last, and will be next; far away when there is none.
struct Expiries {
  WallTime last{INT64_MIN};
  WallTime next{INT64_MAX};
};

Expiries expiries_around(const Directory& directory, WallTime now) {
  Expiries out;
  for (const auto& [id, facts] : directory.archive_facts()) {
    for (const auto& fact : facts) {
      const auto* grant = std::get_if<payload::Grant>(&fact.what);
      if (grant == nullptr || grant->expiry.ms == 0) continue;
      if (grant->expiry > now) out.next = std::min(out.next, grant->expiry);
      if (grant->expiry <= now) out.last = std::max(out.last, grant->expiry);
    }
  }
  return out;
}

Digest obeyed_mark(const Obeyed& obeyed) {
  if (obeyed.restrictions.empty()) return {};
  Writer out(obeyed.restrictions.size() * Digest::size);
  for (const auto& id : obeyed.restrictions) out.raw(id.view());
  return hash(kObeyedLabel, out.bytes());
}

// The first archive to look at: all when rights moved, time ran out or a clock was set back before that, else those
// that came since; nothing when there are none.
Result<std::optional<ArchiveNo>> first_due(const ReadTxn& txn, const Obeyed& obeyed, WallTime now) {
  SATCHEL_GET(known, txn.get(Table::meta, view(kDroppedMark)));
  if (!known) return 1;
  Reader in(*known);
  const auto changes = in.u64();
  const auto last = in.i64();
  const auto next = in.i64();
  const auto looked = in.u32();
  const auto early = Digest::of(in.raw(Digest::size));
  const bool time_moved = now.ms < last || next <= now.ms;
  if (!in.done() || changes != obeyed.ordered->access_changes() || time_moved || early != obeyed_mark(obeyed)) return 1;
  SATCHEL_GET(archives, archive_count(txn));
  if (looked == archives) return std::nullopt;
  return looked + 1;
}

// Members of the organisation lose and gain by statements alone; a node not confirmed yet has nothing to lose.
struct Due {
  std::vector<StoredArchive> lost;
  std::vector<StoredArchive> regained;
  std::vector<StoredArchive> destroyed;
  ArchiveNo looked = 0;
};

class Dropper {
 public:
  Dropper(Replica& replica, Keyring& keyring, WallTime now)
      : replica_(replica), keyring_(keyring), now_(now), obeyed_(replica.obeyed()), directory_(obeyed_->directory) {}

  Result<Dropped> run() {
    Dropped out;
    const KnownNode* self = directory_->node(replica_.self().identity.id);
    if (self == nullptr || self->state() == NodeState::enrolled) return out;
    SATCHEL_GET(from, first_due());
    if (!from) return out;
    SATCHEL_GET(found, look(*from));
    for (std::size_t at = 0; at < found.lost.size(); at += kArchivesPerWrite) {
      const auto part = std::span(found.lost).subspan(at, std::min(kArchivesPerWrite, found.lost.size() - at));
      SATCHEL_TRY(replica_.write([&](WriteTxn& txn, Effects& effects) -> Result<void> {
        for (const auto& info : part) SATCHEL_TRY(drop(txn, info));
        return owe_shredding(txn, effects, static_cast<std::uint32_t>(part.size()), replica_.clock().wall());
      }));
    }
    for (const auto& info : found.destroyed) {
      SATCHEL_TRY(replica_.write([&](WriteTxn& txn, Effects& effects) -> Result<void> {
        SATCHEL_TRY(drop(txn, info));
        SATCHEL_TRY(strip_archive(txn, info.no));
        SATCHEL_TRY(txn.put(Table::meta, dropped_key(info.no), Writer().u8(kStripped).bytes()));
        return owe_shredding(txn, effects, 1, replica_.clock().wall());
      }));
    }
    out.lost = found.lost.size();
    out.destroyed = found.destroyed.size();
    SATCHEL_TRY(replica_.write([&](WriteTxn& txn, Effects& effects) -> Result<void> {
      for (const auto& info : found.regained) SATCHEL_TRY(txn.erase(Table::meta, dropped_key(info.no)));
      // Their wraps went with the right to them, and hubs tell of archives that somebody touched.
      if (!found.regained.empty()) SATCHEL_TRY(forget_feed_cursors(txn));
      SATCHEL_TRY(txn.put(Table::meta, view(kDroppedMark), mark(found.looked)));
      return leave_receipt(txn, effects);
    }));
    return out;
  }

 private:
  Bytes mark(ArchiveNo looked) const {
    Writer out(72);
    const auto expiries = expiries_around(*directory_, now_);
    out.u64(obeyed_->ordered->access_changes()).i64(expiries.last.ms).i64(expiries.next.ms).u32(looked);
    return out.raw(obeyed_mark(*obeyed_).view()).take();
  }

  Result<std::optional<ArchiveNo>> first_due() {
    SATCHEL_GET(txn, replica_.store().begin_read());
    return satchel::node::first_due(*txn, *obeyed_, now_);
  }

  Result<Due> look(ArchiveNo from) {
    Due out;
    const NodeId& self = replica_.self().identity.id;
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(archives, archive_count(*txn));
    out.looked = archives;
    for (ArchiveNo no = from; no <= archives; ++no) {
      SATCHEL_GET(info, archive_info(*txn, no));
      if (!info || !info->opened) continue;
      if (directory_->is_destroyed(info->id)) {
        // Its keys may have gone long before, with the right to it.
        SATCHEL_GET(stripped, is_stripped(*txn, no));
        if (!stripped) out.destroyed.push_back(std::move(*info));
        continue;
      }
      SATCHEL_GET(gone, is_dropped(*txn, no));
      const bool reads = directory_->may_read(self, access_of(*info), now_);
      if (reads && gone) {
        out.regained.push_back(std::move(*info));
      } else if (!reads && !gone) {
        out.lost.push_back(std::move(*info));
      }
    }
    return out;
  }

  Result<void> drop(WriteTxn& txn, const StoredArchive& info) {
    SATCHEL_TRY(drop_keys(txn, keyring_, info, replica_.self().chain()));
    SATCHEL_TRY(drop_reference(txn, info.no));
    return txn.put(Table::meta, dropped_key(info.no), {});
  }

  // Of what this node never had there is a word, too, once something was destroyed or it lost every right: without it
  // nobody could say 'everywhere'. What is still to be shredded waits for that.
  Result<void> leave_receipt(WriteTxn& txn, Effects& effects) {
    SATCHEL_GET(owed, shredding_owed(txn));
    if (owed || !receipt_wanted(*directory_, replica_.self().identity.id)) return {};
    if (SATCHEL_PLANTED(drop_receipt_forgotten)) return {};
    return put_receipt(txn, effects, replica_, *obeyed_, 0);
  }

  Replica& replica_;
  Keyring& keyring_;
  WallTime now_;
  std::shared_ptr<const Obeyed> obeyed_;
  std::shared_ptr<const Directory> directory_;  // as it is obeyed
};

}  // namespace

namespace {

// Whether hubs still lack what this node wrote there: the archive's wraps travel with its opening.
Result<bool> has_unsent(const ReadTxn& txn, const StoredArchive& info, const ChainId& self) {
  SATCHEL_GET(heads, heads_of(txn, info.no));
  for (const auto& head : heads) {
    if (head.chain.chain.node != self.node) continue;
    SATCHEL_GET(run, run_of(txn, head.last));
    if (!run) return true;
    SATCHEL_GET(stamps, stamps_of(txn, run->batch));
    if (stamps.empty()) return true;
  }
  // A hub may have left an older one for later.
  SATCHEL_GET(left, owed_to_any(txn));
  for (const auto no : left) {
    SATCHEL_GET(stored, batch_at(txn, no));
    SATCHEL_GET(stamps, stamps_of(txn, no));
    if (stored.batch.author.node != self.node || !stamps.empty()) continue;
    SATCHEL_GET(archives, archives_of(txn, no));
    if (std::ranges::find(archives, info.no) != archives.end()) return true;
  }
  return false;
}

}  // namespace

Result<void> drop_keys(WriteTxn& txn, Keyring& keyring, const StoredArchive& info, const ChainId& self) {
  SATCHEL_GET(records, records_of(txn, info.no));
  if (SATCHEL_PLANTED(rows_kept)) records.clear();
  for (const auto& [record, index] : records) SATCHEL_TRY(drop_record(txn, info.no, record, index));
  SATCHEL_GET(unsent, has_unsent(txn, info, self));
  if (!unsent) SATCHEL_TRY(drop_wraps(txn, info.no));
  SATCHEL_TRY(keyring.drop(txn, info));
  SATCHEL_TRY(blob::drop_blobs(txn, info.no, blob::Drop::lost));
  // Should the right come back, its entries are to be derived again with the first key that does: the newest may not.
  SATCHEL_GET(keys, keys_named(txn, info));
  for (const auto& key : keys) SATCHEL_TRY(note_locked(txn, info.no, key));
  return {};
}

bool receipt_wanted(const Directory& directory, const NodeId& node) {
  const auto before = directory.drop_receipts().find(node);
  const Position last = before == directory.drop_receipts().end() ? Position{} : before->second.executed;
  return (directory.gone_at(node) && !directory.let_go(node)) ||
         std::ranges::any_of(directory.all_destroyed(), [&](const auto& entry) { return entry.second.said.at > last; });
}

Result<void> put_receipt(WriteTxn& txn, Effects& effects, Replica& replica, const Obeyed& obeyed,
                         std::uint32_t archives) {
  const auto& self = replica.self();
  const Directory& directory = *obeyed.ordered;
  const KnownNode* node = directory.node(self.identity.id);
  payload::AccessDropped receipt;
  receipt.executed = directory.position();
  receipt.archives = archives;
  for (const auto& said : obeyed.directory->gone_by(self.identity.id)) {
    if (said.at > directory.position() && receipt.gone_by.size() < kGoneByMax)
      receipt.gone_by.push_back(said.statement);
  }
  SATCHEL_GET(unsent, count_unsent(txn, self.chain()));
  receipt.unsent = static_cast<std::uint32_t>(unsent);
  SATCHEL_GET(backups, known_backups(txn));
  if (!backups.empty()) receipt.backup = backups.front().made;
  // The one before, still on its way, says less.
  SATCHEL_GET(pending, all_pending(txn));
  for (const auto& p : pending) {
    const auto envelope = decode_envelope(p.envelope);
    const bool same = envelope && envelope->statement().kind == StatementKind::access_dropped &&
                      envelope->statement().by == self.identity.id;
    if (!same) continue;
    const auto said = decode_payload<payload::AccessDropped>(envelope->statement().payload);
    if (said) receipt.archives += said->archives;
    SATCHEL_TRY(erase_pending(txn, p.id));
  }
  const Speaker speaker{self.org, self.identity.id, node != nullptr ? node->person : PersonId{}, directory.position(),
                        replica.clock().wall()};
  const Envelope envelope = make_statement(speaker, self.identity.sign, receipt, replica.entropy());
  if (may_order(self, directory)) return order_statement(txn, effects, replica, envelope);
  SATCHEL_TRY(put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
  effects.pending_changed();
  return {};
}

Result<void> strip_archive(WriteTxn& txn, ArchiveNo archive) {
  SATCHEL_TRY(drop_wraps(txn, archive));
  SATCHEL_TRY(unqueue_wraps_of(txn, archive));
  SATCHEL_TRY(drop_drafts(txn, archive));
  SATCHEL_TRY(blob::drop_blobs(txn, archive, blob::Drop::destroyed));
  SATCHEL_GET(heads, heads_of(txn, archive));
  for (const auto& head : heads) {
    SATCHEL_GET(ordinals, chain_after(txn, head, 0));
    for (const auto ordinal : ordinals) {
      if (!SATCHEL_PLANTED(destroyed_bodies_kept)) SATCHEL_TRY(strip_entry(txn, ordinal));
    }
  }
  return {};
}

Result<Dropped> drop_what_is_lost(Replica& replica, Keyring& keyring, WallTime now) {
  return Dropper(replica, keyring, now).run();
}

Result<bool> dropping_due(const ReadTxn& txn, const Obeyed& obeyed, WallTime now) {
  SATCHEL_GET(from, first_due(txn, obeyed, now));
  return from.has_value();
}

Result<bool> is_dropped(const ReadTxn& txn, ArchiveNo archive) {
  SATCHEL_GET(found, txn.get(Table::meta, dropped_key(archive)));
  return found.has_value();
}

}  // namespace satchel::node
