// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>

#include "schema/template/field_text.h"
#include "tests/unit/template/packs.h"

using namespace satchel;
using namespace satchel::test;

namespace {

Field field(FieldType type) {
  Field f{.id = "f", .label = {"字段", "Field"}};
  f.type = type;
  return f;
}

std::string stored(FieldType type, std::string_view typed) {
  const auto value = parse_field(field(type), typed, Lang::zh);
  return value ? std::get<std::string>(*value) : value.error().code;
}

Field family() {
  Field f = field(FieldType::groups);
  f.parts = {field(FieldType::text), field(FieldType::choice), field(FieldType::date), field(FieldType::yes_no)};
  f.parts[0].required = true;
  f.parts[1].choices = {{"wife", {"妻", "wife"}}, {"son", {"子", "son"}}};
  return f;
}

}  // namespace

TEST_CASE("fields: lunar dates, periods, identity numbers and places as people type them", "[field]") {
  CHECK(stored(FieldType::lunar_date, "八月十五") == "L08-15");
  CHECK(stored(FieldType::lunar_date, "农历1968年闰七月初三") == "L1968-07+-03");
  CHECK(stored(FieldType::lunar_date, "2026-08-15") == "field.not-a-lunar-date");
  CHECK(stored(FieldType::period, "2026-01-01至2026年3月31日") == "2026-01-01/2026-03-31");
  CHECK(stored(FieldType::period, "2026-01-01..2026-01-01") == "2026-01-01/2026-01-01");
  CHECK(stored(FieldType::period, "2026-03-01..2026-01-01") == "field.not-a-period");
  CHECK(stored(FieldType::id_number, "11010519491231002x") == "11010519491231002X");
  CHECK(stored(FieldType::id_number, "110105194912310021") == "field.not-an-id-number");
  CHECK(stored(FieldType::id_number, "110105194902310024") == "field.not-an-id-number");  // a 31st of February
  CHECK(stored(FieldType::id_number, "130503670401001") == "130503670401001");
  CHECK(stored(FieldType::id_number, "130503671301001") == "field.not-an-id-number");  // a thirteenth month
  CHECK(stored(FieldType::place, "31.2,121.4 1234567s") == "31.200000,121.400000 1234567s");
  CHECK(stored(FieldType::place, "31.2,121.4 12345678s") == "field.not-a-place");
  CHECK(stored(FieldType::place, "31.23041999,-179.9999999") == "31.230419,-179.999999");
  CHECK(stored(FieldType::place, "90,180") == "90.000000,180.000000");
  CHECK(stored(FieldType::place, "-90.000001,0") == "field.not-a-place");
  CHECK(stored(FieldType::place, "31.2304, 121.4737 ±12m 3s mock") == "31.230400,121.473700 ±12m 3s mock");
  CHECK(stored(FieldType::place, "-0.5，-0.25") == "-0.500000,-0.250000");
  CHECK(stored(FieldType::place, "91,10") == "field.not-a-place");
  CHECK(stored(FieldType::place, "31.2,121.4 ±far") == "field.not-a-place");
  CHECK(stored(FieldType::signature, " 张三 ") == "张三");
}

TEST_CASE("fields: what is stored reads as itself", "[field]") {
  for (const auto& [type, typed] : {std::pair{FieldType::lunar_date, "农历1968年闰七月初三"},
                                    {FieldType::lunar_date, "L12-30"},
                                    {FieldType::period, "2026-01-01..2026-03-31"},
                                    {FieldType::id_number, "11010519491231002X"},
                                    {FieldType::place, "31.2304,121.4737 ±12m 3s"}}) {
    for (const auto lang : {Lang::zh, Lang::en}) {
      const Field f = field(type);
      const auto value = parse_field(f, typed, lang);
      REQUIRE(value.has_value());
      CHECK(parse_field(f, std::get<std::string>(*value), lang) == *value);
      if (type != FieldType::lunar_date || lang == Lang::zh)
        CHECK(parse_field(f, format_field(f, *value, lang), lang) == *value);
    }
  }
}

TEST_CASE("fields: groups have parts of their own types", "[field]") {
  const Field f = family();
  const auto value = parse_field(f, "张三 | 妻 | 1980年1月2日 | 是\n李四｜子", Lang::zh);
  REQUIRE(value.has_value());
  CHECK(format_field(f, *value, Lang::zh) == "张三 | 妻 | 1980-01-02 | 是；李四 | 子");
  CHECK(format_field(f, *value, Lang::en) == "张三 | wife | 1980-01-02 | yes; 李四 | son");
  for (const auto lang : {Lang::zh, Lang::en}) CHECK(parse_field(f, format_field(f, *value, lang), lang) == *value);
  CHECK(parse_field(f, "李四 | 子 | |", Lang::zh) == *parse_field(f, "李四 | 子", Lang::zh));
  CHECK(parse_field(f, "张三 | 叔", Lang::zh).error().code == "field.not-a-choice");
  CHECK(parse_field(f, "a|妻|1980-01-02|是|x", Lang::zh).error().code == "field.too-many-parts");
  Template form{.id = "t"};
  form.fields = {f};
  CHECK(validate(form, {{"f", *value}}, Lang::zh).empty());
  const auto nameless = *parse_field(f, " | 子", Lang::zh);
  CHECK(validate(form, {{"f", nameless}}, Lang::zh).front().code == "field.missing");
  CHECK(validate(form, {{"f", std::vector<std::string>{"x\x1funcle"}}}, Lang::zh).front().code == "field.not-a-choice");
}

TEST_CASE("fields: no typed text crashes them", "[field][hostile]") {
  REQUIRE(rc::check("any text", [](const std::string& text) {
    for (const auto type : {FieldType::lunar_date, FieldType::period, FieldType::id_number, FieldType::place})
      if (const auto value = parse_field(field(type), text, Lang::zh);
          value && std::holds_alternative<std::string>(*value))
        RC_ASSERT((parse_field(field(type), std::get<std::string>(*value), Lang::zh) == *value));
    (void)parse_field(family(), text, Lang::zh);
  }));
}

TEST_CASE("fields: required when, and no blank at all", "[field]") {
  const Pack pack = pack_of(R"(
id = "p"
version = 1
[[template]]
id = "consent"
scope = ["customer"]
no_blank = true
[[template.field]]
id = "kind"
type = "choice"
choices = [{ id = "minor", zh = "未成年", en = "Minor" }, { id = "adult", zh = "成年", en = "Adult" }]
[[template.field]]
id = "guardian"
required_when = { field = "kind", is = ["minor"] }
[[template.field]]
id = "why"
when = { field = "kind", is = ["minor"] }
)");
  const Template& form = pack.templates.front();
  const auto missing = [&](const FieldMap& record) {
    std::string ids;
    for (const auto* field : blanks(form, record)) ids += field->id + " ";
    return ids;
  };
  CHECK(validate(form, {{"kind", std::string("adult")}}, Lang::zh).empty());
  CHECK(validate(form, {{"kind", std::string("minor")}}, Lang::zh).front().field == "guardian");
  CHECK(missing({}) == "kind guardian ");
  CHECK(missing({{"kind", std::string("adult")}, {"guardian", Struck{}}}).empty());
  CHECK(missing({{"kind", std::string("minor")}, {"guardian", Struck{}}}) == "why ");
}
