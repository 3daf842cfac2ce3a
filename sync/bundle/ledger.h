// SPDX-License-Identifier: AGPL-3.0-or-later
// Ledger: what a node keeps about peers it meets in files (store.md: bundles): how far a peer told us it has come, what
// it holds, which of its bundles were taken and what became of them, and which of ours wait for an acknowledgement.
// Functions over a transaction. Peers are named by their local node numbers.
#pragma once

#include <map>
#include <set>

#include "sync/blob/shelf.h"
#include "sync/bundle/header.h"
#include "sync/node/outbox.h"
#include "sync/wire/frame.h"

namespace satchel::bundle {

using node::NodeNo;
using node::Ordinal;

// A bundle that came: who made it, in which life, and its number for us.
struct Source {
  NodeNo node = 0;
  std::uint32_t incarnation = 0;
  std::uint64_t number = 0;
  auto operator<=>(const Source&) const = default;
};

// ---- what we gave ----

// The next number for this recipient. It is used up when it is claimed, once; whoever is told that it is not free any
// more has to begin anew.
Result<std::uint64_t> next_number(const ReadTxn& txn, const Recipient& to);
Result<bool> claim_number(WriteTxn& txn, const Recipient& to, std::uint64_t number);

// A bundle of ours that nobody has acknowledged yet.
struct Given {
  BundleId id;
  Ordinal end = 0;                   // towards a hub: everything up to here is in it, or was acknowledged before
  Ordinal heads = 0;                 // how far the log went when it told what we hold
  std::vector<Digest> wraps;         // that waited to go up
  std::vector<blob::Name> told;      // attachments it said are whole here, and those it brought
  std::vector<Source> acknowledged;  // bundles of the recipient's nodes, the newest of each
  bool operator==(const Given&) const = default;
};
Result<void> put_given(WriteTxn& txn, const Recipient& to, std::uint64_t number, const Given& given);
Result<std::optional<Given>> given(const ReadTxn& txn, const Recipient& to, std::uint64_t number);
// All up to and including this one.
Result<void> forget_given(WriteTxn& txn, const Recipient& to, std::uint64_t number);
// Numbers still unacknowledged.
Result<std::vector<std::uint64_t>> unacknowledged(const ReadTxn& txn, const Recipient& to);

// ---- what we took ----

struct Taken {
  BundleId id;
  std::uint32_t parts = 0;
  std::set<std::uint32_t> have;  // parts that are here, whole; those that came early wait for the ones before
  std::uint32_t applied = 0;     // parts from the first on that were taken in
  std::map<std::uint32_t, std::uint32_t> begun;  // part -> chunks that are here
  bool complete = false;
  bool acknowledged = false;  // the sender has heard of it
  // Cursors its pages build on, and what its late stamps reach, per audience; none: our own receipts.
  std::map<AudienceId, node::FeedCursor> from;
  std::map<AudienceId, std::uint64_t> stamps;
  std::vector<std::uint32_t> missing() const;
};
Result<std::optional<Taken>> taken(const ReadTxn& txn, const Source& source);
Result<void> put_taken(WriteTxn& txn, const Source& source, const Taken& taken);
// Of one sender, all lives, ascending.
Result<std::vector<std::pair<Source, Taken>>> taken_from(const ReadTxn& txn, NodeNo sender);

// Records that wait: of parts that came early, of a directory until its signed head comes, pages until all parts are
// in. In the order they were put, part by part. Values are permanent.
enum class Waits : std::uint8_t { part = 'p', directory = 'd', page = 'q' };
struct Waiting {
  Bytes key;
  std::uint32_t part = 0;
  std::uint8_t kind = 0;
};
Result<void> put_waiting(WriteTxn& txn, Waits what, const Source& source, std::uint32_t part, std::uint8_t kind,
                         View bytes);
Result<std::vector<Waiting>> waiting(const ReadTxn& txn, Waits what, const Source& source);
Result<Bytes> waiting_bytes(const ReadTxn& txn, const Waiting& one);
Result<void> erase_waiting(WriteTxn& txn, const Waiting& one);

// ---- what became of it: told to the sender in the next bundle back ----

struct Outcomes {
  std::vector<Digest> owed;            // batches our directory is too old for
  std::vector<wire::Refusal> refused;  // as in `accepted`
};
struct Acknowledgement {
  ChainId sender;  // whose bundle it is
  std::uint64_t number = 0;
  BundleId id;
  Outcomes outcomes;
};
Bytes encode(const Acknowledgement& ack);
// integrity "bundle.damaged".
Result<Acknowledgement> decode_acknowledgement(View bytes);

Result<void> add_owed(WriteTxn& txn, const Source& source, const Digest& batch);
Result<void> add_refusal(WriteTxn& txn, const Source& source, const wire::Refusal& refusal);
Result<Outcomes> outcomes_of(const ReadTxn& txn, const Source& source);
// The sender has heard of everything up to this number of that life.
Result<void> settle(WriteTxn& txn, const Source& up_to);
// Statements of a sender that were refused here, until it has heard of it.
Result<void> put_refused(WriteTxn& txn, NodeNo sender, const Digest& statement, std::string_view code);
Result<std::vector<wire::SubmitResult>> refused_of(const ReadTxn& txn, NodeNo sender);
Result<void> forget_refused(WriteTxn& txn, NodeNo sender);

// ---- attachments ----

// What a peer handed in and is whole here: told to it in the next bundle back.
Result<void> put_whole(WriteTxn& txn, NodeNo peer, const blob::Name& name);
Result<std::vector<blob::Name>> whole_of(const ReadTxn& txn, NodeNo peer);
Result<void> forget_whole(WriteTxn& txn, NodeNo peer, const blob::Name& name);
// What a peer asked for.
Result<void> put_wanted(WriteTxn& txn, NodeNo peer, const blob::Name& name);
Result<std::vector<blob::Name>> wanted_by(const ReadTxn& txn, NodeNo peer);
Result<void> forget_wanted(WriteTxn& txn, NodeNo peer, const blob::Name& name);

// ---- where a peer stands ----

// As its newest bundle said: directory, cursors of our feeds, receipts. Nothing: it never sent one.
struct Standing {
  std::uint32_t incarnation = 0;
  std::uint64_t number = 0;
  Bytes sync;  // the frame
};
Result<std::optional<Standing>> standing(const ReadTxn& txn, NodeNo peer);
// Only a newer one takes the place of what there is.
Result<void> put_standing(WriteTxn& txn, NodeNo peer, const Standing& standing);
Result<std::vector<ChainHead>> known_heads(const ReadTxn& txn, NodeNo peer, node::ArchiveNo archive);
// Joined with what was known: a chain never gets shorter.
Result<void> add_known_heads(WriteTxn& txn, NodeNo peer, node::ArchiveNo archive, std::span<const ChainHead> heads);
// How far the log went when the peer had heard what we hold.
Result<Ordinal> told_up_to(const ReadTxn& txn, NodeNo peer);
Result<void> set_told(WriteTxn& txn, NodeNo peer, Ordinal end);
// Archives to be sent whole to a hub that found a gap.
Result<void> put_repair(WriteTxn& txn, NodeNo peer, const ArchiveId& archive);
Result<std::vector<ArchiveId>> repairs(const ReadTxn& txn, NodeNo peer);
Result<void> forget_repairs(WriteTxn& txn, NodeNo peer);

}  // namespace satchel::bundle
