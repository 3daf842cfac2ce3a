// SPDX-License-Identifier: AGPL-3.0-or-later
// The directory's log on disk (store.md: directory, pending, meta "directory_head"), and statements not yet ordered.
// What follows from the log is sync/directory; here are only its bytes: kept and served as they were received.
#pragma once

#include <set>

#include "sync/directory/directory.h"
#include "sync/node/log.h"
#include "sync/wire/frame.h"

namespace satchel::node {

// Replays the log. integrity "log.damaged" when it does not follow itself.
Result<Directory> load_directory(const ReadTxn& txn, const OrgId& org);
// Position of the last record, without replaying.
Result<Position> directory_end(const ReadTxn& txn);

// Applies the record and keeps it. `envelope` empty: withheld.
Result<Effect> append_ordered(WriteTxn& txn, Directory& directory, const Ordered& ordered, const Envelope* envelope);
// Takes a run from a hub that is ahead of us. Where headquarters was restored and goes on from a head before our end
// (order_resumed), what stands past that head leaves the log and is pending again, to be handed in anew.
struct TakenRun {
  std::size_t records = 0;                     // that were new
  std::vector<Envelope> said;                  // of them, those with an effect
  std::size_t undone = 0;                      // records past the head that a restored headquarters goes on from
  std::optional<payload::FormerOrder> former;  // what they were, as far as headquarters signed for it
};
Result<TakenRun> take_run(WriteTxn& txn, Directory& directory, const wire::DirectoryRun& run);

struct RunBytes {
  struct Record {
    Bytes ordered;
    Bytes envelope;
  };
  std::vector<Record> records;
  Bytes head;
  std::set<PersonId> given;  // whom some of them give something by a rule over many archives, or a role
  bool more = false;
};
// Records after `position` and up to `last`, up to a frame's worth. `may_see(archive, where)` decides about
// archive-scope statements.
using MaySee = std::function<bool(const ArchiveId&, const Position&)>;
Result<RunBytes> run_after(const ReadTxn& txn, const Position& position, const MaySee& may_see,
                           const Position& last = {UINT32_MAX, UINT64_MAX});
// One record whole, for whoever may see it by now.
Result<RunBytes::Record> record_at(const ReadTxn& txn, const Position& position);
// The records at these places, likewise: in runs of at most kStatementsPerRun, and of so
// many bytes unless one record alone has more.
Result<void> each_run(const ReadTxn& txn, std::span<const Position> places, std::size_t bytes_most,
                      const std::function<Result<void>(const wire::DirectoryRun&)>& use);
// The last place of this log that is not behind `position`.
Result<Position> place_before(const ReadTxn& txn, const Position& position);
Result<Digest> order_hash_at(const ReadTxn& txn, const Position& position);
Result<void> put_head(WriteTxn& txn, const DirectoryHead& head);
// Two histories: headquarters' hub gave one place twice, or somebody says so. Kept for good, the first of its kind; a
// proof takes the place of a mere word.
struct DirectoryFork {
  Position at;
  NodeId told_by;    // the peer that showed the other history
  WallTime noticed;  // by this node's clock
  Bytes ours;        // head signed by headquarters, of our log
  Bytes theirs;      // of the other one; empty: only the peer's word
  bool proven() const { return !theirs.empty(); }
};
inline constexpr const char* kDirectoryFork = "directory.fork";
Result<std::optional<DirectoryFork>> directory_fork(const ReadTxn& txn);
Result<void> note_directory_fork(WriteTxn& txn, DirectoryFork fork);
// Nothing more is taken into the log in that incarnation of headquarters' hub, nor ordered by it.
Result<bool> directory_frozen(const ReadTxn& txn, const Position& next);
// integrity "directory.fork": the head is not of our log, though our log reaches so far.
Result<void> check_against(const ReadTxn& txn, const Directory& directory, const DirectoryHead& head);

// The newest head headquarters signed, as it came; empty when there is none.
Result<Bytes> directory_head(const ReadTxn& txn);

struct Pending {
  Digest id;
  Bytes envelope;
  wire::SubmitStatus status = wire::SubmitStatus::pending;
  std::string code;  // of a refusal
};
Result<void> put_pending(WriteTxn& txn, const Pending& pending);
Result<std::vector<Pending>> all_pending(const ReadTxn& txn);
Result<void> erase_pending(WriteTxn& txn, const Digest& id);

}  // namespace satchel::node
