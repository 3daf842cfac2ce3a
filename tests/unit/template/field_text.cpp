// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>

#include "schema/template/field_text.h"
#include "tests/unit/template/packs.h"

using namespace satchel;

namespace {

Field field_of(FieldType type) {
  Field f;
  f.id = "f";
  f.label = {"栏目", "Field"};
  f.type = type;
  f.choices = {{"visit", {"拜访", "Visit"}}, {"collect", {"收款", "Collection"}}, {"old", {"旧项", "Old"}, true}};
  return f;
}

std::string shown(FieldType type, std::string_view typed, Lang lang = Lang::zh) {
  const Field f = field_of(type);
  const auto v = parse_field(f, typed, lang);
  return v ? format_field(f, *v, lang) : "!" + v.error().code;
}

}  // namespace

TEST_CASE("field: dates are read as people and databases write them", "[field]") {
  for (const auto* typed : {"2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日", "20261122", " 2026-11-22 ",
                            "２０２６－１１－２２", "2026-11-22 00:00:00.000", "2026年11月22号"}) {
    INFO(typed);
    REQUIRE(shown(FieldType::date, typed) == "2026-11-22");
  }
  REQUIRE(shown(FieldType::date, "2026-7-4") == "2026-07-04");
  REQUIRE(shown(FieldType::date, "1996-07-04 00:00:00.000") == "1996-07-04");
  for (const auto* typed :
       {"2026-02-30", "22-11-2026", "2026-11", "2026-11-22x", "昨天", "2026-11-22 25:00", "99999999999"})
    REQUIRE(shown(FieldType::date, typed) == "!field.not-a-date");
}

TEST_CASE("field: times keep the zone they were typed in", "[field]") {
  REQUIRE(shown(FieldType::time, "2026-11-22 14:05") == "2026-11-22 14:05");
  REQUIRE(shown(FieldType::time, "2026年11月22日 14:05") == "2026-11-22 14:05");
  REQUIRE(shown(FieldType::time, "2026-11-22T06:05:00Z") == "2026-11-22 14:05");
  REQUIRE(shown(FieldType::time, "14:05") == "!field.not-a-time");
}

TEST_CASE("field: numbers are exact, whatever signs stand around them", "[field]") {
  REQUIRE(shown(FieldType::money, "￥1,234.50元") == "1234.50");
  REQUIRE(shown(FieldType::money, "１２．３０") == "12.30");
  REQUIRE(shown(FieldType::decimal, "-0.05") == "-0.05");
  REQUIRE(shown(FieldType::integer, "12.00") == "12");
  REQUIRE(shown(FieldType::integer, "12.5") == "!field.not-a-number");
  REQUIRE(shown(FieldType::decimal, "1e5") == "!field.not-a-number");
  Field f = field_of(FieldType::decimal);
  f.least = Decimal{0, 0};
  f.most = Decimal{1, 0};
  REQUIRE(parse_field(f, "0.05", Lang::en).has_value());
  REQUIRE(parse_field(f, "1.01", Lang::en).error().code == "field.out-of-range");
}

TEST_CASE("field: a choice answers to its id and to both labels; free text only where open", "[field]") {
  for (const auto* typed : {"visit", "拜访", "Visit", "VISIT", " 拜访 "}) {
    const auto v = parse_field(field_of(FieldType::choice), typed, Lang::zh);
    REQUIRE(std::get<std::string>(*v) == "visit");
  }
  REQUIRE(shown(FieldType::choice, "Collection", Lang::zh) == "收款");
  REQUIRE(shown(FieldType::choice, "收款", Lang::en) == "Collection");
  REQUIRE(shown(FieldType::choice, "喝茶") == "!field.not-a-choice");
  Field open = field_of(FieldType::choice);
  open.open = true;
  REQUIRE(std::get<std::string>(*parse_field(open, "喝茶", Lang::zh)) == "喝茶");
  REQUIRE(shown(FieldType::choices, "拜访，收款；拜访") == "拜访、收款");
  REQUIRE(shown(FieldType::choices, "拜访、喝茶") == "!field.not-a-choice");
}

TEST_CASE("field: yes and no in both languages, anything else is asked again", "[field]") {
  for (const auto* typed : {"是", "有", "Y", "yes", "TRUE", "1", "√"}) REQUIRE(shown(FieldType::yes_no, typed) == "是");
  for (const auto* typed : {"否", "无", "n", "No", "false", "0"})
    REQUIRE(shown(FieldType::yes_no, typed, Lang::en) == "no");
  REQUIRE(shown(FieldType::yes_no, "也许") == "!field.not-yes-or-no");
}

TEST_CASE("field: phones are kept as typed and compared by their digits", "[field]") {
  REQUIRE(shown(FieldType::phone, "(604) 555-3392 x12") == "(604) 555-3392 x12");
  REQUIRE(normalise_phone("(604) 555-3392 x12") == "6045553392x12");
  REQUIRE(normalise_phone("+86 755-8300 1122") == "+8675583001122");
  REQUIRE(normalise_phone("０７５５－８３００１１２２转８０６") == "075583001122x806");
  REQUIRE(normalise_phone("0755-83001122 ext. 806") == "075583001122x806");
  REQUIRE(shown(FieldType::phone, "没有") == "!field.not-a-phone");
}

TEST_CASE("field: persons are found by name, outsiders stay as they are called where the field is open", "[field]") {
  Ref yi;
  yi.id[0] = 7;
  RefFinder finder;
  finder.person = [&](std::string_view name) { return name == "乙" ? std::optional(yi) : std::nullopt; };
  RefNames names;
  names.person = [&](const Ref& ref) { return ref == yi ? std::string("乙（深圳）") : hex(ref.id); };
  Field with = field_of(FieldType::persons);
  REQUIRE(parse_field(with, "乙、客户王总", Lang::zh, &finder).error().code == "field.not-found");
  with.open = true;
  const auto v = parse_field(with, "乙、客户王总", Lang::zh, &finder);
  REQUIRE(std::get<std::vector<std::string>>(*v) == std::vector<std::string>{hex(yi.id), "客户王总"});
  REQUIRE(format_field(with, *v, Lang::zh, &names) == "乙（深圳）、客户王总");
  const Field one = field_of(FieldType::person);
  REQUIRE(std::get<Ref>(*parse_field(one, "乙", Lang::zh, &finder)) == yi);
  REQUIRE(parse_field(one, "丙", Lang::zh, &finder).error().code == "field.not-found");
  REQUIRE(std::get<Ref>(*parse_field(one, hex(yi.id), Lang::zh)) == yi);
}

TEST_CASE("field: nothing typed is nothing, a stroke is struck out", "[field]") {
  for (const auto type : {FieldType::text, FieldType::date, FieldType::choice, FieldType::phone, FieldType::texts}) {
    REQUIRE(empty(*parse_field(field_of(type), "  \u3000", Lang::zh)));
    REQUIRE(std::holds_alternative<Struck>(*parse_field(field_of(type), "/", Lang::zh)));
  }
}

TEST_CASE("field: control characters and broken UTF-8 never enter", "[field]") {
  REQUIRE(shown(FieldType::text, "a\x1b[31mb\nc") == "a[31mb c");
  REQUIRE(shown(FieldType::long_text, "a\nb\x07") == "a\nb");
  REQUIRE(shown(FieldType::text, "\xff\xfe") == "!field.not-text");
  Field narrow = field_of(FieldType::text);
  narrow.length_max = 3;
  REQUIRE(parse_field(narrow, "福田百", Lang::zh).has_value());
  REQUIRE(parse_field(narrow, "福田百货", Lang::zh).error().code == "field.too-long");
  REQUIRE(shown(FieldType::text, std::string(kValueBytesMax + 1, 'a')) == "!field.too-long");
}

TEST_CASE("record: missing, wrong, unlisted and long values are named, unknown fields are not", "[field]") {
  Template form;
  for (const auto type : {FieldType::text, FieldType::choice, FieldType::date, FieldType::integer}) {
    Field f = field_of(type);
    f.id = std::string(name_of(type));
    f.required = true;
    f.length_max = 4;
    f.most = Decimal{9, 0};
    form.fields.push_back(f);
  }
  const auto code = [&](FieldMap record, std::string_view field) -> std::string {
    for (const auto& p : validate(form, record, Lang::en))
      if (p.field == field) return p.code;
    return "";
  };
  REQUIRE(validate(form, {}, Lang::en).size() == 4);
  REQUIRE(code({{"text", Value{}}}, "text") == "field.missing");
  REQUIRE(code({{"text", Struck{}}}, "text").empty());  // struck out is filled in
  REQUIRE(code({{"text", std::string("福田百货")}}, "text").empty());
  REQUIRE(code({{"text", std::string("12345")}}, "text") == "field.too-long");
  REQUIRE(code({{"choice", std::string("tea")}}, "choice") == "field.not-a-choice");
  REQUIRE(
      code({{"choice", std::string("old")}}, "choice").empty());  // retired choices stay valid where they were chosen
  REQUIRE(code({{"date", std::string("x")}}, "date") == "field.wrong-type");
  REQUIRE(code({{"integer", std::int64_t{10}}}, "integer") == "field.out-of-range");
  REQUIRE(validate(form, {{"newer", std::string("x")}}, Lang::en).size() == 4);
}

TEST_CASE("field: what is shown reads back as the same value", "[field]") {
  REQUIRE(rc::check("round trip", [] {
    const auto lang = *rc::gen::element(Lang::zh, Lang::en);
    const auto type = *rc::gen::element(FieldType::integer, FieldType::decimal, FieldType::date, FieldType::time,
                                        FieldType::choice, FieldType::choices, FieldType::yes_no, FieldType::archive);
    const Field f = field_of(type);
    Value v;
    switch (type) {
      case FieldType::integer:
        v = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000);
        break;
      case FieldType::decimal:
        v = Decimal{*rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000), *rc::gen::inRange<std::uint8_t>(0, 6)};
        break;
      case FieldType::date:
        v = Date{*rc::gen::inRange(-10'000, 100'000)};
        break;
      case FieldType::time:
        v = WallTime{*rc::gen::inRange<std::int64_t>(0, 50'000'000) * 60'000};
        break;
      case FieldType::choice:
        v = f.choices[*rc::gen::inRange(0, 3)].id;
        break;
      case FieldType::choices:
        v = std::vector<std::string>{"collect", "visit"};
        break;
      case FieldType::yes_no:
        v = *rc::gen::arbitrary<bool>();
        break;
      default: {
        Ref r;
        for (auto& b : r.id) b = *rc::gen::arbitrary<std::uint8_t>();
        v = r;
      }
    }
    RC_ASSERT(*parse_field(f, format_field(f, v, lang), lang) == v);
  }));
}

TEST_CASE("field: no text crashes any type, and what is taken fits the field", "[field][hostile]") {
  REQUIRE(rc::check("any text", [](const std::string& noise) {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("2026", "-", "11", "年", "月", "日", " ", "T", ":", ".", "￥", "元", "1", "、",
                                      ";", "\n", "转", "x", "+", "\xef", "\xef\xbc", "９", "Z"));
    std::string text;
    for (const auto& p : pieces) text += p;
    for (int t = 0; t <= static_cast<int>(FieldType::texts); ++t) {
      Template form;
      form.fields = {field_of(static_cast<FieldType>(t))};
      for (const auto& typed : {noise, text}) {
        const auto v = parse_field(form.fields[0], typed, Lang::zh);
        if (v) RC_ASSERT(validate(form, {{"f", *v}}, Lang::zh).empty());
      }
    }
  }));
}

TEST_CASE("field: days as people say them", "[field]") {
  const Date today = parse_date("2026-03-01").value();
  for (const auto& [said, day] : {std::pair{"today", "2026-03-01"},
                                  {" 今天 ", "2026-03-01"},
                                  {"昨天", "2026-02-28"},
                                  {"tomorrow", "2026-03-02"},
                                  {"+7", "2026-03-08"},
                                  {"-1", "2026-02-28"},
                                  {"2026年12月1日", "2026-12-01"}}) {
    INFO(said);
    CHECK(parse_day_said(said, today) == parse_date(day));
  }
  for (const auto* nonsense : {"", "+", "+1x", "+99999", "soon", "2026-02-30"}) {
    INFO(nonsense);
    CHECK_FALSE(parse_day_said(nonsense, today));
  }
}
