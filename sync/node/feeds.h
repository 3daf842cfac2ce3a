// SPDX-License-Identifier: AGPL-3.0-or-later
// Feeds, kept by hubs: for each audience the archives it may read, or could when they were moved last, in order of last
// change (store.md: feeds, feed_marks). A change moves the archive to the end of its audiences' feeds, so that a
// follower's cursor tells all it has missed and a sync with nothing new reads nothing. One Toucher for all that the
// pusher of a parcel may pass over; what he may not goes before it by one of its own.
#pragma once

#include <map>
#include <span>

#include "sync/node/log.h"

namespace satchel::node {

class Toucher {
 public:
  explicit Toucher(WriteTxn& txn) : txn_(txn) {}
  Result<void> touch(ArchiveNo archive, std::span<const AudienceId> readers);
  Result<void> touch(ArchiveNo archive, const AudienceId& audience);
  struct Move {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  // Per audience the end of its feed before and after this transaction's touches.
  const std::map<AudienceId, Move>& moves() const { return moves_; }

 private:
  WriteTxn& txn_;
  std::map<AudienceId, Move> moves_;
};

Result<std::uint64_t> feed_end(const ReadTxn& txn, const AudienceId& audience);

struct FeedItem {
  std::uint64_t position = 0;
  ArchiveNo archive = 0;
};
Result<std::vector<FeedItem>> feed_after(const ReadTxn& txn, const AudienceId& audience, std::uint64_t position,
                                         std::size_t most);

}  // namespace satchel::node
