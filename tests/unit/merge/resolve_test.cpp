// SPDX-License-Identifier: AGPL-3.0-or-later
// What a person sees of concurrent values, policy by policy.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/unit/merge/changes.h"

using namespace satchel;
using namespace satchel::merge_test;
using merge::resolve;

namespace {

Value text_value(const char* s) { return std::string(s); }
merge::Resolved anyone(const merge::RecordState& state, MergePolicy policy) {
  return resolve(state, "phone", policy, Permission::anyone);
}
Written replacing(Written by, const Written& what) {
  by.change.ops[0].replaces = {dot_of(what)};
  return by;
}
Written effective(Written w, std::int64_t at) {
  w.source.effective = {at};
  return w;
}

}  // namespace

TEST_CASE("resolve: every node picks the same, whatever the policy and the order", "[merge]") {
  REQUIRE(rc::check("same choice", [] {
    auto history = random_history();
    const auto first = in_order(history);
    std::reverse(history.begin(), history.end());
    const auto second = in_order(history);
    for (const auto policy : {MergePolicy::latest, MergePolicy::review, MergePolicy::set, MergePolicy::log,
                              MergePolicy::max, MergePolicy::min}) {
      for (const auto permission : {Permission::anyone, Permission::fixed}) {
        const auto a = resolve(first, "phone", policy, permission);
        const auto b = resolve(second, "phone", policy, permission);
        RC_ASSERT(a.value == b.value);
        RC_ASSERT(a.contested == b.contested);
        RC_ASSERT(a.corrected == b.corrected);
        RC_ASSERT((a.winner == nullptr) == (b.winner == nullptr));
        if (a.winner != nullptr) RC_ASSERT(a.winner->dot == b.winner->dot);
      }
    }
  }));
}

TEST_CASE("latest: effective time decides, not claimed or hybrid time", "[merge]") {
  // The second clock claims next year, but its stamp cut it to before the first.
  auto boast = effective(set_by(2, 1, "phone", text_value("fast"), 9'000'000), 500);
  boast.source.hybrid = UINT64_MAX;
  const auto state = in_order({effective(set_by(1, 1, "phone", text_value("right"), 1000), 1000), boast});
  const auto r = anyone(state, MergePolicy::latest);
  CHECK(r.value == text_value("right"));
  CHECK_FALSE(r.contested);
  CHECK(r.standing.size() == 2);
}

TEST_CASE("latest: equal times fall to the dot, the same everywhere", "[merge]") {
  const auto state = in_order({set_by(1, 1, "phone", text_value("a")), set_by(2, 1, "phone", text_value("b"))});
  CHECK(anyone(state, MergePolicy::latest).value == text_value("b"));
}

TEST_CASE("latest: a replacement wins over what it replaced whatever their clocks say", "[merge]") {
  const auto first = set_by(1, 1, "phone", text_value("old"), 9'000'000);
  const auto state = in_order({first, replacing(set_by(2, 1, "phone", text_value("new"), 1), first)});
  CHECK(anyone(state, MergePolicy::latest).value == text_value("new"));
}

TEST_CASE("review: different concurrent values wait for a person, equal ones are agreement", "[merge]") {
  const auto one = set_by(1, 1, "phone", text_value("139"));
  const auto other = set_by(2, 1, "phone", text_value("138"));
  const auto contested = anyone(in_order({one, other}), MergePolicy::review);
  CHECK(contested.contested);
  CHECK(contested.standing.size() == 2);
  CHECK_FALSE(anyone(in_order({one, set_by(2, 1, "phone", text_value("139"))}), MergePolicy::review).contested);
  auto choice = set_by(3, 1, "phone", text_value("138"));
  choice.change.ops[0].replaces = {dot_of(one), dot_of(other)};
  const auto settled = anyone(in_order({one, other, choice}), MergePolicy::review);
  CHECK_FALSE(settled.contested);
  CHECK(settled.value == text_value("138"));
}

TEST_CASE("set: adds of all stand, each once; a concurrent add survives a removal", "[merge]") {
  const auto mine = set_by(1, 1, "phone", std::vector<std::string>{"vip", "cold"});
  const auto theirs = set_by(2, 1, "phone", std::vector<std::string>{"vip", "east"});
  CHECK(anyone(in_order({mine, theirs}), MergePolicy::set).value ==
        Value(std::vector<std::string>{"cold", "east", "vip"}));
  const auto emptied = replacing(set_by(3, 1, "phone", {}), mine);
  CHECK(anyone(in_order({mine, theirs, emptied}), MergePolicy::set).value ==
        Value(std::vector<std::string>{"east", "vip"}));
}

TEST_CASE("log: every line stays, in hybrid order", "[merge]") {
  const auto state =
      in_order({set_by(2, 1, "phone", text_value("second"), 200), set_by(1, 1, "phone", text_value("first"), 100),
                set_by(3, 1, "phone", text_value("first"), 300)});
  CHECK(anyone(state, MergePolicy::log).value == Value(std::vector<std::string>{"first", "second", "first"}));
}

TEST_CASE("max and min: numbers by size whatever their type, and by nothing else", "[merge]") {
  const auto state = in_order({set_by(1, 1, "phone", Decimal{950, 2}), set_by(2, 1, "phone", std::int64_t{10}),
                               set_by(3, 1, "phone", Decimal{1000, 2})});
  CHECK(anyone(state, MergePolicy::max).value == Value(Decimal{1000, 2}));  // equal to 10: the dot decides
  CHECK(anyone(state, MergePolicy::min).value == Value(Decimal{950, 2}));
  const auto dates = in_order({set_by(1, 1, "phone", Date{-3}), set_by(2, 1, "phone", Date{20})});
  CHECK(anyone(dates, MergePolicy::max).value == Value(Date{20}));
  CHECK(anyone(dates, MergePolicy::min).value == Value(Date{-3}));
}

TEST_CASE("fixed: only the author or the author's manager corrects, and the correction is marked", "[merge]") {
  const auto written = set_by(1, 1, "phone", text_value("100"));
  const auto by_manager = replacing(set_by(9, 1, "phone", text_value("90")), written);
  const auto by_stranger = replacing(set_by(5, 1, "phone", text_value("1")), written);
  const auto by_author = replacing(set_by(1, 2, "phone", text_value("95")), written);
  const merge::MayCorrect managers = [](const PersonId& by, const PersonId& author) {
    return by == person(9) && author == person(1);
  };
  const auto fixed = [&](const std::vector<Written>& history) {
    return resolve(in_order(history), "phone", MergePolicy::latest, Permission::fixed, managers);
  };
  CHECK_FALSE(fixed({written}).corrected);
  CHECK(fixed({written, by_manager}).value == text_value("90"));
  CHECK(fixed({written, by_manager}).corrected);
  CHECK(fixed({written, by_author}).value == text_value("95"));
  CHECK(fixed({written, by_stranger}).value == text_value("100"));
  CHECK_FALSE(fixed({written, by_stranger}).corrected);
  // The stranger's value is kept all the same.
  CHECK(in_order({written, by_stranger}).values("phone").size() == 2);
  CHECK(fixed({written, by_stranger, by_manager}).value == text_value("90"));
  // Without anybody to ask, only the author counts.
  CHECK(resolve(in_order({written, by_manager}), "phone", MergePolicy::latest, Permission::fixed).value ==
        text_value("100"));
}

TEST_CASE("standing: in force, withdrawn, binned until a date, and undone again", "[merge]") {
  using merge::RecordStanding;
  const auto stand = [](int who, std::uint64_t seq, RecordStanding s, std::optional<Date> until = {}) {
    return set_by(who, seq, std::string(kStandingField), merge::standing_value(s, until),
                  static_cast<std::int64_t>(seq));
  };
  CHECK(merge::standing_of({}).standing == RecordStanding::in_force);
  const auto withdrawn = stand(1, 1, RecordStanding::withdrawn);
  CHECK(merge::standing_of(in_order({withdrawn})).standing == RecordStanding::withdrawn);
  const auto binned = replacing(stand(1, 2, RecordStanding::binned, Date{20800}), withdrawn);
  const auto state = merge::standing_of(in_order({withdrawn, binned}));
  CHECK(state.standing == RecordStanding::binned);
  CHECK(state.until == Date{20800});
  const auto undone = replacing(stand(1, 3, RecordStanding::in_force), binned);
  CHECK(merge::standing_of(in_order({withdrawn, binned, undone})).standing == RecordStanding::in_force);
}

TEST_CASE("resolve: a field nobody wrote has no value and no winner", "[merge]") {
  for (const auto policy : {MergePolicy::latest, MergePolicy::review, MergePolicy::set, MergePolicy::log,
                            MergePolicy::max, MergePolicy::min}) {
    const auto r = resolve({}, "phone", policy, Permission::anyone);
    CHECK(empty(r.value));
    CHECK(r.winner == nullptr);
    CHECK_FALSE(r.contested);
  }
}
