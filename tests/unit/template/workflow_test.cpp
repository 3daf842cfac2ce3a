// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "schema/template/workflow.h"

using namespace satchel;

namespace {

PersonId person(unsigned number) {
  PersonId id;
  id.bytes.back() = static_cast<Byte>(number);
  return id;
}

const PersonId kAuthor = person(1), kManager = person(2), kDeputy = person(3), kChief = person(4);

// A price below the list: two of the managers sign, or one refuses; refused ones may be asked again; the chief closes.
Workflow price() {
  Workflow w{.id = "price", .source = "price", .start = "asked"};
  w.states = {{.id = "asked"}, {.id = "granted"}, {.id = "refused"}, {.id = "closed", .final = true}};
  w.steps = {{.id = "grant", .from = {"asked"}, .to = "granted", .persons = 2, .other_than = {"author"}},
             {.id = "refuse", .from = {"asked"}, .to = "refused", .priority = 10},
             {.id = "again", .from = {"refused"}, .to = "asked"},
             {.id = "close", .from = {"granted", "refused"}, .to = "closed", .other_than = {"grant"}}};
  return w;
}

bool managers(const WorkflowStep& step, const StepTaken& taken) {
  if (step.id == "again") return taken.by == kAuthor;
  if (step.id == "close") return taken.by == kChief || taken.by == kManager;
  return taken.by != person(9);  // a colleague with no say
}

StepTaken took(std::string key, std::string step, const PersonId& by, std::vector<std::string> parents = {},
               std::int64_t at = 0, const PersonId& in_place_of = {}) {
  return {std::move(key), std::move(parents), std::move(step), by, {at}, {}, in_place_of};
}

WorkflowStanding stands(const std::vector<StepTaken>& taken) {
  return where_it_stands(price(), {0}, kAuthor, taken, managers);
}

StepFate fate(const WorkflowStanding& standing, std::string_view key) {
  return std::ranges::find(standing.steps, key, &StepSeen::key)->fate;
}

}  // namespace

TEST_CASE("workflow: one signature waits, the second moves", "[workflow]") {
  const auto one = stands({took("a", "grant", kManager, {}, 10)});
  CHECK(one.state() == "asked");
  CHECK(one.signed_by_some == std::vector<std::string>{"grant"});
  CHECK(fate(one, "a") == StepFate::waiting);
  // The second has seen the first, or not.
  for (const auto& parents : {std::vector<std::string>{"a"}, std::vector<std::string>{}}) {
    const auto two = stands({took("a", "grant", kManager, {}, 10), took("b", "grant", kDeputy, parents, 20)});
    CHECK(two.state() == "granted");
    CHECK(two.since().ms == 20);
  }
  CHECK(stands({took("a", "grant", kManager), took("b", "grant", kManager, {"a"})}).state() == "asked");
}

TEST_CASE("workflow: nobody grants himself, nobody without a say counts, and who granted does not close",
          "[workflow]") {
  const auto own = stands({took("a", "grant", kAuthor), took("b", "grant", kManager)});
  CHECK(own.state() == "asked");
  CHECK(fate(own, "a") == StepFate::not_allowed);
  CHECK(stands({took("a", "grant", person(9)), took("b", "grant", kManager)}).state() == "asked");
  const std::vector<StepTaken> granted{took("a", "grant", kManager), took("b", "grant", kDeputy, {"a"})};
  auto closing = granted;
  closing.push_back(took("c", "close", kManager, {"b"}));
  CHECK(stands(closing).state() == "granted");
  closing.push_back(took("d", "close", kChief, {"b"}));
  CHECK(stands(closing).state() == "closed");
}

TEST_CASE("workflow: a deputy and whom he stands in for are one person", "[workflow]") {
  const PersonId other = person(7);
  const auto for_manager = took("b", "grant", other, {"a"}, 20, kManager);
  CHECK(stands({took("a", "grant", kManager, {}, 10), for_manager}).state() == "asked");
  CHECK(stands({took("a", "grant", kDeputy, {}, 10), for_manager}).state() == "granted");
  // Nor does he grant what the other asked for, nor close what the other granted.
  CHECK(fate(stands({took("a", "grant", other, {}, 10, kAuthor)}), "a") == StepFate::not_allowed);
  const auto closing = stands({took("a", "grant", kManager, {}, 10), took("b", "grant", kDeputy, {"a"}, 20),
                               took("c", "close", kChief, {"b"}, 30, kManager)});
  CHECK(closing.state() == "granted");
  CHECK(stands({took("a", "grant", other, {}, 10, kManager), took("b", "grant", kDeputy, {"a"}, 20),
                took("c", "close", kManager, {"b"}, 30)})
            .state() == "granted");
}

TEST_CASE("workflow: at once, the stronger step counts and the other stays visible", "[workflow]") {
  const std::vector<StepTaken> both{took("a", "grant", kManager, {}, 1), took("b", "grant", kDeputy, {"a"}, 2),
                                    took("c", "close", kChief, {"b"}, 3), took("x", "refuse", kChief, {"a"}, 9)};
  const auto standing = stands(both);
  CHECK(standing.state() == "refused");
  CHECK(fate(standing, "b") == StepFate::overtaken);
  CHECK(fate(standing, "c") == StepFate::overtaken);
  auto later = both;
  later.push_back(took("y", "again", kAuthor, {"c", "x"}, 12));
  later.push_back(took("z", "grant", kManager, {"y"}, 13));
  const auto again = stands(later);
  CHECK(again.state() == "asked");
  CHECK(again.signed_by_some == std::vector<std::string>{"grant"});
}

TEST_CASE("workflow: what no state has, and circles, move nothing", "[workflow]") {
  const auto odd = stands({took("a", "unheard", kManager), took("b", "close", kChief)});
  CHECK(odd.state() == "asked");
  CHECK(fate(odd, "a") == StepFate::not_open);
  CHECK(fate(odd, "b") == StepFate::not_open);
  CHECK(stands({took("a", "refuse", kChief, {"b"}), took("b", "again", kAuthor, {"a"})}).path.size() <= 3);
}

TEST_CASE("workflow: a pause stops the clock of the state it came from, also when it comes back", "[workflow]") {
  Workflow w{.id = "repair", .source = "repair", .start = "open"};
  w.states = {
      {.id = "open", .limit = Span{24, Unit::hours}}, {.id = "held", .paused = true}, {.id = "done", .final = true}};
  w.steps = {{.id = "hold", .from = {"open"}, .to = "held"},
             {.id = "go_on", .from = {"held"}, .to = "open"},
             {.id = "end", .from = {"open"}, .to = "done"}};
  const auto hours = [](int n) { return std::int64_t{n} * 3'600'000; };
  const auto anybody = [](const WorkflowStep&, const StepTaken&) { return true; };
  const FromField none = [](const std::string&) { return std::nullopt; };
  std::vector<StepTaken> taken{took("a", "hold", kManager, {}, hours(10))};
  const auto at = [&] { return where_it_stands(w, {0}, kAuthor, taken, anybody); };
  const WorkCalendar calendar;
  const auto due = [&](int now) { return *due_of(w, at(), {}, calendar, 480, {hours(now)}); };
  CHECK(due(30).paused);
  CHECK(due(30).at == WallTime{hours(24 + 20)});
  taken.push_back(took("b", "go_on", kManager, {"a"}, hours(40)));
  CHECK_FALSE(due(41).paused);
  CHECK(due(41).at == WallTime{hours(24 + 30)});
  CHECK(timed_state(w, at())->id == "open");
  // A second pause adds to the first.
  taken.push_back(took("c", "hold", kManager, {"b"}, hours(45)));
  taken.push_back(took("d", "go_on", kManager, {"c"}, hours(50)));
  CHECK(due(51).at == WallTime{hours(24 + 35)});
  taken.push_back(took("e", "end", kManager, {"d"}, hours(58)));
  CHECK_FALSE(was_late(w, at(), none, calendar, 480));
  taken.back() = took("e", "end", kManager, {"d"}, hours(60));
  CHECK(was_late(w, at(), none, calendar, 480));
}

TEST_CASE("workflow: any order of arrival gives one standing, and no rule is passed", "[workflow]") {
  const auto w = price();
  REQUIRE(rc::check("steps", [&] {
    const int count = *rc::gen::inRange(0, 12);
    std::vector<StepTaken> taken;
    for (int i = 0; i < count; ++i) {
      std::vector<std::string> parents;
      for (const auto& before : taken)
        if (*rc::gen::inRange(0, 3) == 0) parents.push_back(before.key);
      taken.push_back(
          took(std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 26))) + std::to_string(i),
               w.steps[static_cast<std::size_t>(*rc::gen::inRange(0, 4))].id,
               person(static_cast<unsigned>(*rc::gen::inRange(1, 5))), parents, *rc::gen::inRange(0, 50),
               *rc::gen::inRange(0, 3) == 0 ? person(static_cast<unsigned>(*rc::gen::inRange(1, 5))) : PersonId{}));
    }
    const auto standing = stands(taken);
    std::vector<StepTaken> other = taken;
    std::ranges::reverse(other);
    const auto turned = stands(other);
    RC_ASSERT(turned.state() == standing.state());
    RC_ASSERT(turned.path.size() == standing.path.size());
    for (std::size_t i = 0; i < standing.steps.size(); ++i) RC_ASSERT(turned.steps[i].fate == standing.steps[i].fate);
    // Each passage was made by enough different persons, each of them allowed, in the state before it.
    std::multiset<std::string> moved;
    for (std::size_t i = 1; i < standing.path.size(); ++i) {
      const auto* step = w.step(standing.path[i].step);
      RC_ASSERT(step != nullptr);
      RC_ASSERT(std::ranges::count(step->from, standing.path[i - 1].state) == 1);
      RC_ASSERT(step->to == standing.path[i].state);
      RC_ASSERT(standing.path[i - 1].since <= standing.path[i].since);
      moved.insert(step->id);
    }
    std::map<std::string, std::size_t> demanded;
    for (const auto& id : moved) demanded[id] += static_cast<std::size_t>(w.step(id)->persons);
    for (const auto& [id, least] : demanded) {
      std::size_t signatures = 0;
      std::set<PersonId> rights;  // by whose they were
      for (const auto& seen : standing.steps) {
        const auto step = std::ranges::find(taken, seen.key, &StepTaken::key);
        if (seen.fate != StepFate::moved || step->step != id) continue;
        RC_ASSERT(managers(*w.step(id), *step));
        if (id == "grant") RC_ASSERT(step->by != kAuthor && step->in_place_of != kAuthor);
        ++signatures;
        rights.insert(step->in_place_of.none() ? step->by : step->in_place_of);
      }
      RC_ASSERT(signatures >= least);
      RC_ASSERT(rights.size() >= static_cast<std::size_t>(w.step(id)->persons));
    }
  }));
}

TEST_CASE("workflow: a limit that is the record's own, and none where it has none", "[workflow]") {
  Workflow w{.id = "complaint", .source = "complaint", .start = "open"};
  w.states = {{.id = "open", .limit = Span{24, Unit::hours}}, {.id = "done", .final = true}};
  w.states.front().limits = {{{{{"special", ConditionTest::is, {"yes"}}}}, Span{72, Unit::hours}}};
  w.steps = {{.id = "end", .from = {"open"}, .to = "done"}};
  const auto hours = [](int n) { return WallTime{std::int64_t{n} * 3'600'000}; };
  const auto anybody = [](const WorkflowStep&, const StepTaken&) { return true; };
  const FromField none = [](const std::string&) { return std::nullopt; };
  const WorkCalendar calendar;
  const auto open = where_it_stands(w, {0}, kAuthor, {}, anybody);
  const std::vector<StepTaken> taken{took("a", "end", kManager, {}, hours(30).ms)};
  const auto done = where_it_stands(w, {0}, kAuthor, taken, anybody);
  const LimitOf special = [](const WorkflowState& state) { return std::optional(state.limits.front().limit); };
  const LimitOf without = [](const WorkflowState&) { return std::nullopt; };
  CHECK(due_of(w, open, {}, calendar, 480, {0})->at == hours(24));
  CHECK(due_of(w, open, {}, calendar, 480, {0}, special)->at == hours(72));
  CHECK_FALSE(due_of(w, open, {}, calendar, 480, {0}, without).has_value());
  CHECK(was_late(w, done, none, calendar, 480));
  CHECK_FALSE(was_late(w, done, none, calendar, 480, special));
}

namespace {

// Destroyed by two or more, and by all who are named.
WorkflowStanding signed_off(const std::vector<StepTaken>& taken, const std::vector<Naming>& named) {
  Workflow w{.id = "destroy", .source = "list", .start = "approved"};
  w.states = {{.id = "approved"}, {.id = "destroyed"}, {.id = "filed", .final = true}};
  w.steps = {{.id = "sign", .from = {"approved"}, .to = "destroyed", .persons = 2, .all_of = "present"},
             {.id = "file", .from = {"destroyed"}, .to = "filed"}};
  const auto anybody = [](const WorkflowStep&, const StepTaken&) { return true; };
  return where_it_stands(w, {0}, kAuthor, taken, anybody, [&](const std::string&) { return named; });
}

}  // namespace

TEST_CASE("workflow: all who are named sign, deputies for them, and never fewer than it needs", "[workflow]") {
  const std::vector<Naming> three{{{kManager, kDeputy, kChief}, {5}, {}}};
  std::vector<StepTaken> taken{took("a", "sign", kManager, {}, 10), took("b", "sign", kDeputy, {}, 20)};
  CHECK(signed_off(taken, three).state() == "approved");
  CHECK(signed_off(taken, three).signed_by_some == std::vector<std::string>{"sign"});
  // One who is not named does not stand in for one who is.
  taken.push_back(took("c", "sign", person(8), {}, 30));
  CHECK(signed_off(taken, three).state() == "approved");
  taken.push_back(took("d", "sign", person(8), {}, 40, kChief));
  CHECK(signed_off(taken, three).state() == "destroyed");
  CHECK(signed_off(taken, three).since().ms == 40);
  CHECK(signed_off({taken.front()}, {{{kManager}, {5}, {}}}).state() == "approved");
  CHECK(signed_off(taken, {}).state() == "approved");
}

TEST_CASE("workflow: who is named later brings nothing back, who no longer is is not waited for", "[workflow]") {
  const std::vector<StepTaken> two{took("a", "sign", kManager, {}, 10), took("b", "sign", kDeputy, {}, 20)};
  const Naming both{{kManager, kDeputy}, {5}, {}};
  CHECK(signed_off(two, {both, {{kChief}, {21}, {}}}).state() == "destroyed");
  CHECK(signed_off(two, {both, {{kChief}, {20}, {}}}).state() == "approved");
  // Three were named until the third fell ill, at 30: from then on two are all.
  const auto standing = signed_off(two, {{{kManager, kDeputy, kChief}, {5}, {{30}}}, {{kManager, kDeputy}, {30}, {}}});
  CHECK(standing.state() == "destroyed");
  CHECK(standing.since().ms == 30);
  // Whoever had seen all signatures had seen it left: his own comes too late to count there.
  auto more = two;
  more.push_back(took("c", "sign", kChief, {"a", "b"}, 25));
  more.push_back(took("d", "file", kChief, {"c"}, 26));
  CHECK(fate(signed_off(more, {both}), "c") == StepFate::not_open);
  CHECK(signed_off(more, {both}).state() == "filed");
}
