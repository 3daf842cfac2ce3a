// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether work counts: every way a right is lost and given back, every stamp, every verdict.
#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

struct JudgingOffice {
  Company c;
  BranchId a = c.add_branch("深圳");
  BranchId b = c.add_branch("北京");
  Member rep = c.hire("甲", Role::salesperson, a);
  Member manager = c.hire("深圳经理", Role::branch_manager, a);
  Member other_manager = c.hire("北京经理", Role::branch_manager, b);
  Member stranger = c.hire("乙", Role::salesperson, a);
  Member auditor = c.hire("审计", Role::auditor);
  Member reader = c.enrol_reader();
  Member hub = c.enrol_hub(a);
  ArchiveAccess archive{id_of<ArchiveId>(7),
                        {rep.person},
                        {managers_audience(c.directory.org(), a), hq_audience(c.directory.org()),
                         person_audience(c.directory.org(), rep.person)}};
  EntryRef entry{1, 5};

  Judgement judge(const Member& author, const std::vector<StampView>& stamps = {}) {
    return c.directory.judge(author.id, archive, stamps, entry);
  }
  StampView stamp(const Position& known, std::span<const Digest> restrictions = {}) const {
    return {hub.id, known, restrictions};
  }
  std::string verdict(const Member& by, VerdictChoice choice, const Member& of, payload::VerdictRange range) {
    range.author = of.id;
    return c.put(c.says(by, payload::Verdict{{range}, choice, {}}, archive.archive));
  }
  std::string verdict(const Member& by, VerdictChoice choice, const Member& of) {
    return verdict(by, choice, of, {{}, 1, 1, 9});
  }
};

}  // namespace

TEST_CASE("judge: owners and members of the archive's audiences write, others are foreign", "[directory][judge]") {
  JudgingOffice o;
  CHECK(o.judge(o.rep) == Judgement::in_force);
  CHECK(o.judge(o.manager) == Judgement::in_force);
  CHECK(o.judge(o.auditor) == Judgement::foreign);  // reads everything, writes nothing
  CHECK(o.judge(o.reader) == Judgement::in_force);
  CHECK(o.judge(o.stranger) == Judgement::foreign);
  CHECK(o.judge(o.other_manager) == Judgement::foreign);
  CHECK(o.judge(o.hub) == Judgement::foreign);
  CHECK(o.judge(o.c.keys()) == Judgement::foreign);
  CHECK(o.c.directory.may_write(o.rep.person, o.archive));
  CHECK_FALSE(o.c.directory.may_write(o.stranger.person, o.archive));
  CHECK(o.c.directory.restrictions(o.rep.id, o.archive).empty());
  CHECK(o.c.directory.restrictions(o.stranger.id, o.archive).empty());
}

TEST_CASE("judge: work of somebody who lost the right is held unless a stamp was made unaware", "[directory][judge]") {
  JudgingOffice o;
  const auto before = o.c.directory.position();
  Member author = o.rep;
  SECTION("the person left") { o.c.dismiss(o.rep.person); }
  SECTION("the node was revoked") { o.c.must(o.c.says(o.c.admin, payload::NodeRevoked{o.rep.id, ""})); }
  SECTION("another owner was set") {
    o.c.must(o.c.says(o.manager, payload::OwnerSet{{o.stranger.person}}, o.archive.archive));
  }
  SECTION("a manager changed branch") {
    author = o.manager;
    o.c.move(o.manager.person, Role::branch_manager, o.b);
  }
  SECTION("a manager became a salesperson") {
    author = o.manager;
    o.c.move(o.manager.person, Role::salesperson, o.a);
  }
  const auto at = o.c.directory.position();
  const auto id = o.c.log.back().first.statement;
  o.c.must(o.c.says(o.c.admin, payload::Policy{"later", "1"}));

  CHECK(o.c.directory.restrictions(author.id, o.archive) == std::vector{Said{at, id}});
  CHECK(o.c.directory.right(author.id, o.archive) == WriteRight::lost);
  CHECK(o.c.directory.may_write(author.id, o.archive));  // still taken by hubs: nothing is ever dropped

  CHECK(o.judge(author) == Judgement::held);
  CHECK(o.judge(author, {o.stamp(before)}) == Judgement::in_force);
  CHECK(o.judge(author, {o.stamp(at)}) == Judgement::held);
  const std::vector<Digest> knew{id_of<Digest>(1), id};
  CHECK(o.judge(author, {o.stamp(before, knew)}) == Judgement::held);  // it obeyed before HQ had ordered
  CHECK(o.judge(author, {o.stamp(before, knew), o.stamp(before)}) == Judgement::in_force);
  CHECK(o.judge(author, {o.stamp(at), o.stamp(before, std::span(knew).first(1))}) == Judgement::in_force);
  CHECK(o.judge(author, {{o.stranger.id, before, {}}}) == Judgement::held);  // only a hub's word counts
  o.c.must(o.c.says(o.c.admin, payload::NodeRevoked{o.hub.id, ""}));
  CHECK(o.judge(author, {o.stamp(before)}) == Judgement::held);  // nor that of one that could say so of anything
  CHECK(o.judge(author, {{o.c.hub.id, before, {}}}) == Judgement::in_force);
}

// A handover that was given its place before a revocation made late work count that a hub had taken obeying the latter.
TEST_CASE("judge: a stamp that obeyed one of several restrictions excuses nothing, in whatever order they came",
          "[directory][judge]") {
  JudgingOffice o;
  const auto before = o.c.directory.position();
  o.c.must(o.c.says(o.manager, payload::OwnerSet{{o.stranger.person}}, o.archive.archive));
  const auto owners_set = o.c.log.back().first.statement;
  o.c.must(o.c.says(o.c.admin, payload::NodeRevoked{o.rep.id, ""}));
  const auto revoked = o.c.log.back().first.statement;
  const auto standing = o.c.directory.restrictions(o.rep.id, o.archive);
  REQUIRE(standing.size() == 2);
  CHECK(standing[0].statement == owners_set);
  CHECK(standing[1].statement == revoked);
  const StampView obeyed = o.stamp(before, {&revoked, 1});
  CHECK_FALSE(o.c.directory.knew(obeyed, standing[0]));
  CHECK(o.c.directory.knew(obeyed, standing[1]));
  CHECK(o.c.directory.knew(o.stamp(standing[0].at), standing[0]));
  CHECK(o.judge(o.rep, {o.stamp(before)}) == Judgement::in_force);
  CHECK(o.judge(o.rep, {o.stamp(before, {&owners_set, 1})}) == Judgement::held);
  CHECK(o.judge(o.rep, {o.stamp(before, {&revoked, 1})}) == Judgement::held);
}

// Of a place that is not given yet no hub could know: only that it obeyed the statement itself says anything.
TEST_CASE("judge: what is obeyed before the order holds work that a hub took obeying it, and no other",
          "[directory][judge]") {
  JudgingOffice o;
  payload::PersonChanged left{.person = o.rep.person};
  left.active = false;
  const auto leaves = o.c.says(o.manager, left);
  std::vector<Digest> obeyed;
  const Directory now = o.c.directory.obeying(std::span(&leaves, 1), obeyed);
  REQUIRE(obeyed == std::vector{leaves.id()});
  const auto judge = [&](const std::vector<StampView>& stamps) {
    return now.judge(o.rep.id, o.archive, stamps, o.entry);
  };
  const auto here = o.c.directory.position();
  auto ahead = here;
  ahead.n += 3;  // a hub may be ahead of this device
  CHECK(judge({}) == Judgement::held);
  CHECK(judge({o.stamp(here)}) == Judgement::in_force);
  CHECK(judge({o.stamp(ahead)}) == Judgement::in_force);
  CHECK(judge({o.stamp(here, obeyed)}) == Judgement::held);
  CHECK(judge({o.stamp(here, obeyed), o.stamp(here)}) == Judgement::in_force);
  REQUIRE(now.restrictions(o.rep.id, o.archive).size() == 1);
  CHECK(now.restrictions(o.rep.id, o.archive)[0].at > here);
  // Ordered, it stands at a place, and every node judges alike.
  o.c.must(leaves);
  const auto at = o.c.directory.position();
  CHECK(o.judge(o.rep, {o.stamp(here)}) == Judgement::in_force);
  CHECK(o.judge(o.rep, {o.stamp(at)}) == Judgement::held);
  CHECK(o.judge(o.rep, {o.stamp(here, obeyed)}) == Judgement::held);
}

// Of one part only the statement that was ordered first was compared: who obeyed the other one was taken for unaware.
TEST_CASE("judge: two who take one thing at once: a stamp that obeyed either of them excuses nothing",
          "[directory][judge]") {
  JudgingOffice o;
  const auto before = o.c.directory.position();
  std::vector<Digest> said;
  const auto say = [&](const Envelope& envelope) {
    o.c.must(envelope);
    said.push_back(envelope.id());
  };
  payload::PersonChanged left{.person = o.rep.person};
  left.active = false;
  SECTION("the archive's owner") {
    say(o.c.says(o.manager, payload::Handover{o.rep.person, o.stranger.person, {}}));
    say(o.c.says(o.c.admin, payload::OwnerSet{{o.stranger.person}}, o.archive.archive));
  }
  SECTION("the device") {
    say(o.c.says(o.c.admin, payload::NodeRevoked{o.rep.id, "twice"}));
    say(o.c.says(o.manager, payload::NodeRevoked{o.rep.id, "lost"}));
    CHECK(o.c.directory.node(o.rep.id)->reason == "twice");
  }
  SECTION("the person") {
    say(o.c.says(o.c.admin, left));
    say(o.c.says(o.manager, left));
  }
  const auto standing = o.c.directory.restrictions(o.rep.id, o.archive);
  REQUIRE(standing.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(standing[i].statement == said[i]);
    CHECK(o.judge(o.rep, {o.stamp(before, {&said[i], 1})}) == Judgement::held);
  }
  CHECK(o.judge(o.rep, {o.stamp(before)}) == Judgement::in_force);
  CHECK(o.judge(o.rep, {o.stamp(standing[0].at)}) == Judgement::held);
}

TEST_CASE("judge: what was said of the archive after he lost it, and took nothing of his, is no restriction",
          "[directory][judge]") {
  JudgingOffice o;
  const auto before = o.c.directory.position();
  const auto own = person_audience(o.c.directory.org(), o.other_manager.person);
  o.c.must(o.c.says(o.manager, payload::Grant{own, GrantRights::write, 0, {}}, o.archive.archive));
  o.c.must(o.c.says(o.manager, payload::OwnerSet{{o.stranger.person}}, o.archive.archive));
  const auto ended = o.c.says(o.manager, payload::GrantEnded{own}, o.archive.archive);
  o.c.must(ended);
  CHECK(o.c.directory.restrictions(o.rep.id, o.archive).size() == 1);
  CHECK(o.c.directory.restrictions(o.other_manager.id, o.archive).size() == 1);
  const Digest obeyed = ended.id();
  CHECK(o.judge(o.rep, {o.stamp(before, {&obeyed, 1})}) == Judgement::in_force);
  CHECK(o.judge(o.other_manager, {o.stamp(before, {&obeyed, 1})}) == Judgement::held);
}

TEST_CASE("judge: a right given back restores the work, whichever of several was taken first", "[directory][judge]") {
  JudgingOffice o;
  o.c.move(o.manager.person, Role::salesperson, o.a);
  const auto demoted = o.c.directory.position();
  o.c.move(o.manager.person, Role::branch_manager, o.a);
  CHECK(o.judge(o.manager) == Judgement::in_force);
  CHECK(o.c.directory.restrictions(o.manager.id, o.archive).empty());
  // The demotion was taken back: only the revocation is still in force.
  o.c.must(o.c.says(o.c.admin, payload::NodeRevoked{o.manager.id, ""}));
  const auto revoked = o.c.directory.position();
  REQUIRE(o.c.directory.restrictions(o.manager.id, o.archive).size() == 1);
  CHECK(o.c.directory.restrictions(o.manager.id, o.archive)[0].at == revoked);
  CHECK(o.judge(o.manager, {o.stamp(demoted)}) == Judgement::in_force);
  // Of two in force the earlier one decides.
  o.c.dismiss(o.manager.person);
  CHECK(o.c.directory.restrictions(o.manager.id, o.archive)[0].at == revoked);
  CHECK(o.judge(o.manager, {o.stamp(revoked)}) == Judgement::held);
}

TEST_CASE("judge: a verdict decides held work, entry by entry, and the last one stands", "[directory][judge]") {
  JudgingOffice o;
  const auto before = o.c.directory.position();
  o.c.dismiss(o.rep.person);
  CHECK(o.verdict(o.manager, VerdictChoice::admit, o.rep) == "applied");
  CHECK(o.judge(o.rep) == Judgement::in_force);
  o.entry.seq = 10;
  CHECK(o.judge(o.rep) == Judgement::held);
  o.entry = {2, 5};
  CHECK(o.judge(o.rep) == Judgement::held);
  o.entry = {1, 5};
  CHECK(o.verdict(o.c.admin, VerdictChoice::refuse, o.rep, {{}, 1, 5, 5}) == "applied");
  CHECK(o.judge(o.rep) == Judgement::refused);
  CHECK(o.judge(o.rep, {o.stamp(before)}) == Judgement::refused);
  o.entry.seq = 4;
  CHECK(o.judge(o.rep) == Judgement::in_force);
}

TEST_CASE("judge: a verdict outlives the restriction it was given under", "[directory][judge]") {
  JudgingOffice o;
  o.c.dismiss(o.rep.person);
  CHECK(o.verdict(o.manager, VerdictChoice::refuse, o.rep) == "applied");
  payload::PersonChanged back{.person = o.rep.person};
  back.active = true;
  o.c.must(o.c.says(o.c.admin, back));
  CHECK(o.judge(o.rep) == Judgement::refused);
  o.entry.seq = 11;
  CHECK(o.judge(o.rep) == Judgement::in_force);
}

TEST_CASE("judge: a verdict counts only from whoever is over the archive, and only on held work",
          "[directory][judge]") {
  JudgingOffice o;
  // On work that is in force a manager has no say.
  CHECK(o.verdict(o.manager, VerdictChoice::refuse, o.rep) == "applied");
  CHECK(o.judge(o.rep) == Judgement::in_force);
  CHECK(o.verdict(o.manager, VerdictChoice::admit, o.stranger) == "applied");
  CHECK(o.judge(o.stranger) == Judgement::foreign);
  o.c.dismiss(o.rep.person);
  CHECK(o.judge(o.rep) == Judgement::held);  // what was said before there was anything to decide is void
  CHECK(o.verdict(o.other_manager, VerdictChoice::admit, o.rep) == "applied");
  CHECK(o.judge(o.rep) == Judgement::held);  // another branch's manager
  CHECK(o.verdict(o.auditor, VerdictChoice::admit, o.rep) == "directory.not-allowed");
  const auto general = o.c.hire("总经理", Role::general_manager);
  CHECK(o.verdict(general, VerdictChoice::admit, o.rep) == "applied");
  CHECK(o.judge(o.rep) == Judgement::in_force);
}

TEST_CASE("judge: owners follow the statements of whoever is over the archive", "[directory][judge]") {
  JudgingOffice o;
  const auto set = [&](const Member& by, const PersonId& owner) {
    o.c.must(o.c.says(by, payload::OwnerSet{{owner}}, o.archive.archive));
  };
  set(o.other_manager, o.other_manager.person);
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.rep.person});
  CHECK(o.judge(o.other_manager) == Judgement::foreign);
  set(o.manager, o.stranger.person);
  CHECK(o.c.directory.owners(o.archive) == std::vector{o.stranger.person});
  CHECK(o.judge(o.stranger) == Judgement::in_force);
  set(o.c.admin, o.rep.person);
  CHECK(o.judge(o.rep) == Judgement::in_force);
  CHECK(o.judge(o.stranger) == Judgement::held);
  auto elsewhere = o.archive;
  elsewhere.archive = id_of<ArchiveId>(8);
  CHECK(o.c.directory.owners(elsewhere) == std::vector{o.rep.person});

  const auto everyone = everyone_audience(o.c.directory.org());
  o.c.must(o.c.says(o.other_manager, payload::Grant{everyone, GrantRights::read, 1, {}}, o.archive.archive));
  CHECK(o.c.directory.grants(o.archive).empty());
  o.c.must(o.c.says(o.manager, payload::Grant{everyone, GrantRights::read, 2, {}}, o.archive.archive));
  REQUIRE(o.c.directory.grants(o.archive).size() == 1);
  CHECK(o.c.directory.grants(o.archive)[0].epoch_from == 2);
}

TEST_CASE("judge: a device that was never confirmed has no right, whoever's it is", "[directory][judge]") {
  JudgingOffice o;
  SignKeys token;
  const auto invitation = o.c.invite(o.rep.person, token);
  o.c.must(o.c.says(o.c.admin, invitation));
  const auto device = o.c.keys(o.rep.person);
  o.c.must(o.c.enrolment(device, invitation.invite, token));
  CHECK(o.judge(device) == Judgement::foreign);
}
