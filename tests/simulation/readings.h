// SPDX-License-Identifier: AGPL-3.0-or-later
// What a node reads in an archive, worked out the slow way: every entry it holds, opened and judged one by one, no
// index and no derived table asked. And whether an entry counts, by a model of its own over headquarters' directory at
// every position. The product's short ways are held against these.
#pragma once

#include "tests/simulation/watch.h"

namespace satchel::sim {

struct Reading {
  std::map<RecordId, merge::RecordState> records;
  std::map<RecordId, std::size_t> operations;  // of entries in force, on each record
  std::size_t held = 0;
  std::size_t unread = 0;  // entries that would not open
  std::vector<node::OpenedEntry> entries;
};

Reading read_slowly(Node& at, const ReadTxn& txn, const node::StoredArchive& info);
// Everything the state is a function of: entries, stamps, what was said of the archive, directory position.
Digest inputs_of(Node& at, const ReadTxn& txn, const node::StoredArchive& info);
// The states as bytes: equal ones, equal states.
Bytes state_bytes(const Reading& reading);

// Whether the node may read the archive now, and from which epoch on: by hand, from who stands in what role.
std::optional<std::uint32_t> reads_from(const Directory& directory, const NodeId& node, const node::StoredArchive& info,
                                        WallTime now);
inline bool reads(const Directory& directory, const NodeId& node, const node::StoredArchive& info, WallTime now) {
  return reads_from(directory, node, info, now).has_value();
}

// Whether the author could write in the archive once the nth statement had been said: parts as Directory::judge names
// them.
struct Parts {
  bool node = false;
  bool active = false;
  bool access = false;
  bool right() const { return node && active && access; }
};
class JudgementModel {
 public:
  // Of the author's work in that life.
  JudgementModel(const Watch& watch, const node::StoredArchive& info, const ChainId& author);
  // Of the entry with these stamps.
  Judgement judge(const EntryRef& entry, std::span<const node::StoredStamp> stamps) const;
  bool ever() const;

 private:
  // The positions at which what is missing was taken, by whoever said so since it was last there; none: nothing is, or
  // nothing ever was there.
  std::vector<std::uint64_t> restrictions(std::size_t before) const;
  // Whether the nth statement would have taken it from somebody who had it as after the one before `from`.
  bool takes(std::size_t n, bool Parts::* part, std::size_t from) const;
  ArchiveStanding after(std::size_t n, ArchiveStanding standing) const;
  std::optional<VerdictChoice> verdict_on(const EntryRef& entry) const;
  bool directs(const directory::Actor& by, const Directory& then) const;

  const Watch& watch_;
  const std::vector<Directory>& history_;
  node::StoredArchive info_;
  NodeId author_;
  std::uint32_t life_;
  std::vector<Parts> parts_;  // by position
};

}  // namespace satchel::sim
