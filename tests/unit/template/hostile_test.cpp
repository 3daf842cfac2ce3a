// SPDX-License-Identifier: AGPL-3.0-or-later
// Packs, formulas and typed texts made to harm: each is refused with a word for people or is sound, in bounded time and
// memory. What would take hours instead ends at the test's time limit.
#include <catch2/catch.hpp>

#include "schema/template/field_text.h"
#include "tests/support/bent.h"
#include "tests/unit/template/packs.h"

using namespace satchel;
using satchel::test::Bender;

namespace {

const std::string kPackHead = "id = \"p\"\nversion = 1\nlabel = { zh = \"包\", en = \"Pack\" }\n";

std::string many_times(std::string_view word, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += word;
  return out;
}

// "" when it is read.
std::string pack_fault(std::string_view toml) {
  const auto pack = parse_pack(toml, Lang::en);
  if (pack) return {};
  if (pack.error().code != "pack.invalid" && pack.error().code != "pack.newer") FAIL(pack.error().code);
  if (!is_utf8(pack.error().detail) || pack.error().detail.empty()) FAIL("a fault without words");
  return pack.error().detail;
}

Field typed_field(FieldType type) {
  Field f{.id = "f", .label = {"栏目", "Field"}};
  f.type = type;
  if (has_choices(type)) f.choices = {{"visit", {"拜访", "Visit"}}, {"collect", {"收款、退款", "Collection"}}};
  if (type == FieldType::groups)
    f.parts = {typed_field(FieldType::text), typed_field(FieldType::choice), typed_field(FieldType::money)};
  return f;
}

constexpr FieldType kTypes[] = {FieldType::text,       FieldType::long_text,  FieldType::integer,   FieldType::decimal,
                                FieldType::money,      FieldType::date,       FieldType::time,      FieldType::phone,
                                FieldType::choice,     FieldType::choices,    FieldType::yes_no,    FieldType::person,
                                FieldType::persons,    FieldType::archive,    FieldType::record,    FieldType::texts,
                                FieldType::lunar_date, FieldType::period,     FieldType::id_number, FieldType::place,
                                FieldType::signature,  FieldType::attachment, FieldType::groups};
static_assert(std::size(kTypes) == std::size(kFieldTypeNames));

// Takes it and shows it again, or refuses it in a few words.
bool take_typed(FieldType type, std::string_view typed) {
  Template form{.id = "t"};
  form.fields = {typed_field(type)};
  const Field& f = form.fields.front();
  const auto value = parse_field(f, typed, Lang::zh);
  if (!value) {
    const auto& e = value.error();
    if (!e.code.starts_with("field.") || !is_utf8(e.detail) || e.detail.size() > 300) FAIL(e.code << " " << e.detail);
    return false;
  }
  if (const auto problems = validate(form, {{"f", *value}}, Lang::zh); !problems.empty())
    FAIL(name_of(type) << ": taken, but " << problems.front().code);
  for (const auto lang : {Lang::zh, Lang::en})
    if (!is_utf8(format_field(f, *value, lang))) FAIL("shown as no text");
  return true;
}

Value worked_on(std::string_view formula, const Value& value) {
  const auto read = parse_formula(formula);
  REQUIRE(read.has_value());
  return compute(*read, {[&](const std::string&) { return value; },
                         [](const std::string&, const std::string&) {
                           return std::vector<Decimal>{{INT64_MAX, 9}, {INT64_MIN, 0}};
                         }});
}

}  // namespace

TEST_CASE("hostile: bent texts of the standard packs are packs or faults", "[pack][hostile]") {
  const auto packs = standard_packs();
  Bender bender({"[",
                 "]",
                 "{",
                 "}",
                 "=",
                 "\"",
                 "'",
                 "'''",
                 "\"\"\"",
                 "\\",
                 "\\u0000",
                 "\\uD800",
                 ".",
                 "a.b.c.d.e.f.g.h.i = 1\n",
                 "\n",
                 "\r",
                 "#",
                 "[[template]]\n",
                 "[[template.field]]\n",
                 "[template.field]\n",
                 "parts = [{}]\n",
                 "at = \":::00\"\n",
                 "9e999",
                 "nan",
                 "-9223372036854775808",
                 "9223372036854775808",
                 "2026-02-30",
                 "\xff",
                 "\xe2\x80\xae",
                 "= [[[[",
                 "formula = \"((((\"\n",
                 "limit = \"99999999999d\"\n"});
  std::size_t read = 0;
  // A pack is worth a hundred small texts.
  for (std::size_t i = 0; i < vectors::hostile_cases(30'000) / 100; ++i) {
    INFO("case " << i);
    const auto pack = parse_pack(bender.bend(std::string(packs[bender.any(packs.size())].second)), Lang::en);
    if (pack) lint_pack(*pack);
    read += pack ? 1 : 0;
    if (!pack && (!is_utf8(pack.error().detail) || pack.error().detail.size() > 20'000)) FAIL(pack.error().detail);
  }
  CHECK(read > 0);
}

TEST_CASE("hostile: keys of a hundred thousand parts do not exhaust the stack", "[pack][hostile]") {
  // The parser makes each part a table in a table, and frees them by recursion: every device that got the pack fell.
  const std::string path = "a" + many_times(".a", 100'000);
  for (const auto& text :
       {path + " = 1\n", "[" + path + "]\n", "[[" + path + "]]\n", "x = {" + path + " = 1}\n",
        "x = [\"\"\"two quotes\"\"\"\"\", {" + path + " = 1}]\n", "x = ['''one''''', {" + path + " = 1}]\n",
        "x = [\"\\\"\", {" + path + " = 1}]\n", "x = ['\\', {" + path + " = 1}]\n", "x = 1 # \"\n" + path + " = 1\n",
        "x = \"\" # '''\n" + path + " = 1\n", "a" + many_times(" . \"a\"", 30'000) + " = 1\n",
        "x = 'it''s'\n" + path + " = 1\n", "x = \"broken\n" + path + " = 1\n"}) {
    INFO(text.substr(0, 60));
    CHECK_FALSE(pack_fault(kPackHead + text).empty());
  }
  // Nesting of both kinds together.
  std::string both = "x = ";
  for (int i = 0; i < 200; ++i) both += "[{a.a.a.a.a.a.a.a = ";
  CHECK_FALSE(pack_fault(kPackHead + both + "1").empty());
}

TEST_CASE("hostile: dots in texts and numbers, and keys of a few parts, are no long keys", "[pack]") {
  const std::string dots(50, '.');
  CHECK(pack_fault(kPackHead + "x = \"" + dots + "\\\"" + dots + "\"\ny = '" + dots + "'\nz = \"\"\"\n" + dots + "\"" +
                   dots + "\n\"\"\"\nw = '''" + dots + "''" + dots + "'''\n# " + dots +
                   "\"\nv = [1.5, 2.5, 3.5, 4.5, " +
                   "5.5, 6.5, 7.5, 8.5, 9.5, 0.5]\na.b.c.d.e.f.g.h = 1\n[q.\"r..........s\".t]\n")
            .empty());
  CHECK(pack_fault(kPackHead + "a.b.c.d.e.f.g.h.i = 1\n").starts_with("line 4: "));
  CHECK(pack_fault(kPackHead + "x = '''\n\n'''\na.b.c.d.e.f.g.h.i = 1\n").starts_with("line 7: "));
}

TEST_CASE("hostile: a time of day that is none is refused", "[pack][hostile]") {
  const auto at = [](const std::string& time) {
    return pack_fault(
        kPackHead + "[[rule]]\nid = \"r\"\nlabel = { zh = \"规则\", en = \"Rule\" }\nkind = \"due\"\nsource = \"t\"\n" +
        "from = \"d\"\nlimit = \"1d\"\nat = \"" + time + "\"\n");
  };
  for (const auto time : {"00:00", "23:59", "09:30"}) {
    CAPTURE(time);
    CHECK(at(time).empty());
  }
  for (const auto time :
       {"::::0", "1:::5", "24:00", "12:60", "-1:00", "12:-1", "1a:00", "12:0", "12-00", "+1:00", " 1:00"}) {
    CAPTURE(time);
    CHECK(at(time).find("at takes a time of day") != std::string::npos);
  }
}

TEST_CASE("hostile: a calendar of a hundred thousand named days is refused before it is made", "[pack][hostile]") {
  std::string text = kPackHead + "[[calendar]]\nid = \"c\"\nlabel = { zh = \"历\", en = \"C\" }\n";
  const std::string name(500, 'n');
  int year = 1900;
  for (int holiday = 0; holiday < 100; ++holiday) {
    text += "[[calendar.holiday]]\nname = { zh = \"" + name + "\", en = \"" + name + "\" }\noff = [";
    for (int i = 0; i < 20; ++i, ++year) {
      const auto y = std::to_string(year % 260 + 1900);
      text += "\"" + y + "-01-01.." + y + "-02-28\",";
    }
    text += "]\n";
  }
  REQUIRE(text.size() < kPackBytesMax);
  CHECK(pack_fault(text).find("5000 days") != std::string::npos);
}

TEST_CASE("hostile: floods of what a pack may hold end in a fault", "[pack][hostile]") {
  std::string keys, tables, dotted;
  for (int i = 0; i < 30'000; ++i) keys += "k" + std::to_string(i) + "=1\n";
  for (int i = 0; i < 25'000; ++i) tables += "[t" + std::to_string(i) + "]\n";
  for (int i = 0; i < 20'000; ++i) dotted += "d" + std::to_string(i) + ".a=1\n";
  for (const auto& flood :
       {keys, tables, dotted, many_times("[[a]]\n", 40'000), many_times("[[template]]\n", 10'000)}) {
    INFO(flood.substr(0, 20));
    REQUIRE(flood.size() + kPackHead.size() <= kPackBytesMax);
    const auto pack = parse_pack(kPackHead + flood);
    if (pack) CHECK(pack->unread.size() <= 100);
  }
  CHECK_FALSE(pack_fault(kPackHead + "x = [" + many_times("1,", 60'000) + "]\n").empty());
  CHECK_FALSE(pack_fault(kPackHead + "[[template]]\nid = \"t\"\nscope = [\"customer\"]\n" +
                         many_times("[[template.field]]\nid = \"f\"\n", 301))
                  .empty());
}

TEST_CASE("hostile: bent formulas are none, or come to a number or to nothing", "[formula][hostile]") {
  const std::vector<std::string> corpus = {"round(total * 0.13, 2)", "days(a, b) + minutes(c, d) / 60",
                                           "or(x, 0) - sum(lines.amount) * count(lines)", "-(1 + 2) * year(a)"};
  Bender bender({"(", ")", "-", "--", "/", "*", ",", "0", ".", "999999999999999999", "round(", "or(", "days(a,b)",
                 "sum(", "count(a)", "a", " ", "\xe5"});
  const Value values[] = {Value{},
                          Struck{},
                          std::int64_t{INT64_MIN},
                          std::int64_t{INT64_MAX},
                          Decimal{INT64_MIN, 9},
                          Decimal{INT64_MAX, 0},
                          Decimal{-999'999'999'999'999'999, 0},
                          Date{INT32_MIN},
                          Date{INT32_MAX},
                          WallTime{INT64_MIN},
                          WallTime{INT64_MAX},
                          std::string("x")};
  std::size_t read = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(10'000); ++i) {
    const auto text = bender.bend(corpus[bender.any(corpus.size())]);
    INFO(text);
    const auto formula = parse_formula(text);
    if (!formula) {
      if (is_utf8(text) && !is_utf8(formula.error().detail)) FAIL("a character was cut");
      continue;
    }
    ++read;
    if (formula->terms.size() > kFormulaTermsMax) FAIL("too long");
    const auto result = compute(*formula, {[&](const std::string&) { return values[bender.any(std::size(values))]; },
                                           [](const std::string&, const std::string&) {
                                             return std::vector<Decimal>{{INT64_MIN, 0}, {INT64_MAX, 9}};
                                           }});
    const auto* number = std::get_if<Decimal>(&result);
    if (number == nullptr && !empty(result)) FAIL("neither a number nor nothing");
    if (number != nullptr && parse_decimal(format_decimal(*number)) != *number) FAIL(format_decimal(*number));
  }
  CHECK(read > 0);
}

TEST_CASE("hostile: the largest numbers, dates and times that a record may hold", "[formula][hostile]") {
  for (const auto* formula : {"-a", "0 - a", "a - a - a", "a * a", "a / a * a", "round(a, 2)", "a / 0.000000001",
                              "sum(a.b)", "-sum(a.b)", "days(a, a)", "minutes(a, a)", "year(a)"}) {
    INFO(formula);
    for (const Value& value :
         {Value(std::int64_t{INT64_MIN}), Value(Decimal{INT64_MIN, 9}), Value(Decimal{INT64_MAX, 9}),
          Value(Date{INT32_MIN}), Value(Date{INT32_MAX}), Value(WallTime{INT64_MIN}), Value(WallTime{INT64_MAX})})
      (void)worked_on(formula, value);
  }
  CHECK(empty(worked_on("-a", std::int64_t{INT64_MIN})));
  CHECK(empty(worked_on("0 - a", std::int64_t{INT64_MIN})));
  const auto span = compute(*parse_formula("days(a, b)"),
                            {[](const std::string& id) { return Value(Date{id == "a" ? INT32_MIN : INT32_MAX}); },
                             [](const std::string&, const std::string&) { return std::vector<Decimal>{}; }});
  CHECK(span == Value(Decimal{std::int64_t{INT32_MAX} - INT32_MIN, 0}));
}

TEST_CASE("hostile: bent typed texts are taken as what the field may hold, or refused in a few words",
          "[field][hostile]") {
  const std::vector<std::string> corpus = {"2026年11月22日 14:05",
                                           "￥1,234.50元",
                                           "农历1968年闰七月初三",
                                           "L1968-07+-03",
                                           "2026-01-01至2026年3月31日",
                                           "11010519491231002X",
                                           "31.2304, 121.4737 ±12m 3s mock",
                                           "(0755) 8300-1122 转 806",
                                           "拜访、收款；Visit",
                                           "牛奶 | 拜访 | 10.50\n面包｜收款；水",
                                           "是",
                                           "00112233445566778899aabbccddeeff",
                                           "2026-11-22T06:05:06.789+08:00"};
  Bender bender({"－",
                 "１",
                 "９",
                 "\u3000",
                 "/",
                 "..",
                 "至",
                 "±",
                 "s",
                 "m",
                 "mock",
                 "模拟",
                 ",",
                 "，",
                 ";",
                 "；",
                 "|",
                 "｜",
                 "\n",
                 "\x1f",
                 "\x1b[31m",
                 "\xef\xbc",
                 "\xff",
                 "+",
                 "-",
                 "x",
                 "转",
                 "L",
                 "闰",
                 "月",
                 "99999999999999999999",
                 "."});
  std::size_t taken = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(5000); ++i) {
    const auto typed = bender.bend(corpus[bender.any(corpus.size())]);
    INFO("case " << i << ": " << typed);
    for (const auto type : kTypes) taken += take_typed(type, typed) ? 1 : 0;
  }
  CHECK(taken > 0);
}

TEST_CASE("hostile: long typed texts are judged as fast as they are read", "[field][hostile]") {
  constexpr std::size_t kLong = 256 * 1024;
  std::string names;
  for (int i = 0; i < 250'000; ++i) names += std::to_string(i) + ",";
  for (const auto& typed :
       {names, many_times("；", kLong / 3), many_times("｜", kLong / 3), many_times("a；", kLong / 4),
        many_times("a\n", kLong / 2), many_times("拜访、", kLong / 9), many_times("Visit,", kLong / 6),
        many_times(" ", kLong) + "x", many_times("\u3000", kLong / 3), many_times("1", kLong), many_times(",", kLong),
        many_times("2026-", kLong / 5), many_times("~", kLong), many_times("转", kLong / 3),
        "1,2 " + many_times("3s ", kLong / 3), many_times("福", kLong / 3)}) {
    INFO(typed.substr(0, 12));
    for (const auto type : kTypes) take_typed(type, typed);
  }
  Field open = typed_field(FieldType::choices);
  open.open = true;
  CHECK(parse_field(open, names, Lang::zh).error().code == "field.too-long");
  CHECK(parse_field(typed_field(FieldType::groups), many_times("a\n", 257), Lang::zh).error().code == "field.too-long");
  CHECK(parse_field(typed_field(FieldType::groups), many_times("a\n", 256), Lang::zh).has_value());
  CHECK(parse_field(typed_field(FieldType::texts), many_times("a,", 256), Lang::zh).has_value());
  CHECK(parse_field(typed_field(FieldType::texts), many_times("a,", 257), Lang::zh).error().code == "field.too-long");
  CHECK(parse_field(typed_field(FieldType::choices), many_times("Visit,", 1000), Lang::zh).has_value());
}

TEST_CASE("hostile: a refusal cuts what was typed between characters", "[field]") {
  for (std::size_t before = 0; before < 4; ++before) {
    const auto typed = std::string(before, 'a') + many_times("福", 100);
    const auto e = parse_field(typed_field(FieldType::date), typed, Lang::en).error();
    CHECK(is_utf8(e.detail));
    CHECK(e.detail.size() > 190);
    CHECK(is_utf8(parse_formula("1 + " + typed).error().detail));
    CHECK(is_utf8(parse_field(typed_field(FieldType::groups), "a|拜访|1|" + typed, Lang::en).error().detail));
  }
}

TEST_CASE("hostile: retentions, spans and actors that are none", "[pack][hostile]") {
  for (const auto text :
       {"", "d", "0d", "-1d", "+1d", "1", "1x", "1dd", "1 d", "99999999999999999999y", "201y", "long", "1.5y"})
    CHECK_FALSE(parse_retention(text));
  CHECK(parse_retention("200y").has_value());
  for (const auto text : {"", ":", "field", "field:", "role:", "author:x", "Author", "field", "nobody"})
    CHECK_FALSE(parse_actor(text));
  CHECK(parse_actor("field:a:b").has_value());
}
