// SPDX-License-Identifier: AGPL-3.0-or-later
// Steps for some records only, limits by what a record is, and steps that all whom it names have to take: the same at
// every node, and passed by nobody who writes and corrects.
#include "tests/unit/node/matter_desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

constexpr std::string_view kRefillPack = R"(
format = 1
id = "refill"
version = 1
label = { zh = "补货", en = "Refills" }

[[template]]
id = "refill"
label = { zh = "补货", en = "Refill" }
scope = ["customer"]
sheet = true
  [[template.field]]
  id = "kind"
  label = { zh = "类", en = "Kind" }
  type = "choice"
  choices = [{ id = "shelf", zh = "货架", en = "Shelf" }, { id = "back", zh = "退货", en = "Return" }]
  [[template.field]]
  id = "ordered"
  label = { zh = "订货", en = "Ordered" }
  type = "integer"
  [[template.field]]
  id = "listed"
  label = { zh = "规定", en = "Listed" }
  type = "integer"
  [[template.field]]
  id = "over"
  label = { zh = "超出", en = "Over" }
  type = "integer"
  formula = "ordered - listed"
  [[template.field]]
  id = "special"
  label = { zh = "特殊", en = "Special" }
  type = "yes_no"
  [[template.field]]
  id = "present"
  label = { zh = "参加", en = "Present" }
  type = "persons"

[[workflow]]
id = "refill"
label = { zh = "补货", en = "Refill" }
source = "refill"
start = "drawn"
  [[workflow.state]]
  id = "drawn"
  label = { zh = "待批", en = "Drawn" }
  limit = [{ when = { field = "special", is = ["yes"] }, limit = "72h" }, { limit = "24h" }]
  due_for = ["manager"]
  [[workflow.state]]
  id = "passed"
  label = { zh = "同意", en = "Passed" }
  final = true
  [[workflow.state]]
  id = "signed"
  label = { zh = "已签", en = "Signed" }
  final = true
  [[workflow.step]]
  id = "pass"
  label = { zh = "同意", en = "Pass" }
  from = ["drawn"]
  to = "passed"
  by = ["manager"]
  when = [{ field = "kind", is = ["shelf"] }, { field = "over", to = 0 }]
  [[workflow.step]]
  id = "sign"
  label = { zh = "签字", en = "Sign" }
  from = ["drawn"]
  to = "signed"
  by = ["anyone"]
  persons = 2
  all_of = "present"
)";

Value choice_of(std::string_view word) { return std::string(word); }
Value amount_of(std::int64_t n) { return n; }

using Filled = std::map<std::string, Value>;

std::vector<Op> ops_of(const Filled& fields, const merge::RecordState* corrected = nullptr) {
  std::vector<Op> ops;
  for (const auto& [field, value] : fields)
    ops.push_back({field, value, corrected != nullptr ? corrected->dots(field) : std::vector<Dot>{}});
  return ops;
}

struct Refills : MatterDesk {
  explicit Refills(const Filled& fields) : MatterDesk(kRefillPack, "refill", ops_of(fields)) {}

  // In one entry; corrections replace what stands.
  void write(sim::Node& at, const Filled& fields, bool corrects = true) {
    const auto now = state(at);
    write_ops(at, ops_of(fields, corrects ? &now : nullptr));
  }
  Value people(std::initializer_list<sim::Node*> nodes) {
    std::vector<std::string> ids;
    for (const auto* node : nodes) ids.push_back(node->person.hex());
    return ids;
  }
  bool open_to(sim::Node& at, std::string_view wanted) {
    const auto open = MatterDesk::open_to(at);
    return std::ranges::find(open, wanted) != open.end();
  }
  std::int64_t hours_until_due(sim::Node& at) {
    return matter(at, [](const auto&, const node::Matter& m) {
      return (m.due.value().at.ms - m.standing.since().ms) / 3'600'000;
    });
  }
};

}  // namespace

TEST_CASE("matter: a step for some records is for those of which all of it was true at once", "[node][workflow]") {
  Refills p({{"kind", choice_of("shelf")}, {"ordered", amount_of(50)}, {"listed", amount_of(20)}});
  CHECK_FALSE(p.open_to(p.manager, "pass"));
  p.write(p.rep, {{"ordered", amount_of(18)}});
  p.world.settle(4);
  CHECK(p.open_to(p.manager, "pass"));
  p.take(p.manager, "pass");
  CHECK(p.stands(p.manager) == "passed");
  // What is corrected later undoes no step, also where the correction comes from who has not seen it.
  p.write(p.rep, {{"ordered", amount_of(60)}, {"kind", choice_of("back")}});
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.manager}) CHECK(p.stands(*at) == "passed");
}

TEST_CASE("matter: what was never true together opens no step, each by itself though it was", "[node][workflow]") {
  Refills p({{"kind", choice_of("back")}, {"ordered", amount_of(18)}, {"listed", amount_of(20)}});
  CHECK_FALSE(p.open_to(p.manager, "pass"));
  p.write(p.rep, {{"ordered", amount_of(60)}, {"kind", choice_of("shelf")}});
  CHECK_FALSE(p.open_to(p.rep, "pass"));
  p.world.settle(4);
  CHECK_FALSE(p.open_to(p.manager, "pass"));
  p.take(p.manager, "pass");  // by a program of his own
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.manager}) CHECK(p.stands(*at) == "drawn");
}

TEST_CASE("matter: a limit goes by what the record says now, at every node", "[node][workflow]") {
  Refills p({{"kind", choice_of("shelf")}, {"special", false}});
  CHECK(p.hours_until_due(p.manager) == 24);
  p.write(p.rep, {{"special", true}});
  CHECK(p.hours_until_due(p.rep) == 72);
  CHECK(p.hours_until_due(p.manager) == 24);
  p.world.settle(4);
  CHECK(p.hours_until_due(p.manager) == 72);
}

TEST_CASE("matter: all who are named sign, and who is named later is not waited for", "[node][workflow]") {
  Refills p({{"kind", choice_of("back")}});
  p.write(p.rep, {{"present", p.people({&p.rep, &p.boss, &p.manager})}}, false);
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.boss}) p.take(*at, "sign");
  p.world.settle(4);
  CHECK(p.stands(p.rep) == "drawn");
  p.take(p.manager, "sign");
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.boss, &p.manager}) CHECK(p.stands(*at) == "signed");
  auto& late = p.world.device("late", Role::salesperson, "branch1");
  p.world.settle(4);
  p.write(p.rep, {{"present", p.people({&p.rep, &late})}});
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.boss, &p.manager}) CHECK(p.stands(*at) == "signed");
}

TEST_CASE("matter: who is struck from those named is waited for until a hub has it, and two stay two",
          "[node][workflow]") {
  Refills p({{"kind", choice_of("back")}});
  p.write(p.rep, {{"present", p.people({&p.rep, &p.manager})}}, false);
  p.world.settle(4);
  p.take(p.rep, "sign");
  p.write(p.rep, {{"present", p.people({&p.rep})}});
  p.world.settle(4);
  CHECK(p.stands(p.manager) == "drawn");  // alone he is not two
  p.write(p.rep, {{"present", p.people({&p.rep, &p.boss})}});
  p.world.settle(4);
  p.take(p.boss, "sign");
  p.world.settle(4);
  for (auto* at : {&p.rep, &p.boss, &p.manager}) CHECK(p.stands(*at) == "signed");
}
