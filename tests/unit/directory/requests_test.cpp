// SPDX-License-Identifier: AGPL-3.0-or-later
// Requests for access: who may ask, who may answer, what ends one.
#include <rapidcheck.h>

#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

constexpr std::int64_t kOneDay = 86'400'000;

struct Desks {
  Company c;
  BranchId a = c.add_branch("深圳");
  BranchId b = c.add_branch("北京");
  Member rep = c.hire("甲", Role::salesperson, a);
  Member manager = c.hire("深圳经理", Role::branch_manager, a);
  Member other_manager = c.hire("北京经理", Role::branch_manager, b);
  Member keeper = c.hire("深圳档案员", Role::archive_administrator, a);
  Member general = c.hire("总经理", Role::general_manager);
  Member auditor = c.hire("审计", Role::auditor);
  AudienceId hq = hq_audience(c.directory.org());
  AudienceId managers = managers_audience(c.directory.org(), a);

  Desks() { c.run_upkeep({c.admin, manager, other_manager, rep}); }

  Envelope asks(const Member& by, const AudienceId& audience, WallTime until = {}) {
    return c.says(by, payload::AccessRequested{audience, GrantRights::write, until, {1, Bytes(104, 1)}, {}});
  }
  Digest asked(const Member& by, const AudienceId& audience, WallTime until = {}) {
    const auto said = asks(by, audience, until);
    c.must(said);
    return said.id();
  }
  std::string answer(const Member& by, const Digest& request, AnswerChoice choice, WallTime until = {}) {
    return c.put(c.says(by, payload::AccessAnswered{request, choice, GrantRights::read, until, {}}));
  }
  const AccessRequest& at(const Digest& id) { return c.directory.requests().at(id); }
};

}  // namespace

TEST_CASE("requests: whoever is asked answers once, and nobody answers himself", "[directory][requests]") {
  Desks o;
  const auto to_hq = o.asked(o.rep, o.hq);
  const auto to_branch = o.asked(o.rep, o.managers);
  CHECK(o.at(to_hq).by == o.rep.person);
  CHECK(o.at(to_hq).state(o.c.now) == RequestState::waiting);
  CHECK(o.answer(o.manager, to_hq, AnswerChoice::approve) == "directory.not-allowed");
  CHECK(o.answer(o.general, to_branch, AnswerChoice::approve) == "directory.not-allowed");
  CHECK(o.answer(o.other_manager, to_branch, AnswerChoice::approve) == "directory.not-allowed");
  CHECK(o.answer(o.keeper, to_branch, AnswerChoice::approve) == "directory.not-allowed");  // reads it, may not give
  CHECK(o.answer(o.auditor, to_hq, AnswerChoice::approve) == "directory.not-allowed");
  CHECK(o.answer(o.manager, to_branch, AnswerChoice::refuse) == "applied");
  CHECK(o.at(to_branch).state(o.c.now) == RequestState::refused);
  CHECK(o.answer(o.manager, to_branch, AnswerChoice::approve) == "directory.answered-already");
  CHECK(o.answer(o.general, to_hq, AnswerChoice::approve) == "applied");
  CHECK(o.at(to_hq).answer->by == o.general.person);
  CHECK(o.answer(o.general, id_of<Digest>(3), AnswerChoice::refuse) == "directory.unknown-request");

  const auto own = o.asked(o.manager, o.managers);
  CHECK(o.answer(o.manager, own, AnswerChoice::approve) == "directory.own-request");
  const auto second = o.c.enrol(o.manager.person);  // a second phone is the same person
  CHECK(o.answer(second, own, AnswerChoice::approve) == "directory.own-request");
}

TEST_CASE("requests: only managers of a branch and headquarters can be asked, under a key they have",
          "[directory][requests]") {
  Desks o;
  const auto org = o.c.directory.org();
  CHECK(o.c.check(o.asks(o.rep, everyone_audience(org))) == "directory.unknown-audience");
  CHECK(o.c.check(o.asks(o.rep, person_audience(org, o.general.person))) == "directory.unknown-audience");
  CHECK(o.c.check(o.asks(o.rep, id_of<AudienceId>(9))) == "directory.unknown-audience");
  payload::AccessRequested later{o.hq, GrantRights::read, {}, {9, Bytes(104, 1)}, {}};
  CHECK(o.c.check(o.c.says(o.rep, later)) == "directory.stale-epoch");
  CHECK(o.c.check(o.asks(o.rep, o.hq, o.c.now)) == "directory.request-over");
}

TEST_CASE("requests: one that nobody answers is over in time, and an approval ends when it says",
          "[directory][requests]") {
  Desks o;
  const auto open_end = o.asked(o.rep, o.hq);
  const auto short_one = o.asked(o.rep, o.hq, {o.c.now.ms + kOneDay});
  const auto given = o.asked(o.rep, o.hq);
  CHECK(o.answer(o.general, given, AnswerChoice::approve, {o.c.now.ms + 2 * kOneDay}) == "applied");
  CHECK(o.at(given).state(o.c.now) == RequestState::approved);
  o.c.now.ms += kOneDay;
  CHECK(o.at(short_one).state(o.c.now) == RequestState::over);
  CHECK(o.answer(o.general, short_one, AnswerChoice::approve) == "directory.request-over");
  CHECK(o.at(open_end).state(o.c.now) == RequestState::waiting);
  CHECK(o.c.directory.may_answer(o.general.person, o.at(open_end), o.c.now));
  o.c.now.ms += kOneDay;
  CHECK(o.at(given).state(o.c.now) == RequestState::over);
  o.c.now.ms += 30 * kOneDay;
  CHECK(o.at(open_end).state(o.c.now) == RequestState::over);
  CHECK_FALSE(o.c.directory.may_answer(o.general.person, o.at(open_end), o.c.now));
}

TEST_CASE("requests: nobody fills others' desks", "[directory][requests]") {
  Desks o;
  for (std::size_t i = 0; i < kOpenRequestsMax; ++i) o.asked(o.rep, o.hq);
  CHECK(o.c.check(o.asks(o.rep, o.hq)) == "directory.too-many-requests");
  CHECK(o.c.check(o.asks(o.manager, o.hq)) == "ok");
  const auto first = o.c.directory.requests().begin()->first;
  CHECK(o.answer(o.general, first, AnswerChoice::refuse) == "applied");
  CHECK(o.c.check(o.asks(o.rep, o.hq)) == "ok");
}

// Who may answer what, against ten lines, over random requests, answers and time.
TEST_CASE("requests: answers follow a small model whatever is said in whatever order", "[directory][requests]") {
  REQUIRE(rc::check("model", [] {
    Desks o;
    const std::vector<Member> staff{o.rep, o.manager, o.other_manager, o.keeper, o.general, o.auditor, o.c.admin};
    struct Asked {
      Digest id;
      PersonId by;
      bool to_hq = false;
      std::int64_t end = 0;  // when it is over
      bool answered = false;
    };
    std::vector<Asked> all;
    const auto steps = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 1'000'000));
    for (const auto draw : steps) {
      const Member& by = staff[draw % staff.size()];
      const auto what = (draw / 7) % 3;
      if (what == 0 && all.size() < 20) {
        const bool to_hq = draw / 21 % 2 == 0;
        const std::int64_t until = draw / 42 % 2 == 0 ? 0 : o.c.now.ms + kOneDay * (1 + draw / 84 % 20);
        const auto id = o.asked(by, to_hq ? o.hq : o.managers, {until});
        all.push_back({id, by.person, to_hq, until != 0 ? until : o.c.now.ms + 30 * kOneDay});
      } else if (what == 1 && !all.empty()) {
        auto& asked = all[draw / 21 % all.size()];
        const auto choice = draw / 2000 % 2 == 0 ? AnswerChoice::approve : AnswerChoice::refuse;
        const bool theirs = asked.to_hq ? by.id == o.general.id || by.id == o.c.admin.id : by.id == o.manager.id;
        const bool open = !asked.answered && o.c.now.ms < asked.end;
        RC_ASSERT(o.c.directory.may_answer(by.person, o.at(asked.id), o.c.now) ==
                  (theirs && open && by.person != asked.by));
        const bool taken = theirs && !asked.answered && by.person != asked.by &&
                           (choice == AnswerChoice::refuse || o.c.now.ms < asked.end);
        RC_ASSERT((o.answer(by, asked.id, choice) == "applied") == taken);
        asked.answered = asked.answered || taken;
      } else {
        o.c.now.ms += kOneDay * (draw / 21 % 7);
      }
    }
  }));
}
