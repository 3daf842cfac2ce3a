// SPDX-License-Identifier: AGPL-3.0-or-later
// What steps, fields and limits are for: read, linted, and held against a record.
#include "schema/template/field_text.h"
#include "schema/template/pack_diff.h"
#include "tests/unit/template/packs.h"

using namespace satchel;
using namespace satchel::test;

namespace {

std::string goods(const std::string& step_keys, const std::string& limit = "\"3wd\"") {
  return R"(
id = "g"
version = 1
label = { zh = "货", en = "Goods" }
[[template]]
id = "goods"
label = { zh = "货", en = "Goods" }
scope = ["customer"]
sheet = true
[[template.field]]
id = "kind"
label = { zh = "类", en = "Kind" }
type = "choice"
choices = [{ id = "mould", zh = "发霉", en = "Mould" }, { id = "leak", zh = "渗漏", en = "Leak" }]
[[template.field]]
id = "ordered"
label = { zh = "订", en = "Ordered" }
type = "integer"
[[template.field]]
id = "listed"
label = { zh = "定", en = "Listed" }
type = "integer"
[[template.field]]
id = "over"
label = { zh = "超", en = "Over" }
type = "integer"
formula = "ordered - listed"
[[template.field]]
id = "on"
label = { zh = "日", en = "On" }
type = "date"
[[template.field]]
id = "who"
label = { zh = "人", en = "Who" }
type = "persons"
[[workflow]]
id = "w"
label = { zh = "流程", en = "Workflow" }
source = "goods"
start = "a"
[[workflow.state]]
id = "a"
label = { zh = "始", en = "Start" }
due_for = ["author"]
limit = )" +
         limit +
         R"(
[[workflow.state]]
id = "b"
label = { zh = "终", en = "End" }
final = true
[[workflow.step]]
id = "s"
label = { zh = "办", en = "Go" }
from = ["a"]
to = "b"
by = ["author"]
)" + step_keys;
}

const WorkflowStep& step_with(Pack& pack, const std::string& keys) {
  pack = pack_of(goods(keys));
  return pack.workflows.at(0).steps.at(0);
}

}  // namespace

TEST_CASE("when: all of several tests must hold, bounds include themselves", "[when]") {
  Pack pack;
  const When when =
      step_with(pack, "when = [{ field = \"kind\", is = [\"mould\"] }, { field = \"over\", to = 15 }]").when;
  REQUIRE(when.all.size() == 2);
  CHECK(when.names("over"));
  const std::string mould = "mould", leak = "leak";
  CHECK(applies(when, {{"kind", mould}, {"over", std::int64_t{15}}}));
  CHECK(applies(when, {{"kind", mould}, {"over", Decimal{-5, 1}}}));
  CHECK_FALSE(applies(when, {{"kind", mould}, {"over", std::int64_t{16}}}));
  CHECK_FALSE(applies(when, {{"kind", leak}, {"over", std::int64_t{3}}}));
  CHECK_FALSE(applies(when, {{"kind", mould}}));
  CHECK_FALSE(applies(when, {{"kind", mould}, {"over", Struck{}}}));
}

TEST_CASE("when: numbers by size, days and moments by the day, choices by what they are not", "[when]") {
  Pack pack;
  const auto holds = [&](const std::string& test, const Value& value) {
    const When when = step_with(pack, "when = { field = \"on\", " + test + " }").when;
    return applies(when, {{"on", value}});
  };
  const Date day = *parse_date("2026-03-05");
  CHECK(holds("from = \"2026-03-05\"", day));
  CHECK_FALSE(holds("from = \"2026-03-06\"", day));
  CHECK(holds("to = \"2026-03-05\"", *parse_time("2026-03-05 23:59", kChinaZoneMinutes)));
  CHECK(holds("from = \"9\"", Decimal{100, 1}));  // 10 is more than 9, though not as a text
  CHECK_FALSE(holds("from = \"9\"", std::string("10")));
  CHECK(holds("is_not = \"x\"", std::string("y")));
  CHECK(holds("filled = true", day));
  CHECK_FALSE(holds("filled = true", Struck{}));
  const When none = step_with(pack, "when = { field = \"on\", filled = false }").when;
  CHECK(applies(none, {}));
  CHECK(applies({}, {}));
}

TEST_CASE("when: computed fields count where they are put in", "[when]") {
  Pack pack;
  const When when = step_with(pack, "when = { field = \"over\", to = 0 }").when;
  FieldMap record{{"ordered", std::int64_t{18}}, {"listed", std::int64_t{20}}};
  CHECK_FALSE(applies(when, record));
  fill_computed(pack.templates.at(0), record);
  CHECK(applies(when, record));
  record["ordered"] = std::int64_t{50};
  fill_computed(pack.templates.at(0), record);
  CHECK_FALSE(applies(when, record));
}

TEST_CASE("when: a limit goes by the first that fits, and by the one for all others", "[when]") {
  const Pack pack = pack_of(goods({}, R"([{ when = { field = "kind", is = ["mould"] }, limit = "24h" },
    { when = { field = "over", from = 10 }, limit = "7wd" }, { limit = "3wd" }])"));
  const auto& state = pack.workflows.at(0).states.at(0);
  CHECK(lint_pack(pack).empty());
  const std::string mould = "mould", leak = "leak";
  CHECK(limit_of(state, {{"kind", mould}, {"over", std::int64_t{99}}}) == Span{24, Unit::hours});
  CHECK(limit_of(state, {{"kind", leak}, {"over", std::int64_t{10}}}) == Span{7, Unit::working_days});
  CHECK(limit_of(state, {{"kind", leak}}) == Span{3, Unit::working_days});
  CHECK(limit_of(state, {}) == Span{3, Unit::working_days});
  Catalogue catalogue;
  catalogue.add(pack);
  const auto& flow = *catalogue.find_workflow("goods");
  CHECK(catalogue.calendar_used(flow, state, Span{24, Unit::hours}) == nullptr);
  CHECK(catalogue.calendar_used(flow, state, state.limit) != nullptr);
}

TEST_CASE("when: what can never hold, or never ends, is found", "[when][lint]") {
  const auto lint = [](const std::string& keys, const std::string& limit = "\"3wd\"") {
    return lint_pack(pack_of(goods(keys, limit)));
  };
  CHECK(lint("when = { field = \"over\", to = 0 }").empty());
  CHECK(lint("all_of = \"who\"").empty());
  for (const auto wrong : {"{ field = \"gone\", is = [\"x\"] }", "{ field = \"kind\", is = [\"mold\"] }",
                           "{ field = \"kind\", from = \"mould\" }", "{ field = \"over\", to = \"much\" }",
                           "[{ field = \"over\", to = 0 }, { field = \"who\", is = [\"x\"] }]"}) {
    INFO(wrong);
    CHECK(found(lint(std::string("when = ") + wrong), "lint.when-unfit", "workflow w s"));
  }
  CHECK(found(lint({}, "[{ when = { field = \"kind\", is = [\"mold\"] }, limit = \"1d\" }, { limit = \"2d\" }]"),
              "lint.when-unfit", "workflow w a"));
  CHECK(found(lint({}, "[{ when = { field = \"kind\", is = [\"leak\"] }, limit = \"1d\" }]"), "lint.flow-limit"));
  CHECK(found(lint("all_of = \"kind\""), "lint.no-such-field"));
}

TEST_CASE("when: what is no test is refused with its line", "[when][pack]") {
  const auto says = [](const std::string& keys, const std::string& limit = "\"3wd\"") {
    const auto pack = parse_pack(goods(keys, limit), Lang::en);
    REQUIRE_FALSE(pack.has_value());
    return pack.error().detail;
  };
  const auto tells = [](const std::string& text, std::string_view part) { return text.find(part) != text.npos; };
  CHECK(tells(says("when = []"), "when is empty"));
  CHECK(tells(says("when = { field = \"kind\" }"), "needs field and one of is, is_not, from, to, filled"));
  CHECK(tells(says("when = { field = \"over\", from = 1, to = 2 }"), "needs field and one of"));
  CHECK(tells(says({}, "[{ when = { field = \"kind\", is = [\"leak\"] } }]"), "limit = \"…\" is missing"));
  CHECK(tells(says({}, "[{ limit = \"1d\" }, { limit = \"2d\" }]"), "only one may have no when"));
  // What changes between versions is told for each.
  const auto changed =
      pack_differences(goods("when = [{ field = \"over\", to = 0 }]"), goods("when = [{ field = \"over\", to = 5 }]"));
  CHECK(changed == std::vector<std::string>{"~ workflow w step s.when[1].to: 0 → 5"});
}
