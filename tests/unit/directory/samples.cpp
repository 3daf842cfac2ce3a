// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/directory/samples.h"

namespace satchel {

namespace {

template <class P>
void add(std::vector<Sample>& out, const P& payload) {
  out.push_back({P::kKind, encode_payload(payload)});
}

payload::PersonChanged change_of_everything() {
  payload::PersonChanged said{.person = id_of<PersonId>(0x21)};
  said.role = Role::branch_manager;
  said.branch = id_of<BranchId>(0x31);
  said.active = true;
  said.name = "乙";
  said.functions = std::vector<std::string>{"会计"};
  said.deputies = std::vector<PersonId>{id_of<PersonId>(0x22)};
  return said;
}

}  // namespace

std::vector<Sample> samples() {
  using namespace payload;
  std::vector<Sample> out;
  const auto person = id_of<PersonId>(0x21);
  const auto branch = id_of<BranchId>(0x31);
  const auto node = id_of<NodeId>(0x41);
  const auto sign = id_of<SignPublic>(0x51);
  const auto box = id_of<BoxPublic>(0x52);
  const auto pin = id_of<Digest>(0x61);
  const auto audience = id_of<AudienceId>(0x71);
  add(out, OrganisationFounded{"华兴食品", sign, pin});
  add(out, HubAdmitted{sign, box, pin, "hq:7440", "HQ"});
  add(out, OrderResumed{{1, 300}, pin, 2});
  add(out, BranchAdded{branch, "深圳", "SZ"});
  add(out, PersonAdded{person, "甲", Role::salesperson, branch, {"会计", "副经理"}, {id_of<PersonId>(0x22)}});
  add(out, change_of_everything());
  Invitation invitation{id_of<InviteId>(0x81), sign, InvitePurpose::person, person, {}, {1'790'000'000'000}, true};
  add(out, invitation);
  add(out, NodeEnrolled{id_of<InviteId>(0x81), sign, box, "A", HubDetails{pin, "sz:7441"}, id_of<Signature>(0x91)});
  add(out, NodeConfirmed{node});
  add(out, NodeRevoked{node, "lost"});
  add(out, AudienceKey{audience, 1, box, {{node, Bytes{1, 2, 3}}, {id_of<NodeId>(0x42), Bytes{4}}}});
  add(out, AudienceBox{audience, 2, node, Bytes{1, 2, 3}});
  add(out, PackPublished{"visit", 3, {person}, PackCoding::zstd, Bytes{0x28, 0xb5}, pin});
  add(out, NumberRangeWanted{node, 1, 500});
  add(out, NumberRange{node, 1, 201, 200});
  add(out, Policy{"two-person-appointments", "on"});
  add(out, Handover{person, id_of<PersonId>(0x22), {id_of<ArchiveId>(0xa1)}});
  add(out, DestroyProposed{{id_of<ArchiveId>(0xa1), id_of<ArchiveId>(0xa2)}, DestroyReason::person_asked, 0x0106});
  add(out, Destroy{pin});
  add(out, AccessDropped{{1, 300}, 7, 2, {1'790'000'000'000}, {pin}});
  add(out, NodeFrozen{node, {Bytes{1, 2, 3}, id_of<Signature>(0x91)}, {Bytes{4}, id_of<Signature>(0x92)}});
  add(out, NodeRenewed{node, 300});
  add(out, FormerOrder{{1, 300}, {{Scope::archive, 2, pin, id_of<Digest>(0x62), {1'790'000'000'000}}}, Bytes{1, 2, 3}});
  add(out, BackupKey{box});
  add(out, AccessRequested{audience, GrantRights::write, {1'790'000'000'000}, {2, Bytes{1, 2, 3}}, {1, Bytes{4}}});
  add(out, AccessAnswered{pin, AnswerChoice::approve, GrantRights::read, {1'790'000'000'000}, {1, Bytes{5, 6}}});
  add(out, Verdict{{{node, 1, 5, 9}}, VerdictChoice::refuse, {3, id_of<KeyId>(0xb1), Bytes{1, 2, 3}}});
  add(out, OwnerSet{{person, id_of<PersonId>(0x22)}});
  add(out, Grant{audience, GrantRights::write, 4, {1'790'000'000'000}});
  add(out, Merge{id_of<ArchiveId>(0xa1)});
  add(out, GrantEnded{audience});
  add(out, MergeUndone{});
  add(out, Moved{branch, {person}});
  return out;
}

std::optional<Bytes> through(StatementKind kind, View bytes) {
  const auto decoded = decode_any(kind, bytes);
  if (!decoded) {
    CHECK(decoded.error().code == "directory.bad-payload");
    return std::nullopt;
  }
  return std::visit(
      [](const auto& said) {
        if constexpr (requires { said.kind; })
          return said.bytes;
        else
          return encode_payload(said);
      },
      *decoded);
}

}  // namespace satchel
