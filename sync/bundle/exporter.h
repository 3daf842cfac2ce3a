// SPDX-License-Identifier: AGPL-3.0-or-later
// The work behind export_bundle(), section by section: private to the room. exporter.cpp has who it is for and what is
// said about ourselves; exporter_content.cpp what is sent.
#pragma once

#include <set>

#include "sync/bundle/export.h"
#include "sync/bundle/ledger.h"
#include "sync/node/digests.h"

namespace satchel::bundle {

class Exporter {
 public:
  Exporter(node::Replica& replica, const ExportWishes& wishes) : replica_(replica), wishes_(wishes) {}
  Result<Exported> run();

 private:
  struct Target {
    NodeId node;
    NodeNo no = 0;
    BoxPublic box;
  };
  // What all targets are known to have: cursors of our feeds, directory, receipts.
  struct Base {
    Position directory;
    Digest order_hash;
    std::uint64_t receipts = 0;
    std::map<AudienceId, node::FeedCursor> feeds;
  };

  Result<void> find_targets();
  Result<void> prepare();
  Result<void> learn_base();
  Result<void> open_writer();
  Result<void> send(const wire::Frame& frame) { return writer_->add(RecordKind::frame, wire::encode(frame)); }
  Result<const ReadTxn*> reading();  // a fresh look: long ones pin pages
  bool is_hub() const { return replica_.self().role == wire::Role::hub; }
  bool may_have(const node::StoredArchive& info) const;
  bool may_hear(const node::StoredArchive& info, const Position& said) const;

  // ---- about ourselves ----
  Result<void> put_standing();
  Result<void> put_acknowledgements();
  Result<void> put_holdings();
  Result<void> put_holding(const ReadTxn& txn, std::span<const ArchiveId> archives, wire::Want& page,
                           std::size_t& heads);
  Result<std::vector<ArchiveId>> moved_since_told(const ReadTxn& txn);

  // ---- content ----
  Result<void> put_content();
  Result<void> put_directory();
  Result<Position> look_for_takings(std::vector<node::Pending>& taking);
  Result<void> put_statements();
  Result<void> put_runs();
  Result<node::BatchPart> lacking_there(const ReadTxn& txn, const node::BatchPart& part);
  Result<void> put_owed_and_repairs();
  Result<void> put_queued_wraps();
  Result<void> put_feeds();
  Result<void> put_page(const ReadTxn& txn, const AudienceId& audience, const std::vector<node::FeedItem>& items);
  Result<void> put_shared();
  Result<void> put_archives(const ReadTxn& txn, std::span<const node::ArchiveNo> archives,
                            std::span<const AudienceId> audiences, std::vector<Bytes>& wraps);
  Result<void> add_wraps(const ReadTxn& txn, node::ArchiveNo archive, const AudienceId& audience,
                         std::vector<Bytes>& wraps);
  Result<void> put_said_of(const ReadTxn& txn, std::span<const node::ArchiveNo> archives);
  Result<void> put_said(const ReadTxn& txn, std::span<const Position> places);
  Result<void> put_parcel(const ReadTxn& txn, const node::BatchPart& part, bool with_wraps);
  Result<void> put_wraps(std::span<const Bytes> wraps);
  Result<std::vector<ChainHead>> known_by_all(const ReadTxn& txn, node::ArchiveNo archive);
  Result<void> put_receipts();
  Result<void> put_channel(const node::Channel& channel, const AudienceId& audience, std::uint64_t after, bool moves);
  Result<void> put_stamps_of_theirs();

  // ---- attachments ----
  Result<void> put_blobs();
  Result<void> put_due();
  Result<void> put_asked_for(const Target& target);
  Result<void> put_whole_states(const Target& target);
  Result<void> put_wishes();
  Result<void> put_blob(const blob::Name& name);

  node::Replica& replica_;
  const ExportWishes& wishes_;
  Exported out_;
  std::shared_ptr<const node::Obeyed> obeyed_;
  std::shared_ptr<const Directory> directory_;  // as it is obeyed
  std::vector<Target> targets_;
  std::set<AudienceId> audiences_;  // the targets follow
  bool up_ = false;                 // towards a hub: what it has not acknowledged
  bool down_ = false;               // by our feeds
  bool shared_ = false;             // from device to device
  std::uint32_t hub_life_ = 0;
  Base base_;
  Given given_;
  node::Ordinal last_ = 0;  // when it began
  std::set<node::ArchiveNo> sent_;
  std::unique_ptr<ReadTxn> txn_;
  std::unique_ptr<PartWriter> writer_;
};

}  // namespace satchel::bundle
