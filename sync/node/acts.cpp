// SPDX-License-Identifier: AGPL-3.0-or-later
// What a node does with what reaches it: parcels, wraps, receipts, statements. Each is one step inside a transaction.
#include "sync/node/grants.h"
#include "sync/node/replica.h"
#include "sync/node/scribe.h"

namespace satchel::node {

namespace {

class DirectoryGate final : public Gate {
 public:
  DirectoryGate(const Directory& directory, bool judge) : directory_(directory), judge_(judge) {}

  std::string refuse(const NodeId& author, const StoredArchive& info) const override {
    if (!judge_ || directory_.right(author, access_of(info)) != WriteRight::never) return {};
    return "intake.foreign";
  }
  bool holds(const NodeId& author, const StoredArchive& info) const override {
    return judge_ && directory_.right(author, access_of(info)) == WriteRight::lost;
  }
  bool behind(const Position& author_saw) const override { return judge_ && directory_.position() < author_saw; }
  PersonId person_of(const NodeId& id) const override {
    const KnownNode* node = directory_.node(id);
    return node != nullptr ? node->person : PersonId{};
  }
  std::vector<AudienceId> audiences(const Opening& opening) const override {
    auto out = audiences_for(directory_.org(), opening.branch, opening.owners);
    for (const auto& wrap : opening.wraps) {
      if (std::ranges::find(out, wrap.audience) == out.end()) out.push_back(wrap.audience);
    }
    return out;
  }

 private:
  const Directory& directory_;
  bool judge_;
};

bool is_hub(const Replica& replica) { return replica.self().role == wire::Role::hub; }

// The first hub to take a batch stamps it; so does HQ, whose stamp is the receipt.
Result<void> stamp_if_due(WriteTxn& txn, Effects& effects, Replica& replica, const VerifiedParcel& parcel,
                          BatchNo batch, bool& fresh) {
  SATCHEL_GET(stamps, stamps_of(txn, batch));
  const auto& self = replica.self();
  const bool mine =
      std::ranges::any_of(stamps, [&](const StoredStamp& s) { return s.stamp.hub.node == self.identity.id; });
  const KnownNode* me = effects.directory().node(self.identity.id);
  const bool top = me != nullptr && me->hq_hub;
  if (mine || (!stamps.empty() && !top)) return {};
  Stamp stamp;
  stamp.batch = parcel.id;
  stamp.hub = self.chain();
  stamp.time = replica.clock().wall();
  stamp.directory = effects.directory().position();
  SATCHEL_GET(added, add_stamp(txn, batch, stamp, sign_stamp(stamp, self.identity.sign)));
  fresh = fresh || added;
  return {};
}

// What stamps let a reader believe: an earlier time cuts a claim shorter, an earlier position excuses more.
struct Belief {
  std::int64_t time = INT64_MAX;
  Position position{UINT32_MAX, UINT64_MAX};
};

Belief belief_of(const std::vector<StoredStamp>& stamps) {
  Belief b;
  for (const auto& s : stamps) {
    b.time = std::min(b.time, s.stamp.time.ms);
    b.position = std::min(b.position, s.stamp.directory);
  }
  return b;
}

// Readers who have the batch already must learn of a stamp that changes what they believe.
Result<void> announce_if_changed(WriteTxn& txn, Effects& effects, BatchNo batch, const Belief& before) {
  SATCHEL_GET(stamps, stamps_of(txn, batch));
  const Belief now = belief_of(stamps);
  if (now.time >= before.time && now.position >= before.position) return {};
  std::set<AudienceId> audiences;
  SATCHEL_GET(archives, archives_of(txn, batch));
  for (const auto no : archives) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (info) audiences.insert(info->audiences.begin(), info->audiences.end());
  }
  for (const auto& audience : audiences) {
    SATCHEL_TRY(add_receipt(txn, audience.bytes, batch));
    effects.touched(audience);
  }
  return {};
}

}  // namespace

Result<TakenParcel> take_parcel(WriteTxn& txn, Effects& effects, Replica& replica, const VerifiedParcel& parcel,
                                const NodeId& from, bool pushed) {
  TakenParcel out;
  const Directory& directory = effects.directory();
  const DirectoryGate gate(directory, pushed);
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
  bool fresh_stamp = false;
  const bool took_something = out.intake.appended + out.intake.known > 0;
  if (pushed && is_hub(replica) && took_something) {
    SATCHEL_TRY(stamp_if_due(txn, effects, replica, parcel, out.intake.batch, fresh_stamp));
  }
  SATCHEL_GET(stamps, stamps_of(txn, out.intake.batch));
  if (stamps.size() > stamps_before.size() && from != parcel.batch.author.node && is_hub(replica)) {
    SATCHEL_TRY(add_receipt(txn, parcel.batch.author.node.bytes, out.intake.batch));
    effects.receipts_for(parcel.batch.author.node);
  }
  if (known_batch && is_hub(replica))
    SATCHEL_TRY(announce_if_changed(txn, effects, *known_batch, belief_of(stamps_before)));
  for (const auto& s : stamps) out.stamps.push_back(s.signed_bytes);
  if (!is_hub(replica)) return out;
  Toucher toucher(txn);
  for (const auto& info : out.intake.touched) SATCHEL_TRY(toucher.touch(info));
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
    // Whoever makes a wrap must be able to have the key: a foreign maker could only plant a wrong one.
    if (!w.wrap.by.none() && effects.directory().right(w.wrap.by, access_of(*info)) != WriteRight::now) {
      const auto follows = followed(effects.directory(), w.wrap.by);
      const bool reads = std::ranges::any_of(
          info->audiences, [&](const AudienceId& a) { return std::ranges::find(follows, a) != follows.end(); });
      if (!reads) continue;
    }
    SATCHEL_GET(granted, take_wraps(txn, std::span(&w, 1)));
    if (granted.empty() || !is_hub(replica)) continue;
    SATCHEL_TRY(toucher.touch(*no, w.wrap.audience));
    const KnownNode* me = effects.directory().node(replica.self().identity.id);
    if (pushed && me != nullptr && !me->hq_hub) SATCHEL_TRY(queue_wrap(txn, w.hash, w.bytes));
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
    SATCHEL_TRY(announce_if_changed(txn, effects, *batch, belief_of(before)));
  }
  return all_known;
}

Result<std::size_t> take_directory(WriteTxn& txn, Effects& effects, Replica& replica, const wire::DirectoryRun& run) {
  std::set<ArchiveId> spoken_of;
  for (const auto& record : run.records) {
    if (!is_hub(replica) || record.envelope.empty()) continue;
    SATCHEL_GET(envelope, decode_envelope(record.envelope));
    const bool news = !effects.directory().has(envelope.id()) || effects.directory().withheld().contains(envelope.id());
    if (news && envelope.statement().scope == Scope::archive) spoken_of.insert(envelope.statement().archive);
  }
  SATCHEL_GET(fresh, take_run(txn, effects.edit(), run));
  Toucher toucher(txn);
  for (const auto& archive : spoken_of) {
    SATCHEL_GET(no, find_archive(txn, archive));
    if (!no) continue;
    SATCHEL_GET(info, archive_info(txn, *no));
    if (info) SATCHEL_TRY(toucher.touch(*info));
  }
  for (const auto& [audience, move] : toucher.moves()) effects.touched(audience);
  return fresh;
}

Result<void> order_statement(WriteTxn& txn, Effects& effects, Replica& replica, const Envelope& envelope) {
  Directory& directory = effects.edit();
  const auto now = replica.clock().wall();
  SATCHEL_TRY(append_ordered(txn, directory, directory.order(envelope, now), &envelope));
  DirectoryHead head = directory.head(replica.self().identity.id, now);
  sign_head(head, replica.self().identity.sign);
  return put_head(txn, head);
}

Result<void> lease_due_numbers(WriteTxn& txn, Effects& effects, Replica& replica) {
  const auto& self = replica.self();
  for (const auto& task : effects.directory().upkeep(self.identity.id)) {
    const auto* lease = std::get_if<LeaseNumbers>(&task);
    if (lease == nullptr) continue;
    const Speaker speaker{self.org, self.identity.id, {}, effects.directory().position(), replica.clock().wall()};
    payload::NumberRange range;
    range.node = lease->node;
    range.incarnation = lease->incarnation;
    range.first = lease->first;
    range.count = lease->count;
    const Envelope envelope = make_statement(speaker, self.identity.sign, range, replica.entropy());
    if (!effects.directory().check(envelope, replica.clock().wall())) continue;
    SATCHEL_TRY(order_statement(txn, effects, replica, envelope));
  }
  return {};
}

Result<wire::SubmitResult> take_statement(WriteTxn& txn, Effects& effects, Replica& replica, const Envelope& envelope) {
  wire::SubmitResult result{envelope.id(), wire::SubmitStatus::ordered, {}};
  if (effects.directory().has(envelope.id())) return result;
  const KnownNode* me = effects.directory().node(replica.self().identity.id);
  if (me != nullptr && me->hq_hub) {
    if (auto allowed = effects.directory().check(envelope, replica.clock().wall()); !allowed) {
      return wire::SubmitResult{envelope.id(), wire::SubmitStatus::refused, allowed.error().code};
    }
    SATCHEL_TRY(order_statement(txn, effects, replica, envelope));
    SATCHEL_TRY(lease_due_numbers(txn, effects, replica));
    return result;
  }
  SATCHEL_GET(known, all_pending(txn));
  for (const auto& p : known) {
    if (p.id == envelope.id()) return wire::SubmitResult{p.id, p.status, p.code};
  }
  SATCHEL_TRY(put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
  effects.pending_changed();
  result.status = wire::SubmitStatus::pending;
  return result;
}

}  // namespace satchel::node
