// SPDX-License-Identifier: AGPL-3.0-or-later
// Replica: one node's store, identity and directory together; what hubs, devices and readers have in common. All writes
// go through write(): a transaction whose effects on the directory, feeds and receipts are published only after it is
// durable, and then told to the watcher. A hub that let go of something shreds right after that write. directory() may
// be read from any thread; write() takes its turn at the store. The store, clock and entropy must outlive it. What a
// hub does beyond this is in hub_acts.h.
#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "sync/node/directory_log.h"
#include "sync/node/feeds.h"
#include "sync/node/guided_clock.h"
#include "sync/node/intake.h"
#include "sync/node/outbox.h"
#include "sync/node/volume.h"
#include "sync/vault/identity.h"

namespace satchel::node {

struct Self {
  Identity identity;
  OrgId org;
  wire::Role role = wire::Role::device;
  ChainId chain() const { return {identity.id, identity.incarnation}; }
};

class Replica;

// What a transaction changed beside the store; published when it is durable.
class Effects {
 public:
  // The directory as this transaction sees it, and as it may change it.
  const Directory& directory() const;
  Directory& edit();
  void touched(const AudienceId& audience) { feeds_.insert(audience); }
  void receipts_for(const NodeId& author) { receipts_.insert(author); }
  void pending_changed() { pending_ = true; }
  // The directory went back: what was remembered of it must be forgotten.
  void went_back() { went_back_ = true; }
  // Attachments can be handed on, or are wanted.
  void blobs_changed() { blobs_ = true; }
  // The time all stamps of this transaction bear, once there is one.
  std::optional<WallTime>& stamp_time() { return stamp_time_; }
  // Something was let go of that still stands in old pages of the file (shredding.h).
  void shredding_owed() { shredding_ = true; }

  const std::set<AudienceId>& feeds() const { return feeds_; }
  const std::set<NodeId>& receipts() const { return receipts_; }
  bool directory_changed() const { return edited_ != nullptr; }
  bool pending() const { return pending_; }
  bool any() const { return edited_ != nullptr || !feeds_.empty() || !receipts_.empty() || pending_ || blobs_; }

 private:
  friend class Replica;
  std::shared_ptr<const Directory> base_;
  std::shared_ptr<Directory> edited_;
  std::set<AudienceId> feeds_;
  std::set<NodeId> receipts_;
  bool pending_ = false;
  bool blobs_ = false;
  bool went_back_ = false;
  std::optional<WallTime> stamp_time_;
  bool shredding_ = false;
};

// The directory as this node obeys it: what the statements take away that it knows of and that headquarters has not
// ordered is taken at once. A hub knows those that were handed in, a device its own and what takes from itself
// (handed_down.h): whoever takes a right away sees the work it concerns held as his hub holds it, and can decide on it,
// and whom it is taken from lets go, however long headquarters is out of reach. Everything else, what the statements
// give above all, goes by `ordered`.
struct Obeyed {
  std::shared_ptr<const Directory> ordered;
  std::shared_ptr<const Directory> directory;  // the same one while nothing is obeyed before it is ordered
  std::vector<Digest> restrictions;            // obeyed though not yet ordered
};

using Job = std::function<Result<void>(WriteTxn&, Effects&)>;

class Replica {
 public:
  static Result<std::unique_ptr<Replica>> open(Store& store, Clock& clock, Entropy& entropy, Self self);

  Store& store() { return store_; }
  // Put right by the last hub that was met.
  GuidedClock& clock() { return clock_; }
  Entropy& entropy() { return entropy_; }
  const Self& self() const { return self_; }
  std::shared_ptr<const Directory> directory() const { return directory_.load(); }
  // Who may do what here and now.
  std::shared_ptr<const Obeyed> obeyed() const { return obeyed_.load(); }
  // The same within a transaction, with what it has changed so far.
  Result<Obeyed> obeyed_in(const ReadTxn& txn, const Effects& effects) const;
  // What archives come to, for those who limit how much a device holds.
  Sizes& sizes() { return sizes_; }
  // Takes over what another process may have added to the directory.
  Result<void> refresh();

  // All of it or nothing. The first job's error undoes and is returned.
  Result<void> write(std::span<const Job> jobs);
  Result<void> write(const Job& job) { return write(std::span(&job, 1)); }
  // Called after each durable write that had effects, on the writing thread.
  void watch(std::function<void(const Effects&)> watcher) { watcher_ = std::move(watcher); }
  // Called after a write that was undone, or that took the directory back: what was remembered of it (a Keyring's
  // cache) must be forgotten.
  void on_undo(std::function<void()> forget) { forget_ = std::move(forget); }

  // Keys the directory vouches for, for verifying foreign bytes. The lookup holds the snapshot it was made from.
  KeyLookup author_keys() const;
  KeyLookup hub_keys() const;
  Author author() const;

 private:
  Replica(Store& store, Clock& clock, Entropy& entropy, Self self)
      : store_(store), clock_(clock), entropy_(entropy), self_(std::move(self)) {}
  Result<std::shared_ptr<const Directory>> current(const ReadTxn& txn);
  Result<Obeyed> obey(const ReadTxn& txn, std::shared_ptr<const Directory> directory) const;
  Result<void> try_write(std::span<const Job> jobs);
  void shred_if_due();

  Store& store_;
  mutable GuidedClock clock_;  // reading it changes nothing
  Entropy& entropy_;
  Self self_;
  std::mutex turn_;  // from the transaction's begin until its directory is published, so that none is overtaken
  std::atomic<std::shared_ptr<const Directory>> directory_;
  std::atomic<std::shared_ptr<const Obeyed>> obeyed_;
  std::function<void(const Effects&)> watcher_;
  std::function<void()> forget_;
  Sizes sizes_;
  // Of a hub, which shreds by itself after the write that let go.
  std::atomic<bool> shredding_owed_ = false;
  std::atomic<std::int64_t> shred_again_at_ = 0;  // monotonic ms; not at every write while something is in the way
};

// Which audiences' archives a node is sent: a person's node those it is a member of, a branch hub all of its branch.
std::vector<AudienceId> followed(const Directory& directory, const NodeId& node);
ArchiveAccess access_of(const StoredArchive& info);
// The audiences it is sent to now.
std::vector<AudienceId> readers_of(const Directory& directory, const StoredArchive& info, WallTime now);

// A parcel goes in: with the directory's rights and our stamp when its author or a lower hub pushed it, as it is when
// we pulled it. Hubs move their feeds.
struct TakenParcel {
  Intake intake;
  std::vector<SignedBytes> stamps;  // all we hold for the batch
  std::vector<wire::FeedMove> moved;
};
Result<TakenParcel> take_parcel(WriteTxn& txn, Effects& effects, Replica& replica, const VerifiedParcel& parcel,
                                const NodeId& from, bool pushed);
Result<void> take_late_wraps(WriteTxn& txn, Effects& effects, Replica& replica, std::span<const VerifiedWrap> wraps,
                             bool pushed);
// Stamps that came as receipts. Unknown batches are passed over; integrity "session.stamp" when one is false. Whether
// all are of hubs the directory knows: else the rest must be asked for again when it does.
Result<bool> take_receipts(WriteTxn& txn, Effects& effects, Replica& replica, std::span<const wire::SignedView> stamps);

// A run of the directory from a hub ahead of us; how many records were new. A hub moves the archives that were spoken
// of in its feeds: a follower may have the statement withheld, from a hub that did not have the archive.
Result<std::size_t> take_directory(WriteTxn& txn, Effects& effects, Replica& replica, const wire::DirectoryRun& run);

// Not signed by whom it names; false when the directory does not know who that is.
bool is_forged(const Directory& directory, const Envelope& envelope);

// A statement handed in: ordered at once by the HQ hub, kept for the way up by others.
Result<wire::SubmitResult> take_statement(WriteTxn& txn, Effects& effects, Replica& replica, const Envelope& envelope);

// What a caller holds of the order beyond a restored HQ hub's own log: all of it, with the head this hub itself signed
// in its former life, or nothing. How many records were new; integrity "directory.bad-head" and what apply() says.
Result<std::size_t> take_order_back(WriteTxn& txn, Effects& effects, Replica& replica,
                                    std::span<const wire::DirectoryRun> runs);

// Number ranges are the HQ hub's own to lease: whatever was ordered may have made one due. Does nothing elsewhere.
Result<void> lease_due_numbers(WriteTxn& txn, Effects& effects, Replica& replica);
// The HQ hub, in the life that the log was last ordered in: a restored one orders nothing until an administrator names
// the head to go on from (docs/directory.md, 'Positions').
bool may_order(const Self& self, const Directory& directory);
// Gives the statement the next place and signs the new head, without asking whether it will have effect: HQ hub only.
Result<void> order_statement(WriteTxn& txn, Effects& effects, Replica& replica, const Envelope& envelope);

}  // namespace satchel::node
