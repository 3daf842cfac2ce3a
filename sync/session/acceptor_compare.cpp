// SPDX-License-Identifier: AGPL-3.0-or-later
// First contact at the hub: what the caller may follow is reconciled range by range, and archives it names are compared
// one by one.
#include "sync/node/digests.h"
#include "sync/session/acceptor.h"

namespace satchel::session {

// Ranges are answered from the feeds of what the caller may follow, so that they tell it no archive that its audiences
// never had.
Result<void> Acceptor::gather_ranges() {
  if (++ranges_made_ > kRangeSetsMax) return fail(ErrorKind::integrity, "session.compare", "again and again");
  auto digests = std::make_shared<node::Digests>();
  {
    SATCHEL_GET(txn, port_.replica().store().begin_read());
    SATCHEL_GET(read, node::read_digests(*txn));
    *digests = std::move(read);
    const std::vector<AudienceId> followed(followed_.begin(), followed_.end());
    SATCHEL_GET(theirs, node::in_feeds(*txn, followed, digests->by_no.size()));
    SATCHEL_GET(chosen, node::choose(*txn, *digests, theirs));
    ranges_ = std::make_unique<ReconcileSet>(std::move(chosen.items));
  }
  if (node::worth_keeping(*digests)) {
    port_.submit([digests](WriteTxn& txn, node::Effects&) { return node::keep_digests(txn, *digests); },
                 [](const Result<void>&) {});  // without it they are read again next time
  }
  return {};
}

void Acceptor::compare_ranges(const wire::Compare& compare) {
  if (!compare.items.empty() || ++range_frames_ > kRangeFramesMax) return drop("session.compare");
  if (!ranges_) {
    if (auto made = gather_ranges(); !made) return drop(made.error().code, made.error().detail);
  }
  const auto answer = reconcile_answer(*ranges_, compare.ranges);
  if (!answer) return drop(answer.error().code, answer.error().detail);
  wire::Differ differ;
  differ.page = compare.page;
  differ.ranges = *answer;
  differ.confirm = wire::ranges_mark(compare.page, compare.ranges, *answer);
  send(differ);
  // Nothing differs: whoever asks on all the same has it gathered again.
  constexpr std::size_t kAllSkipped = 4;
  if (answer->size() <= kAllSkipped) ranges_.reset();
}

void Acceptor::handle(const wire::Compare& compare) {
  if (!confirmed_) return drop("session.unconfirmed");
  refresh_followed();
  if (!compare.ranges.empty()) return compare_ranges(compare);
  ranges_.reset();
  auto txn = port_.replica().store().begin_read();
  if (!txn) return drop(txn.error().code);
  wire::Differ differ;
  differ.page = compare.page;
  auto compared = compare.items;  // as it is here, for what differs
  std::size_t told = 0;
  for (auto& item : compared) {
    auto no = node::find_archive(**txn, item.archive);
    if (!no) return drop(no.error().code);
    wire::ArchiveHeads mine{item.archive, {}, false};
    if (*no) {
      node::StoredArchive info;
      auto allowed = may_have(**txn, item.archive, info);
      auto heads = node::heads_of(**txn, **no);
      if (!allowed || !heads) return drop("store.io");
      const bool pusher = port_.replica().directory()->right(peer(), node::access_of(info)) != WriteRight::never;
      if ((!*allowed && !pusher && !hub_) || node::digest_of(*heads) == item.heads) continue;
      const bool fits = told + heads->size() <= wire::kHeadsPerFrameMax;
      for (const auto& h : *heads) {
        if (fits) mine.heads.push_back(h.chain);
      }
      told += mine.heads.size();
      mine.want_wraps = !fits;
    }
    item.heads = heads_digest(mine.heads);
    differ.items.push_back(std::move(mine));
  }
  differ.confirm = wire::compare_mark(compare.page, compared);
  send(differ);
}

}  // namespace satchel::session
