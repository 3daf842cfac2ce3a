// SPDX-License-Identifier: AGPL-3.0-or-later
// The Store model: sorted maps with exact crash semantics, for tests and for simulations with thousands of nodes.
// A MemoryDisk is what survives; open_memory() gives a process's Store on it. A commit is durable the moment it
// returns; crash() is a power cut or a kill: the open transaction is gone, and every Store opened before, and every
// commit begun before, answers "store.ended". Like LMDB: one writer at a time, readers keep the commit they began with.
// Costs: a write transaction keeps only what it changed; a table is copied when a commit changes it while somebody
// still reads it, and otherwise changed in place.
// Safe for threads. Stores and transactions share ownership of the disk.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "sync/store/store.h"

namespace satchel {

enum class CommitFault {
  full,          // "store.full", undone; the store goes on
  io,            // "store.io", undone; the store goes on
  unknown_kept,  // "store.unknown", and the transaction is there after reopening
  unknown_lost,  // "store.unknown", and it is not
};

class MemoryDisk {
 public:
  MemoryDisk() = default;
  // A copy of what is durable now: a backup to restore later, or a cloned device.
  std::shared_ptr<MemoryDisk> clone() const;
  void crash();
  // The nth commit from now (1 is the next) fails like this, once; replaces an earlier plan.
  void fail_commit(std::uint64_t nth, CommitFault fault);
  // Commits that became durable, and bytes of keys and values they wrote.
  std::uint64_t commits() const;
  std::uint64_t bytes_written() const;
  // From now on what is erased or overwritten is remembered until the store is compacted, as old pages would.
  void keep_old_values();
  // Whether these bytes stand anywhere on the disk, in force or in what was kept of the old.
  bool holds(View bytes) const;

 private:
  friend class MemoryStore;
  friend class MemorySoleUse;
  friend class MemoryReadTxn;
  friend class MemoryWriteTxn;
  struct Less {
    using is_transparent = void;
    bool operator()(View a, View b) const;
  };
  using Rows = std::map<Bytes, Bytes, Less>;
  using Changes = std::map<Bytes, std::optional<Bytes>, Less>;  // nothing: erased
  struct Tables {
    std::array<std::shared_ptr<Rows>, kTableCount> rows;  // null: empty
  };
  friend class MemoryAccess;
  friend class MemoryCursor;

  void apply(std::array<Changes, kTableCount>& changes);
  void remember(const Rows& rows, const Bytes& key);

  mutable std::mutex mutex_;
  std::condition_variable turn_over_;
  std::shared_ptr<Tables> tables_ = std::make_shared<Tables>();
  bool writing_ = false;
  std::thread::id writer_;
  std::uint64_t life_ = 0;  // counts crashes
  std::uint64_t commits_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::uint64_t opened_ = 0;  // Stores that have it open in this life
  bool sole_ = false;         // one of them alone
  bool keep_old_ = false;
  std::vector<Bytes> old_;     // values that are in force no more
  std::uint64_t fail_at_ = 0;  // commits until the planned fault; 0: none
  CommitFault fault_ = CommitFault::full;
};

std::unique_ptr<Store> open_memory(std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>());

}  // namespace satchel
