// SPDX-License-Identifier: AGPL-3.0-or-later
// Audiences: who is in which, who may make and hand on their keys, and what upkeep asks of whom.
#include <set>

#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

std::set<NodeId> ids(const std::vector<NodeId>& list) { return {list.begin(), list.end()}; }

payload::AudienceKey fresh_key(Company& c, const AudienceId& audience, std::uint32_t epoch,
                               const std::vector<Member>& to) {
  payload::AudienceKey said{audience, epoch, make_box_keys(Secret32::random(c.entropy)).pub, {}};
  for (const auto& member : to) said.boxes[member.id] = Bytes(104, 1);
  return said;
}

}  // namespace

TEST_CASE("directory: who is in which audience follows from role and branch", "[directory][audience]") {
  Company c;
  const auto a = c.add_branch("深圳");
  const auto b = c.add_branch("北京");
  const auto org = c.directory.org();
  const auto manager = c.hire("经理", Role::branch_manager, a);
  const auto keeper = c.hire("档案员", Role::archive_administrator, a);
  const auto branch_finance = c.hire("分部财务", Role::department, a);
  const auto finance = c.hire("财务", Role::department);
  const auto general = c.hire("总经理", Role::general_manager);
  const auto auditor = c.hire("审计", Role::auditor);
  const auto rep = c.hire("甲", Role::salesperson, a);
  const auto phone = c.enrol(rep.person);
  const auto reader = c.enrol_reader();
  const auto branch_hub = c.enrol_hub(a);
  const auto& d = c.directory;
  CHECK(ids(d.members(person_audience(org, rep.person))) == std::set{rep.id, phone.id});
  CHECK(ids(d.members(managers_audience(org, a))) == std::set{manager.id, keeper.id});
  CHECK(d.members(managers_audience(org, b)).empty());
  CHECK(ids(d.members(hq_audience(org))) == std::set{c.admin.id, finance.id, general.id, auditor.id, reader.id});
  CHECK(ids(d.members(everyone_audience(org))) == std::set{c.admin.id, manager.id, keeper.id, branch_finance.id,
                                                           finance.id, general.id, auditor.id, rep.id, phone.id});
  CHECK(ids(d.members(pool_audience(org, a))) == std::set{manager.id, keeper.id, branch_finance.id, rep.id, phone.id});
  CHECK(d.audiences_of(branch_hub.id).empty());
  CHECK(d.audiences_of(reader.id) == std::vector{hq_audience(org)});
  // Both ways round say the same.
  for (const auto& [id, node] : d.nodes()) {
    for (const auto& audience : d.audiences_of(id)) CHECK(ids(d.members(audience)).contains(id));
  }
  // A move takes one audience and gives another.
  c.move(manager.person, Role::branch_manager, b);
  CHECK_FALSE(d.member(manager.id, managers_audience(org, a)));
  CHECK(d.member(manager.id, managers_audience(org, b)));
  c.must(c.says(c.admin, payload::NodeRevoked{phone.id, ""}));
  CHECK(ids(d.members(person_audience(org, rep.person))) == std::set{rep.id});
  c.dismiss(rep.person);
  CHECK(d.members(person_audience(org, rep.person)).empty());
}

TEST_CASE("directory: an audience's key is made by a member, for members, once an epoch", "[directory][audience]") {
  Company c;
  const auto org = c.directory.org();
  const auto general = c.hire("总经理", Role::general_manager);
  const auto rep = c.hire("甲", Role::salesperson);
  const auto hq = hq_audience(org);
  const auto check = [&](const Member& by, const payload::AudienceKey& said) { return c.check(c.says(by, said)); };
  CHECK(check(rep, fresh_key(c, hq, 1, {rep})) == "directory.not-member");
  CHECK(check(general, fresh_key(c, hq, 1, {general, rep})) == "directory.not-member");  // a ghost
  CHECK(check(general, fresh_key(c, hq, 2, {general})) == "directory.stale-epoch");
  CHECK(check(general, fresh_key(c, hq, 1, {c.admin})) == "directory.own-box-missing");
  CHECK(check(general, fresh_key(c, id_of<AudienceId>(1), 1, {general})) == "directory.unknown-audience");
  auto weak = fresh_key(c, hq, 1, {general});
  weak.key = {};
  CHECK(check(general, weak) == "directory.bad-key");
  const auto first = fresh_key(c, hq, 1, {general});
  c.must(c.says(general, first));
  CHECK(check(c.admin, fresh_key(c, hq, 1, {c.admin})) == "directory.stale-epoch");  // the first ordered one wins
  auto again = fresh_key(c, hq, 2, {general});
  again.key = first.key;
  CHECK(check(general, again) == "directory.key-reused");
  const auto* audience = c.directory.audience(hq);
  CHECK(audience->epoch() == 1);
  CHECK(audience->at(1)->key == first.key);
  CHECK(audience->box(1, general.id));
  CHECK_FALSE(audience->box(1, c.admin.id));
  CHECK_FALSE(audience->box(2, general.id));
}

TEST_CASE("directory: a box is handed on by a member who holds one, to a member who lacks it",
          "[directory][audience]") {
  Company c;
  const auto general = c.hire("总经理", Role::general_manager);
  const auto auditor = c.hire("审计", Role::auditor);
  const auto rep = c.hire("甲", Role::salesperson);
  const auto hq = hq_audience(c.directory.org());
  const auto box = [&](const Member& by, const Member& to, std::uint32_t epoch) {
    return c.says(by, payload::AudienceBox{hq, epoch, to.id, Bytes(104, 2)});
  };
  CHECK(c.check(box(general, auditor, 1)) == "directory.stale-epoch");
  c.must(c.says(general, fresh_key(c, hq, 1, {general})));
  CHECK(c.check(box(auditor, c.admin, 1)) == "directory.no-own-box");
  CHECK(c.check(box(rep, c.admin, 1)) == "directory.not-member");
  CHECK(c.check(box(c.hub, c.admin, 1)) == "directory.not-allowed");
  CHECK(c.check(box(general, rep, 1)) == "directory.not-member");
  CHECK(c.check(box(general, auditor, 2)) == "directory.stale-epoch");
  c.must(box(general, auditor, 1));
  CHECK(c.check(box(general, auditor, 1)) == "directory.box-present");
  c.must(box(auditor, c.admin, 1));
}

TEST_CASE("directory: upkeep ends with every member holding every epoch, and asks nothing more",
          "[directory][upkeep]") {
  Company c;
  const auto branch = c.add_branch("深圳");
  std::vector<Member> members{c.hub, c.admin, c.hire("经理", Role::branch_manager, branch),
                              c.hire("甲", Role::salesperson, branch)};
  c.run_upkeep(members);
  members.push_back(c.enrol(members[3].person));
  members.push_back(c.hire("副理", Role::branch_manager, branch));
  members.push_back(c.enrol_reader());
  c.run_upkeep(members);
  const auto all_held = [&] {
    for (const auto& member : members) {
      for (const auto& id : c.directory.audiences_of(member.id)) {
        const auto* audience = c.directory.audience(id);
        REQUIRE(audience->epoch() > 0);
        for (std::uint32_t e = 1; e <= audience->epoch(); ++e) CHECK(audience->box(e, member.id));
      }
    }
  };
  all_held();
  const auto managers = managers_audience(c.directory.org(), branch);
  CHECK(c.directory.audience(managers)->epoch() == 1);
  CHECK_FALSE(c.directory.rotation_due(managers));

  c.dismiss(members[2].person);
  CHECK(c.directory.rotation_due(managers));
  CHECK(c.directory.rotation_due(everyone_audience(c.directory.org())));
  CHECK_FALSE(c.directory.rotation_due(hq_audience(c.directory.org())));
  c.run_upkeep(members);
  CHECK(c.directory.audience(managers)->epoch() == 2);
  CHECK_FALSE(c.directory.audience(managers)->box(2, members[2].id));  // the removed one gets no later key
  CHECK_FALSE(c.directory.rotation_due(managers));
  all_held();
}

TEST_CASE("directory: when no holder is left any member starts a new epoch", "[directory][upkeep]") {
  Company c;
  const auto rep = c.hire("甲", Role::salesperson);
  const auto own = person_audience(c.directory.org(), rep.person);
  c.must(c.says(rep, fresh_key(c, own, 1, {rep})));
  const auto next = c.enrol(rep.person);
  CHECK(c.directory.upkeep(next.id).size() == 1);  // audience everyone has no key yet; the person's has, with rep
  c.must(c.says(c.admin, payload::NodeRevoked{rep.id, "lost"}));
  bool asked = false;
  for (const auto& task : c.directory.upkeep(next.id)) {
    const auto* create = std::get_if<CreateAudienceKey>(&task);
    asked =
        asked || (create && create->audience == own && create->epoch == 2 && create->members == std::vector{next.id});
  }
  CHECK(asked);
}

TEST_CASE("directory: of several who could do a task each has its own rank", "[directory][upkeep]") {
  Company c;
  const auto general = c.hire("总经理", Role::general_manager);
  const auto auditor = c.hire("审计", Role::auditor);
  std::set<std::uint32_t> ranks;
  for (const auto& member : {c.admin, general, auditor}) {
    for (const auto& task : c.directory.upkeep(member.id)) {
      const auto* create = std::get_if<CreateAudienceKey>(&task);
      if (create && create->audience == hq_audience(c.directory.org())) ranks.insert(create->rank);
    }
  }
  CHECK(ranks == std::set<std::uint32_t>{0, 1, 2});
}

TEST_CASE("directory: numbers are leased once, in order, without overlap", "[directory][numbers]") {
  Company c;
  const auto rep = c.hire("甲", Role::salesperson);
  c.enrol_reader();
  c.run_upkeep({c.hub});
  const auto given = c.directory.numbers(rep.id, kFirstIncarnation);
  REQUIRE(given.size() == 1);
  CHECK(given[0].count == kNumbersPerLease);
  CHECK(c.directory.upkeep(c.hub.id).empty());
  const auto give = [&](std::uint64_t first) {
    return c.check(c.says(c.hub, payload::NumberRange{rep.id, 1, first, 10}));
  };
  CHECK(give(given[0].first) == "directory.number-taken");
  CHECK(give(c.directory.next_number() - 1) == "directory.number-taken");
  CHECK(give(c.directory.next_number()) == "ok");
  // A device that came back in a new life asks for its own.
  c.must(c.says(rep, payload::NumberRangeWanted{rep.id, 2, 500}));
  CHECK(c.check(c.says(rep, payload::NumberRangeWanted{rep.id, 2, 500})) == "directory.wanted-already");
  CHECK(c.directory.numbers_wanted(rep.id, 2));
  c.run_upkeep({c.hub});
  CHECK(c.directory.numbers(rep.id, 2) == std::vector<LeasedRange>{{401, 500}});
  CHECK_FALSE(c.directory.numbers_wanted(rep.id, 2));
  CHECK(c.directory.next_number() == 901);
  // What was asked for by a node that is revoked meanwhile is not given.
  c.must(c.says(rep, payload::NumberRangeWanted{rep.id, 2, 500}));
  c.must(c.says(c.admin, payload::NodeRevoked{rep.id, ""}));
  CHECK(c.directory.upkeep(c.hub.id).empty());
  CHECK(c.check(c.says(c.hub, payload::NumberRange{rep.id, 2, 901, 10})) == "directory.not-confirmed");
}

TEST_CASE("directory: the newest pack meant for a person is in force, older ones stay", "[directory][packs]") {
  Company c;
  const auto tester = c.add_person("甲", Role::salesperson);
  const auto publish = [&](std::uint32_t version, std::vector<PersonId> group, Bytes bytes) {
    return c.says(c.admin, payload::PackPublished{"visit", version, std::move(group), PackCoding::plain, bytes,
                                                  payload::pack_digest(bytes)});
  };
  c.must(publish(1, {}, {1}));
  c.must(publish(3, {tester}, {3}));
  CHECK(c.check(publish(3, {}, {4})) == "directory.stale-version");
  CHECK(c.check(c.says(c.admin, payload::PackPublished{"visit", 4, {}, PackCoding::plain, {4}, {}})) ==
        "directory.bad-digest");
  CHECK(c.directory.pack_in_force("visit")->version == 1);
  CHECK(c.directory.pack_in_force("visit", tester)->version == 3);
  CHECK(c.directory.packs().at("visit").size() == 2);
  CHECK_FALSE(c.directory.pack_in_force("order"));
}
