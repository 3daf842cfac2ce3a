// SPDX-License-Identifier: AGPL-3.0-or-later
// Store: ordered tables of bytes with durable, atomic transactions. Everything a node keeps is in one Store.
// Implementations: lmdb_store.h (the product's), memory_store.h (tests and simulation, with exact crash
// semantics). Both pass tests/conformance/store_suite. Keys sort as unsigned bytes; key 1..511 bytes, value up to
// kStoreValueBytesMax. What each table means is in schema/store/store.md.
//
// One write transaction at a time, over all processes that have the file open; begin_write() waits for its
// turn. Readers see the last commit before they began, never wait, and must be short (a long one pins pages).
// A transaction must end before its Store does and stays on the thread that began it. Views that get() and
// cursors hand out live until the transaction's next write or its end. A write transaction dropped without commit() is
// undone.
//
// Errors: storage "store.full" (disk or map full: nothing lost, the transaction is undone and may be tried
// again when there is space), storage "store.io", storage "store.unknown" (see commit; the store must be reopened),
// integrity "store.damaged"; failed "store.order", "store.key-size", "store.value-size" and "store.ended" are the
// caller's own. After a storage error inside a write transaction its commit() repeats that error and nothing is kept.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "schema/base/bytes.h"
#include "schema/base/result.h"

namespace satchel {

// Values are permanent: the number is part of the table's name on disk.
enum class Table : std::uint8_t {
  meta = 0,          // text key -> counters, marks, format version
  log = 1,           // ordinal -> entry
  archives = 2,      // archive id -> archive no
  archive_info = 3,  // archive no -> id, kind, owners, audiences; archive no, epoch, ordinal: an opening
  heads = 4,         // archive no, node no, incarnation -> seq, hash, last ordinal
  nodes = 5,         // node id -> node no, and back
  batches = 6,       // batch no -> signed batch
  batch_index = 7,   // batch id -> batch no; batch no, first ordinal: a stretch of its runs
  stamps = 8,        // batch no, hub's node no, its incarnation -> stamp
  feeds = 9,         // audience, position -> archive no
  feed_marks = 10,   // archive no, audience -> position in its feed
  grants = 11,       // archive no, audience, epoch -> wrap; deletable
  directory = 12,    // position -> ordered statement
  pending = 13,      // number, in order of making -> statement not yet ordered
  outbox = 14,       // first ordinal of a run -> count, batch no, whom it came from
  marks = 15,        // peer -> pushed mark, cursors, what is owed; queued wraps; refusals
  keys = 16,         // archive no -> sealed archive keys and local key
  records = 17,      // archive no, record id -> sheet, row, ordinals
  sheets = 18,       // sheet, row -> sealed row
  sheet_info = 19,   // sheets' numbers, rows used, columns; records to look at again
  forks = 20,        // archive no, node no, incarnation, seq -> evidence
  receipts = 21,     // channel (author's node or audience), position -> batch no
  secrets = 22,      // archive no -> its number, sealed by the vault, for when the archive is locked
  deposits = 23,     // reserved, empty in this version
  digests = 24,      // archive no -> heads digest, as of a mark in meta
  bundles = 25,      // what was sent and taken in files; what waits for the rest of one
  blobs = 26,        // attachments: what entries name, lists of chunks, what is wanted and owed
  chunks = 27,       // archive no, chunk id -> sealed chunk
  drafts = 28,       // archive no, draft id -> what was begun here and not finished, sealed; never travels
};
inline constexpr std::size_t kTableCount = 29;
inline constexpr std::size_t kStoreKeyBytesMax = 511;
inline constexpr std::size_t kStoreValueBytesMax = 1024 * 1024;

struct KeyValue {
  View key;
  View value;
};

// A place between the keys of one table. It begins before the first key; a seek that finds nothing, and next() or
// prev() that run off, leave it at that end, from where the other direction comes back. In a write transaction it
// sees the transaction's own writes: next() is always the first key greater than the one returned last. It may outlive
// its transaction, and then only answers "store.ended".
class Cursor {
 public:
  virtual ~Cursor() = default;
  // The first pair with key >= from; nothing at the end.
  virtual Result<std::optional<KeyValue>> seek(View from) = 0;
  // The last pair with key < before; with an empty `before`, the last pair of the table.
  virtual Result<std::optional<KeyValue>> seek_before(View before) = 0;
  virtual Result<std::optional<KeyValue>> next() = 0;
  virtual Result<std::optional<KeyValue>> prev() = 0;
};

class ReadTxn {
 public:
  virtual ~ReadTxn() = default;
  virtual Result<std::optional<View>> get(Table table, View key) const = 0;
  virtual Result<std::unique_ptr<Cursor>> cursor(Table table) const = 0;
  virtual Result<std::uint64_t> count(Table table) const = 0;
};

class WriteTxn : public ReadTxn {
 public:
  virtual Result<void> put(Table table, View key, View value) = 0;
  // A key greater than every key of the table: cheaper, and an error "store.order" (failed) when it is not.
  virtual Result<void> append(Table table, View key, View value) = 0;
  // Whether there was something to erase.
  virtual Result<bool> erase(Table table, View key) = 0;
  // Durable when it returns without error. On "store.unknown" the outcome is unknown until the store is reopened.
  virtual Result<void> commit() = 0;
};

// A store to oneself: while it lives no other process has the store open, and whoever wants to open it waits. For what
// must not happen under another process's feet. Must not outlive its Store.
class SoleUse {
 public:
  virtual ~SoleUse() = default;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::unique_ptr<ReadTxn>> begin_read() = 0;
  virtual Result<std::unique_ptr<WriteTxn>> begin_write() = 0;
  // Of all that is stored, at most; cheap. All ones where nobody can tell.
  virtual std::uint64_t bytes_at_most() const { return UINT64_MAX; }

  // Null: another process (or another Store on the same disk) has it open. Try again later.
  virtual Result<std::unique_ptr<SoleUse>> sole_use() = 0;
  // Rewrites the store so that nothing is left of what was erased or overwritten: erasing alone leaves it in old pages.
  // False: a transaction of this process lives; try again later. Durable when it returns true; after an error, or cut
  // at any moment, the store holds what it held. Never to be called with a transaction of one's own: it would wait for
  // it.
  virtual Result<bool> compact(const SoleUse& sole) = 0;
};

// Calls `visit` for every pair whose key starts with `prefix`, in key order, until it returns false.
Result<void> scan_prefix(const ReadTxn& txn, Table table, View prefix, const std::function<bool(KeyValue)>& visit);

}  // namespace satchel
