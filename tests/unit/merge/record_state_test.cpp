// SPDX-License-Identifier: AGPL-3.0-or-later
// The laws of merging: what a set of changes says of a record does not depend on the order or the number of times they
// arrive, nor on which node put them together.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/unit/merge/changes.h"

using namespace satchel;
using namespace satchel::merge_test;

TEST_CASE("merge: any order of arrival, with repeats, gives the same state", "[merge]") {
  REQUIRE(rc::check("any order", [] {
    const auto history = random_history();
    const auto state = in_order(history);
    auto shuffled = history;
    for (std::size_t i = shuffled.size(); i > 1; --i)
      std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
    if (!shuffled.empty()) shuffled.push_back(shuffled[*rc::gen::inRange<std::size_t>(0, shuffled.size())]);
    RC_ASSERT(in_order(shuffled) == state);
  }));
}

TEST_CASE("merge: commutative, associative and idempotent", "[merge]") {
  REQUIRE(rc::check("laws", [] {
    const auto history = random_history();
    std::vector<merge::RecordState> parts(3);
    // Parts overlap: the same change may have come by two ways.
    for (const auto& written : history) {
      const auto where = *rc::gen::inRange(1, 8);
      for (int i = 0; i < 3; ++i) {
        if (where & (1 << i)) apply(parts[i], written);
      }
    }
    const auto& [a, b, c] = std::tie(parts[0], parts[1], parts[2]);
    RC_ASSERT(merged(a, b) == merged(b, a));
    RC_ASSERT(merged(merged(a, b), c) == merged(a, merged(b, c)));
    RC_ASSERT(merged(a, a) == a);
    RC_ASSERT(merged(merged(a, b), c) == in_order(history));
    RC_ASSERT(merged(a, merge::RecordState{}) == a);
  }));
}

TEST_CASE("merge: nothing is ever dropped, and what stands is what nothing replaced", "[merge]") {
  REQUIRE(rc::check("kept", [] {
    const auto history = random_history();
    const auto state = in_order(history);
    for (const auto* field : kFields) {
      std::set<Dot> given, replaced;
      for (const auto& w : history) {
        std::uint16_t op = 0;
        for (const auto& o : w.change.ops) {
          const Dot dot{w.source.chain, w.source.seq, op++};
          if (o.field != field) continue;
          given.insert(dot);
          replaced.insert(o.replaces.begin(), o.replaces.end());
        }
      }
      RC_ASSERT(state.values(field).size() == given.size());
      std::set<Dot> standing;
      for (const auto* v : state.standing(field)) standing.insert(v->dot);
      for (const auto& dot : given) RC_ASSERT(standing.contains(dot) != replaced.contains(dot));
      RC_ASSERT(state.dots(field).size() == standing.size());
    }
  }));
}

TEST_CASE("merge: a replacement that came before what it replaces still replaces it", "[merge]") {
  const auto first = set_by(1, 1, "phone", std::string("139"));
  auto second = set_by(2, 1, "phone", std::string("138"));
  second.change.ops[0].replaces = {dot_of(first)};
  merge::RecordState state;
  apply(state, second);
  CHECK(state.standing("phone").size() == 1);
  apply(state, first);
  REQUIRE(state.standing("phone").size() == 1);
  CHECK(state.standing("phone")[0]->value == Value(std::string("138")));
  CHECK(state.values("phone").size() == 2);
}

TEST_CASE("merge: two who did not know of each other both stand", "[merge]") {
  const auto state = in_order({set_by(1, 1, "phone", std::string("139")), set_by(2, 1, "phone", std::string("138"))});
  CHECK(state.standing("phone").size() == 2);
  CHECK(state.dots("phone").size() == 2);
}

TEST_CASE("merge: operations of one change are told apart by their place in it", "[merge]") {
  Written w = set_by(1, 1, "tag", std::string("a"));
  w.change.ops.push_back({"tag", std::string("b"), {}});
  merge::RecordState state;
  state.apply(w.source, w.change, 5);
  REQUIRE(state.values("tag").size() == 2);
  CHECK(state.values("tag")[0]->dot.op == 5);
  CHECK(state.values("tag")[1]->dot.op == 6);
}

TEST_CASE("merge: author and time of a record are its earliest change's, whichever came first", "[merge]") {
  const auto early = set_by(2, 1, "name", std::string("a"), 100);
  const auto late = set_by(1, 1, "name", std::string("b"), 200);
  for (const auto& order : {std::vector{early, late}, std::vector{late, early}}) {
    const auto state = in_order(order);
    CHECK(state.author() == person(2));
    CHECK(state.created() == early.source.claimed);
  }
}

TEST_CASE("merge: fields and types this program does not know are kept", "[merge]") {
  auto w = set_by(1, 1, "a_field_of_tomorrow", Bytes{1, 2, 3});
  w.change.type = "a_type_of_tomorrow";
  w.change.version = 9;
  const auto state = in_order({w});
  CHECK(state.type() == "a_type_of_tomorrow");
  CHECK(state.version() == 9);
  CHECK(state.fields() == std::vector<std::string>{"a_field_of_tomorrow"});
  CHECK(state.values("a_field_of_tomorrow")[0]->value == Value(Bytes{1, 2, 3}));
}
