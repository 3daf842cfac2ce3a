// SPDX-License-Identifier: AGPL-3.0-or-later
// Who reads and writes an archive after handovers, grants, moves and destruction; and what a hub obeys before the
// order.
#include <rapidcheck.h>

#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

struct Office {
  Company c;
  BranchId a = c.add_branch("深圳");
  BranchId b = c.add_branch("北京");
  Member rep = c.hire("甲", Role::salesperson, a);
  Member heir = c.hire("乙", Role::salesperson, a);
  Member far = c.hire("丙", Role::salesperson, b);
  Member manager = c.hire("深圳经理", Role::branch_manager, a);
  Member other_manager = c.hire("北京经理", Role::branch_manager, b);
  Member general = c.hire("总经理", Role::general_manager);
  Member auditor = c.hire("审计", Role::auditor);
  ArchiveAccess archive = opened(7);

  ArchiveAccess opened(int id) {
    return {id_of<ArchiveId>(static_cast<Byte>(id)),
            {rep.person},
            {person_audience(c.directory.org(), rep.person), managers_audience(c.directory.org(), a),
             hq_audience(c.directory.org())},
            a,
            c.directory.position()};
  }
  template <class P>
  std::string say(const Member& by, const P& payload) {
    return c.put(c.says(by, payload, archive.archive));
  }
  template <class P>
  std::string say_all(const Member& by, const P& payload) {
    return c.put(c.says(by, payload));
  }
  bool reads(const Member& who, WallTime now = {1'790'000'000'000}) {
    return c.directory.may_read(who.id, archive, now);
  }
  WriteRight writes(const Member& who) { return c.directory.right(who.id, archive); }
  AudienceId audience(const Member& who) { return person_audience(c.directory.org(), who.person); }
  // The log goes on, so that hub time is told.
  void at(std::int64_t ms) {
    c.now.ms = ms;
    c.must(c.says(c.admin, payload::Policy{"tick", std::to_string(ms)}));
  }
};

}  // namespace

TEST_CASE("access: a handover gives every archive of one person to another, and takes it from the first",
          "[directory][access]") {
  Office o;
  CHECK(o.reads(o.rep));
  CHECK_FALSE(o.reads(o.heir));
  CHECK(o.say_all(o.manager, payload::Handover{o.rep.person, o.heir.person, {}}) == "applied");
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.heir.person});
  CHECK(o.reads(o.heir));
  CHECK_FALSE(o.reads(o.rep));
  CHECK(o.writes(o.heir) == WriteRight::now);
  CHECK(o.writes(o.rep) == WriteRight::lost);
  CHECK(o.c.directory.restrictions(o.rep.id, o.archive).at(0).at == o.c.directory.position());
  // One opened by somebody who knew of it is another matter.
  const auto later = o.opened(8);
  CHECK(o.c.directory.owners(later) == std::vector{o.rep.person});
}

TEST_CASE("access: a handover may name its archives, and reaches only where its author's word counts",
          "[directory][access]") {
  Office o;
  CHECK(o.say_all(o.manager, payload::Handover{o.rep.person, o.heir.person, {id_of<ArchiveId>(9)}}) == "applied");
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.rep.person});
  CHECK(o.say_all(o.other_manager, payload::Handover{o.rep.person, o.far.person, {}}) == "directory.not-allowed");
  CHECK(o.say_all(o.manager, payload::Handover{o.rep.person, o.far.person, {}}) == "directory.not-allowed");
  CHECK(o.say_all(o.general, payload::Handover{o.rep.person, o.far.person, {o.archive.archive}}) == "applied");
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.far.person});
}

TEST_CASE(
    "access: a handover moves what its author's word reaches, makes nobody an owner twice, and goes to who is there",
    "[directory][access]") {
  Office o;
  SECTION("what the person has in another branch stays") {
    CHECK(o.say(o.general, payload::Moved{o.b, {o.rep.person}}) == "applied");
    CHECK(o.say_all(o.manager, payload::Handover{o.rep.person, o.heir.person, {}}) == "applied");
    CHECK(o.c.directory.owners(o.archive) == std::vector{o.rep.person});
    CHECK(o.say_all(o.general, payload::Handover{o.rep.person, o.heir.person, {}}) == "applied");
    CHECK(o.c.directory.owners(o.archive) == std::vector{o.heir.person});
  }
  SECTION("who owned it beside the other owns it alone") {
    auto both = std::vector{o.rep.person, o.heir.person};
    std::ranges::sort(both);
    CHECK(o.say(o.manager, payload::OwnerSet{both}) == "applied");
    CHECK(o.say_all(o.manager, payload::Handover{o.rep.person, o.heir.person, {}}) == "applied");
    CHECK(o.c.directory.owners(o.archive) == std::vector{o.heir.person});
  }
  SECTION("who left is given nothing") {
    payload::PersonChanged left{.person = o.heir.person};
    left.active = false;
    o.c.must(o.c.says(o.c.admin, left));
    CHECK(o.say_all(o.manager, payload::Handover{o.rep.person, o.heir.person, {}}) == "directory.inactive");
    CHECK(o.c.directory.owners(o.archive) == std::vector{o.rep.person});
  }
}

TEST_CASE("access: an archive moved to another branch is its managers' and no longer the first one's",
          "[directory][access]") {
  Office o;
  CHECK(o.say(o.manager, payload::Moved{o.b, {o.far.person}}) == "directory.not-allowed");
  CHECK(o.say(o.general, payload::Moved{o.b, {o.far.person}}) == "applied");
  CHECK_FALSE(o.reads(o.manager));
  CHECK_FALSE(o.reads(o.rep));
  CHECK(o.reads(o.other_manager));
  CHECK(o.writes(o.other_manager) == WriteRight::now);
  CHECK(o.reads(o.far));
  CHECK(o.reads(o.general));
  // The word of the former manager counts no more.
  CHECK(o.say(o.manager, payload::OwnerSet{{o.rep.person}}) == "applied");
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.far.person});
  CHECK(o.say(o.other_manager, payload::OwnerSet{{o.far.person, o.heir.person}}) == "applied");
  CHECK(o.c.directory.owners(o.archive).size() == 2);
}

TEST_CASE("access: a grant to read gives no right to write, ends when it is ended, and a later one replaces it",
          "[directory][access]") {
  Office o;
  payload::Grant grant{o.audience(o.far), GrantRights::read, 3, {}};
  CHECK(o.say(o.other_manager, grant) == "applied");  // somebody else's archive: no effect
  CHECK_FALSE(o.reads(o.far));
  CHECK(o.say(o.manager, grant) == "applied");
  CHECK(o.reads(o.far));
  CHECK(o.writes(o.far) == WriteRight::never);
  CHECK(o.c.directory.readers(o.archive, {}).back() == ArchiveReader{o.audience(o.far), Why::grant, 3, {}});
  grant.rights = GrantRights::write;
  grant.epoch_from = 0;
  CHECK(o.say(o.manager, grant) == "applied");
  CHECK(o.writes(o.far) == WriteRight::now);
  CHECK(o.c.directory.grants(o.archive).size() == 1);
  CHECK(o.say(o.manager, payload::GrantEnded{o.audience(o.far)}) == "applied");
  CHECK_FALSE(o.reads(o.far));
  CHECK(o.writes(o.far) == WriteRight::lost);
}

TEST_CASE("access: a grant whose time is over is a removal, at the place where the hub's time had come so far",
          "[directory][access]") {
  Office o;
  const auto start = o.c.now.ms;
  const auto day = std::int64_t{86'400'000};
  o.at(start + day / 2);
  CHECK(o.say(o.manager, payload::Grant{o.audience(o.far), GrantRights::write, 0, {start + day}}) == "applied");
  CHECK(o.reads(o.far, {start + day - 1}));
  CHECK_FALSE(o.reads(o.far, {start + day}));  // by the clock of whoever obeys
  CHECK(o.writes(o.far) == WriteRight::now);   // by the log, which has not come so far
  o.at(start + day - 1000);
  CHECK(o.writes(o.far) == WriteRight::now);
  const auto before = o.c.directory.position();
  o.at(start + 2 * day);
  CHECK(o.writes(o.far) == WriteRight::lost);
  const auto since = o.c.directory.restrictions(o.far.id, o.archive);
  REQUIRE(since.size() == 1);
  CHECK(since[0].at > before);
  o.at(start + 30 * day);
  CHECK(o.c.directory.restrictions(o.far.id, o.archive) == since);  // and it stays there
}

TEST_CASE("access: auditors read everything at headquarters and write nothing", "[directory][access]") {
  Office o;
  CHECK(o.reads(o.auditor));
  CHECK(o.writes(o.auditor) == WriteRight::never);
}

TEST_CASE("access: what was said is told to those who had it before and after", "[directory][access]") {
  Office o;
  CHECK(o.say(o.manager, payload::OwnerSet{{o.heir.person}}) == "applied");
  const auto taken = o.c.directory.position();
  CHECK(o.say(o.manager, payload::OwnerSet{{o.heir.person, o.manager.person}}) == "applied");
  const auto later = o.c.directory.position();
  const auto hears = [&](const Member& who, const Position& at) {
    const auto all = o.c.directory.readers_around(o.archive, at);
    return std::ranges::find(all, o.audience(who)) != all.end();
  };
  CHECK(hears(o.rep, taken));
  CHECK(hears(o.heir, taken));
  CHECK_FALSE(hears(o.rep, later));
  CHECK(hears(o.manager, later));
}

TEST_CASE("access: who takes himself for a reader, by what he was told, is told the rest", "[directory][access]") {
  Office o;
  const auto untold = [&](const Member& who) { return o.c.directory.untold(o.archive, who.person); };
  const auto manages = [&](Role role) {
    payload::PersonChanged change{.person = o.manager.person};
    change.role = role;
    o.c.must(o.c.says(o.c.admin, change));
  };
  CHECK(o.say(o.manager, payload::OwnerSet{{o.heir.person}}) == "applied");
  manages(Role::salesperson);
  CHECK(o.say(o.general, payload::Moved{o.b, {o.far.person}}) == "applied");
  const auto moved = o.c.directory.position();
  CHECK(o.say(o.general, payload::OwnerSet{{o.other_manager.person}}) == "applied");
  const auto passed_on = o.c.directory.position();
  for (const Member* who : {&o.rep, &o.heir, &o.far, &o.manager}) CHECK(untold(*who).empty());
  SECTION("he was given all that the one had whom he lost it to") {
    CHECK(o.say_all(o.general, payload::Handover{o.heir.person, o.rep.person, {}}) == "applied");
    CHECK_FALSE(o.reads(o.rep));
    CHECK(untold(o.rep) == std::vector{moved, passed_on});
  }
  SECTION("of other archives") {
    CHECK(o.say_all(o.general, payload::Handover{o.heir.person, o.rep.person, {id_of<ArchiveId>(8)}}) == "applied");
    CHECK(untold(o.rep).empty());
  }
  SECTION("he lost it by a word that he was told") {
    CHECK(o.say_all(o.general, payload::Handover{o.heir.person, o.far.person, {}}) == "applied");
    CHECK(untold(o.far).empty());
  }
  SECTION("he never knew the archive") {
    const auto other = o.c.hire("丁", Role::salesperson, o.a);
    CHECK(o.say_all(o.general, payload::Handover{o.rep.person, other.person, {}}) == "applied");
    CHECK(untold(other).empty());
  }
  SECTION("his former role came back") {
    manages(Role::branch_manager);
    CHECK_FALSE(o.reads(o.manager));
    CHECK(untold(o.manager) == std::vector{moved, passed_on});
  }
  SECTION("he managed the branch before the archive was opened, and does again") {
    manages(Role::branch_manager);
    manages(Role::salesperson);
    o.archive = o.opened(9);
    CHECK(o.say(o.general, payload::Moved{o.b, {o.far.person}}) == "applied");
    manages(Role::branch_manager);
    CHECK(untold(o.manager).empty());
  }
  SECTION("it came back to him in truth, and was taken from him again") {
    CHECK(o.say(o.general, payload::OwnerSet{{o.rep.person}}) == "applied");
    CHECK(untold(o.rep).empty());
    CHECK(o.say(o.general, payload::OwnerSet{{o.heir.person}}) == "applied");
    CHECK(o.say(o.general, payload::OwnerSet{{o.far.person}}) == "applied");
    const auto once_more = o.c.directory.position();
    CHECK(untold(o.rep).empty());
    CHECK(o.say_all(o.general, payload::Handover{o.heir.person, o.rep.person, {}}) == "applied");
    CHECK(untold(o.rep) == std::vector{once_more});
  }
}

TEST_CASE("access: who loses an archive hears of it, also where a grant's time was over at the same place",
          "[directory][access]") {
  Office o;
  const auto start = o.c.now.ms;
  const auto day = std::int64_t{86'400'000};
  o.at(start + day / 2);
  CHECK(o.say(o.manager, payload::Grant{o.audience(o.far), GrantRights::read, 0, {start + day}}) == "applied");
  o.c.now.ms = start + 2 * day;
  CHECK(o.say(o.manager, payload::OwnerSet{{o.heir.person}}) == "applied");
  const auto all = o.c.directory.readers_around(o.archive, o.c.directory.position());
  for (const Member* who : {&o.rep, &o.heir, &o.far}) CHECK(std::ranges::find(all, o.audience(*who)) != all.end());
}

TEST_CASE("access: one archive is shown within another until that is undone, by whoever may say so",
          "[directory][access]") {
  Office o;
  const auto into = id_of<ArchiveId>(20);
  CHECK(o.say(o.other_manager, payload::Merge{into}) == "applied");
  CHECK(o.c.directory.shown_within(o.archive).none());
  CHECK(o.say(o.manager, payload::Merge{into}) == "applied");
  CHECK(o.c.directory.shown_within(o.archive) == into);
  CHECK(o.say(o.other_manager, payload::MergeUndone{}) == "applied");
  CHECK(o.c.directory.shown_within(o.archive) == into);
  CHECK(o.say(o.manager, payload::MergeUndone{}) == "applied");
  CHECK(o.c.directory.shown_within(o.archive).none());
  CHECK(o.say(o.manager, payload::Merge{o.archive.archive}) == "directory.merge-into-itself");
}

TEST_CASE("access: destroying takes two persons, whoever they are and in whatever order", "[directory][access]") {
  // Every pair of proposer and signer: only two different persons with authority destroy.
  const std::vector<std::string> names{"admin", "general", "manager", "rep", "auditor"};
  for (const auto& proposer : names) {
    for (const auto& signer : names) {
      Office o;
      const std::map<std::string, Member> who{
          {"admin", o.c.admin}, {"general", o.general}, {"manager", o.manager}, {"rep", o.rep}, {"auditor", o.auditor}};
      INFO(proposer << " proposes, " << signer << " signs");
      const auto proposal = o.c.says(who.at(proposer), payload::DestroyProposed{{o.archive.archive}});
      const bool may_propose = proposer != "rep" && proposer != "auditor";
      CHECK((o.c.put(proposal) == "applied") == may_propose);
      CHECK_FALSE(o.c.directory.is_destroyed(o.archive.archive));
      const auto answer = o.c.put(o.c.says(who.at(signer), payload::Destroy{proposal.id()}));
      const bool destroyed = may_propose && (signer == "admin" || signer == "general") && signer != proposer;
      CHECK((answer == "applied") == destroyed);
      CHECK(o.c.directory.is_destroyed(o.archive.archive) == destroyed);
      CHECK(o.reads(o.general) != destroyed);
    }
  }
}

TEST_CASE("access: two devices of one person are one person when something is destroyed", "[directory][access]") {
  Office o;
  const auto second = o.c.enrol(o.general.person);
  const auto proposal = o.c.says(o.general, payload::DestroyProposed{{o.archive.archive}});
  CHECK(o.c.put(proposal) == "applied");
  CHECK(o.c.put(o.c.says(second, payload::Destroy{proposal.id()})) == "directory.two-persons");
  CHECK(o.c.put(o.c.says(o.c.admin, payload::Destroy{proposal.id()})) == "applied");
  CHECK(o.c.put(o.c.says(o.c.admin, payload::Destroy{proposal.id()})) == "directory.destroyed");
  CHECK(o.c.directory.destroyed(o.archive.archive)->proposed_by == o.general.person);
  CHECK(o.c.directory.destroyed(o.archive.archive)->signed_by == o.c.admin.person);
}

TEST_CASE("access: a receipt is taken from whoever lost everything, goes on and never back", "[directory][access]") {
  Office o;
  o.c.dismiss(o.rep.person);
  o.c.must(o.c.says(o.c.admin, payload::NodeRevoked{o.rep.id, ""}));
  const auto executed = o.c.directory.position();
  CHECK(o.say_all(o.rep, payload::AccessDropped{executed, 12, 3, {}}) == "applied");
  CHECK(o.c.directory.drop_receipts().at(o.rep.id).archives == 12);
  CHECK(o.say_all(o.rep, payload::AccessDropped{executed, 12, 3, {}}) == "directory.stale-receipt");
  auto ahead = o.c.directory.position();
  ahead.n += 5;
  CHECK(o.say_all(o.rep, payload::AccessDropped{ahead, 12, 3, {}}) == "directory.future-position");
  CHECK(o.say_all(o.rep, payload::Policy{"x", "1"}) == "directory.revoked");  // nothing else
}

TEST_CASE("access: a receipt for what was not ordered yet counts once it is, if its place is behind it",
          "[directory][access]") {
  Office o;
  const auto revoked = o.c.says(o.c.admin, payload::NodeRevoked{o.rep.id, ""});
  const auto executed = o.c.directory.position();
  const auto early = o.c.says(o.rep, payload::AccessDropped{executed, 3, 0, {}, {revoked.id()}});
  const auto receipt = [&](std::vector<Digest> by) {
    return payload::AccessDropped{executed, 0, 0, {}, std::move(by)};
  };
  SECTION("behind it") {
    o.c.must(revoked);
    CHECK_FALSE(o.c.directory.let_go(o.rep.id));
    CHECK(o.c.put(early) == "applied");
    CHECK(o.c.directory.let_go(o.rep.id));
    // Again from the same place only when it says more.
    CHECK(o.say_all(o.rep, receipt({revoked.id()})) == "directory.stale-receipt");
    CHECK(o.say_all(o.rep, receipt({})) == "directory.stale-receipt");
    const auto left = id_of<Digest>(0x77);
    CHECK(o.say_all(o.rep, receipt({revoked.id(), left})) == "applied");
    CHECK(o.c.directory.let_go(o.rep.id));
    // What it says without naming it is no word of it.
    CHECK(o.say_all(o.rep, receipt({left, id_of<Digest>(0x78)})) == "applied");
    CHECK_FALSE(o.c.directory.let_go(o.rep.id));
  }
  SECTION("before it: by then the right may have been back") {
    CHECK(o.c.put(early) == "applied");
    o.c.must(revoked);
    CHECK_FALSE(o.c.directory.let_go(o.rep.id));
  }
  SECTION("who comes back and leaves once more has said nothing of that") {
    o.c.dismiss(o.rep.person);
    const auto first = *o.c.directory.gone_at(o.rep.id);
    CHECK(o.say_all(o.rep, payload::AccessDropped{first, 3, 0, {}}) == "applied");
    CHECK(o.c.directory.let_go(o.rep.id));
    payload::PersonChanged back{.person = o.rep.person};
    back.active = true;
    o.c.must(o.c.says(o.c.admin, back));
    CHECK(o.c.directory.gone_by(o.rep.id).empty());
    o.c.dismiss(o.rep.person);
    CHECK_FALSE(o.c.directory.let_go(o.rep.id));
  }
}

TEST_CASE("obeying: what is taken is taken before the order, what is given waits", "[directory][access]") {
  Office o;
  std::vector<Digest> obeyed;
  payload::PersonChanged promoted{.person = o.heir.person};
  promoted.role = Role::branch_manager;
  const std::vector<Envelope> pending{
      o.c.says(o.c.admin, promoted), o.c.says(o.manager, payload::OwnerSet{{o.heir.person}}, o.archive.archive),
      o.c.says(o.manager, payload::Grant{o.audience(o.far), GrantRights::read, 0, {}}, o.archive.archive),
      o.c.says(o.far, payload::NodeRevoked{o.manager.id, ""}),  // has no say
  };
  const auto now = o.c.directory.obeying(pending, obeyed);
  CHECK(obeyed == std::vector{pending[1].id()});
  CHECK(now.position() == o.c.directory.position());
  CHECK(now.owners(o.archive).empty());  // taken from the first, not yet the second's
  CHECK(now.right(o.rep.id, o.archive) == WriteRight::lost);
  CHECK(now.right(o.heir.id, o.archive) == WriteRight::never);
  CHECK_FALSE(now.may_read(o.far.id, o.archive, {}));
  CHECK(now.right(o.manager.id, o.archive) == WriteRight::now);
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.rep.person});
}

TEST_CASE("obeying: a manager who is to be moved has lost the managers' archives, and keeps what is his own",
          "[directory][access]") {
  Office o;
  auto own = o.opened(30);
  own.owners = {o.manager.person};
  own.audiences[0] = o.audience(o.manager);
  payload::PersonChanged moved{.person = o.manager.person};
  moved.branch = o.b;
  std::vector<Digest> obeyed;
  const std::vector<Envelope> pending{o.c.says(o.c.admin, moved)};
  const auto now = o.c.directory.obeying(pending, obeyed);
  CHECK(obeyed.size() == 1);
  CHECK_FALSE(now.may_read(o.manager.id, o.archive, {}));
  CHECK(now.may_read(o.manager.id, own, {}));
  payload::PersonChanged leaves{.person = o.rep.person};
  leaves.active = false;
  obeyed.clear();
  const std::vector<Envelope> second{o.c.says(o.manager, leaves)};
  const auto gone = o.c.directory.obeying(second, obeyed);
  CHECK(gone.right(o.rep.id, o.archive) == WriteRight::lost);
  CHECK(gone.lost_at(o.rep.id));
  CHECK_FALSE(o.c.directory.lost_at(o.rep.id));
}

// A model of rights in twenty lines, against the real thing, over random statements.
TEST_CASE("access: rights follow a small model whatever is said in whatever order", "[directory][access]") {
  REQUIRE(rc::check("model", [] {
    Office o;
    std::set<PersonId> owners{o.rep.person};
    std::map<PersonId, GrantRights> grants;
    BranchId branch = o.a;
    std::set<PersonId> gone;
    const std::vector<Member> staff{o.rep, o.heir, o.far, o.manager, o.other_manager, o.general, o.auditor};
    const auto counts = [&](const Member& by) {  // whose word counts on the archive
      return by.id == o.general.id || (by.id == o.manager.id && branch == o.a) ||
             (by.id == o.other_manager.id && branch == o.b);
    };
    const auto steps = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 1'000'000));
    for (const auto draw : steps) {
      const Member by = std::vector{o.manager, o.other_manager, o.general}[draw % 3];
      const Member& whom = staff[(draw / 3) % staff.size()];
      const Member& other = staff[(draw / 29) % staff.size()];
      switch ((draw / 211) % 6) {
        case 0:
          if (o.say(by, payload::OwnerSet{{whom.person}}) == "applied" && counts(by)) owners = {whom.person};
          break;
        case 1: {
          const auto rights = draw % 2 ? GrantRights::read : GrantRights::write;
          if (o.say(by, payload::Grant{o.audience(whom), rights, 0, {}}) == "applied" && counts(by))
            grants[whom.person] = rights;
          break;
        }
        case 2:
          if (o.say(by, payload::GrantEnded{o.audience(whom)}) == "applied" && counts(by)) grants.erase(whom.person);
          break;
        case 3: {
          const BranchId to = draw % 2 ? o.a : o.b;
          if (o.say(by, payload::Moved{to, {whom.person}}) == "applied") {
            branch = to;
            owners = {whom.person};
          }
          break;
        }
        case 4: {
          if (whom.person == other.person) break;
          const auto said = o.say_all(by, payload::Handover{whom.person, other.person, {}});
          if (said == "applied" && counts(by) && owners.erase(whom.person) > 0) owners.insert(other.person);
          break;
        }
        default:
          if (whom.id != o.c.admin.id && !gone.contains(whom.person) && by.id == o.general.id && draw % 7 == 0) {
            o.c.dismiss(whom.person);
            gone.insert(whom.person);
          }
          break;
      }
      for (const auto& m : staff) {
        const bool active = !gone.contains(m.person);
        const bool role = m.id == o.general.id || (m.id == o.manager.id && branch == o.a) ||
                          (m.id == o.other_manager.id && branch == o.b);
        const auto grant = grants.find(m.person);
        const bool by_grant = grant != grants.end();
        const bool reads = active && (role || m.id == o.auditor.id || owners.contains(m.person) || by_grant);
        const bool writes =
            active && (role || owners.contains(m.person) || (by_grant && grant->second == GrantRights::write));
        RC_ASSERT(o.reads(m) == reads);
        RC_ASSERT((o.writes(m) == WriteRight::now) == writes);
      }
    }
  }));
}
