// SPDX-License-Identifier: AGPL-3.0-or-later
// What this hub says of itself (wire.md, 'A hub's word'), and what it hears of a lower hub and of another history.
#include "sync/node/hub_word.h"
#include "sync/session/acceptor.h"

namespace satchel::session {

// What is said at the end of a round is as fresh as this, and costs a commit a minute.
void Acceptor::keep_hub_time() {
  auto& replica = port_.replica();
  const auto txn = replica.store().begin_read();
  const auto time = txn ? node::hub_time(**txn) : std::unexpected(txn.error());
  if (!time || replica.clock().wall() < *time + node::kHubTimeEvery) return;
  port_.submit(
      [&replica](WriteTxn& write, node::Effects&) { return node::move_hub_time(write, replica.clock().wall()); },
      [](const Result<void>&) {});  // without it the next one tries
}

// Only what can be held against us: everything the caller follows was served by the directory it knows itself, whole
// and without a restriction that nobody has ordered yet.
WallTime Acceptor::vouched_for(const ReadTxn& txn, const wire::Sync& sync, const Directory& directory) const {
  if (directory.position() != sync.directory || !directory.withheld().empty() || !obeyed_->restrictions.empty())
    return {};
  const bool all =
      std::ranges::all_of(sync.feeds, [&](const wire::FeedMark& f) { return followed_.contains(f.audience); });
  if (!all || sync.feeds.empty()) return {};
  const auto time = node::hub_time(txn);
  return time ? *time : WallTime{};
}

// A lower hub's word on what it handed up.
void Acceptor::note_handed(WallTime through) {
  auto& replica = port_.replica();
  const auto txn = replica.store().begin_read();
  const auto no = txn ? node::find_node(**txn, peer()) : std::unexpected(txn.error());
  if (!no || !*no) return;
  const auto known = node::handed_through(**txn, **no, hello_.chain.incarnation);
  if (!known || through <= *known) return;
  port_.submit([no = **no, incarnation = hello_.chain.incarnation, through](
                   WriteTxn& write, node::Effects&) { return node::note_handed(write, no, incarnation, through); },
               [](const Result<void>&) {});  // said again with the next round
}

// By the caller's word: it has another history of the directory.
void Acceptor::note_fork() {
  reason_ = node::kDirectoryFork;
  auto& replica = port_.replica();
  node::DirectoryFork fork{replica.directory()->position(), peer(), replica.clock().wall(), {}, {}};
  port_.submit([fork](WriteTxn& write, node::Effects&) { return node::note_directory_fork(write, fork); },
               [](const Result<void>&) {});
}

// The caller knows more of the directory than we do: it compares what headquarters signed for us with its own log.
Result<void> Acceptor::show_head(const ReadTxn& txn) {
  SATCHEL_GET(head, node::directory_head(txn));
  if (head.empty()) return {};
  wire::DirectoryRun run;
  run.head = head;
  send(run);
  return {};
}

}  // namespace satchel::session
