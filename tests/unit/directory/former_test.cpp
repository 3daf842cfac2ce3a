// SPDX-License-Identifier: AGPL-3.0-or-later
// An order that headquarters lost and gave anew: what is proof of it, and who knew what by places of it.
#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

// Goes on from `head()`: three policies, the revocation of 甲, another policy; and then it goes on from there again.
struct Lost {
  Company c;
  BranchId a = c.add_branch("深圳");
  Member rep = c.hire("甲", Role::salesperson, a);
  Member manager = c.hire("深圳经理", Role::branch_manager, a);
  Member hub = c.enrol_hub(a);
  ArchiveAccess archive{id_of<ArchiveId>(7),
                        {rep.person},
                        {managers_audience(c.directory.org(), a), person_audience(c.directory.org(), rep.person)}};
  Position head = c.directory.position();
  Company former = c;
  Envelope revocation = c.says(manager, payload::NodeRevoked{rep.id, ""});
  payload::FormerOrder evidence;

  Lost() {
    for (const char* colour : {"red", "green", "blue"})
      former.must(former.says(former.admin, payload::Policy{"colour", colour}));
    former.must(revocation);
    former.must(former.says(former.admin, payload::Policy{"colour", "white"}));
    evidence = shown_up_to(5);
    c.must(c.says(c.admin, payload::OrderResumed{head, c.directory.last_order_hash(), 2}));
  }

  payload::FormerOrder shown_up_to(std::size_t count) {
    payload::FormerOrder out;
    out.after = head;
    for (std::size_t i = former.log.size() - 5; i < former.log.size() - 5 + count; ++i) {
      const Ordered& o = former.log[i].first;
      out.records.push_back({o.scope, o.position.incarnation, o.statement, o.envelope, o.hub_time});
    }
    Directory end(c.directory.org());
    for (std::size_t i = 0; i < former.log.size() - 5 + count; ++i)
      REQUIRE(end.apply(former.log[i].first, &former.log[i].second));
    auto signed_head = end.head(c.hub.id, c.now);
    sign_head(signed_head, c.hub.sign);
    out.head = encode(signed_head);
    return out;
  }
  Position old_place(std::uint64_t n) const { return {1, head.n + n}; }
  Judgement judge(const Position& known, std::uint32_t life = 1, bool by_headquarters = false) {
    const StampView stamp{by_headquarters ? c.hub.id : hub.id, known, {}, life};
    return c.directory.judge(rep.id, archive, {&stamp, 1}, {1, 1});
  }
};

}  // namespace

TEST_CASE("former order: stamps of the old life say what they said, and headquarters has not forgotten",
          "[directory][former]") {
  Lost l;
  const auto judged = [&] {
    CHECK(l.judge(l.head) == Judgement::in_force);
    CHECK(l.judge(l.old_place(3)) == Judgement::in_force);  // the place before the revocation
    CHECK(l.judge(l.old_place(4)) == Judgement::held);
    CHECK(l.judge(l.old_place(5)) == Judgement::held);
    CHECK(l.judge({2, l.head.n + 1}) == Judgement::in_force);        // a hub that never heard of it
    CHECK(l.judge({2, l.head.n + 1}, 2, true) == Judgement::held);   // who ordered it has, whatever its copy knows
    CHECK(l.judge(l.head, 2, true) == Judgement::held);              // also before it orders again
    CHECK(l.judge(l.old_place(3), 1, true) == Judgement::in_force);  // in the life before it had
    CHECK(l.judge(l.c.directory.position()) == Judgement::held);
  };
  SECTION("shown, then ordered again") {
    l.c.must(l.c.says(l.rep, l.evidence));  // it is its own proof
    l.c.must(l.revocation);
    judged();
  }
  SECTION("ordered again, then shown") {
    l.c.must(l.revocation);
    CHECK(l.judge(l.old_place(5)) == Judgement::in_force);  // by the numbers alone
    const auto before = l.c.directory.access_changes();
    l.c.must(l.c.says(l.hub, l.evidence));
    CHECK(l.c.directory.access_changes() > before);
    judged();
  }
  SECTION("obeyed before both are ordered") {
    const auto shown = l.c.says(l.hub, l.evidence);
    std::vector<Digest> obeyed;
    const std::vector<Envelope> pending{l.revocation, shown};
    l.c.directory = l.c.directory.obeying(pending, obeyed);
    CHECK(obeyed == std::vector<Digest>{l.revocation.id()});
    CHECK(l.judge(l.old_place(3)) == Judgement::in_force);
    CHECK(l.judge(l.old_place(4)) == Judgement::held);
  }
}

TEST_CASE("former order: only what headquarters signed, whole, and once", "[directory][former]") {
  Lost l;
  const auto tried = [&](const payload::FormerOrder& said) { return l.c.check(l.c.says(l.hub, said)); };
  CHECK(tried(l.evidence) == "ok");
  auto wrong = l.evidence;
  wrong.head.back() ^= 1;
  CHECK(tried(wrong) == "directory.bad-evidence");
  wrong = l.evidence;
  wrong.records.pop_back();
  CHECK(tried(wrong) == "directory.bad-evidence");
  wrong = l.evidence;
  wrong.records[2].statement.bytes[0] ^= 1;
  CHECK(tried(wrong) == "directory.bad-evidence");
  wrong = l.evidence;
  std::swap(wrong.records[0], wrong.records[1]);
  CHECK(tried(wrong) == "directory.bad-evidence");
  wrong = l.evidence;
  wrong.after.n -= 1;  // no head that was resumed from
  CHECK(tried(wrong) == "directory.bad-evidence");
  wrong = l.evidence;
  auto pretended = *decode_head(l.evidence.head);
  pretended.hub = l.hub.id;
  sign_head(pretended, l.hub.sign);
  wrong.head = encode(pretended);
  CHECK(tried(wrong) == "directory.bad-evidence");
  // A part of it first, by who knew no more; then all of it; then nothing new.
  l.c.must(l.c.says(l.rep, l.shown_up_to(2)));
  CHECK(l.c.directory.recalled() == 2);
  l.c.must(l.c.says(l.hub, l.evidence));
  CHECK(l.c.directory.recalled() == 5);
  CHECK(tried(l.evidence) == "directory.recalled-already");
  CHECK(tried(l.shown_up_to(3)) == "directory.recalled-already");
}

TEST_CASE("former order: a customer opened in knowledge of a handover stays his though the handover is ordered again",
          "[directory][former]") {
  Lost l;
  const auto heir = l.c.hire("乙", Role::salesperson, l.a);
  const payload::Handover rule{l.rep.person, heir.person, {}};
  const auto given = l.c.says(l.manager, rule);
  // The same once more: an order with the handover in it is lost.
  const auto head = l.c.directory.position();
  Directory lost = l.c.directory;
  const auto o = lost.order(given, l.c.now);
  REQUIRE(lost.apply(o, &given));
  auto signed_head = lost.head(l.c.hub.id, l.c.now);
  sign_head(signed_head, l.c.hub.sign);
  ArchiveAccess knowing = l.archive;
  knowing.opened = lost.position();
  ArchiveAccess ignorant = l.archive;
  ignorant.opened = head;
  l.c.must(l.c.says(l.c.admin, payload::OrderResumed{head, l.c.directory.last_order_hash(), 3}));
  l.c.must(given);
  l.c.must(l.c.says(
      l.hub, payload::FormerOrder{
                 head, {{o.scope, o.position.incarnation, o.statement, o.envelope, o.hub_time}}, encode(signed_head)}));
  CHECK(l.c.directory.owners(knowing) == std::vector<PersonId>{l.rep.person});
  CHECK(l.c.directory.owners(ignorant) == std::vector<PersonId>{heir.person});
}
