// SPDX-License-Identifier: AGPL-3.0-or-later
// The shelf: which attachments the entries of this node name, and their chunks as far as they are here (store.md:
// blobs, chunks). Functions over a transaction, the same for devices, readers and hubs. Chunks lie under their archive
// and their id, so that equal ones are kept once, but never shared between archives: knowing an id is no right to
// bytes. A chunk goes in only when an entry named its list, and the list names it: nobody fills a disk with anything
// else. Errors are the store's, and integrity "log.damaged".
#pragma once

#include "sync/blob/reference.h"
#include "sync/store/store.h"

namespace satchel::blob {

// One attachment as this node keeps it: the archive's local number (sync/node/log.h), and the root.
struct Name {
  std::uint32_t archive = 0;
  Digest root;
  auto operator<=>(const Name&) const = default;
};

struct Row {
  std::uint64_t sealed = 0;
  std::uint32_t author = 0;   // local number of the node whose entry named it first
  std::uint64_t ordinal = 0;  // of that entry
  std::uint32_t have = 0;     // chunks here
  bool own = false;           // cut here
  bool at_hub = false;        // some hub said that it has all of it
  std::uint32_t chunks() const { return chunk_count(sealed); }
  bool whole() const { return have == chunks(); }
};

// An entry at `ordinal` names these. The first entry stands.
Result<void> refer(WriteTxn& txn, std::uint32_t archive, std::uint32_t author, std::uint64_t ordinal,
                   std::span<const Reference> references);

Result<std::optional<Row>> find(const ReadTxn& txn, const Name& name);
Result<void> put_row(WriteTxn& txn, const Name& name, const Row& row);
// All of an archive, or of all archives (0).
Result<std::vector<std::pair<Name, Row>>> rows(const ReadTxn& txn, std::uint32_t archive = 0);

// The ids of its chunks, 32 bytes each; lives as long as the transaction has not written.
Result<std::optional<View>> ids(const ReadTxn& txn, const Name& name);
// Whether they are the ones the root was made of.
bool right_ids(const Name& name, const Row& row, View ids);
// Does nothing when nothing names the attachment any more.
Result<void> put_ids(WriteTxn& txn, const Name& name, View ids);
Digest id_at(View ids, std::uint32_t index);

Result<std::optional<View>> chunk(const ReadTxn& txn, std::uint32_t archive, const Digest& id);
enum class Put { fresh, known, over_quota };
// The caller has checked that the bytes are the chunk's. A hub passes `bounded`.
struct Stored {
  Put put = Put::known;
  bool first = false;  // nothing of it was here before
  bool whole = false;  // nothing is missing any more
};
Result<Stored> put_chunk(WriteTxn& txn, const Name& name, const Digest& id, View sealed, bool bounded);
// One bit a chunk, lowest first: what is here.
Result<Bytes> held(const ReadTxn& txn, const Name& name, const Row& row);
// Counts anew: a list may name chunks that came with another one.
Result<Row> recount(WriteTxn& txn, const Name& name);
inline bool has_bit(View bits, std::uint32_t index) {
  return index / 8 < bits.size() && ((bits[index / 8] >> (index % 8)) & 1) != 0;
}
Result<bool> over_quota(const ReadTxn& txn, const Name& name, const Row& row);

// A chunk that a line was cut in: what came of it, unchecked. One an attachment.
struct Part {
  std::uint32_t index = 0;
  View bytes;
};
Result<std::optional<Part>> part(const ReadTxn& txn, const Name& name);
Result<void> put_part(WriteTxn& txn, const Name& name, std::uint32_t index, View bytes);
Result<void> drop_part(WriteTxn& txn, const Name& name);

// ---- what this node wants to have ----
Result<void> want(WriteTxn& txn, const Name& name);
Result<void> unwant(WriteTxn& txn, const Name& name);
Result<std::vector<Name>> wanted(const ReadTxn& txn, std::size_t most);

// ---- what a hub still has to be offered: attachments are numbered as their first bytes arrive here ----
struct Due {
  std::uint64_t number = 0;
  Name name;
};
// Puts what was numbered since the last time on the peer's list. Whether there was anything.
Result<bool> has_undue(const ReadTxn& txn, std::uint32_t peer, std::uint32_t incarnation);
Result<void> make_due(WriteTxn& txn, std::uint32_t peer, std::uint32_t incarnation);
Result<std::vector<Due>> due(const ReadTxn& txn, std::uint32_t peer, std::uint32_t incarnation, std::uint64_t after,
                             std::size_t most);
// It is not to be offered any more.
Result<void> forget_due(WriteTxn& txn, std::uint32_t peer, std::uint32_t incarnation, const Due& due);
// The hub has all of it.
Result<void> settle(WriteTxn& txn, std::uint32_t peer, std::uint32_t incarnation, const Due& due);

// ---- cutting: chunks lie here before the entry that names them ----
using CutId = Id<struct CutTag, 16>;
Result<void> note_cut(WriteTxn& txn, const CutId& cut, std::uint32_t archive, WallTime since, View ids);
Result<void> put_cut_chunk(WriteTxn& txn, std::uint32_t archive, const Digest& id, View sealed);
// After refer() in the same transaction: all chunks are here, and no hub has it.
Result<void> finish_cut(WriteTxn& txn, const CutId& cut, const Name& name, View ids);
// Drops the chunks of cuts that began before, or of one; how many were left.
Result<std::size_t> forget_cuts(WriteTxn& txn, WallTime before);
Result<void> forget_cut(WriteTxn& txn, const CutId& cut);

// ---- counts ----
struct Totals {
  std::uint64_t named = 0;
  std::uint64_t whole = 0;
  std::uint64_t bytes = 0;  // of chunks here
  std::uint64_t unsent = 0;
  std::uint64_t unsent_bytes = 0;
  std::uint64_t wanted = 0;
};
Result<Totals> totals(const ReadTxn& txn);
// Own ones that no hub has yet: number and bytes.
Result<std::pair<std::uint64_t, std::uint64_t>> unsent(const ReadTxn& txn);

// Removes all attachments of an archive from this node. After a loss of access the references stay, so that they can be
// fetched should it come back, and own ones that no hub has stay whole. After a destruction nothing stays, and a chunk
// that comes later is refused, because nothing names it.
enum class Drop { lost, destroyed };
Result<void> drop_blobs(WriteTxn& txn, std::uint32_t archive, Drop why);

}  // namespace satchel::blob
