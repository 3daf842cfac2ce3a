// SPDX-License-Identifier: AGPL-3.0-or-later
// Who reads and who writes, held against a model of sixty lines over random statements: owners, grants that end by word
// or by time, moves, handovers, merges, people who change roles and leave, devices that are revoked. The model is
// told only what was applied, and asks nothing of the directory.
#include <rapidcheck.h>

#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

constexpr std::int64_t kAnHourMs = 3'600'000;

struct Standing {
  Role role;
  BranchId branch;
  bool active = true;
  bool revoked = false;
};

class RightsModel {
 public:
  std::map<PersonId, Standing> staff;
  std::vector<PersonId> owners;
  BranchId branch;
  bool moved = false;
  struct Given {
    GrantRights rights;
    std::int64_t until;
  };
  std::map<PersonId, Given> grants;
  ArchiveId within;
  bool destroyed = false;
  std::map<PersonId, bool> wrote;  // who ever could

  bool head(const PersonId& by) const {
    const auto& s = staff.at(by);
    if (!s.active || s.revoked) return false;
    return s.role == Role::general_manager || (s.role == Role::branch_manager && s.branch == branch);
  }
  bool owns(const PersonId& p) const { return std::ranges::find(owners, p) != owners.end(); }
  bool reads(const PersonId& p, std::int64_t now) const {
    const auto& s = staff.at(p);
    if (!s.active || s.revoked || destroyed) return false;
    const auto grant = grants.find(p);
    const bool given = grant != grants.end() && (grant->second.until == 0 || grant->second.until > now);
    return owns(p) || given || s.role == Role::general_manager || s.role == Role::auditor ||
           (s.role == Role::branch_manager && s.branch == branch);
  }
  bool writes(const PersonId& p) const {
    const auto& s = staff.at(p);
    if (!s.active || s.revoked) return false;
    const auto grant = grants.find(p);
    const bool given = grant != grants.end() && grant->second.rights == GrantRights::write;
    return owns(p) || given || s.role == Role::general_manager ||
           (s.role == Role::branch_manager && s.branch == branch);
  }
  // Hub time has come so far: grants that are over are gone from the log's point of view, too.
  void pass(std::int64_t now) {
    std::erase_if(grants, [&](const auto& g) { return g.second.until != 0 && g.second.until <= now; });
  }
  void remember() {
    for (const auto& [person, s] : staff) wrote[person] = wrote[person] || writes(person);
  }
};

struct Bureau {
  Company c;
  BranchId a = c.add_branch("深圳");
  BranchId b = c.add_branch("北京");
  std::vector<Member> staff{c.hire("甲", Role::salesperson, a),
                            c.hire("乙", Role::salesperson, a),
                            c.hire("丙", Role::salesperson, b),
                            c.hire("深圳经理", Role::branch_manager, a),
                            c.hire("北京经理", Role::branch_manager, b),
                            c.hire("总经理", Role::general_manager),
                            c.hire("审计", Role::auditor)};
  ArchiveAccess archive{id_of<ArchiveId>(7),
                        {staff[0].person},
                        {person_audience(c.directory.org(), staff[0].person), managers_audience(c.directory.org(), a),
                         hq_audience(c.directory.org())},
                        a,
                        c.directory.position()};
  RightsModel model;

  Bureau() {
    for (const auto& m : staff) {
      const auto* p = c.directory.person(m.person);
      model.staff[m.person] = {p->role(), p->branch(), true, false};
    }
    model.owners = archive.owners;
    model.branch = a;
    model.remember();
  }

  const Member& head(std::uint32_t draw) const { return staff[3 + draw % 3]; }
  template <class P>
  bool say(const Member& by, const P& said) {
    const bool organisation = authority_row(P::kKind)->scope == Scope::organisation;
    return c.put(c.says(by, said, organisation ? ArchiveId{} : archive.archive)) == "applied";
  }
  bool counts(const Member& by) const { return model.head(by.person); }

  void step(std::uint32_t draw) {
    const Member& by = head(draw);
    const Member& whom = staff[(draw / 3) % staff.size()];
    const Member& other = staff[(draw / 29) % staff.size()];
    const bool heard = counts(by);
    switch ((draw / 211) % 11) {
      case 0:
        if (say(by, payload::OwnerSet{{whom.person}}) && heard) model.owners = {whom.person};
        break;
      case 1:
      case 2: {
        const auto rights = draw % 2 ? GrantRights::read : GrantRights::write;
        const std::int64_t until = draw % 5 < 2 ? c.now.ms + (1 + draw % 7) * kAnHourMs : 0;
        if (say(by, payload::Grant{person_audience(c.directory.org(), whom.person), rights, 0, {until}}) && heard)
          model.grants.insert_or_assign(whom.person, RightsModel::Given{rights, until});
        break;
      }
      case 3:
        if (say(by, payload::GrantEnded{person_audience(c.directory.org(), whom.person)}) && heard)
          model.grants.erase(whom.person);
        break;
      case 4: {
        const BranchId to = draw % 2 ? a : b;
        if (!say(by, payload::Moved{to, {whom.person}}) || !heard) break;
        model.branch = to;
        model.moved = true;
        model.owners = {whom.person};
        break;
      }
      case 5:
        hand_over(by, whom, other, heard);
        break;
      case 6:
        if (say(by, payload::Merge{id_of<ArchiveId>(9)}) && heard) model.within = id_of<ArchiveId>(9);
        break;
      case 7:
        if (say(by, payload::MergeUndone{}) && heard) model.within = {};
        break;
      case 8: {
        payload::PersonChanged changed{.person = whom.person};
        changed.active = draw % 2 == 0;
        if (say(c.admin, changed)) model.staff[whom.person].active = *changed.active;
        break;
      }
      case 9:
        c.now.ms += (draw % 9) * kAnHourMs;
        say(c.admin, payload::Policy{"tick", std::to_string(draw)});
        model.pass(c.now.ms);
        break;
      case 10:
        if (draw % 4 == 0 && say(c.admin, payload::NodeRevoked{whom.id, ""})) model.staff[whom.person].revoked = true;
        break;
    }
    model.remember();
  }

  void hand_over(const Member& by, const Member& from, const Member& to, bool heard) {
    if (!say(by, payload::Handover{from.person, to.person, {}}) || !heard || !model.owns(from.person)) return;
    std::erase(model.owners, from.person);
    if (!model.owns(to.person)) model.owners.push_back(to.person);
  }

  void check() {
    const auto& d = c.directory;
    for (const auto& m : staff) {
      RC_ASSERT(d.may_read(m.id, archive, c.now) == model.reads(m.person, c.now.ms));
      const bool now = model.writes(m.person);
      const auto expected = now ? WriteRight::now : model.wrote[m.person] ? WriteRight::lost : WriteRight::never;
      RC_ASSERT(d.right(m.id, archive) == expected);
      RC_ASSERT(!d.restrictions(m.id, archive).empty() == (expected == WriteRight::lost));
    }
    RC_ASSERT(d.owners(archive) == model.owners);
    RC_ASSERT(d.shown_within(archive) == model.within);
  }
};

}  // namespace

TEST_CASE("access: who reads and who writes follows a small model, whatever is said, by whom, and when",
          "[directory][access]") {
  REQUIRE(rc::check("rights", [] {
    Bureau o;
    const auto steps = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 1'000'000));
    for (const auto draw : steps) {
      o.step(draw);
      o.check();
    }
  }));
}
