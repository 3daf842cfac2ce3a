// SPDX-License-Identifier: AGPL-3.0-or-later
// Acceptor: the hub's end of a connection. It checks who calls, takes what is pushed, and serves what the caller may
// follow: the directory, receipts, feed pages, and the parcels asked for. Everything to be sent is produced on
// demand while the transport's backlog is small, so that a slow reader costs bounded memory. Writes go through the
// port, which commits many sessions' jobs together; answers follow the commit.
// States: greeting -> serving -> over. wire.md has the order of messages. One strand a session; the port must outlive
// it.
#pragma once

#include <deque>
#include <functional>
#include <set>

#include "schema/wire/limits.h"
#include "sync/blob/shelf.h"
#include "sync/model/reconcile.h"
#include "sync/node/replica.h"
#include "sync/session/answers.h"
#include "sync/session/endpoint.h"

namespace satchel::session {

class HubPort {
 public:
  virtual ~HubPort() = default;
  virtual node::Replica& replica() = 0;
  // Runs the job with others in one durable transaction. `done` is called on the session's strand, possibly at once.
  // `bytes`: what the job holds on to; 0: the frame under way.
  virtual void submit(node::Job job, std::function<void(const Result<void>&)> done, std::size_t bytes = 0) = 0;
  // Who has proved to be this node begins a session; a stranger is no node of the directory. An error turns him away.
  virtual Result<void> greet(const NodeId& /*peer*/, bool /*stranger*/) { return {}; }
  // He said what nobody honest says; the session ends. Strangers are not named: their keys cost nothing.
  virtual void lied(const NodeId& /*peer*/, unsigned /*points*/) {}
};

class Acceptor final : public Endpoint {
 public:
  Acceptor(HubPort& port, Bytes exporter);
  ~Acceptor() override;

  void on_open(MonoTime now) override;
  void on_frame(MonoTime now, View frame) override;
  void on_tick(MonoTime now) override;
  void on_closed(MonoTime now) override;
  std::optional<MonoTime> next_deadline() const override;
  std::vector<Bytes> take_output() override;
  void on_backlog(std::size_t bytes) override;
  bool finished() const override { return state_ == State::over && out_.empty(); }
  std::size_t frame_bytes_max() const override { return stranger_ ? kStrangerFrameBytesMax : kFrameBytesMax; }
  bool known() const override { return proved_; }

  // The hub has taken something: whoever follows it is told once, until its next sync. Whether there is something to
  // send.
  bool on_change(const std::set<AudienceId>& feeds, const std::set<NodeId>& receipts, bool directory);
  // Says goodbye: the hub is going down, or what else the code says.
  void leave(const char* code = kGoingAway);

  // None before it has proved who it is.
  const NodeId& peer() const { return hello_.chain.node; }
  bool is_hub() const { return hub_; }
  // Why the session ended; empty after a normal end.
  const std::string& reason() const { return reason_; }

 private:
  enum class State { greeting, serving, over };
  struct FeedJob {
    AudienceId audience;
    std::uint64_t at = 0;
  };
  struct ServeJob {
    std::uint32_t page = 0;
    AudienceId audience;
    std::vector<wire::ArchiveHeads> items;
    bool planned = false;
    std::vector<node::BatchPart> parts;
    std::size_t next_part = 0;
    wire::Served served;
    std::vector<Bytes> wraps;
    std::size_t next_wrap = 0;
  };
  struct Page {
    std::uint32_t number = 0;
    AudienceId audience;
    bool wanted = false;
  };

  void send(const wire::Frame& frame);
  void drop(std::string code, std::string detail = {});
  // Ends it without holding anything against the peer.
  void turn_away(std::string code, std::string detail = {});
  Result<void> check_hello(const wire::Hello& hello, const KnownNode* node) const;
  void handle(wire::Hello& hello);
  void handle(const wire::Sync& sync);
  WallTime vouched_for(const ReadTxn& txn, const wire::Sync& sync, const Directory& directory) const;
  void keep_hub_time();
  void note_fork();
  void note_handed(WallTime through);
  Result<void> show_head(const ReadTxn& txn);
  void handle(const wire::Submit& submit);
  void handle(const wire::Want& want);
  void handle(const wire::Compare& compare);
  std::optional<Position> lost_at(const Directory& directory) const {
    return directory.lost_at(hello_.chain.node, hello_.chain.incarnation);
  }
  // a restored headquarters (acceptor_order.cpp)
  Result<void> find_common_order(const ReadTxn& txn, const Position& theirs);
  void take_order(View frame);
  void compare_ranges(const wire::Compare& compare);
  Result<void> gather_ranges();
  void take_parcel(View frame);
  void take_wraps(View frame);

  // attachments (acceptor_blobs.cpp)
  struct BlobTaking {
    wire::BlobName name;
    blob::Name key;  // archive 0: it is not taken from this peer
    blob::Row row;
    std::shared_ptr<const Bytes> ids;  // null: to be sent first
    std::uint32_t index = 0;
    Bytes bytes;           // of the chunk under way
    bool resumed = false;  // its beginning is from an earlier session, and unchecked
  };
  struct BlobServing {
    wire::BlobName name;
    blob::Name key;
    std::uint32_t index = 0;
    std::uint32_t end = 0;
    std::size_t offset = 0;
  };
  void handle(const wire::BlobOffer& offer);
  void handle(const wire::BlobList& list);
  void handle(const wire::BlobPiece& piece);
  void handle(const wire::BlobWant& want);
  Result<wire::BlobState> state_of(const ReadTxn& txn, const wire::BlobName& name, Bytes& held);
  Result<bool> may_push(const ReadTxn& txn, const wire::BlobName& name, blob::Name& key, blob::Row& row);
  Result<bool> begin_taking(const wire::BlobName& name);
  void chunk_done();
  void keep_part();
  Result<bool> pump_blobs(const ReadTxn& txn);

  Result<void> pump();
  Result<bool> pump_directory(const ReadTxn& txn);
  Result<void> look_for_takings(const ReadTxn& txn, const wire::Sync& sync);
  bool hand_down();
  Result<bool> pump_receipts(const ReadTxn& txn);
  struct StampJob;
  Result<void> gather_stamps(const ReadTxn& txn, std::span<const node::Receipt> receipts, StampJob& job,
                             std::vector<SignedBytes>& stamps);
  Result<bool> pump_serve(const ReadTxn& txn);
  // Headquarters' hub, restored and not told yet to go on.
  bool orders_nothing() const;
  Result<bool> pump_feed(const ReadTxn& txn);
  Position directory_end() const;
  void add_said_of(const node::StoredArchive& info, bool theirs, std::vector<Position>& places) const;
  Result<void> send_said(const ReadTxn& txn, std::vector<Position> places);
  Result<void> plan(const ReadTxn& txn, ServeJob& job);
  Result<bool> may_have(const ReadTxn& txn, const ArchiveId& archive, node::StoredArchive& info);
  bool may_hear(const ReadTxn& txn, const ArchiveId& archive, const Position& at);
  bool follows(const node::StoredArchive& info) const;
  Result<bool> has_room(const ReadTxn& txn, const node::StoredArchive& info);
  void refresh_followed();

  HubPort& port_;
  Bytes exporter_;
  std::shared_ptr<bool> alive_;  // answers to jobs may come after the session
  State state_ = State::greeting;
  std::string reason_;
  wire::Hello hello_;
  bool confirmed_ = false;
  bool stranger_ = false;  // no node of the directory
  bool hub_ = false;       // as the directory has it
  bool proved_ = false;    // it is who it says
  MonoTime opened_{};
  std::vector<Bytes> out_;
  std::size_t backlog_ = 0;
  std::size_t unanswered_bytes_ = 0;

  // the round being served
  bool syncing_ = false;
  bool waiting_ = false;  // a sync was answered and nothing has been announced since
  bool news_ = false;     // something to announce came while a round was under way
  std::uint32_t round_ = 0;
  std::optional<Position> directory_at_;
  Position directory_last_{UINT32_MAX, UINT64_MAX};
  std::deque<Bytes> handing_down_;  // not ordered yet, and taking from the peer
  std::set<Digest> handed_down_;    // in this session
  Position told_;                   // how far the peer has the directory, as it said or was sent
  struct StampJob {
    node::Channel channel{};
    AudienceId audience;  // none: the peer's own receipts
    std::uint64_t at = 0;
    std::size_t sent = 0;  // stamps of the batch after `at` that went already
  };
  std::deque<StampJob> stamps_;
  std::deque<FeedJob> feeds_;
  std::deque<ServeJob> serving_;
  std::vector<Page> pages_;
  std::uint32_t next_page_ = 1;
  std::set<AudienceId> followed_;
  // Which archives the peer's replica has room for, by number - 1; nothing before it matters.
  std::optional<std::vector<bool>> room_;
  std::uint64_t room_archives_ = 0;             // that were known then
  std::shared_ptr<const node::Obeyed> obeyed_;  // what followed_ was worked out from
  std::vector<Bytes> order_;                    // runs asked for, until their head comes
  std::size_t order_bytes_ = 0;
  bool order_wanted_ = false;
  WallTime through_{};  // what this round will have shown when it ends; 0: nothing to say
  std::shared_ptr<const node::Obeyed> round_obeyed_;
  std::size_t statements_under_way_ = 0;
  bool lost_ = false;  // the peer had lost every right when it came: it hands in, and gets no more

  // first contact
  std::unique_ptr<ReconcileSet> ranges_;  // while it is under way
  std::size_t ranges_made_ = 0;
  std::size_t range_frames_ = 0;

  BlobTaking taking_;
  std::size_t chunks_unanswered_ = 0;
  std::deque<BlobServing> wants_;
};

}  // namespace satchel::session
