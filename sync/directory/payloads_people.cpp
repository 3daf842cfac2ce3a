// SPDX-License-Identifier: AGPL-3.0-or-later
// Payloads about the organisation, its people and their nodes.
#include "sync/directory/codec.h"
#include "sync/directory/limits.h"
#include "sync/directory/payloads.h"

namespace satchel::payload {

using namespace codec;

namespace {

// Which fields of a PersonChanged are there. Values are permanent.
enum Present : std::uint8_t { kRole = 1, kBranch = 2, kActive = 4, kName = 8, kFunctions = 16, kDeputies = 32 };
constexpr std::uint8_t kAllPresent = 63;

void refuse_none(Reader& in, bool none) {
  if (none) in.fail();
}

}  // namespace

void OrganisationFounded::put(Writer& out) const { out.sized(name).raw(root.view()).raw(backup_pin.view()); }

void OrganisationFounded::take(Reader& in) {
  name = take_name(in, kNameBytesMax);
  root = take_id<SignPublic>(in);
  backup_pin = take_id<Digest>(in);
}

void HubAdmitted::put(Writer& out) const {
  out.raw(sign.view()).raw(box.view()).raw(tls_pin.view()).sized(address).sized(name);
}

void HubAdmitted::take(Reader& in) {
  sign = take_id<SignPublic>(in);
  box = take_id<BoxPublic>(in);
  tls_pin = take_id<Digest>(in);
  address = take_name(in, kAddressBytesMax);
  name = take_name(in, kNameBytesMax);
}

void OrderResumed::put(Writer& out) const {
  put_position(out, head);
  out.raw(order_hash.view()).u32(incarnation);
}

void OrderResumed::take(Reader& in) {
  head = take_position(in);
  order_hash = take_id<Digest>(in);
  incarnation = in.u32();
}

void BranchAdded::put(Writer& out) const { out.raw(branch.view()).sized(name).sized(code); }

void BranchAdded::take(Reader& in) {
  branch = take_id<BranchId>(in);
  refuse_none(in, branch.none());
  name = take_name(in, kNameBytesMax);
  code = take_text(in, kCodeBytesMax);
}

void PersonAdded::put(Writer& out) const {
  out.raw(person.view()).sized(name).u8(static_cast<std::uint8_t>(role)).raw(branch.view());
  put_texts(out, functions);
  put_ids(out, deputies);
}

void PersonAdded::take(Reader& in) {
  person = take_id<PersonId>(in);
  refuse_none(in, person.none());
  name = take_name(in, kNameBytesMax);
  role = take_enum(in, Role::auditor);
  branch = take_id<BranchId>(in);
  functions = take_texts(in, kFunctionsMax, kNameBytesMax);
  deputies = take_ids<PersonId>(in, kDeputiesMax);
}

void PersonChanged::put(Writer& out) const {
  const auto present = (role ? kRole : 0) | (branch ? kBranch : 0) | (active ? kActive : 0) | (name ? kName : 0) |
                       (functions ? kFunctions : 0) | (deputies ? kDeputies : 0);
  out.raw(person.view()).u8(static_cast<std::uint8_t>(present));
  if (role) out.u8(static_cast<std::uint8_t>(*role));
  if (branch) out.raw(branch->view());
  if (active) put_flag(out, *active);
  if (name) out.sized(*name);
  if (functions) put_texts(out, *functions);
  if (deputies) put_ids(out, *deputies);
}

void PersonChanged::take(Reader& in) {
  person = take_id<PersonId>(in);
  const auto present = in.u8();
  refuse_none(in, person.none() || present == 0 || present > kAllPresent);
  if (present & kRole) role = take_enum(in, Role::auditor);
  if (present & kBranch) branch = take_id<BranchId>(in);
  if (present & kActive) active = take_flag(in);
  if (present & kName) name = take_name(in, kNameBytesMax);
  if (present & kFunctions) functions = take_texts(in, kFunctionsMax, kNameBytesMax);
  if (present & kDeputies) deputies = take_ids<PersonId>(in, kDeputiesMax);
}

void Invitation::put(Writer& out) const {
  out.raw(invite.view()).raw(token.view()).u8(static_cast<std::uint8_t>(purpose)).raw(person.view());
  out.raw(branch.view()).i64(expiry.ms);
  put_flag(out, needs_confirmation);
}

void Invitation::take(Reader& in) {
  invite = take_id<InviteId>(in);
  refuse_none(in, invite.none());
  token = take_id<SignPublic>(in);
  purpose = take_enum(in, InvitePurpose::reader);
  person = take_id<PersonId>(in);
  branch = take_id<BranchId>(in);
  expiry.ms = in.i64();
  needs_confirmation = take_flag(in);
}

void NodeEnrolled::put_claim(Writer& out) const {
  out.raw(invite.view()).raw(sign.view()).raw(box.view()).sized(name);
  put_flag(out, hub.has_value());
  if (hub) out.raw(hub->tls_pin.view()).sized(hub->address);
}

Bytes NodeEnrolled::claim(const OrgId& org) const {
  Writer out;
  out.raw(org.view());
  put_claim(out);
  return out.take();
}

void NodeEnrolled::put(Writer& out) const {
  put_claim(out);
  out.raw(token_proof.view());
}

void NodeEnrolled::take(Reader& in) {
  invite = take_id<InviteId>(in);
  sign = take_id<SignPublic>(in);
  box = take_id<BoxPublic>(in);
  name = take_name(in, kNameBytesMax);
  if (take_flag(in)) {
    hub.emplace();
    hub->tls_pin = take_id<Digest>(in);
    hub->address = take_name(in, kAddressBytesMax);
  }
  token_proof = take_id<Signature>(in);
}

void NodeConfirmed::put(Writer& out) const { out.raw(node.view()); }

void NodeConfirmed::take(Reader& in) {
  node = take_id<NodeId>(in);
  refuse_none(in, node.none());
}

void NodeRevoked::put(Writer& out) const { out.raw(node.view()).sized(reason); }

void NodeRevoked::take(Reader& in) {
  node = take_id<NodeId>(in);
  refuse_none(in, node.none());
  reason = take_text(in, kReasonBytesMax);
}

}  // namespace satchel::payload
