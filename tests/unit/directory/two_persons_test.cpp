// SPDX-License-Identifier: AGPL-3.0-or-later
// Two persons means two person identities: every set of countersigners against the rule said in one line.
#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

struct Board {
  Company c;
  BranchId branch = c.add_branch("深圳");
  Member general = c.hire("总经理", Role::general_manager);
  Member manager = c.hire("经理", Role::branch_manager, branch);
  Member second_device = c.enrol(c.admin.person);
  Member rep = c.hire("甲", Role::salesperson, branch);
  Member auditor = c.hire("审计", Role::auditor);
  Member revoked = c.enrol(general.person);
  PersonId candidate = c.add_person("候选", Role::salesperson, branch);

  Board() {
    c.must(c.says(c.admin, payload::NodeRevoked{revoked.id, ""}));
    c.must(c.says(c.admin, payload::Policy{std::string(kPolicyTwoPersons), "on"}));
  }

  payload::PersonChanged appointment(const PersonId& person) const {
    payload::PersonChanged said{.person = person};
    said.role = Role::archive_administrator;
    said.branch = BranchId{};
    return said;
  }
};

}  // namespace

TEST_CASE("directory: an appointment needs a second person whoever else signs", "[directory][two-persons]") {
  Board b;
  // Who may be the second: an active person with such a role, other than the signer and the appointed.
  const std::vector<std::pair<Member, bool>> signers{{b.general, true}, {b.manager, true},  {b.second_device, false},
                                                     {b.rep, false},    {b.auditor, false}, {b.revoked, false},
                                                     {b.c.admin, false}};
  for (unsigned set = 0; set < (1U << signers.size()); ++set) {
    auto envelope = b.c.says(b.c.admin, b.appointment(b.candidate));
    bool enough = false;
    for (std::size_t i = 0; i < signers.size(); ++i) {
      // Even sets in one order and odd ones in the other: the order must not matter.
      const auto at = set % 2 ? i : signers.size() - 1 - i;
      if ((set >> at & 1) == 0) continue;
      countersign(envelope, signers[at].first.id, signers[at].first.sign);
      enough = enough || signers[at].second;
    }
    INFO("set " << set);
    CHECK(b.c.check(envelope) == (enough ? "ok" : "directory.two-persons"));
  }
}

TEST_CASE("directory: nobody is the second person in the own cause", "[directory][two-persons]") {
  Board b;
  auto envelope = b.c.says(b.c.admin, b.appointment(b.manager.person));
  countersign(envelope, b.manager.id, b.manager.sign);
  CHECK(b.c.check(envelope) == "directory.two-persons");
  countersign(envelope, b.general.id, b.general.sign);
  CHECK(b.c.check(envelope) == "ok");
}

TEST_CASE("directory: a countersignature that does not fit refuses the whole statement", "[directory][two-persons]") {
  Board b;
  auto envelope = b.c.says(b.c.admin, b.appointment(b.candidate));
  countersign(envelope, b.general.id, b.manager.sign);
  CHECK(b.c.check(envelope) == "directory.bad-countersignature");
  envelope = b.c.says(b.c.admin, payload::Policy{"x", "1"});  // also where none was asked for
  countersign(envelope, id_of<NodeId>(3), b.general.sign);
  CHECK(b.c.check(envelope) == "directory.bad-countersignature");
  // One made for another statement.
  const auto other = b.c.says(b.c.admin, b.appointment(b.candidate));
  auto signed_other = other;
  countersign(signed_other, b.general.id, b.general.sign);
  Writer spliced;
  envelope = b.c.says(b.c.admin, b.appointment(b.candidate));
  spliced.sized(envelope.signed_bytes()).u8(2).raw(envelope.signature().view()).varint(1);
  spliced.raw(b.general.id.view()).raw(signed_other.countersignatures().at(0).signature.view());
  CHECK(b.c.check(*decode_envelope(spliced.bytes())) == "directory.bad-countersignature");
}

TEST_CASE("directory: which statements need two persons", "[directory][two-persons]") {
  Board b;
  const auto needs = [&](const payload::Any& said) { return b.c.directory.needs_two_persons(said); };
  payload::PersonAdded added{id_of<PersonId>(1), "新", Role::salesperson, b.branch, {}, {}};
  CHECK_FALSE(needs(added));
  for (const auto role : {Role::branch_manager, Role::archive_administrator, Role::general_manager}) {
    added.role = role;
    CHECK(needs(added));
  }
  payload::PersonChanged changed{.person = b.manager.person};
  changed.name = "新名";
  CHECK_FALSE(needs(changed));
  changed.active = false;
  CHECK_FALSE(needs(changed));  // taking away needs one
  changed.active = true;
  changed.branch = b.c.add_branch("北京");
  CHECK(needs(changed));  // a manager of another branch is an appointment
  // A second identity is not to be had by confirming a device in another's name.
  CHECK(needs(payload::NodeConfirmed{b.manager.id}));
  CHECK_FALSE(needs(payload::NodeConfirmed{b.rep.id}));
  CHECK(needs(payload::Policy{std::string(kPolicyTwoPersons), "off"}));
  CHECK_FALSE(needs(payload::Policy{"other", "off"}));
  b.c.dismiss(b.general.person);
  b.c.dismiss(b.manager.person);
  CHECK_FALSE(needs(payload::NodeConfirmed{b.c.admin.id}));  // only one such person is left: nobody could be the second
}

TEST_CASE("directory: the two-person rule is off until it is switched on", "[directory][two-persons]") {
  Company c;
  c.hire("总经理", Role::general_manager);
  c.hire("副管", Role::archive_administrator);
  CHECK_FALSE(
      c.directory.needs_two_persons(payload::PersonAdded{id_of<PersonId>(1), "新", Role::general_manager, {}, {}, {}}));
}

// Destroying is two statements: every pair of people against the rule said in one line.
TEST_CASE("directory: a destruction needs two different persons of such a role, in either order of roles",
          "[directory][two-persons]") {
  enum Kind { nobody, proposes_only, both };
  Board b;
  const std::vector<std::pair<Member, Kind>> staff{
      {b.c.admin, both}, {b.general, both},   {b.manager, proposes_only}, {b.second_device, both},
      {b.rep, nobody},   {b.auditor, nobody}, {b.revoked, nobody}};
  int archive = 1;
  for (const auto& [proposer, first] : staff) {
    for (const auto& [signer, second] : staff) {
      const auto target = id_of<ArchiveId>(++archive);
      const auto proposal = b.c.says(proposer, payload::DestroyProposed{{target}});
      const bool proposed = b.c.put(proposal) == "applied";
      INFO("archive " << archive);
      CHECK(proposed == (first != nobody));
      const auto signature = b.c.says(signer, payload::Destroy{proposal.id()});
      const bool destroyed = b.c.put(signature) == "applied";
      CHECK(destroyed == (first != nobody && second == both && proposer.person != signer.person));
      CHECK(b.c.directory.is_destroyed(target) == destroyed);
      // Once is enough, and nobody may say it again.
      if (destroyed) CHECK(b.c.put(b.c.says(b.general, payload::Destroy{proposal.id()})) != "applied");
    }
  }
}

TEST_CASE("directory: ending the two-person rule takes two whoever signs, whatever else is signed before",
          "[directory][two-persons]") {
  Board b;
  const payload::Policy off{std::string(kPolicyTwoPersons), "off"};
  const std::vector<std::pair<Member, bool>> signers{
      {b.general, true}, {b.manager, true}, {b.rep, false}, {b.second_device, false}, {b.auditor, false}};
  std::vector<std::size_t> order{0, 1, 2, 3, 4};
  do {
    auto envelope = b.c.says(b.c.admin, off);
    bool enough = false;
    CHECK(b.c.check(envelope) == "directory.two-persons");
    for (const auto at : order) {
      countersign(envelope, signers[at].first.id, signers[at].first.sign);
      enough = enough || signers[at].second;
      CHECK(b.c.check(envelope) == (enough ? "ok" : "directory.two-persons"));
    }
  } while (std::ranges::next_permutation(order).found && order[0] < 3);
  // Nobody but an administrator says it, with however many others.
  auto envelope = b.c.says(b.general, off);
  countersign(envelope, b.c.admin.id, b.c.admin.sign);
  CHECK(b.c.check(envelope) == "directory.not-allowed");
}
