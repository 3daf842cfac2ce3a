// SPDX-License-Identifier: AGPL-3.0-or-later
// The work behind import_part(): private to the room. importer.cpp has who may, the parts and their order;
// importer_frames.cpp what each record does; importer_end.cpp acknowledgements, and cursors when the last part is in.
#pragma once

#include "sync/bundle/import.h"
#include "sync/bundle/ledger.h"

namespace satchel::bundle {

class Importer {
 public:
  Importer(node::Replica& replica, PartReader reader) : replica_(replica), reader_(std::move(reader)) {}
  Result<Imported> run();

 private:
  // A record in memory of its own, decoded and verified before the transaction that takes it.
  struct Item {
    RecordKind kind{};
    Bytes bytes;
    wire::Received received;
    std::optional<node::VerifiedParcel> parcel;
    std::vector<node::VerifiedWrap> wraps;
    std::optional<Digest> unknown_author;  // the batch of a parcel whose author our directory does not know
    std::optional<Waiting> waited;
  };
  using Items = std::vector<Item>;
  using Step = std::function<Result<void>(WriteTxn&, node::Effects&)>;

  // ---- who may ----
  Result<void> check_header();
  Result<void> check_sender();
  Result<bool> begin();
  bool is_hub() const { return replica_.self().role == wire::Role::hub; }

  // ---- parts ----
  Result<void> keep_early();
  Result<void> take_chunks();
  Result<void> take_waiting_parts();
  Result<void> take_waiting_part(std::uint32_t part);
  // Takes the items in order, each kind of step in a transaction of its own; `last` goes with the last of them.
  Result<void> take(Items items, const Step& last);
  Result<void> take_step(Items& items, const Step& after);
  Result<Item> prepare(RecordKind kind, Bytes bytes);
  Result<void> verify(Item& item);

  // ---- records ----
  Result<void> take_item(WriteTxn& txn, node::Effects& effects, Item& item);
  Result<void> take_frame(WriteTxn& txn, node::Effects& effects, Item& item);
  Result<void> take_parcel(WriteTxn& txn, node::Effects& effects, Item& item);
  Result<void> note_outcome(WriteTxn& txn, node::Effects& effects, const node::VerifiedParcel& parcel,
                            const node::TakenParcel& taken);
  Result<bool> ours(const ReadTxn& txn, const Directory& directory, const node::VerifiedSegment& segment);
  Result<void> take_run(WriteTxn& txn, node::Effects& effects, const Item& item, const wire::DirectoryRun& run);
  Result<void> apply_run(WriteTxn& txn, node::Effects& effects, wire::DirectoryRun run);
  Result<void> take_statements(WriteTxn& txn, node::Effects& effects, const wire::Submit& submit);
  Result<void> take_answers(WriteTxn& txn, node::Effects& effects, const wire::Submitted& submitted);
  Result<void> take_receipts(WriteTxn& txn, node::Effects& effects, const wire::Receipts& receipts);
  Result<void> take_holdings(WriteTxn& txn, const wire::Want& holdings);

  // ---- attachments ----
  Result<std::optional<blob::Name>> blob_of(const ReadTxn& txn, const wire::BlobName& name);
  Result<void> take_blob(WriteTxn& txn, const wire::BlobList& list);
  Result<void> take_blob(WriteTxn& txn, node::Effects& effects, const wire::BlobPiece& piece);
  Result<void> take_blob(WriteTxn& txn, const wire::BlobStates& states);
  Result<void> take_blob(WriteTxn& txn, node::Effects& effects, const wire::BlobWant& want);
  Result<void> note_whole(WriteTxn& txn, const blob::Name& name);

  // ---- the end ----
  Result<void> take_acknowledgement(WriteTxn& txn, const Acknowledgement& ack);
  Result<void> settle_given(WriteTxn& txn, const Recipient& to, const Acknowledgement& ack);
  Result<void> settle_hub(WriteTxn& txn, const Given& given, const Acknowledgement& ack);
  Result<void> finish();
  Result<void> finish_page(WriteTxn& txn, const Waiting& one, std::map<AudienceId, std::uint64_t>& reached);
  Result<bool> kept(const ReadTxn& txn, const wire::Touched& page);

  node::Replica& replica_;
  PartReader reader_;
  Imported out_;
  Imported step_;  // of the transaction under way
  Source source_;
  Taken taken_;
  bool from_hub_ = false;
  bool pushed_ = false;  // handed in, to be judged and stamped
  bool standing_counts_ = true;
};

}  // namespace satchel::bundle
