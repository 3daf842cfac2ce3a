// SPDX-License-Identifier: AGPL-3.0-or-later
// What the hub says of itself, kept to be held against what comes later; and what it says that cannot be so.
#include "sync/node/hub_word.h"
#include "sync/node/volume.h"
#include "sync/session/initiator.h"

namespace satchel::session {

// All a hub has stamped so far has gone up, and was answered.
Result<WallTime> Initiator::handed_up(const ReadTxn& txn) const {
  if (replica_.self().role != wire::Role::hub || !marks_.met || owes_) return WallTime{};
  if (!sent_.empty() || !answers_.empty() || !repairs_.empty() || !repair_parts_.empty()) return WallTime{};
  SATCHEL_GET(next, node::next_outgoing(txn, hub_no_, marks_.pushed));
  if (next.part) return WallTime{};
  return node::hub_time(txn);
}

// The round's pages are over and everything they promised is here.
bool Initiator::word_due() const {
  return synced_ && told_through_.ms > 0 && !word_doubtful_ && replica_.directory()->position() == asked_.directory;
}

// In the transaction that ends the round's last page or stores its answers, so that it costs no commit of its own.
Result<void> Initiator::keep_word(WriteTxn& txn) {
  if (!word_due()) return {};
  node::Followed followed{hub_no_, hub_.incarnation, {}, told_through_, asked_.directory};
  SATCHEL_GET(further, node::followed_further(txn, followed));
  // What is not sent for want of room comes later than it was stamped.
  SATCHEL_GET(kept_back, node::count_kept_back(txn));
  if (!further || kept_back > 0) return {};
  for (const auto& feed : asked_.feeds) followed.audiences.push_back(feed.audience);
  return node::note_followed(txn, followed);
}

// Where no other transaction did.
Result<void> Initiator::keep_word() {
  if (!word_due()) return {};
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    const node::Followed followed{hub_no_, hub_.incarnation, {}, told_through_, asked_.directory};
    SATCHEL_GET(further, node::followed_further(*txn, followed));
    SATCHEL_GET(kept_back, node::count_kept_back(*txn));
    if (!further || kept_back > 0) return {};
  }
  return replica_.write([&](WriteTxn& txn, node::Effects&) { return keep_word(txn); });
}

// The hub says what it has of an archive: it may not be less than it signed for. But what it says may have been on its
// way while its signature came by another line or in a file, so it is asked once more, now that the signature is here.
Result<void> Initiator::note_denied(const wire::ArchiveHeads& shown, std::optional<ChainId> only) {
  // While ranges are under way they tell which archives differ, and those are asked about one by one.
  const bool asked = std::ranges::any_of(
      comparing_, [&](const ComparedPage& page) { return page.doubt && page.doubt->archive == shown.archive; });
  if (asked || !question_.empty()) return {};
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(word, node::denied(*txn, {hub_, shown.archive, shown.heads, only}));
  if (!word) return {};
  SATCHEL_GET(no, node::find_archive(*txn, shown.archive));
  SATCHEL_GET(heads, node::heads_of(*txn, *no));
  txn.reset();
  wire::Compare page;
  page.page = ++compare_page_;
  page.items.push_back({shown.archive, node::digest_of(heads), 0});
  send(page);
  comparing_.push_back({page.page, std::move(page.items), std::move(word)});
  return {};
}

// What is not among the items differs in nothing.
Result<void> Initiator::settle_doubt(node::BrokenWord word, std::span<const wire::ArchiveHeads> items) {
  if (items.empty()) return {};
  const auto theirs = std::ranges::find(items.front().heads, word.author, &ChainHead::chain);
  if (theirs != items.front().heads.end() && theirs->head.seq >= word.seq) return {};
  word.noticed = replica_.clock().wall();
  return replica_.write([&](WriteTxn& txn, node::Effects&) { return node::note_broken_word(txn, word); });
}

// What a hub lacks of a chain it may not have signed for.
Result<void> Initiator::note_gap(const wire::Refusal& gap, node::BatchNo batch) {
  if (batch == 0) return {};
  SATCHEL_GET(txn, replica_.store().begin_read());
  SATCHEL_GET(stored, node::batch_at(*txn, batch));
  txn.reset();
  wire::ArchiveHeads shown{gap.archive, {}, false};
  shown.heads.push_back({stored.batch.author, {gap.have, {}}});
  return note_denied(shown, stored.batch.author);
}

// Two histories of the directory. `head`: what came with the other one; unless headquarters signed it, there is the
// hub's word alone.
Result<void> Initiator::note_fork(View head) {
  node::DirectoryFork fork{{}, hub_.node, replica_.clock().wall(), {}, {}};
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    const Directory& ours = effects.directory();
    fork.at = ours.position();
    if (const auto decoded = decode_head(head)) {
      const auto of_our_log = node::check_against(txn, ours, *decoded);
      if (!of_our_log && of_our_log.error().code == node::kDirectoryFork) {
        fork.at = decoded->position;
        fork.theirs = copy(head);
      }
    }
    return node::note_directory_fork(txn, fork);
  }));
  // The hub is told, so that its people hear of it too.
  if (!head.empty()) send(wire::Bye{node::kDirectoryFork, {}});
  return {};
}

}  // namespace satchel::session
