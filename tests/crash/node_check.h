// SPDX-License-Identifier: AGPL-3.0-or-later
// The check of one node's rebuilt file against the marks of the node workload: it opens; its whole content is that of
// the last acknowledged commit or of the one under way; every entry that was saved or taken before the cut is in
// it; no mark or cursor is ahead of what it stands for; and directory, chains, batches and stamps verify. What follows
// from the content alone is looked at once for each content. States must come in rising order, as the replay hands them
// out.
#pragma once

#include <map>
#include <set>

#include "sync/node/replica.h"
#include "tests/crash/node_marks.h"
#include "tests/crash/replay.h"

namespace satchel::crash {

// The marks of a whole run.
struct Company {
  std::vector<Mark> marks;
  std::map<std::string, WhoMark> nodes;
  explicit Company(const std::vector<std::string>& texts);
};

class NodeCheck {
 public:
  // `company` must outlive it.
  NodeCheck(const Company& company, std::string node);
  // Empty, or what is wrong.
  std::string operator()(const DiskState& state);
  // The first digests in order of commits; [0] is the empty store's.
  const std::vector<std::uint64_t>& contents() const { return contents_; }
  std::size_t acked() const { return acked_; }
  const WhoMark& who() const { return who_; }

 private:
  using Place = std::pair<ArchiveId, ChainId>;
  using Ends = std::map<Place, std::uint64_t>;

  void advance(std::size_t marks);
  void take(const Mark& mark);
  std::string check(const ReadTxn& txn);
  // The functions below fail with what is wrong, or with what the store said.
  Result<void> check_content(const ReadTxn& txn, std::uint64_t& digest) const;
  Result<void> check_entries(const ReadTxn& txn) const;
  Result<void> check_marks(const ReadTxn& txn) const;
  Result<void> check_pushed(const ReadTxn& txn, const ChainId& hub, const Ends& took) const;
  Result<void> check_cursor(const ReadTxn& txn, const ChainId& hub, const PromisedMark& promise) const;
  Result<void> verify(const ReadTxn& txn) const;

  const Company& company_;
  std::string node_;
  WhoMark who_;
  std::vector<std::uint64_t> contents_;
  // As of the state at hand:
  std::size_t read_ = 0;                                        // marks
  std::size_t acked_ = 0;                                       // commits of this node
  Ends kept_;                                                   // must be in this file
  std::map<std::string, Ends> took_;                            // by hub
  std::vector<std::pair<std::string, PromisedMark>> promised_;  // to this node
  std::set<std::uint64_t> verified_;                            // digests
};

}  // namespace satchel::crash
