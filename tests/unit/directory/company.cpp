// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/directory/company.h"

namespace satchel {

Company::Company(std::uint64_t seed) : entropy(seed), root(make_sign_keys(Secret32::random(entropy))) {
  directory = Directory(org_id(root.pub));
  must(root_says(payload::OrganisationFounded{"华兴食品", root.pub, hash("backup", view("pin"))}));
  hub = keys();
  must(root_says(payload::HubAdmitted{hub.sign.pub, hub.box.pub, hash("pin", view("hq")), "hq.example:7440", "总部"}));
  const auto person = random_id<PersonId>(entropy);
  must(root_says(payload::PersonAdded{person, "管理员", Role::archive_administrator, {}, {}, {}}));
  SignKeys token;
  auto invitation = invite(person, token);
  invitation.needs_confirmation = false;
  must(root_says(invitation));
  admin = keys(person);
  must(enrolment(admin, invitation.invite, token));
}

Member Company::keys(const PersonId& person) {
  Member m{make_sign_keys(Secret32::random(entropy)), make_box_keys(Secret32::random(entropy)), {}, person};
  m.id = node_id(m.sign.pub, m.box.pub);
  return m;
}

std::string Company::put(const Envelope& envelope) {
  const auto expected = check(envelope);
  const auto ordered = directory.order(envelope, now);
  // What travels is bytes.
  const auto again = decode_envelope(envelope.encode());
  REQUIRE(again);
  auto effect = directory.apply(ordered, &*again);
  REQUIRE(effect);
  log.emplace_back(ordered, *again);
  const auto outcome = outcome_of(*effect);
  if (outcome == "unknown") {
    CHECK(expected == "directory.unknown-kind");
  } else {
    CHECK(expected == (outcome == "applied" ? "ok" : outcome));
  }
  return outcome;
}

BranchId Company::add_branch(const std::string& name, const std::string& code) {
  const auto id = random_id<BranchId>(entropy);
  must(says(admin, payload::BranchAdded{id, name, code}));
  return id;
}

PersonId Company::add_person(const std::string& name, Role role, const BranchId& branch) {
  const auto id = random_id<PersonId>(entropy);
  must(says(admin, payload::PersonAdded{id, name, role, branch, {}, {}}));
  return id;
}

payload::Invitation Company::invite(const PersonId& person, SignKeys& token) {
  token = make_sign_keys(Secret32::random(entropy));
  payload::Invitation said;
  said.invite = random_id<InviteId>(entropy);
  said.token = token.pub;
  said.person = person;
  said.expiry = now + Millis(3'600'000);
  return said;
}

Envelope Company::enrolment(const Member& node, const InviteId& invite, const SignKeys& token,
                            std::optional<payload::HubDetails> details) {
  const std::string name = details ? details->address : "设备";  // as `satcheld join` says it without --name
  payload::NodeEnrolled said{invite, node.sign.pub, node.box.pub, name, std::move(details), {}};
  prove_token(said, directory.org(), token);
  Member speaker = node;
  speaker.person = {};
  return says(speaker, said);
}

Member Company::enrol(const PersonId& person) {
  SignKeys token;
  const auto invitation = invite(person, token);
  must(says(admin, invitation));
  const auto node = keys(person);
  must(enrolment(node, invitation.invite, token));
  must(says(admin, payload::NodeConfirmed{node.id}));
  return node;
}

Member Company::enrol_hub(const BranchId& branch) {
  SignKeys token;
  auto invitation = invite({}, token);
  invitation.purpose = InvitePurpose::hub;
  invitation.branch = branch;
  invitation.needs_confirmation = false;
  must(says(admin, invitation));
  const auto node = keys();
  must(enrolment(node, invitation.invite, token,
                 payload::HubDetails{hash("pin", branch.view()), "branch.example:7441"}));
  return node;
}

Member Company::enrol_reader() {
  SignKeys token;
  auto invitation = invite({}, token);
  invitation.purpose = InvitePurpose::reader;
  must(says(admin, invitation));
  const auto node = keys();
  must(enrolment(node, invitation.invite, token));
  must(says(admin, payload::NodeConfirmed{node.id}));
  return node;
}

Member Company::hire(const std::string& name, Role role, const BranchId& branch) {
  return enrol(add_person(name, role, branch));
}

void Company::dismiss(const PersonId& person) {
  payload::PersonChanged said{.person = person};
  said.active = false;
  must(says(admin, said));
}

void Company::move(const PersonId& person, Role role, const BranchId& branch) {
  payload::PersonChanged said{.person = person};
  said.role = role;
  said.branch = branch;
  must(says(admin, said));
}

void Company::run_upkeep(const std::vector<Member>& members) {
  for (bool busy = true; busy;) {
    busy = false;
    for (const auto& self : members) {
      const auto tasks = directory.upkeep(self.id);
      if (tasks.empty()) continue;
      busy = true;
      if (const auto* create = std::get_if<CreateAudienceKey>(&tasks.front())) {
        payload::AudienceKey said{create->audience, create->epoch, make_box_keys(Secret32::random(entropy)).pub, {}};
        for (const auto& node : create->members) said.boxes[node] = Bytes(104, 7);
        must(says(self, said));
      } else if (const auto* seal = std::get_if<SealAudienceBox>(&tasks.front())) {
        must(says(self, payload::AudienceBox{seal->audience, seal->epoch, seal->to, Bytes(104, 8)}));
      } else {
        const auto& lease = std::get<LeaseNumbers>(tasks.front());
        must(says(self, payload::NumberRange{lease.node, lease.incarnation, lease.first, lease.count}));
      }
    }
  }
}

}  // namespace satchel
