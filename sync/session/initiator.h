// SPDX-License-Identifier: AGPL-3.0-or-later
// Initiator: the end that calls a hub: a device, HQ's reader, or a branch hub towards headquarters. It pushes what the
// hub has not acknowledged, submits statements, and follows the feeds of its audiences, in rounds, until there is
// nothing left to do; then it ends, or in live mode waits to be told of more. Cut anywhere it goes on where it was: a
// cursor moves in the transaction that stores the data, a pushed mark after the hub's answer is stored.
// With a hub it has not met (or one restored, which has another incarnation) it reconciles all heads once.
// It writes through its replica at once; one Initiator a connection; the replica and hooks must outlive it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "schema/wire/limits.h"
#include "sync/blob/shelf.h"
#include "sync/model/reconcile.h"
#include "sync/node/hub_word.h"
#include "sync/node/replica.h"
#include "sync/session/answers.h"
#include "sync/session/blob_work.h"
#include "sync/session/endpoint.h"

namespace satchel::session {

// Numbers for people and --json.
struct SyncReport {
  NodeId hub;
  bool top = false;          // it was headquarters' hub
  bool order_waits = false;  // headquarters says: restored, and it waits for an administrator before it orders anything
  bool unconfirmed = false;  // the hub knows us, but nobody has confirmed us yet
  bool complete = false;
  std::size_t sent = 0;  // entries pushed and answered
  std::size_t accepted = 0;
  std::size_t held = 0;
  std::size_t rejected = 0;
  std::uint64_t kept_back = 0;  // archives that this device's replica has no room for, now
  std::size_t later = 0;        // the hub's directory is too old to judge them: kept, and offered again another time
  std::size_t received = 0;     // entries new here
  std::size_t statements = 0;
  std::size_t refused_statements = 0;
  std::size_t forks = 0;
  std::size_t blobs_sent = 0;       // attachments the hub has whole now, by this exchange
  std::size_t blobs_received = 0;   // whole here now
  std::size_t blobs_missing = 0;    // wanted, but the hub has not got them
  std::size_t blobs_refused = 0;    // the hub does not take them now; they stay here
  std::string blob_refusal;         // why, of the last
  std::uint64_t blob_bytes_up = 0;  // of chunks taken
  std::uint64_t blob_bytes_down = 0;
  std::uint64_t blob_bytes_due = 0;  // to be sent and to come in all, as far as it is known
  std::uint64_t blob_bytes_wanted = 0;
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  Millis clock_ahead{};  // our clock against the hub's, as far as one message tells

  // Counts what an exchange before this one did, too: to people both are one.
  void add(const SyncReport& before);
};

struct InitiatorHooks {
  // Asked when the directory or the store moved: does what a holder of secrets should do (audience keys, wraps);
  // true when it left statements or wraps to be sent.
  std::function<Result<bool>()> upkeep;
  std::function<void(const SyncReport&)> progress;
  // A round is complete; in live mode called after every one.
  std::function<void(const SyncReport&)> settled;
  bool fetch_blobs = false;  // all attachments, not only those asked for
  bool text_only = false;    // none of them
};

class Initiator final : public Endpoint {
 public:
  Initiator(node::Replica& replica, Bytes exporter, NodeId hub, bool live, InitiatorHooks hooks = {});

  void on_open(MonoTime now) override;
  void on_frame(MonoTime now, View frame) override;
  void on_tick(MonoTime now) override;
  void on_closed(MonoTime now) override;
  std::optional<MonoTime> next_deadline() const override;
  std::vector<Bytes> take_output() override;
  void on_backlog(std::size_t bytes) override { backlog_ = bytes; }
  bool finished() const override { return state_ == State::over && out_.empty(); }

  // Something was written here: push it in live mode without waiting for a timer.
  void poke() { poked_ = true; }
  const SyncReport& report() const { return report_; }
  // How it ended; ok while it runs.
  const Result<void>& outcome() const { return outcome_; }

 private:
  enum class State { idle, greeting, running, waiting, over };
  struct Sent {
    std::uint32_t number = 0;
    std::size_t entries = 0;
    std::size_t bytes = 0;
    node::Ordinal end = 0;  // 0: not part of the run order (repairs, wraps)
    std::vector<Digest> wraps;
    node::BatchNo batch = 0;
    bool again = false;  // a batch that was owed, whole
  };
  struct Answer {
    Sent sent;
    std::vector<SignedBytes> stamps;
    std::vector<wire::Refusal> refused;
    std::vector<wire::FeedMove> moved;
    bool owed = false;  // not taken yet, or not signed for
  };
  struct ComparedPage {
    std::uint32_t number = 0;
    std::vector<wire::TouchedItem> items;
    std::optional<node::BrokenWord> doubt;  // what the hub seems to deny of the one archive asked about
  };
  struct Page {
    AudienceId audience;
    std::uint64_t up_to = 0;
    std::vector<std::pair<ArchiveId, Digest>> promised;  // the heads the hub said it has
    std::map<ArchiveId, std::uint64_t> wraps;            // the mark over those asked for that are still to come
  };

  void send(const wire::Frame& frame);
  void stop(Result<void> outcome);
  void begin_round();
  Result<void> look_for_room();
  Result<void> count_idle();
  Result<void> seal_own();
  Result<void> send_sync();
  Result<void> submit_pending();
  Result<void> dispatch(View frame, wire::Received& received);

  Result<void> handle(const wire::Welcome& welcome);
  Result<void> handle(const wire::Submitted& submitted);
  Result<void> handle(const wire::DirectoryRun& run);
  Result<void> give_order(const wire::DirectoryWanted& wanted);
  Result<void> handle(const wire::Receipts& receipts);
  Result<void> handle(const wire::Touched& touched);
  Result<void> handle(const wire::Served& served);
  Result<void> handle(const wire::Differ& differ);
  Result<void> handle(const wire::Accepted& accepted);
  Result<void> take_parcel(View frame);

  // pushing
  Result<void> push_more();
  Result<void> push_run(const ReadTxn& txn);
  Result<void> push_owed(const ReadTxn& txn);
  Result<void> list_owed();
  Result<void> push_repairs(const ReadTxn& txn);
  Result<void> push_wraps(const ReadTxn& txn);
  Result<void> track(Bytes frame, Sent sent);
  NodeId signing_hub() const;
  Result<bool> vouched_for(const wire::Accepted& accepted, node::BatchNo batch) const;
  Result<void> keep_answer(Answer answer);
  Result<void> store_answers();

  // first contact
  Result<void> compare_more();
  Result<void> begin_comparing();
  Result<void> ask_ranges(std::optional<Bytes> question);
  bool comparing() const;

  // attachments (initiator_blobs.cpp), while text has nothing to do
  Result<void> handle(const wire::BlobStates& states);
  Result<void> handle(const wire::BlobTaken& taken);
  Result<void> handle(const wire::BlobList& list);
  Result<void> handle(const wire::BlobPiece& piece);
  Result<void> begin_blobs();
  Result<void> carry_blobs();
  bool blobs_busy() const;
  Result<void> want_all();
  Result<void> list_due();
  Result<void> offer_blobs();
  Result<void> push_pieces();
  Result<void> hub_has(const blob::Due& due);
  Result<void> pull_blobs();
  Result<bool> begin_fetching(const blob::Name& key);
  Result<void> ask_chunks();
  Result<void> piece_done();
  Result<void> store_chunks();
  Result<void> next_fetch();
  Result<void> keep_part();

  // pulling
  Result<void> store_parcels(const wire::Served* served);
  Result<void> note_room(WriteTxn& txn, const Page& page, const wire::Served& served);
  bool limited() const;
  Result<bool> still_ours(const ReadTxn& txn, const ArchiveId& archive);
  Result<bool> kept_promise(const ReadTxn& txn, const Page& page, const wire::Served& served);
  static void count_wraps(Page& page, const wire::Served& served);
  static bool kept_wraps(const Page& page, const wire::Served& served);
  Result<void> settle();
  // what the hub says of itself (initiator_word.cpp)
  bool word_due() const;
  Result<void> keep_word(WriteTxn& txn);
  Result<void> keep_word();
  Result<void> note_denied(const wire::ArchiveHeads& shown, std::optional<ChainId> only = {});
  Result<void> settle_doubt(node::BrokenWord word, std::span<const wire::ArchiveHeads> items);
  Result<void> note_fork(View head);
  Result<void> note_gap(const wire::Refusal& gap, node::BatchNo batch);
  Result<WallTime> handed_up(const ReadTxn& txn) const;
  bool pushing() const;

  node::Replica& replica_;
  Bytes exporter_;
  NodeId hub_id_;
  bool live_;
  InitiatorHooks hooks_;
  State state_ = State::idle;
  Result<void> outcome_{};
  SyncReport report_;
  wire::Hello hello_;
  ChainId hub_;
  node::NodeNo hub_no_ = 0;
  node::PeerMarks marks_;
  std::vector<Bytes> out_;
  std::size_t backlog_ = 0;
  MonoTime now_{};
  MonoTime heard_{};
  MonoTime spoke_{};
  bool poked_ = false;

  // this round
  std::uint32_t round_ = 0;
  std::size_t rounds_ = 0;
  bool synced_ = false;
  bool more_ = false;  // another round is needed before we are done
  bool notified_ = false;
  std::size_t submitted_ = 0;  // answers awaited
  std::map<std::uint32_t, Page> pages_;
  std::vector<Bytes> parcels_;
  std::size_t parcel_bytes_ = 0;
  std::set<ArchiveId> forked_;
  std::size_t broken_promises_ = 0;
  std::uint64_t news_ = 0;       // what had come and gone when something last did
  std::size_t idle_frames_ = 0;  // since then
  MonoTime idle_since_{};
  wire::Sync asked_;                       // what this round began with
  WallTime told_through_{};                // the hub's word at its end
  bool word_doubtful_ = false;             // something in this round does not fit it
  std::set<AudienceId> strange_receipts_;  // whose stamps could not all be understood: their cursor stays
  std::set<AudienceId> unkept_;            // whose pages did not bring all they promised

  // pushing
  std::uint32_t window_ = kWindowBytes;
  std::uint32_t next_number_ = 1;
  node::Ordinal pushed_ = 0;  // sent, not necessarily answered
  bool runs_done_ = false;
  std::deque<Sent> sent_;
  std::size_t sent_bytes_ = 0;
  std::vector<Answer> answers_;
  std::deque<wire::ArchiveHeads> repairs_;
  std::set<ArchiveId> repaired_;
  std::vector<node::BatchPart> repair_parts_;
  bool wraps_sent_ = false;
  std::deque<node::BatchNo> owed_;  // to be offered again in this round
  bool owes_ = false;               // something was left for later
  bool offer_owed_ = true;
  MonoTime offered_{};

  // attachments
  std::deque<blob::Due> blob_queue_;
  std::map<std::uint64_t, std::uint32_t> blobs_tried_;  // by number: how many chunks were here then
  std::vector<blob::Due> blobs_offered_;
  std::deque<BlobSending> blobs_sending_;
  std::size_t chunks_unanswered_ = 0;
  std::deque<blob::Name> blob_wants_;
  std::set<blob::Name> blobs_missing_;  // in this session
  std::set<blob::Name> counted_;        // in the report's totals
  std::optional<BlobFetching> fetching_;
  bool blobs_moved_ = false;  // since the last report
  MonoTime blobs_heard_{};    // when something of them moved
  MonoTime blobs_retried_{};

  // first contact
  std::optional<node::Ordinal> compared_end_;  // how far the log went when the comparison began
  ReconcileSet held_;
  std::optional<Reconciler> reconciler_;  // refers to held_
  Bytes question_;                        // ranges asked about, while the answer is awaited
  std::deque<ReconcileItem> to_compare_;  // archives to be compared one by one
  std::deque<ComparedPage> comparing_;    // answers awaited
  std::uint32_t compare_page_ = 0;
  bool compare_done_ = false;
  std::set<node::BatchNo> answered_;  // what the hub was given and answered, until it is met
};

}  // namespace satchel::session
