// SPDX-License-Identifier: AGPL-3.0-or-later
// Payloads about archives: who owns and reads them, what is shown within what, what is destroyed.
#include "sync/directory/codec.h"
#include "sync/directory/limits.h"
#include "sync/directory/payloads.h"

namespace satchel::payload {

using namespace codec;

namespace {

template <class AnyId>
AnyId take_some(Reader& in) {
  const auto id = take_id<AnyId>(in);
  if (id.none()) in.fail();
  return id;
}

}  // namespace

void Verdict::put(Writer& out) const {
  out.varint(ranges.size());
  for (const auto& range : ranges) {
    out.raw(range.author.view()).u32(range.incarnation).u64(range.from).u64(range.to);
  }
  out.u8(static_cast<std::uint8_t>(choice)).u32(reason.epoch).raw(reason.key.view()).sized(reason.sealed);
}

void Verdict::take(Reader& in) {
  ranges.resize(in.count(kVerdictRangesMax));
  for (auto& range : ranges) {
    range.author = take_id<NodeId>(in);
    range.incarnation = in.u32();
    range.from = in.u64();
    range.to = in.u64();
    if (range.from == 0 || range.from > range.to) in.fail();
  }
  if (ranges.empty()) in.fail();
  choice = take_enum(in, VerdictChoice::refuse);
  reason.epoch = in.u32();
  reason.key = take_id<KeyId>(in);
  reason.sealed = copy(in.sized(kSealedTextBytesMax));
  if (reason.sealed.empty() != reason.key.none() || (reason.key.none() && reason.epoch != 0)) in.fail();
}

void OwnerSet::put(Writer& out) const { put_ids(out, owners); }

void OwnerSet::take(Reader& in) {
  owners = take_ids<PersonId>(in, kOwnersMax);
  if (owners.empty()) in.fail();
}

void Grant::put(Writer& out) const {
  out.raw(audience.view()).u8(static_cast<std::uint8_t>(rights)).u32(epoch_from).i64(expiry.ms);
}

void Grant::take(Reader& in) {
  audience = take_some<AudienceId>(in);
  rights = take_enum(in, GrantRights::write);
  epoch_from = in.u32();
  expiry.ms = in.i64();
  if (expiry.ms < 0) in.fail();
}

void GrantEnded::put(Writer& out) const { out.raw(audience.view()); }
void GrantEnded::take(Reader& in) { audience = take_some<AudienceId>(in); }

void Merge::put(Writer& out) const { out.raw(into.view()); }
void Merge::take(Reader& in) { into = take_some<ArchiveId>(in); }

void Moved::put(Writer& out) const {
  out.raw(branch.view());
  put_ids(out, owners);
}

void Moved::take(Reader& in) {
  branch = take_id<BranchId>(in);
  owners = take_ids<PersonId>(in, kOwnersMax);
  if (owners.empty()) in.fail();
}

void Handover::put(Writer& out) const {
  out.raw(from.view()).raw(to.view());
  put_ids(out, only);
}

void Handover::take(Reader& in) {
  from = take_some<PersonId>(in);
  to = take_some<PersonId>(in);
  only = take_ids<ArchiveId>(in, kArchivesNamedMax);
  if (from == to) in.fail();
}

void DestroyProposed::put(Writer& out) const {
  put_ids(out, archives);
  out.u8(static_cast<std::uint8_t>(reason)).u16(overridden);
}

void DestroyProposed::take(Reader& in) {
  archives = take_ids<ArchiveId>(in, kArchivesNamedMax);
  const auto word = in.u8();
  reason = static_cast<DestroyReason>(word);
  overridden = in.u16();
  if (archives.empty() || word > kDestroyReasonLast) in.fail();
}

void Destroy::put(Writer& out) const { out.raw(proposal.view()); }
void Destroy::take(Reader& in) { proposal = take_some<Digest>(in); }

void AccessDropped::put(Writer& out) const {
  put_position(out, executed);
  out.u32(archives).u32(unsent).i64(backup.ms);
  put_ids(out, gone_by);
}

void AccessDropped::take(Reader& in) {
  executed = take_position(in);
  archives = in.u32();
  unsent = in.u32();
  backup.ms = in.i64();
  gone_by = take_ids<Digest>(in, kGoneByMax);
  if (backup.ms < 0) in.fail();
}

void BoxedText::put(Writer& out) const { out.u32(epoch).sized(box); }

void BoxedText::take(Reader& in) {
  epoch = in.u32();
  box = copy(in.sized(kBoxedTextBytesMax));
  if (box.empty() != (epoch == 0)) in.fail();
}

void AccessRequested::put(Writer& out) const {
  out.raw(audience.view()).u8(static_cast<std::uint8_t>(rights)).i64(until.ms);
  text.put(out);
  own.put(out);
}

void AccessRequested::take(Reader& in) {
  audience = take_some<AudienceId>(in);
  rights = take_enum(in, GrantRights::write);
  until.ms = in.i64();
  text.take(in);
  own.take(in);
  if (until.ms < 0 || text.box.empty()) in.fail();
}

void AccessAnswered::put(Writer& out) const {
  out.raw(request.view()).u8(static_cast<std::uint8_t>(choice));
  if (choice == AnswerChoice::approve) out.u8(static_cast<std::uint8_t>(rights)).i64(until.ms);
  text.put(out);
}

void AccessAnswered::take(Reader& in) {
  request = take_some<Digest>(in);
  choice = take_enum(in, AnswerChoice::refuse);
  if (choice == AnswerChoice::approve) {
    rights = take_enum(in, GrantRights::write);
    until.ms = in.i64();
  }
  text.take(in);
  if (until.ms < 0) in.fail();
}

}  // namespace satchel::payload
