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
                                    {FieldType::place, "31.2304,121.4737 ±12m 3s"},
                                    {FieldType::place, "-22.5,-179.999999 ±9999999m 93785s mock"},
                                    {FieldType::place, "0.000001,0 0s"}}) {
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

TEST_CASE("fields: a place as phones hand it on, and in words with what the device says of it", "[field]") {
  const Field f = field(FieldType::place);
  const auto shown = [&](std::string_view typed, Lang lang) {
    const auto value = parse_field(f, typed, Lang::zh);
    return value ? format_field(f, *value, lang) : value.error().code;
  };
  const std::string typed = "22.543100,114.057900 ±12m 180s mock";
  CHECK(shown(typed, Lang::en) == "22.5431,114.0579 ±12 m, 3 min old, MOCK");
  CHECK(shown(typed, Lang::zh) == "22.5431,114.0579 ±12 米，3 分钟前，模拟位置");
  CHECK(shown("22.543123,114 3725s", Lang::en) == "22.543123,114.0000, 1 h 2 min 5 s old");
  CHECK(shown("22.5,114 0s", Lang::zh) == "22.5000,114.0000，0 秒前");
  for (const auto* same : {"22.5431, 114.0579", "22.5431° N, 114.0579° E", "北纬22.5431，东经114.0579",
                           "N22.5431 E114.0579", "geo:22.5431,114.0579", "geo:22.5431,114.0579,31.5?q=22.5431,114.0579",
                           "２２．５４３１，１１４．０５７９", "22.54310000000000,114.05790000000000"}) {
    INFO(same);
    CHECK(stored(FieldType::place, same) == "22.543100,114.057900");
  }
  CHECK(stored(FieldType::place, "geo:22.5,-114;u=12.2") == "22.500000,-114.000000 ±13m");
  CHECK(stored(FieldType::place, "S22.5,114.5°W") == "-22.500000,-114.500000");
  CHECK(stored(FieldType::place, "22.5,114 模拟 3 分钟 5 秒前 ±12.4 米") == "22.500000,114.000000 ±13m 185s mock");
  CHECK(stored(FieldType::place, "22.5,114, 1 hour ago, Mock") == "22.500000,114.000000 3600s mock");
  for (const auto* wrong : {"22.5", "22.5,", "22.5114", "-22.5S,114", "22.5,181", "22.5,114 12", "22.5,114 ±12",
                            "geo:1", "22.5,114 3m", "22.5,114 3s 3s", "22.5,114 ±1m ±1m", "22.5,114 mock mock",
                            "22.5,114 moc", "22.5,114 ±12mock", "22.5,114 200 days", "22.5,114 here", "N22.5N,114"}) {
    INFO(wrong);
    CHECK(stored(FieldType::place, wrong) == "field.not-a-place");
  }
}

TEST_CASE("fields: every place reads back from its words in either language", "[field]") {
  REQUIRE(rc::check("place", [] {
    const auto degrees = [](int most) {
      return std::to_string(*rc::gen::inRange(-most * 1'000'000, most * 1'000'001));
    };
    const auto micro = [](std::string text) {
      const bool minus = text.starts_with('-');
      if (minus) text.erase(0, 1);
      if (text.size() < 7) text.insert(0, 7 - text.size(), '0');
      return (minus ? "-" : "") + text.insert(text.size() - 6, ".");
    };
    std::string typed = micro(degrees(90)) + "," + micro(degrees(180));
    if (*rc::gen::arbitrary<bool>()) typed += " ±" + std::to_string(*rc::gen::inRange(0, 9'999'999)) + "m";
    if (*rc::gen::arbitrary<bool>()) typed += " " + std::to_string(*rc::gen::inRange(0, 9'999'999)) + "s";
    if (*rc::gen::arbitrary<bool>()) typed += " mock";
    const Field f = field(FieldType::place);
    const auto value = parse_field(f, typed, Lang::en);
    RC_ASSERT(value.has_value());
    for (const auto lang : {Lang::zh, Lang::en})
      RC_ASSERT((parse_field(f, format_field(f, *value, lang), lang) == *value));
    const bool mock = typed.ends_with("mock");
    RC_ASSERT((format_field(f, *value, Lang::en).find("MOCK") != std::string::npos) == mock);
    RC_ASSERT((format_field(f, *value, Lang::zh).find("模拟") != std::string::npos) == mock);
  }));
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
