// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/template/field_text.h"
#include "tests/unit/template/packs.h"

using namespace satchel;
using namespace satchel::test;

namespace {

Value worked_out(std::string_view formula, const FieldMap& record = {}) {
  const auto read = parse_formula(formula);
  REQUIRE(read.has_value());
  return compute(*read,
                 {[&](const std::string& id) {
                    const auto at = record.find(id);
                    return at == record.end() ? Value{} : at->second;
                  },
                  [](const std::string&, const std::string&) { return std::vector<Decimal>{{150, 2}, {2, 0}}; }});
}

Value decimal(std::string_view text) { return *parse_decimal(text); }

}  // namespace

TEST_CASE("formula: arithmetic is exact, with the usual order", "[formula]") {
  CHECK(worked_out("1 + 2 * 3") == decimal("7"));
  CHECK(worked_out("(1 + 2) * 3") == decimal("9"));
  CHECK(worked_out("0.1 + 0.2") == decimal("0.3"));
  CHECK(worked_out("-2 * -3 - 1") == decimal("5"));
  CHECK(worked_out("10 / 4") == decimal("2.5"));
  CHECK(worked_out("2 / 3") == decimal("0.6667"));
  CHECK(worked_out("-2 / 3") == decimal("-0.6667"));
  CHECK(worked_out("round(2.345, 2)") == decimal("2.35"));
  CHECK(worked_out("round(-2.345, 2)") == decimal("-2.35"));
  CHECK(worked_out("sum(lines.amount)") == decimal("3.5"));
  CHECK(worked_out("8 - 3 - 2") == decimal("3"));
  CHECK(worked_out("8 / 2 / 2") == decimal("2"));
}

TEST_CASE("formula: fields, lists and days", "[formula]") {
  const FieldMap record{{"quantity", std::int64_t{3}},
                        {"price", decimal("9.90")},
                        {"asked", *parse_date("2026-11-22")},
                        {"answered", *parse_date("2026-11-25")},
                        {"lines", std::vector<std::string>{"a", "b"}}};
  CHECK(worked_out("quantity * price", record) == decimal("29.7"));
  CHECK(worked_out("days(asked, answered)", record) == decimal("3"));
  CHECK(worked_out("count(lines)", record) == decimal("2"));
  CHECK(worked_out("count(none)", record) == decimal("0"));
  CHECK(worked_out("minutes(asked, answered)", record) == decimal("4320"));
  CHECK(worked_out("year(asked)", record) == decimal("2026"));
  const FieldMap times{{"day", *parse_date("2026-01-01")}, {"time", *parse_time("2026-01-01 00:30", 480)}};
  CHECK(worked_out("minutes(day, time)", times) == decimal("30"));  // a day begins in China
  CHECK(worked_out("days(day, time)", times) == decimal("0"));
  CHECK(worked_out("year(time)", times) == decimal("2026"));
  CHECK(worked_out("price - or(paid, 0)", record) == decimal("9.9"));
  CHECK(worked_out("or(paid, price) - or(price, 0)", record) == decimal("0"));
}

TEST_CASE("formula: what cannot be worked out is empty, never wrong", "[formula]") {
  const FieldMap record{{"text", std::string("abc")}, {"struck", Struck{}}, {"big", decimal("999999999999999999")}};
  for (const auto* formula : {"missing + 1", "text * 2", "struck + 1", "1 / 0", "1 / (2 - 2)", "big * big", "big + big",
                              "days(missing, text)", "round(1, -1)", "round(1, 0.5)"}) {
    INFO(formula);
    CHECK(empty(worked_out(formula, record)));
  }
}

TEST_CASE("formula: eighteen digits and a hundred terms, and no more", "[formula]") {
  CHECK(worked_out("999999999999999998 + 1") == decimal("999999999999999999"));
  CHECK(empty(worked_out("999999999999999999 + 1")));
  CHECK(empty(worked_out("-999999999999999999 - 1")));
  std::string sum = "1";
  for (int i = 0; i < 49; ++i) sum += "+1";
  CHECK(parse_formula(sum)->terms.size() == 99);
  CHECK(parse_formula("-" + sum)->terms.size() == 100);
  CHECK_FALSE(parse_formula("--" + sum));
}

TEST_CASE("formula: what is none is refused", "[formula][hostile]") {
  for (const std::string formula : {"", "1 +", "* 2", "(1", "1)", "a b", "days(a)", "sum(lines)", "sum(.x)", "f(1)",
                                    "A + 1", "1..2", "count()", "round(1)"}) {
    INFO(formula);
    CHECK(!parse_formula(formula));
  }
  CHECK(!parse_formula(std::string(400, '(') + "1" + std::string(400, ')')));
  CHECK(!parse_formula(std::string(1000, ' ')));
  std::string long_sum = "1";
  for (int i = 0; i < 120; ++i) long_sum += "+1";
  CHECK(!parse_formula(long_sum));
  REQUIRE(rc::check("any text", [](const std::string& text) {
    const auto read = parse_formula(text);
    if (read)
      (void)compute(*read, {[](const std::string&) { return Value{std::int64_t{7}}; },
                            [](const std::string&, const std::string&) { return std::vector<Decimal>{}; }});
  }));
}

TEST_CASE("formula: computed fields of a form, one from another", "[formula]") {
  const Pack pack = pack_of(R"toml(
id = "p"
version = 1
[[template]]
id = "bill"
scope = ["customer"]
[[template.field]]
id = "lines"
type = "groups"
  [[template.field.parts]]
  id = "what"
  [[template.field.parts]]
  id = "amount"
  type = "money"
  currency = "CNY"
[[template.field]]
id = "total"
type = "money"
currency = "CNY"
formula = "sum(lines.amount)"
[[template.field]]
id = "tax"
type = "money"
currency = "CNY"
formula = "round(total * 0.13, 2)"
)toml");
  const Template& form = pack.templates.front();
  FieldMap record{{"lines", *parse_field(*form.field("lines"), "牛奶 | 10.50\n面包 | 4.2；水", Lang::zh)}};
  fill_computed(form, record);
  CHECK(record.at("total") == decimal("14.7"));
  CHECK(record.at("tax") == decimal("1.91"));
  record.erase("lines");
  fill_computed(form, record);
  CHECK(record.at("total") == decimal("0"));
}
