// SPDX-License-Identifier: AGPL-3.0-or-later
// The pulling half of Initiator: pages of touched archives, the parcels asked for, and cursors that move with the data.
#include "schema/base/planted.h"
#include "sync/node/grants.h"
#include "sync/node/parcel.h"
#include "sync/session/initiator.h"

namespace satchel::session {

Result<void> Initiator::handle(const wire::Touched& touched) {
  if (pages_.size() > kPagesInFlight || pages_.contains(touched.page))
    return fail(ErrorKind::integrity, "session.pages");
  SATCHEL_GET(txn, replica_.store().begin_read());
  wire::Want want;
  want.page = touched.page;
  Page page{touched.audience, touched.up_to, {}, {}};
  std::size_t told = 0;
  for (const auto& item : touched.items) {
    SATCHEL_GET(no, node::find_archive(*txn, item.archive));
    wire::ArchiveHeads ask{item.archive, {}, true};
    if (no) {
      SATCHEL_GET(heads, node::heads_of(*txn, *no));
      SATCHEL_GET(mark, node::wraps_mark(*txn, *no, touched.audience));
      ask.want_wraps = mark != item.wraps;
      if (node::digest_of(heads) == item.heads && !ask.want_wraps) continue;
      const bool fits = told + heads.size() <= wire::kHeadsPerFrameMax;
      for (const auto& h : heads) {
        if (fits) ask.heads.push_back(h.chain);
      }
      told += ask.heads.size();
    }
    if (ask.want_wraps) page.wraps.emplace(item.archive, item.wraps);
    want.items.push_back(std::move(ask));
  }
  for (const auto& item : touched.items) page.promised.emplace_back(item.archive, item.heads);
  pages_[touched.page] = std::move(page);
  send(want);
  return {};
}

Result<void> Initiator::take_parcel(View frame) {
  if (pages_.empty()) return fail(ErrorKind::integrity, "session.unasked-parcel");
  parcels_.push_back(copy(frame));
  parcel_bytes_ += frame.size();
  if (parcel_bytes_ >= kStoreBytes) return store_parcels(nullptr);
  return {};
}

Result<void> Initiator::store_parcels(const wire::Served* served) {
  const auto frames = std::exchange(parcels_, {});
  parcel_bytes_ = 0;
  const auto author_keys = replica_.author_keys();
  const auto hub_keys = replica_.hub_keys();
  std::vector<wire::Received> received;
  std::vector<node::VerifiedParcel> verified;
  for (const auto& bytes : frames) {
    SATCHEL_GET(frame, wire::Received::decode(bytes));
    received.push_back(std::move(frame));
    SATCHEL_GET(parcel, node::verify_parcel(std::get<wire::Parcel>(received.back().frame()), author_keys, hub_keys));
    // Of a hub admitted meanwhile: left out, so that the page is asked for again with the stamp understood. Nor does a
    // hub have what no hub stamped.
    if (!parcel.strange_stamps && !parcel.stamps.empty()) verified.push_back(std::move(parcel));
  }
  std::size_t fresh = 0;
  std::size_t forks = 0;
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    fresh = forks = 0;
    for (const auto& parcel : verified) {
      SATCHEL_GET(taken, node::take_parcel(txn, effects, replica_, parcel, hub_.node, false));
      fresh += taken.intake.appended;
      forks += taken.intake.forks;
      for (const auto& r : taken.intake.refused) {
        if (r.verdict == wire::EntryVerdict::fork) forked_.insert(r.archive);
      }
    }
    if (served == nullptr) return {};
    // The archives they are of came with the parcels before.
    SATCHEL_TRY(node::take_late_wraps(txn, effects, replica_, node::verify_wraps(served->wraps, author_keys), false));
    if (served->more) return {};
    // What was taken from us meanwhile it has not shown, and we may yet be given it by another.
    if (!served->gone.empty()) word_doubtful_ = true;
    const Page& page = pages_.at(served->page);
    SATCHEL_TRY(note_room(txn, page, *served));
    SATCHEL_GET(kept, kept_promise(txn, page, *served));
    if (!(kept && kept_wraps(page, *served)) && !SATCHEL_PLANTED(cursor_before_data)) {
      // The archive moved meanwhile, or something is kept from us: the cursor stays, and it is asked for again.
      more_ = word_doubtful_ = true;
      unkept_.insert(page.audience);
      // Wraps come at any time, and many at once.
      if (!kept) ++broken_promises_;
      return {};
    }
    SATCHEL_GET(cursor, node::feed_cursor(txn, hub_no_, hub_.incarnation, page.audience));
    // Nor does it pass what a page before this one still owes.
    if (page.up_to > cursor.position && !unkept_.contains(page.audience)) {
      cursor.position = page.up_to;
      SATCHEL_TRY(node::put_feed_cursor(txn, hub_no_, hub_.incarnation, page.audience, cursor));
    }
    return pages_.size() == 1 ? keep_word(txn) : Result<void>{};
  }));
  if (broken_promises_ > kPromisesBrokenMax) return fail(ErrorKind::integrity, "session.withheld");
  report_.received += fresh;
  report_.forks += forks;
  return {};
}

// Whether a hub may keep an archive back from us for want of room.
bool Initiator::limited() const {
  const auto directory = replica_.directory();
  const KnownNode* self = directory->node(replica_.self().identity.id);
  return self != nullptr && self->kind == NodeKind::device && node::volume_limit(*directory).bounds();
}

// What has no room is noted, so that people are told and it is asked for again; what came is no longer.
Result<void> Initiator::note_room(WriteTxn& txn, const Page& page, const wire::Served& served) {
  if (!limited()) return {};
  SATCHEL_GET(noted, node::count_kept_back(txn));
  if (noted == 0 && served.kept_back.empty()) return {};
  for (const auto& [archive, promised] : page.promised) {
    SATCHEL_GET(here, node::find_archive(txn, archive));
    const bool kept_back = !here && std::ranges::find(served.kept_back, archive) != served.kept_back.end();
    SATCHEL_TRY(kept_back ? node::note_kept_back(txn, archive, *replica_.directory(), replica_.clock().wall())
                          : node::unnote_kept_back(txn, archive));
  }
  SATCHEL_GET(count, node::count_kept_back(txn));
  report_.kept_back = count;
  return {};
}

Result<bool> Initiator::still_ours(const ReadTxn& txn, const ArchiveId& archive) {
  SATCHEL_GET(no, node::find_archive(txn, archive));
  if (!no) return false;
  SATCHEL_GET(info, node::archive_info(txn, *no));
  if (!info || !info->opened || replica_.self().role == wire::Role::hub) return false;
  const auto directory = replica_.directory();
  return directory->may_read(replica_.self().identity.id, node::access_of(*info), replica_.clock().wall());
}

Result<bool> Initiator::kept_promise(const ReadTxn& txn, const Page& page, const wire::Served& served) {
  for (const auto& [archive, promised] : page.promised) {
    if (forked_.contains(archive)) continue;
    if (std::ranges::find(served.gone, archive) != served.gone.end()) {
      // Taken back meanwhile; but a hub cannot say so of what the directory says is ours.
      SATCHEL_GET(ours, still_ours(txn, archive));
      if (ours) return false;
      continue;
    }
    SATCHEL_GET(no, node::find_archive(txn, archive));
    if (!no) {
      // A hub that uses the limit for an excuse is seen by the person, in numbers.
      if (limited() && std::ranges::find(served.kept_back, archive) != served.kept_back.end()) continue;
      return false;
    }
    SATCHEL_GET(heads, node::heads_of(txn, *no));
    if (node::digest_of(heads) == promised) continue;
    // More than promised is no broken promise: entries the hub has yet to be given, by us or through us.
    bool ahead = std::ranges::find(served.behind, archive, &wire::ArchiveHeads::archive) != served.behind.end();
    for (const auto& h : heads)
      ahead = ahead || (h.chain.chain.node == replica_.self().identity.id && h.last > marks_.pushed);
    if (!ahead) return false;
  }
  return true;
}

void Initiator::count_wraps(Page& page, const wire::Served& served) {
  for (const View bytes : served.wraps) {
    const auto wrap = Wrap::decode(bytes);
    if (!wrap || wrap->audience != page.audience) continue;
    const auto asked = page.wraps.find(wrap->archive);
    if (asked != page.wraps.end()) asked->second ^= be64(wrap_hash(bytes).view());
  }
}

// Of what was asked for every wrap came, or the archive is not ours to have now.
bool Initiator::kept_wraps(const Page& page, const wire::Served& served) {
  return std::ranges::all_of(page.wraps, [&](const auto& left) {
    const auto is_it = [&](const ArchiveId& other) { return other == left.first; };
    return left.second == 0 || std::ranges::any_of(served.gone, is_it) || std::ranges::any_of(served.kept_back, is_it);
  });
}

Result<void> Initiator::handle(const wire::Served& served) {
  if (!pages_.contains(served.page)) return fail(ErrorKind::integrity, "session.unknown-page");
  count_wraps(pages_.at(served.page), served);
  SATCHEL_TRY(store_parcels(&served));
  if (served.more) return {};
  pages_.erase(served.page);
  for (const auto& behind : served.behind) {
    SATCHEL_TRY(note_denied(behind));
    // Own entries still to be pushed in their order are not a repair.
    if (marks_.met && repaired_.insert(behind.archive).second && runs_done_ && sent_.empty())
      repairs_.push_back(behind);
  }
  return {};
}

}  // namespace satchel::session
