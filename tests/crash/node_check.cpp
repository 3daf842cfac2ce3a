// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/node_check.h"

#include <stdexcept>

#include "sync/node/verify_log.h"
#include "sync/store/lmdb_store.h"
#include "sync/store/memory_store.h"
#include "tests/crash/content_digest.h"

namespace satchel::crash {

namespace {

std::unexpected<Error> wrong(std::string what) { return fail(ErrorKind::integrity, std::move(what)); }

std::string describe(const std::pair<ArchiveId, ChainId>& place, std::uint64_t seq) {
  return "entry " + std::to_string(seq) + " of " + place.second.node.hex().substr(0, 6) + " in archive " +
         place.first.hex().substr(0, 6);
}

// The seq of the chain's last entry here; 0 without one.
Result<std::uint64_t> end_of(const ReadTxn& txn, const ArchiveId& archive, const ChainId& chain) {
  SATCHEL_GET(no, node::find_archive(txn, archive));
  SATCHEL_GET(author, node::find_node(txn, chain.node));
  if (!no || !author) return 0;
  SATCHEL_GET(head, node::head_of(txn, *no, *author, chain));
  return head ? head->chain.head.seq : 0;
}

}  // namespace

Company::Company(const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    marks.push_back(read_mark(text));
    if (marks.back().who) nodes.emplace(marks.back().node, *marks.back().who);
  }
}

NodeCheck::NodeCheck(const Company& company, std::string node)
    : company_(company), node_(std::move(node)), who_(company.nodes.at(node_)) {
  contents_.push_back(*content_digest(**open_memory()->begin_read()));
  for (const auto& mark : company.marks) {
    if (mark.node == node_ && mark.commit) contents_.push_back(mark.commit->digest);
  }
}

void NodeCheck::take(const Mark& mark) {
  const auto raise = [](Ends& ends, const EntryMark& entry) {
    auto& seq = ends[{entry.archive, entry.chain}];
    seq = std::max(seq, entry.seq);
  };
  if (mark.node == node_ && mark.commit) ++acked_;
  if (mark.node == node_ && mark.saved) raise(kept_, mark.saved->entry);
  if (mark.node == node_ && mark.took) raise(kept_, mark.took->entry);
  if (mark.took) raise(took_[mark.node], mark.took->entry);
  if (mark.promised && mark.promised->follower == who_.identity.id) promised_.emplace_back(mark.node, *mark.promised);
}

void NodeCheck::advance(std::size_t marks) {
  if (marks < read_) throw std::runtime_error("states out of order");
  for (; read_ < marks; ++read_) take(company_.marks[read_]);
}

std::string NodeCheck::operator()(const DiskState& state) {
  advance(state.acked.size());
  const auto store = open_lmdb(state.folder, {.read_only = true});
  if (!store) return store.error().code + " " + store.error().detail;
  const auto txn = (*store)->begin_read();
  return txn ? check(**txn) : txn.error().code;
}

std::string NodeCheck::check(const ReadTxn& txn) {
  std::uint64_t digest = 0;
  Result<void> right = check_content(txn, digest);
  if (right) right = check_entries(txn);
  if (right && verified_.insert(digest).second) {
    // In rising order the first state with this content is the one with the fewest promises behind it.
    right = check_marks(txn);
    if (right) right = verify(txn);
  }
  return right ? std::string{} : right.error().code + " " + right.error().detail;
}

Result<void> NodeCheck::check_content(const ReadTxn& txn, std::uint64_t& digest) const {
  SATCHEL_GET(now, content_digest(txn));
  digest = now;
  const bool last = digest == contents_[acked_];
  const bool under_way = acked_ + 1 < contents_.size() && digest == contents_[acked_ + 1];
  if (last || under_way) return {};
  const auto found = std::ranges::find(contents_, digest);
  const std::string acked = " of " + std::to_string(acked_) + " acknowledged commits";
  if (found == contents_.end()) return wrong("content that never was," + acked);
  return wrong("holds " + std::to_string(found - contents_.begin()) + acked);
}

Result<void> NodeCheck::check_entries(const ReadTxn& txn) const {
  for (const auto& [place, seq] : kept_) {
    SATCHEL_GET(end, end_of(txn, place.first, place.second));
    if (end < seq) return wrong("lost " + describe(place, seq));
  }
  return {};
}

Result<void> NodeCheck::check_marks(const ReadTxn& txn) const {
  for (const auto& [hub, took] : took_) {
    const auto& identity = company_.nodes.at(hub).identity;
    if (hub != node_) SATCHEL_TRY(check_pushed(txn, {identity.id, identity.incarnation}, took));
  }
  for (const auto& [hub, promise] : promised_) {
    const auto& identity = company_.nodes.at(hub).identity;
    SATCHEL_TRY(check_cursor(txn, {identity.id, identity.incarnation}, promise));
  }
  return {};
}

// Whatever lies below the pushed mark was taken by that hub, or came from it.
Result<void> NodeCheck::check_pushed(const ReadTxn& txn, const ChainId& hub, const Ends& took) const {
  SATCHEL_GET(peer, node::find_node(txn, hub.node));
  if (!peer) return {};
  SATCHEL_GET(marks, node::peer_marks(txn, *peer, hub.incarnation));
  for (node::Ordinal at = 1; at <= marks.pushed; ++at) {
    SATCHEL_GET(run, node::run_of(txn, at));
    if (!run) return wrong("pushed mark passes an entry in no batch");
    if (run->from == *peer) continue;
    SATCHEL_GET(entry, node::entry_at(txn, at));
    const std::pair place{entry.header.archive, entry.header.chain};
    const auto found = took.find(place);
    if (found == took.end() || found->second < entry.header.seq) {
      return wrong("pushed mark passes " + describe(place, entry.header.seq) + " which was not taken");
    }
  }
  return {};
}

Result<void> NodeCheck::check_cursor(const ReadTxn& txn, const ChainId& hub, const PromisedMark& promise) const {
  SATCHEL_GET(peer, node::find_node(txn, hub.node));
  if (!peer) return {};
  SATCHEL_GET(cursor, node::feed_cursor(txn, *peer, hub.incarnation, promise.audience));
  if (cursor.position < promise.up_to) return {};
  SATCHEL_GET(end, end_of(txn, promise.entry.archive, promise.entry.chain));
  const std::pair place{promise.entry.archive, promise.entry.chain};
  if (end < promise.entry.seq) return wrong("cursor passes " + describe(place, promise.entry.seq));
  return {};
}

Result<void> NodeCheck::verify(const ReadTxn& txn) const {
  SATCHEL_GET(directory, node::verify_directory(txn, who_.org));
  SATCHEL_GET(report, node::verify_log(txn, directory, {who_.identity.id, who_.role == wire::Role::hub}));
  if (report.sound()) return {};
  const auto& first = report.findings.front();
  return wrong(first.code + " at " + first.where + ", " + std::to_string(report.found) + " findings");
}

}  // namespace satchel::crash
