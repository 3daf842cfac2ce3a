// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>

#include "client/field/admin.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

TEST_CASE("people: a change that changes nothing is said to be none, and nothing is kept to be sent",
          "[client][people]") {
  Company company;
  auto& boss = company.join("总", Role::general_manager, "");
  company.join("甲", Role::salesperson);
  company.sync(boss);
  const auto refused = [&](const field::PersonChange& change) {
    const auto said = field::change_person(*boss.device, change);
    return said ? std::string() : said.error().code;
  };
  CHECK(refused({"甲", {}, {}, true}) == "admin.not-left");
  CHECK(refused({"甲", Role::salesperson, {}, {}}) == "admin.no-change");
  CHECK(refused({"甲", Role::branch_manager, {}, true}) == "admin.not-left");
  CHECK(refused({"无此人", {}, {}, true}) == "admin.no-person");
  CHECK(must(node::all_pending(*must(boss.device->replica().store().begin_read()))).empty());
  payload::PersonChanged left{.person = company["甲"].person};
  left.active = false;
  company.say(left);
  company.sync(boss);
  CHECK(refused({"甲", {}, {}, false}) == "admin.left-already");
}
