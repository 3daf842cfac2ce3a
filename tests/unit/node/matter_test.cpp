// SPDX-License-Identifier: AGPL-3.0-or-later
// Where a record stands in its workflow, at several nodes that do not always meet: the same everywhere in the end, and
// decided by nobody who had no say when he decided, or had lost it when a hub heard of it.
#include "sync/node/matter.h"

#include "tests/unit/node/matter_desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

constexpr std::string_view kPack = R"(
format = 1
id = "price"
version = 1
label = { zh = "特价", en = "Prices" }

[[calendar]]
id = "every_day"
label = { zh = "每天", en = "Every day" }
week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
published = { from = 2020-01-01, to = 2060-12-31 }

[[template]]
id = "price"
label = { zh = "特价申请", en = "Price below the list" }
scope = ["customer"]
  [[template.field]]
  id = "wish"
  label = { zh = "要求", en = "Wish" }
  sheet = true

[[workflow]]
id = "price"
label = { zh = "特价审批", en = "Approval" }
source = "price"
start = "asked"
  [[workflow.state]]
  id = "asked"
  label = { zh = "待批", en = "Asked" }
  limit = "24h"
  due_for = ["manager"]
  [[workflow.state]]
  id = "granted"
  label = { zh = "同意", en = "Granted" }
  final = true
  [[workflow.state]]
  id = "refused"
  label = { zh = "不同意", en = "Refused" }
  final = true
  [[workflow.step]]
  id = "grant"
  label = { zh = "同意", en = "Grant" }
  from = ["asked"]
  to = "granted"
  by = ["manager", "role:general_manager"]
  other_than = ["author"]
  [[workflow.step]]
  id = "refuse"
  label = { zh = "不同意", en = "Refuse" }
  from = ["asked"]
  to = "refused"
  by = ["manager", "role:general_manager"]
  priority = 10
)";

struct Prices : MatterDesk {
  Prices() : MatterDesk(kPack, "price", {{"wish", std::string("九折"), {}}}) {}
  std::string state_in_row(sim::Node& at) {
    must(at.deriver().apply());
    const auto table = must(at.deriver().load_sheet("price"));
    const auto txn = must(at.replica().store().begin_read());
    const auto column = must(at.deriver().schema(*txn, "price")).column(kStateColumn);
    REQUIRE(column.has_value());
    const auto row = table.find(record);
    REQUIRE(row.has_value());
    return std::string(table.text(*row, *column));
  }
};

}  // namespace

TEST_CASE("matter: it begins where its workflow does, and is whose it is", "[node][workflow]") {
  Prices p;
  CHECK(p.stands(p.rep) == "asked");
  CHECK(p.open_to(p.rep).empty());
  CHECK(p.open_to(p.manager) == std::vector<std::string>{"grant", "refuse"});
  CHECK(p.open_to(p.boss) == std::vector<std::string>{"grant", "refuse"});
  CHECK(p.state_in_row(p.manager) == "asked");
  p.matter(p.manager, [&](const auto&, const node::Matter& m) {
    REQUIRE(m.due.has_value());
    CHECK(m.due->at == m.standing.since() + Millis(24 * 3'600'000));
    return 0;
  });
}

TEST_CASE("matter: two who decide without knowing of each other leave one state everywhere", "[node][workflow]") {
  Prices p;
  p.take(p.manager, "grant");
  p.take(p.boss, "refuse", "毛利太低");
  CHECK(p.stands(p.manager) == "granted");
  CHECK(p.stands(p.boss) == "refused");
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.manager, &p.boss}) {
    CHECK(p.stands(*at) == "refused");
    CHECK(p.state_in_row(*at) == "refused");
  }
}

TEST_CASE("matter: a step by who has no say is seen and does nothing", "[node][workflow]") {
  Prices p;
  p.take(p.rep, "grant");
  p.world.settle(4);
  CHECK(p.stands(p.manager) == "asked");
  p.matter(p.manager, [&](const auto&, const node::Matter& m) {
    REQUIRE(m.standing.steps.size() == 1);
    CHECK(m.standing.steps.front().fate == StepFate::not_allowed);
    return 0;
  });
}

TEST_CASE("matter: who lost the role decides nothing that a hub hears of later", "[node][workflow]") {
  Prices p;
  payload::PersonChanged demoted{.person = p.boss.person};
  demoted.role = Role::department;  // he writes on, but has no say any more
  p.world.state(demoted);
  p.world.sync(p.world.admin(), p.world.hq());
  p.take(p.boss, "grant");  // has not heard of it
  CHECK(p.stands(p.boss) == "granted");
  p.world.settle(4);
  CHECK(p.stands(p.manager) == "asked");
  CHECK(p.open_to(p.manager) == std::vector<std::string>{"grant", "refuse"});
}

TEST_CASE("matter: a deputy acts for whom he stands in, is seen to, and no longer than that", "[node][workflow]") {
  Prices p;
  CHECK(p.open_to(p.rep).empty());
  payload::PersonChanged named{.person = p.boss.person};
  named.deputies = {p.rep.person};
  p.world.state(named);
  p.world.settle(4);
  // The author stays the author, whomever he stands in for.
  CHECK(p.open_to(p.rep) == std::vector<std::string>{"refuse"});
  p.take(p.rep, "grant");
  CHECK(p.stands(p.rep) == "asked");
  p.take(p.rep, "refuse", "毛利太低");
  CHECK(p.stands(p.rep) == "refused");
  p.world.settle(4);
  CHECK(p.stands(p.manager) == "refused");
  p.matter(p.manager, [&](const node::MatterOf& of, const node::Matter& m) {
    const auto shown = node::steps_shown(of, m);
    REQUIRE(shown.size() == 2);
    CHECK(shown.back().by == p.rep.person);
    CHECK(shown.back().in_place_of == p.boss.person);
    return 0;
  });
}

TEST_CASE("matter: who stood in for somebody once does so no more", "[node][workflow]") {
  Prices p;
  auto& aide = p.world.device("aide", Role::department, "");
  payload::PersonChanged named{.person = p.boss.person};
  named.deputies = {aide.person};
  p.world.state(named);
  p.world.settle(4);
  named.deputies = std::vector<PersonId>{};
  p.world.state(named);
  p.world.sync(p.world.admin(), p.world.hq());
  p.take(aide, "refuse", "毛利太低");  // has not heard of it
  CHECK(p.stands(aide) == "refused");
  p.world.settle(4);
  CHECK(p.stands(p.manager) == "asked");
}
