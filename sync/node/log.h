// SPDX-License-Identifier: AGPL-3.0-or-later
// The log: every entry this node holds, in order of arrival, with the archives, nodes and chain heads it needs to find
// them (store.md: archives, archive_info, nodes, heads, log). Functions over a transaction; no state of their own, so
// that several processes may share one vault. Appending keeps chains whole: an entry goes in only right after
// its predecessor. Ordinals count from 1 and are this node's own; they never travel.
#pragma once

#include <optional>
#include <vector>

#include "sync/model/entry.h"
#include "sync/store/store.h"

namespace satchel::node {

using ArchiveNo = std::uint32_t;  // local number in order of first arrival, from 1
using NodeNo = std::uint32_t;
using Ordinal = std::uint64_t;

// What routing and membership need of an archive, taken from its opening entry and later archive-scope statements.
struct StoredArchive {
  ArchiveNo no = 0;
  ArchiveId id;
  ArchiveKind kind = ArchiveKind::customer;
  BranchId branch;
  PersonId opener;  // none when the opening has not arrived
  std::uint32_t epoch = 0;
  KeyId key;
  std::vector<PersonId> owners;
  std::vector<AudienceId> audiences;  // of the opening; who reads today, the directory says (readers_of)
  bool opened = false;
  Position opened_at;  // what the opening's author knew of the directory
  bool operator==(const StoredArchive&) const = default;
};

struct StoredHead {
  ChainHead chain;
  NodeNo node_no = 0;
  Ordinal last = 0;
};

// Views live as long as the transaction has not written.
struct StoredEntry {
  Header header;
  View raw;
  Ordinal previous = 0;  // ordinal of seq - 1 of the same chain
  View clear;
  View body;  // empty when there is none or it is withheld
};

Bytes key_of(std::uint32_t a);
Bytes key_of(std::uint64_t a);
Bytes key_of(std::uint32_t a, std::uint32_t b);
Bytes key_of(std::uint32_t a, std::uint32_t b, std::uint32_t c);

// Counters and marks in Table::meta, zero when never set.
Result<std::uint64_t> counter(const ReadTxn& txn, std::string_view name);
Result<void> set_counter(WriteTxn& txn, std::string_view name, std::uint64_t value);

// ---- numbers ----
Result<std::optional<ArchiveNo>> find_archive(const ReadTxn& txn, const ArchiveId& id);
Result<std::optional<StoredArchive>> archive_info(const ReadTxn& txn, ArchiveNo no);
Result<StoredArchive> add_archive(WriteTxn& txn, const ArchiveId& id);
Result<void> put_archive_info(WriteTxn& txn, const StoredArchive& info);
Result<std::uint32_t> archive_count(const ReadTxn& txn);
Result<std::optional<NodeNo>> find_node(const ReadTxn& txn, const NodeId& id);
Result<NodeNo> node_no(WriteTxn& txn, const NodeId& id);
Result<NodeId> node_of(const ReadTxn& txn, NodeNo no);

// ---- chains ----
// In ChainId order, as heads_digest() wants them.
Result<std::vector<StoredHead>> heads_of(const ReadTxn& txn, ArchiveNo archive);
Result<std::optional<StoredHead>> head_of(const ReadTxn& txn, ArchiveNo archive, NodeNo node, const ChainId& chain);
Digest digest_of(const std::vector<StoredHead>& heads);

// What a table holds that it cannot hold: integrity "log.damaged".
std::unexpected<Error> damaged(const char* table);

// ---- entries ----
Result<Ordinal> last_ordinal(const ReadTxn& txn);
// integrity "log.missing" or "log.damaged".
Result<StoredEntry> entry_at(const ReadTxn& txn, Ordinal ordinal);

struct NewEntry {
  Header::Raw raw{};
  Digest hash;
  View clear;
  View body;
};
// Appends consecutive entries of one chain right after `head` (nullopt: a new chain) and moves the head.
// Returns the first ordinal. The caller has checked hashes and continuity.
Result<Ordinal> append_entries(WriteTxn& txn, ArchiveNo archive, NodeNo node, const ChainId& chain,
                               const std::optional<StoredHead>& head, std::span<const NewEntry> entries);
// Takes an entry's sealed body away; its header and place in the chain stay.
Result<void> strip_entry(WriteTxn& txn, Ordinal ordinal);
// Ordinals of the chain's entries with seq > after, oldest first.
Result<std::vector<Ordinal>> chain_after(const ReadTxn& txn, const StoredHead& head, std::uint64_t after);
// What the clear part of the entry at this ordinal says is noted: that it opens an epoch, or which attachments it adds.
Result<void> note_clear(WriteTxn& txn, ArchiveNo archive, NodeNo author, Ordinal ordinal, View clear);
// Whether a clear part opens an archive or an epoch.
bool opens(View clear);
// A clear part of that epoch came with the entry at this ordinal.
Result<void> note_opening(WriteTxn& txn, ArchiveNo archive, std::uint32_t epoch, Ordinal ordinal);
// Entries that open this epoch of the archive, in order of arrival. One look, however long the chains are.
Result<std::vector<Ordinal>> openings_of(const ReadTxn& txn, ArchiveNo archive, std::uint32_t epoch);
// The header hash at `seq` of the chain that ends in `head`; seq in 1..head.seq.
Result<Digest> hash_at(const ReadTxn& txn, const StoredHead& head, std::uint64_t seq);

}  // namespace satchel::node
