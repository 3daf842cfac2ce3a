// SPDX-License-Identifier: AGPL-3.0-or-later
// What a node does with what reaches it: parcels, wraps, receipts, statements. Each is one step inside a transaction.
#include "schema/base/planted.h"
#include "sync/node/copies.h"
#include "sync/node/dropping.h"
#include "sync/node/epochs.h"
#include "sync/node/grants.h"
#include "sync/node/hub_word.h"
#include "sync/node/replica.h"
#include "sync/node/scribe.h"
#include "sync/node/upkeep.h"

namespace satchel::node {

namespace {

// Whoever makes a wrap must be able to have the key: a foreign maker could only plant a wrong one. One that its opening
// promised needs no maker. A hub that hands it on may have taken it before its maker lost the right, and because it has
// one nobody would make another.
bool can_be_of_its_maker(const Directory& directory, const Wrap& wrap, const StoredArchive& info, WallTime now,
                         bool handed_on) {
  if (wrap.by.none()) return true;
  const auto access = access_of(info);
  const auto right = directory.right(wrap.by, access);
  if (right == WriteRight::now || directory.may_read(wrap.by, access, now)) return true;
  if (handed_on && (right == WriteRight::lost || held_once(directory, info, wrap.by, now))) return true;
  return SATCHEL_PLANTED(wraps_of_anybody);
}

class DirectoryGate final : public Gate {
 public:
  DirectoryGate(const Directory& directory, const NodeId& from, bool judge, WallTime now)
      : directory_(directory), judge_(judge), now_(now) {
    const KnownNode* sender = directory.node(from);
    by_hub_ = sender != nullptr && sender->kind == NodeKind::hub;
  }

  std::string refuse(const ChainId& author, const StoredArchive& info) const override {
    if (!judge_ || directory_.right(author.node, access_of(info), author.incarnation) != WriteRight::never) return {};
    if (SATCHEL_PLANTED(foreign_work_taken)) return {};
    return "intake.foreign";
  }
  bool holds(const ChainId& author, const StoredArchive& info) const override {
    return judge_ && directory_.right(author.node, access_of(info), author.incarnation) == WriteRight::lost;
  }
  bool may_rotate(const ChainId& author, const StoredArchive& info) const override {
    return directory_.right(author.node, access_of(info), author.incarnation) == WriteRight::now;
  }
  bool judges() const override { return judge_; }
  bool destroyed(const ArchiveId& archive) const override { return directory_.is_destroyed(archive); }
  bool behind(const Position& author_saw) const override { return judge_ && directory_.position() < author_saw; }
  bool may_wrap(const Wrap& wrap, const StoredArchive& info) const override {
    return can_be_of_its_maker(directory_, wrap, info, now_, by_hub_);
  }
  PersonId person_of(const NodeId& id) const override {
    const KnownNode* node = directory_.node(id);
    return node != nullptr ? node->person : PersonId{};
  }
  std::vector<AudienceId> audiences(const Opening& opening) const override {
    auto out = audiences_for(directory_.org(), opening.kind, opening.branch, opening.owners);
    for (const auto& wrap : opening.wraps) {
      if (std::ranges::find(out, wrap.audience) == out.end()) out.push_back(wrap.audience);
    }
    return out;
  }

 private:
  const Directory& directory_;
  bool judge_;
  bool by_hub_ = false;
  WallTime now_;
};

bool is_hub(const Replica& replica) { return replica.self().role == wire::Role::hub; }

// The first hub to take a batch stamps it; so does HQ, whose stamp is the receipt.
Result<void> stamp_if_due(WriteTxn& txn, Effects& effects, const Obeyed& obeyed, Replica& replica,
                          const VerifiedParcel& parcel, const Intake& intake) {
  const BatchNo batch = intake.batch;
  SATCHEL_GET(stamps, stamps_of(txn, batch));
  const auto& self = replica.self();
  const bool mine =
      std::ranges::any_of(stamps, [&](const StoredStamp& s) { return s.stamp.hub.node == self.identity.id; });
  const KnownNode* me = obeyed.directory->node(self.identity.id);
  const bool top = me != nullptr && me->hq_hub;
  if (mine || (!stamps.empty() && !top)) return {};
  // A stamp that left one out would vouch for work in spite of it; it is stamped when they are ordered.
  if (obeyed.restrictions.size() > kRestrictionsMax) return {};
  auto& time = effects.stamp_time();
  if (!time) {
    SATCHEL_GET(next, next_hub_time(txn, replica.clock().wall()));
    time = next;
  }
  Stamp stamp;
  stamp.batch = parcel.id;
  stamp.hub = self.chain();
  stamp.time = SATCHEL_PLANTED(stamp_takes_claim) ? parcel.batch.claimed : *time;
  stamp.whole = intake.appended + intake.known == parcel.batch.entries;
  stamp.directory = obeyed.directory->position();
  stamp.restrictions = obeyed.restrictions;
  SATCHEL_TRY(add_stamp(txn, batch, stamp, sign_stamp(stamp, self.identity.sign)));
  return {};
}

// Whether a reader who has `known` believes nothing else with `fresh`: an earlier time cuts a claim shorter; an earlier
// position, or fewer restrictions obeyed before their order, excuse more.
bool tells_nothing(const Directory& directory, const Stamp& fresh, const std::vector<StoredStamp>& known) {
  const bool time = std::ranges::any_of(known, [&](const StoredStamp& s) { return s.stamp.time <= fresh.time; });
  return time && std::ranges::any_of(known, [&](const StoredStamp& s) {
           return directory.excuses_as_much(stamp_view(s.stamp), stamp_view(fresh));
         });
}

// Readers who have the batch already must learn of a stamp that changes what they believe.
Result<void> announce_if_changed(WriteTxn& txn, Effects& effects, Replica& replica, BatchNo batch,
                                 const std::vector<StoredStamp>& before) {
  SATCHEL_GET(stamps, stamps_of(txn, batch));
  const bool same = std::ranges::all_of(
      stamps, [&](const StoredStamp& s) { return tells_nothing(effects.directory(), s.stamp, before); });
  if (same || SATCHEL_PLANTED(late_stamp_unannounced)) return {};
  std::set<AudienceId> audiences;
  SATCHEL_GET(archives, archives_of(txn, batch));
  for (const auto no : archives) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (!info) continue;
    const auto readers = readers_of(effects.directory(), *info, replica.clock().wall());
    audiences.insert(readers.begin(), readers.end());
  }
  for (const auto& audience : audiences) {
    SATCHEL_TRY(add_receipt(txn, audience.bytes, batch));
    effects.touched(audience);
  }
  return {};
}

// Who may read these archives from now on may have had them before, and missed what was announced meanwhile.
// Headquarters was told of all of it.
Result<void> announce_again(WriteTxn& txn, Effects& effects, Replica& replica,
                            const std::map<ArchiveNo, StoredArchive>& among) {
  const auto hq = hq_audience(replica.self().org);
  SATCHEL_GET(announced, receipts_after(txn, hq.bytes, 0, SIZE_MAX));
  std::set<BatchNo> batches;
  for (const auto& receipt : announced) batches.insert(receipt.batch);
  for (const auto batch : batches) {
    std::set<AudienceId> audiences;
    SATCHEL_GET(archives, archives_of(txn, batch));
    for (const auto no : archives) {
      const auto found = among.find(no);
      if (found == among.end()) continue;
      const auto readers = readers_of(effects.directory(), found->second, replica.clock().wall());
      audiences.insert(readers.begin(), readers.end());
    }
    audiences.erase(hq);
    for (const auto& audience : audiences) SATCHEL_TRY(add_receipt(txn, audience.bytes, batch));
  }
  return {};
}

// A new epoch may lack wraps for somebody whose audience its opener did not know, or had no key for.
Result<void> look_after_wraps_again(WriteTxn& txn, const VerifiedParcel& parcel) {
  for (const auto& segment : parcel.segments) {
    if (segment.openings.empty()) continue;
    SATCHEL_GET(no, find_archive(txn, segment.archive));
    SATCHEL_GET(wrapped, counter(txn, kWrappedCounter));
    if (no && wrapped >= *no) SATCHEL_TRY(set_counter(txn, kWrappedCounter, *no - 1));
  }
  return {};
}

// A wrap that is new at a hub goes to those it is for, and up.
Result<void> hand_on(WriteTxn& txn, Effects& effects, Replica& replica, Toucher& toucher, const GrantedWrap& granted,
                     bool pushed) {
  SATCHEL_TRY(toucher.touch(granted.archive, granted.wrap.wrap.audience));
  const KnownNode* me = effects.directory().node(replica.self().identity.id);
  const bool up = pushed && me != nullptr && !me->hq_hub;
  return up ? queue_wrap(txn, granted.wrap.hash, granted.wrap.bytes) : Result<void>{};
}

// While an archive was unknown here nobody was told what was said of it: whom it concerns finds it in his feed, and
// nobody passes over it with what he handed in himself, for he may have lost it by that very word.
Result<void> tell_of_opened(WriteTxn& txn, Effects& effects, std::span<const StoredArchive> opened, WallTime now) {
  const Directory& directory = effects.directory();
  Toucher toucher(txn);
  for (const auto& info : opened) {
    if (!directory.archive_facts().contains(info.id)) continue;
    SATCHEL_TRY(toucher.touch(info.no, readers_of(directory, info, now)));
    for (const auto& [audience, lost] : directory.former_readers(access_of(info), now))
      SATCHEL_TRY(toucher.touch(info.no, audience));
  }
  for (const auto& [audience, move] : toucher.moves()) effects.touched(audience);
  return {};
}

}  // namespace

Result<TakenParcel> take_parcel(WriteTxn& txn, Effects& effects, Replica& replica, const VerifiedParcel& parcel,
                                const NodeId& from, bool pushed) {
  TakenParcel out;
  // Before it is judged: what a copied device hands in waits for a verdict.
  if (is_hub(replica)) SATCHEL_TRY(look_for_copies(txn, effects, replica, parcel));
  SATCHEL_GET(obeyed, replica.obeyed_in(txn, effects));
  // Which key an archive goes on with is for everybody alike: no device settles it by what nobody else knows.
  const Directory& directory = is_hub(replica) ? *obeyed.directory : *obeyed.ordered;
  const DirectoryGate gate(directory, from, pushed, replica.clock().wall());
  SATCHEL_GET(from_no, node_no(txn, from));
  SATCHEL_GET(known_batch, find_batch(txn, parcel.id));
  std::vector<StoredStamp> stamps_before;
  if (known_batch) {
    SATCHEL_GET(held, stamps_of(txn, *known_batch));
    stamps_before = std::move(held);
  }
  SATCHEL_GET(intake, take_in(txn, parcel, from_no, gate));
  out.intake = std::move(intake);
  if (out.intake.later) return out;
  if (is_hub(replica)) SATCHEL_TRY(note_number(txn, parcel, out.intake.batch));
  const bool took_something = out.intake.appended + out.intake.known > 0;
  if (pushed && is_hub(replica) && took_something) {
    SATCHEL_TRY(stamp_if_due(txn, effects, obeyed, replica, parcel, out.intake));
  }
  SATCHEL_GET(stamps, stamps_of(txn, out.intake.batch));
  if (stamps.size() > stamps_before.size() && from != parcel.batch.author.node && is_hub(replica)) {
    SATCHEL_TRY(add_receipt(txn, parcel.batch.author.node.bytes, out.intake.batch));
    effects.receipts_for(parcel.batch.author.node);
  }
  // What came up stamped others have already, with no more than that stamp.
  if (is_hub(replica) && (known_batch || !parcel.stamps.empty())) {
    const auto& before = known_batch ? stamps_before : parcel.stamps;
    SATCHEL_TRY(announce_if_changed(txn, effects, replica, out.intake.batch, before));
  }
  SATCHEL_GET(told, stamps_beside(txn, out.intake.batch));
  for (const auto& s : told) out.stamps.push_back(s.signed_bytes);
  if (out.intake.appended > 0 && parcel.batch.author.node != replica.self().identity.id) {
    SATCHEL_TRY(notice_kept_back(
        txn, effects.directory(),
        {stamps, out.intake.touched, parcel.batch.author, from, replica.self().identity.id, replica.clock().wall()}));
  }
  if (!is_hub(replica)) {
    SATCHEL_TRY(look_after_wraps_again(txn, parcel));
    return out;
  }
  const auto now = replica.clock().wall();
  SATCHEL_TRY(tell_of_opened(txn, effects, out.intake.opened, now));
  Toucher toucher(txn);
  for (const auto& info : out.intake.touched) SATCHEL_TRY(toucher.touch(info.no, readers_of(directory, info, now)));
  if (out.intake.known > 0) {
    // The entries that promise them may have been here, without them, and be where they go.
    for (const auto& granted : out.intake.granted)
      SATCHEL_TRY(hand_on(txn, effects, replica, toucher, granted, pushed));
  }
  for (const auto& [audience, move] : toucher.moves()) {
    out.moved.push_back({audience, move.from, move.to});
    effects.touched(audience);
  }
  return out;
}

Result<void> take_late_wraps(WriteTxn& txn, Effects& effects, Replica& replica, std::span<const VerifiedWrap> wraps,
                             bool pushed) {
  Toucher toucher(txn);
  for (const auto& w : wraps) {
    SATCHEL_GET(no, find_archive(txn, w.wrap.archive));
    if (!no) continue;
    SATCHEL_GET(info, archive_info(txn, *no));
    if (!info) continue;
    const Directory& directory = effects.directory();
    if (directory.is_destroyed(info->id)) continue;
    if (!can_be_of_its_maker(directory, w.wrap, *info, replica.clock().wall(), !pushed)) continue;
    if (!w.wrap.by.none()) SATCHEL_TRY(make_way(txn, directory, *no, w.wrap));
    SATCHEL_GET(granted, take_wraps(txn, std::span(&w, 1)));
    if (granted.empty()) continue;
    if (!is_hub(replica)) {
      // What was passed over for want of the key can be wrapped for others now.
      SATCHEL_GET(wrapped, counter(txn, kWrappedCounter));
      if (wrapped >= *no) SATCHEL_TRY(set_counter(txn, kWrappedCounter, *no - 1));
      continue;
    }
    SATCHEL_TRY(hand_on(txn, effects, replica, toucher, granted.front(), pushed));
  }
  for (const auto& [audience, move] : toucher.moves()) effects.touched(audience);
  return {};
}

Result<bool> take_receipts(WriteTxn& txn, Effects& effects, Replica& replica,
                           std::span<const wire::SignedView> stamps) {
  bool all_known = true;
  for (const auto& s : stamps) {
    const auto stamp = Stamp::decode(s.bytes);
    if (!stamp) return fail(ErrorKind::integrity, "session.stamp");
    const KnownNode* hub = effects.directory().node(stamp->hub.node);
    if (hub == nullptr || hub->kind != NodeKind::hub) {
      all_known = false;
      continue;
    }
    SignedBytes bytes{copy(s.bytes), s.signature};
    if (!verify_stamp(bytes, hub->sign)) return fail(ErrorKind::integrity, "session.stamp", stamp->hub.node.hex());
    SATCHEL_GET(batch, find_batch(txn, stamp->batch));
    if (!batch) continue;
    SATCHEL_GET(before, stamps_of(txn, *batch));
    SATCHEL_GET(fresh, add_stamp(txn, *batch, *stamp, bytes));
    if (!fresh || !is_hub(replica)) continue;
    SATCHEL_GET(stored, batch_at(txn, *batch));
    SATCHEL_TRY(add_receipt(txn, stored.batch.author.node.bytes, *batch));
    effects.receipts_for(stored.batch.author.node);
    SATCHEL_TRY(announce_if_changed(txn, effects, replica, *batch, before));
  }
  return all_known;
}

namespace {

// Archives whose rights a rule may have changed.
Result<std::vector<StoredArchive>> archives_under(const ReadTxn& txn, const Directory& directory,
                                                  const payload::Handover& rule) {
  std::vector<StoredArchive> out;
  SATCHEL_GET(archives, archive_count(txn));
  for (ArchiveNo no = 1; no <= archives; ++no) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (!info || !info->opened) continue;
    const auto owners = directory.owners(access_of(*info));
    if (std::ranges::find(owners, rule.to) != owners.end()) out.push_back(std::move(*info));
  }
  return out;
}

// A hub lets go of what opens a destroyed archive, and of what was sealed in it; headers stay as links of their chains.
Result<void> drop_destroyed(WriteTxn& txn, Effects& effects, Replica& replica, const payload::Destroy& said) {
  const Directory& directory = effects.directory();
  const auto proposal = directory.proposals().find(said.proposal);
  if (proposal == directory.proposals().end()) return {};
  std::uint32_t dropped = 0;
  for (const auto& archive : proposal->second.archives) {
    SATCHEL_GET(no, find_archive(txn, archive));
    if (!no) continue;
    SATCHEL_TRY(strip_archive(txn, *no));
    ++dropped;
  }
  // The receipt follows when it is gone from the file, too.
  return owe_shredding(txn, effects, dropped, replica.clock().wall());
}

// Who could read it just before one of these was said of it, or after: who lost it by that very word, too.
Result<void> touch_around(Toucher& toucher, const Directory& directory, const StoredArchive& info,
                          std::span<const Envelope> said) {
  const auto facts = directory.archive_facts().find(info.id);
  if (facts == directory.archive_facts().end()) return {};
  for (const auto& fact : facts->second) {
    if (std::ranges::find(said, fact.said.statement, &Envelope::id) == said.end()) continue;
    SATCHEL_TRY(toucher.touch(info.no, directory.readers_around(access_of(info), fact.said.at)));
  }
  return {};
}

// Whom it concerns is told what was said about an archive, whichever hub withheld it from him; and whoever may read it
// from now on finds it in his feed.
Result<void> tell_followers(WriteTxn& txn, Effects& effects, Replica& replica, std::span<const Envelope> said) {
  if (!is_hub(replica)) return {};
  const Directory& directory = effects.directory();
  std::map<ArchiveNo, StoredArchive> touched;
  for (const auto& envelope : said) {
    const auto& statement = envelope.statement();
    if (statement.kind == StatementKind::handover) {
      const auto rule = decode_payload<payload::Handover>(statement.payload);
      if (!rule) continue;
      SATCHEL_GET(under, archives_under(txn, directory, *rule));
      for (auto& info : under) touched.emplace(info.no, std::move(info));
    } else if (statement.kind == StatementKind::destroy) {
      const auto destroy = decode_payload<payload::Destroy>(statement.payload);
      if (destroy) SATCHEL_TRY(drop_destroyed(txn, effects, replica, *destroy));
    } else if (statement.scope == Scope::archive) {
      SATCHEL_GET(no, find_archive(txn, statement.archive));
      if (!no) continue;
      SATCHEL_GET(info, archive_info(txn, *no));
      if (info) touched.emplace(*no, std::move(*info));
    }
  }
  Toucher toucher(txn);
  const auto now = replica.clock().wall();
  for (const auto& [no, info] : touched) {
    SATCHEL_TRY(toucher.touch(no, readers_of(directory, info, now)));
    SATCHEL_TRY(touch_around(toucher, directory, info, said));
  }
  for (const auto& [audience, move] : toucher.moves()) effects.touched(audience);
  return touched.empty() ? Result<void>{} : announce_again(txn, effects, replica, touched);
}

// Stamps name places that the new order has given away: what stood there is told with the statements that are handed in
// again.
Result<void> show_former_order(WriteTxn& txn, Effects& effects, Replica& replica, const payload::FormerOrder& former) {
  const auto& self = replica.self();
  const Directory& directory = effects.directory();
  const KnownNode* node = directory.node(self.identity.id);
  if (node == nullptr || node->state() != NodeState::confirmed) return {};
  const Speaker speaker{self.org, self.identity.id, node->person, directory.position(), replica.clock().wall()};
  const Envelope envelope = make_statement(speaker, self.identity.sign, former, replica.entropy());
  return put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}});
}

}  // namespace

Result<std::size_t> take_directory(WriteTxn& txn, Effects& effects, Replica& replica, const wire::DirectoryRun& run) {
  SATCHEL_GET(told, take_run(txn, effects.edit(), run));
  if (told.undone > 0) {
    effects.went_back();
    effects.pending_changed();
  }
  if (told.former) SATCHEL_TRY(show_former_order(txn, effects, replica, *told.former));
  SATCHEL_TRY(tell_followers(txn, effects, replica, told.said));
  return told.records;
}

Result<void> order_statement(WriteTxn& txn, Effects& effects, Replica& replica, const Envelope& envelope) {
  Directory& directory = effects.edit();
  const auto now = replica.clock().wall();
  SATCHEL_TRY(append_ordered(txn, directory, directory.order(envelope, now), &envelope));
  DirectoryHead head = directory.head(replica.self().identity.id, now);
  sign_head(head, replica.self().identity.sign);
  SATCHEL_TRY(put_head(txn, head));
  return tell_followers(txn, effects, replica, std::span(&envelope, 1));
}

}  // namespace satchel::node
