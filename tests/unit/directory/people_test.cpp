// SPDX-License-Identifier: AGPL-3.0-or-later
// Branches, people, invitations, enrolment: the story of a device, and how each step is refused.
#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

TEST_CASE("directory: founding leaves one administrator, one hub, and the queries that name them", "[directory]") {
  Company c;
  const auto& d = c.directory;
  CHECK(d.name() == "华兴食品");
  CHECK(d.root() == c.root.pub);
  CHECK(d.org() == org_id(c.root.pub));
  REQUIRE(d.hubs().size() == 1);
  CHECK(d.hubs()[0]->hq_hub);
  CHECK(d.hubs()[0]->address == "hq.example:7440");
  const auto* admin = d.person_named("管理员");
  REQUIRE(admin);
  CHECK(admin->role() == Role::archive_administrator);
  CHECK(d.node(c.admin.id)->state() == NodeState::confirmed);
  CHECK(d.nodes_of(admin->id).size() == 1);
  CHECK(d.pending().empty());
}

TEST_CASE("directory: a hub without a name of its own goes by its branch's", "[directory]") {
  Company c;
  const auto hub = c.enrol_hub(c.add_branch("深圳", "SZ"));
  CHECK(c.directory.node(hub.id)->name == "深圳");
  CHECK(c.directory.node(hub.id)->address == "branch.example:7441");
}

TEST_CASE("directory: names, codes and ids are given once", "[directory]") {
  Company c;
  const auto branch = c.add_branch("深圳", "SZ");
  const auto add_branch = [&](BranchId id, const char* name, const char* code) {
    return c.check(c.says(c.admin, payload::BranchAdded{id, name, code}));
  };
  CHECK(add_branch(id_of<BranchId>(1), "深圳", "") == "directory.name-taken");
  CHECK(add_branch(id_of<BranchId>(1), "北京", "SZ") == "directory.name-taken");
  CHECK(add_branch(branch, "北京", "") == "directory.id-taken");
  CHECK(add_branch(id_of<BranchId>(1), "北京", "") == "ok");
  const auto person = c.add_person("甲", Role::salesperson, branch);
  const auto add = [&](PersonId id, const char* name, Role role, BranchId at) {
    return c.check(c.says(c.admin, payload::PersonAdded{id, name, role, at, {}, {}}));
  };
  CHECK(add(id_of<PersonId>(1), "甲", Role::salesperson, branch) == "directory.name-taken");
  CHECK(add(person, "乙", Role::salesperson, branch) == "directory.id-taken");
  CHECK(add(id_of<PersonId>(1), "乙", Role::salesperson, id_of<BranchId>(9)) == "directory.unknown-branch");
  CHECK(add(id_of<PersonId>(1), "乙", Role::branch_manager, {}) == "directory.role-needs-branch");
  // The name of somebody who left is free, and taken when that person would come back.
  c.dismiss(person);
  CHECK_FALSE(c.directory.person_named("甲"));
  const auto second = c.add_person("甲", Role::salesperson, branch);
  CHECK(c.directory.person_named("甲")->id == second);
  payload::PersonChanged note{.person = person};
  note.functions = std::vector<std::string>{"顾问"};
  c.must(c.says(c.admin, note));  // what is said of the one who left does not touch the other's name
  CHECK(c.directory.person_named("甲")->id == second);
  payload::PersonChanged back{.person = person};
  back.active = true;
  CHECK(c.check(c.says(c.admin, back)) == "directory.name-taken");
  back.name = "甲（一）";
  c.must(c.says(c.admin, back));
  CHECK(c.directory.person_named("甲（一）")->id == person);
}

TEST_CASE("directory: a person's roles are known for every position", "[directory]") {
  Company c;
  const auto branch = c.add_branch("深圳");
  const auto person = c.add_person("甲", Role::salesperson, branch);
  const auto hired = c.directory.position();
  c.move(person, Role::branch_manager, branch);
  const auto promoted = c.directory.position();
  c.dismiss(person);
  const auto& d = c.directory;
  CHECK_FALSE(d.role_of(person, {1, hired.n - 1}));
  CHECK(d.role_of(person, hired)->role == Role::salesperson);
  CHECK(d.role_of(person, {1, promoted.n - 1})->role == Role::salesperson);
  CHECK(d.role_of(person, promoted)->role == Role::branch_manager);
  CHECK_FALSE(d.role_of(person, d.position())->active);
}

TEST_CASE("directory: an invitation enrols one node, once, in time, with its token", "[directory][enrolment]") {
  Company c;
  const auto person = c.add_person("甲", Role::salesperson);
  SignKeys token;
  const auto invitation = c.invite(person, token);
  const auto node = c.keys(person);
  CHECK(c.check(c.enrolment(node, invitation.invite, token)) == "directory.unknown-invitation");
  c.must(c.says(c.admin, invitation));
  CHECK(c.check(c.says(c.admin, invitation)) == "directory.id-taken");
  CHECK(c.check(c.enrolment(node, invitation.invite, make_sign_keys(Secret32::random(c.entropy)))) ==
        "directory.bad-token");
  c.now = invitation.expiry + Millis(1);
  CHECK(c.check(c.enrolment(node, invitation.invite, token)) == "directory.token-expired");
  c.now = invitation.expiry;
  c.must(c.enrolment(node, invitation.invite, token));
  CHECK(c.directory.invite(invitation.invite)->used_by == node.id);
  CHECK(c.check(c.enrolment(c.keys(person), invitation.invite, token)) == "directory.token-used");

  const auto pending = c.directory.pending();
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].person == person);
  CHECK(pending[0].fingerprint == fingerprint(node.id, node.sign.pub, node.box.pub));
  // Before it is confirmed nothing is granted.
  CHECK(c.directory.audiences_of(node.id).empty());
  CHECK(c.check(c.says(node, payload::NumberRangeWanted{node.id, 1, 1})) == "directory.not-confirmed");
  c.must(c.says(c.admin, payload::NodeConfirmed{node.id}));
  CHECK(c.directory.pending().empty());
  CHECK(c.directory.audiences_of(node.id).size() == 2);
  CHECK(c.check(c.says(c.admin, payload::NodeConfirmed{node.id})) == "directory.not-pending");
}

TEST_CASE("directory: a node cannot enrol with keys that are not its own", "[directory][enrolment]") {
  Company c;
  const auto person = c.add_person("甲", Role::salesperson);
  SignKeys token;
  const auto invitation = c.invite(person, token);
  c.must(c.says(c.admin, invitation));
  auto node = c.keys(person);
  const auto other = c.keys(person);
  auto mixed = node;
  mixed.box = other.box;
  CHECK(c.check(c.enrolment(mixed, invitation.invite, token)) == "directory.wrong-signer");
  mixed = node;
  mixed.sign.seed = other.sign.seed;
  CHECK(c.check(c.enrolment(mixed, invitation.invite, token)) == "directory.bad-signature");
  auto weak = node;
  weak.box.pub = {};
  weak.id = node_id(weak.sign.pub, weak.box.pub);
  CHECK(c.check(c.enrolment(weak, invitation.invite, token)) == "directory.bad-key");
  CHECK(c.check(c.enrolment(node, invitation.invite, token, payload::HubDetails{{}, "x:1"})) ==
        "directory.wrong-purpose");
  // A proof that was made for another name of the device.
  payload::NodeEnrolled said{invitation.invite, node.sign.pub, node.box.pub, "甲的手机", {}, {}};
  prove_token(said, c.directory.org(), token);
  said.name = "别的";
  node.person = {};
  CHECK(c.check(c.says(node, said)) == "directory.bad-token");
}

TEST_CASE("directory: an inviter's wrong clock gives no longer life", "[directory][enrolment]") {
  Company c;
  const auto person = c.add_person("甲", Role::salesperson);
  SignKeys token;
  auto invitation = c.invite(person, token);
  invitation.expiry = c.now + Millis(365LL * 24 * 3600 * 1000);
  const auto ordered = c.now;
  c.must(c.says(c.admin, invitation));
  CHECK(c.directory.invite(invitation.invite)->expiry == ordered + kTokenLifeMax);
  c.now = ordered + kTokenLifeMax + Millis(1);
  CHECK(c.check(c.enrolment(c.keys(person), invitation.invite, token)) == "directory.token-expired");
}

TEST_CASE("directory: an invitation names what its purpose needs", "[directory][enrolment]") {
  Company c;
  const auto branch = c.add_branch("深圳");
  const auto person = c.add_person("甲", Role::salesperson, branch);
  SignKeys token;
  auto said = c.invite(person, token);
  said.needs_confirmation = false;
  CHECK(c.check(c.says(c.admin, said)) == "directory.not-allowed");
  said = c.invite({}, token);
  CHECK(c.check(c.says(c.admin, said)) == "directory.bad-invitation");
  said.purpose = InvitePurpose::hub;
  CHECK(c.check(c.says(c.admin, said)) == "directory.bad-invitation");
  said.branch = id_of<BranchId>(1);
  CHECK(c.check(c.says(c.admin, said)) == "directory.unknown-branch");
  said.branch = branch;
  CHECK(c.check(c.says(c.admin, said)) == "ok");
  said.purpose = InvitePurpose::reader;
  CHECK(c.check(c.says(c.admin, said)) == "directory.bad-invitation");
  c.dismiss(person);
  CHECK(c.check(c.says(c.admin, c.invite(person, token))) == "directory.inactive");
  CHECK(c.check(c.says(c.admin, c.invite(id_of<PersonId>(1), token))) == "directory.unknown-person");
}

TEST_CASE("directory: somebody who left can neither enrol nor be confirmed", "[directory][enrolment]") {
  Company c;
  const auto person = c.add_person("甲", Role::salesperson);
  SignKeys token, second_token;
  const auto invitation = c.invite(person, token);
  const auto second = c.invite(person, second_token);
  c.must(c.says(c.admin, invitation));
  c.must(c.says(c.admin, second));
  const auto node = c.keys(person);
  c.must(c.enrolment(node, invitation.invite, token));
  c.dismiss(person);
  CHECK(c.check(c.enrolment(c.keys(person), second.invite, second_token)) == "directory.inactive");
  CHECK(c.check(c.says(c.admin, payload::NodeConfirmed{node.id})) == "directory.inactive");
}

TEST_CASE("directory: hubs are listed nearest first, without those revoked", "[directory]") {
  Company c;
  const auto a = c.add_branch("深圳");
  const auto b = c.add_branch("北京");
  const auto hub_a = c.enrol_hub(a);
  const auto hub_b = c.enrol_hub(b);
  auto near = c.directory.hubs(b);
  REQUIRE(near.size() == 3);
  CHECK(near[0]->id == hub_b.id);
  CHECK(near[1]->id == c.hub.id);
  CHECK(near[0]->tls_pin == hash("pin", b.view()));
  c.must(c.says(c.admin, payload::NodeRevoked{hub_a.id, "stolen"}));
  CHECK(c.directory.hubs(b).size() == 2);
  CHECK(c.directory.node(hub_a.id)->reason == "stolen");
  const auto first = c.directory.node(hub_a.id)->revoked;
  c.must(c.says(c.admin, payload::NodeRevoked{hub_a.id, "again"}));  // stands beside the first, which stays
  CHECK(c.directory.node(hub_a.id)->revoked == first);
  CHECK(c.directory.node(hub_a.id)->revoked_again.size() == 1);
}

TEST_CASE("directory: what obeying a statement takes away is told before it is ordered", "[directory]") {
  Company c;
  const auto rep = c.hire("甲", Role::salesperson);
  payload::PersonChanged said{.person = rep.person};
  const auto nature = [&](const auto& what) { return *c.directory.nature(c.says(c.admin, what)); };
  said.name = "乙";
  CHECK(nature(said) == Nature::permissive);
  said.role = Role::department;
  CHECK(nature(said) == Nature::either);
  said.active = false;
  CHECK(nature(said) == Nature::restrictive);
  CHECK(nature(payload::NodeRevoked{rep.id, ""}) == Nature::restrictive);
  CHECK(c.directory.nature(c.says(rep, payload::NodeRevoked{rep.id, ""})).error().code == "directory.not-allowed");
}
