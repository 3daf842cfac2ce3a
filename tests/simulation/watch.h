// SPDX-License-Identifier: AGPL-3.0-or-later
// What has to be remembered of a world while it runs, so that a later look can tell what must not happen: how far every
// chain had come at every node, headquarters' directory at every position, nonces that were used, what people saved,
// and every frame that was sent. It reads stores and frames and changes nothing. The invariants (invariants.h)
// ask it; after_step() checks those that hold at every step.
#pragma once

#include <array>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "tests/simulation/world.h"

namespace satchel::sim {

struct SavedEntry {
  ArchiveId archive;
  ChainId chain;
  std::uint64_t seq = 0;
  Digest hash;  // of its header, as it was saved; none: any
};

struct SavedFile {
  ArchiveId archive;
  RecordId record;
  PersonId author;
  NodeId node;
  Bytes content;
};

// An entry that opened an epoch or named its key.
struct NamedKey {
  std::uint32_t epoch = 0;
  KeyId key;
  auto operator<=>(const NamedKey&) const = default;
};

class Watch {
 public:
  explicit Watch(World& world);
  Watch(const Watch&) = delete;
  ~Watch();

  // Empty, or what is wrong: 5, 6, 13 and 16 at every step.
  std::string after_step();
  // The node's disk was put back to an older one: what was seen of it since does not bind it.
  void forget(const Node& node) { nodes_.erase(node.name); }

  // ---- what was done ----
  std::vector<SavedEntry> saved;
  std::vector<SavedFile> files;
  std::vector<std::pair<std::string, Digest>> said;  // by whose node

  // ---- what was seen ----
  // Headquarters' directory after the nth statement; [0] is before any.
  const std::vector<Directory>& history() const { return history_; }
  const Directory& now() const { return history_.back(); }
  const Digest& statement(std::size_t n) const { return statements_[n]; }
  // By which position a key was first named by somebody who made it; and all keys of the archive.
  const std::map<NamedKey, Position>& keys_of(const ArchiveId& archive) const;
  const std::vector<Bytes>& frames() const { return frames_; }
  std::size_t queue_bytes_max = 0;
  // Error codes met, as people would.
  std::set<std::string> codes;
  // What a hub told a device of an archive that, by what the hub obeyed just then, is not that device's.
  const std::string& leak() const { return leak_; }
  // Something else that was found on the way; told at the end of the step.
  void fail(std::string wrong) { leak_ = leak_.empty() ? std::move(wrong) : leak_; }

 private:
  struct Chain {
    std::uint64_t seq = 0;
    Digest hash;
    node::Ordinal last = 0;
  };
  struct Sight {
    std::uint64_t commits = UINT64_MAX;
    node::Ordinal looked = 0;
    std::map<std::pair<ArchiveId, ChainId>, Chain> chains;
    Position directory;
    Digest order_hash;
    std::set<ArchiveId> gone;  // destroyed, and let go of here
  };
  std::string look(Node& node);
  Position known_of(Node& at, const Header& header) const;
  std::string look_at_entries(Node& node, const ReadTxn& txn, Sight& sight);
  std::string look_at_directory(Node& node, const ReadTxn& txn, Sight& sight);
  std::string look_at_obeyed(Node& node, const ReadTxn& txn);
  std::string look_at_destroyed(Node& node, const ReadTxn& txn, Sight& sight);
  std::string note_nonce(View sealed, const Digest& of);
  std::string follow_headquarters();
  void overhear(Node& from, Node& to, bool up, const Bytes& frame);

  World& world_;
  std::map<std::string, Sight> nodes_;
  std::vector<Directory> history_;
  std::vector<Digest> statements_;  // by the same number
  std::map<ArchiveId, std::map<NamedKey, Position>> keys_;
  std::map<std::array<Byte, 24>, Digest> nonces_;
  std::vector<Bytes> frames_;
  std::string leak_;
};

}  // namespace satchel::sim
