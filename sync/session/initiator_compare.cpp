// SPDX-License-Identifier: AGPL-3.0-or-later
// First contact: ranges of all that is here are reconciled with what the hub may have of it, then the archives that
// differ are compared heads by heads, and what the hub lacks becomes repairs.
#include "sync/node/digests.h"
#include "sync/session/initiator.h"

namespace satchel::session {

bool Initiator::comparing() const { return !question_.empty() || !to_compare_.empty() || !comparing_.empty(); }

Result<void> Initiator::compare_more() {
  if (compare_done_ || report_.unconfirmed) return {};
  if (!compared_end_) SATCHEL_TRY(begin_comparing());
  // One kind of question at a time: archives that are asked about one by one wait for the ranges, whose set the hub
  // keeps until they come.
  while (question_.empty() && !to_compare_.empty() && comparing_.size() < kPagesInFlight) {
    wire::Compare page;
    page.page = ++compare_page_;
    while (!to_compare_.empty() && page.items.size() < wire::kTouchedItemsMax) {
      page.items.push_back({to_compare_.front().archive, to_compare_.front().heads, 0});
      to_compare_.pop_front();
    }
    send(page);
    comparing_.push_back({page.page, std::move(page.items), {}});
  }
  compare_done_ = !comparing();
  return {};
}

Result<void> Initiator::begin_comparing() {
  auto digests = std::make_shared<node::Digests>();
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    // What comes after this moment is no part of the comparison and goes run by run.
    SATCHEL_GET(unsealed, node::has_unsealed(*txn));
    SATCHEL_GET(read, node::read_digests(*txn));
    *digests = std::move(read);
    compared_end_ = unsealed && replica_.self().role != wire::Role::hub ? 0 : digests->up_to;
    // The hub answers for what we may follow. Archives that are no longer ours it looks up one by one, so that they
    // do not make every range differ.
    const auto followed = node::followed(*replica_.directory(), replica_.self().identity.id);
    SATCHEL_GET(ours, node::opened_for(*txn, followed, digests->by_no.size()));
    SATCHEL_GET(chosen, node::choose(*txn, *digests, ours));
    to_compare_.assign(chosen.others.begin(), chosen.others.end());
    held_ = ReconcileSet(std::move(chosen.items));
  }
  if (node::worth_keeping(*digests)) {
    SATCHEL_TRY(replica_.write(
        [&](WriteTxn& txn, node::Effects&) -> Result<void> { return node::keep_digests(txn, *digests); }));
  }
  reconciler_.emplace(held_, false);
  return ask_ranges(reconciler_->start());
}

Result<void> Initiator::ask_ranges(std::optional<Bytes> question) {
  if (question) {
    question_ = std::move(*question);
    wire::Compare compare;
    compare.page = ++compare_page_;
    compare.ranges = question_;
    send(compare);
    return {};
  }
  question_.clear();
  for (const auto& d : reconciler_->differences()) to_compare_.push_back({d.archive, d.mine});
  reconciler_.reset();
  held_ = {};
  return {};
}

Result<void> Initiator::handle(const wire::Differ& differ) {
  if (!differ.ranges.empty()) {
    // As below: what was garbled on either way must not pass for equal.
    if (question_.empty()) return fail(ErrorKind::integrity, "session.unexpected-frame");
    if (differ.page != compare_page_ || differ.confirm != wire::ranges_mark(differ.page, question_, differ.ranges))
      return fail(ErrorKind::integrity, "session.compare", std::to_string(differ.page));
    SATCHEL_GET(next, reconciler_->step(differ.ranges));
    SATCHEL_TRY(ask_ranges(std::move(next)));
    return compare_more();
  }
  if (comparing_.empty()) return fail(ErrorKind::integrity, "session.unexpected-frame");
  auto page = std::move(comparing_.front());
  comparing_.pop_front();
  // What the hub says it compared must be what we asked about, with its own heads where they differ. Else something
  // would count as compared that was not, and never be sent.
  for (const auto& item : differ.items) {
    const auto asked = std::ranges::find(page.items, item.archive, &wire::TouchedItem::archive);
    if (asked == page.items.end()) return fail(ErrorKind::integrity, "session.compare", item.archive.hex());
    asked->heads = heads_digest(item.heads);
  }
  if (differ.page != page.number || wire::compare_mark(page.number, page.items) != differ.confirm)
    return fail(ErrorKind::integrity, "session.compare", std::to_string(page.number));
  if (page.doubt) {
    SATCHEL_TRY(settle_doubt(std::move(*page.doubt), differ.items));
    return compare_more();
  }
  std::size_t told = 0;
  for (const auto& item : differ.items) told += item.heads.size();
  const bool full = told + wire::kHeadsPerArchiveMax > wire::kHeadsPerFrameMax;
  for (const auto& item : differ.items) {
    // Left out of a full frame it denies nothing; a hub cannot say so of one that has room.
    if (!full || !item.want_wraps) SATCHEL_TRY(note_denied(item));
    repairs_.push_back(item);
  }
  return compare_more();
}

}  // namespace satchel::session
