// SPDX-License-Identifier: AGPL-3.0-or-later
// What rules tell of after its time: a period that was missed, an answer that came too late in the day, a partner that
// does not agree though another does.
#include "tests/unit/template/rule_fixture.h"

using namespace satchel;
using namespace satchel::test;

namespace {

constexpr std::string_view kMissedForms = R"(
id = "p"
version = 1
label = { zh = "包", en = "Pack" }
[[template]]
id = "card"
label = { zh = "卡", en = "card" }
scope = ["customer"]
date_field = "date"
sheet = true
[[template.field]]
id = "date"
label = { zh = "日期", en = "date" }
type = "date"
[[template.field]]
id = "amount"
label = { zh = "金额", en = "amount" }
type = "decimal"
[[template]]
id = "round"
label = { zh = "巡视", en = "round" }
scope = ["customer"]
date_field = "at"
sheet = true
[[template.field]]
id = "at"
label = { zh = "时间", en = "at" }
type = "time"
[[template]]
id = "daily"
label = { zh = "日报", en = "daily" }
scope = ["person"]
date_field = "date"
sheet = true
[[template.field]]
id = "date"
label = { zh = "日期", en = "date" }
type = "date"
[[template.field]]
id = "amount"
label = { zh = "金额", en = "amount" }
type = "decimal"
[[template.field]]
id = "person"
label = { zh = "人员", en = "person" }
type = "person"
)";

std::string missed_pack(std::string_view rules) { return std::string(kMissedForms) + std::string(rules); }

WallTime at_hour(std::string_view day, int hour) {
  return start_of_day(*parse_date(day), kChinaZoneMinutes) + std::chrono::hours(hour);
}

std::vector<std::string> texts_of_findings(const std::vector<RuleFinding>& found) {
  std::vector<std::string> out;
  for (const auto& f : found) out.push_back(f.text);
  return out;
}
using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("rules: of several partners some one agrees, or every one must", "[rule]") {
  RuleWorld w(missed_pack(R"(
[[rule]]
id = "some"
kind = "agree"
source = "daily"
with = "card"
on = ["date"]
equal = ["amount"]
for = ["author"]
[[rule]]
id = "every"
kind = "agree"
source = "daily"
with = "card"
on = ["date"]
equal = ["amount"]
each = true
for = ["author"])"));
  w.add("daily", 9, 10, {{"date", "2026-11-20"}, {"amount", "5"}});
  w.add("card", 1, 20, {{"date", "2026-11-20"}, {"amount", "5"}});
  CHECK(w.run("every", "2026-11-22").empty());
  w.add("card", 2, 21, {{"date", "2026-11-20"}, {"amount", "6"}});
  CHECK(w.run("some", "2026-11-22").empty());
  CHECK(texts_of_findings(w.run("every", "2026-11-22")) == Told{"amount: 5 ≠ 6"});
  w.add("card", 2, 22, {{"date", "2026-11-21"}, {"amount", "7"}});  // of another day: no partner
  CHECK(w.run("every", "2026-11-22").size() == 1);
}

TEST_CASE("rules: an answer after its hour is none, by the time it names or when it was recorded", "[rule]") {
  RuleWorld w(missed_pack(R"(
[[rule]]
id = "morning"
kind = "schedule"
every = "day"
at = "12:00"
until = { source = "round", date = "at", before = "12:00" }
for = ["role:salesperson"]
[[rule]]
id = "evening"
kind = "schedule"
every = "day"
at = "18:00"
until = { source = "daily", before = "18:00" }
for = ["role:salesperson"]
[[rule]]
id = "early"
kind = "due"
source = "card"
from = "date"
limit = "1d"
until = { source = "round", date = "at", before = "09:00" }
for = ["author"])"));
  w.people = {{id_no<PersonId>(1), {}}};
  w.add("round", 1, 10, {{"at", "2026-11-20 12:01"}}, 1);
  REQUIRE(w.run("morning", "2026-11-20").size() == 1);
  CHECK(due_text(w.run("morning", "2026-11-20")[0]) == "2026-11-20 12:00");
  w.add("round", 1, 11, {{"at", "2026-11-20 12:00"}}, 1);
  CHECK(w.run("morning", "2026-11-20").empty());
  w.add("daily", 9, 12, {{"date", "2026-11-20"}}, 1);
  w.rows["daily"].back().created = at_hour("2026-11-20", 19);
  CHECK(w.run("evening", "2026-11-20").size() == 1);
  w.rows["daily"].back().created = at_hour("2026-11-21", 8);  // made up for the next morning
  CHECK(w.run("evening", "2026-11-20").size() == 1);
  w.rows["daily"].back().created = at_hour("2026-11-20", 18);
  CHECK(w.run("evening", "2026-11-20").empty());
  w.add("card", 1, 13, {{"date", "2026-11-20"}}, 1);
  CHECK(w.run("early", "2026-11-22").size() == 1);
  w.add("round", 1, 14, {{"at", "2026-11-21 08:30"}}, 1);
  CHECK(w.run("early", "2026-11-22").empty());
}

TEST_CASE("rules: a month that was missed is told as long as the rule looks back", "[rule]") {
  RuleWorld w(missed_pack(R"(
[[rule]]
id = "visits"
kind = "quota"
source = "card"
per = "author"
every = "month"
least = 2
look_back = 1
for = ["role:salesperson"])"));
  w.people = {{id_no<PersonId>(1), {}}, {id_no<PersonId>(2), {}, *parse_date("2026-11-10")}};
  for (unsigned i = 0; i < 2; ++i) w.add("card", 1, 10 + i, {{"date", "2026-11-03"}}, 1);
  w.add("card", 1, 20, {{"date", "2026-11-20"}}, 2);
  CHECK(texts_of_findings(w.run("visits", "2026-11-22")) == Told{"2026-11: at least 2, now 1"});  // nobody had begun
  w.add("card", 1, 9, {{"date", "2026-10-05"}}, 1);
  const auto two = w.run("visits", "2026-11-22");  // the second was not there in October
  CHECK(texts_of_findings(two) == Told{"2026-10: at least 2, now 1", "2026-11: at least 2, now 1"});
  CHECK(due_text(two.at(0)) == "2026-10-31 23:59");
  CHECK(two.at(0).subject == id_no<PersonId>(1));
  CHECK(two.at(1).subject == id_no<PersonId>(2));
  w.people.resize(1);
  CHECK(texts_of_findings(w.run("visits", "2026-12-22")) == Told{"2026-12: at least 2, now 0"});
}

TEST_CASE("rules: what a month's target fell short of at its end is told in the next", "[rule]") {
  RuleWorld w(missed_pack(R"(
[[rule]]
id = "target"
kind = "quota"
source = "card"
per = "author"
every = "month"
measure = "sum"
column = "amount"
target = { source = "daily", column = "amount", per = "person", checkpoints = [{ day = 31, percent = "100" }] }
look_back = 1
for = ["role:salesperson"])"));
  w.people = {{id_no<PersonId>(1), {}}};
  w.add("daily", 9, 20, {{"date", "2026-11-01"}, {"amount", "1000"}, {"person", id_no<PersonId>(1).hex()}}, 7);
  w.add("card", 1, 10, {{"date", "2026-11-30"}, {"amount", "900"}}, 1);
  CHECK(w.run("target", "2026-11-30").empty());
  for (const auto* day : {"2026-12-01", "2026-12-31"})
    CHECK(texts_of_findings(w.run("target", day)) == Told{"2026-11: by day 31: 100% due, now 90% (900 / 1000)"});
  CHECK(w.run("target", "2027-01-01").empty());
}

TEST_CASE("lint: hours are for answers looked for day by day, looking back for periods", "[lint][rule]") {
  const auto lint = [](std::string_view rule) { return lint_pack(pack_of(missed_pack(rule))); };
  const std::string head = R"(
[[rule]]
id = "r"
label = { zh = "规则", en = "Rule" }
for = ["author"]
source = "card"
)";
  CHECK(lint(head + "from = \"date\"\nlimit = \"1d\"\nuntil = { source = \"round\", before = \"09:00\" }").empty());
  CHECK(found(lint(head + "kind = \"quota\"\nper = \"archive\"\nleast = 1\n"
                          "of = { source = \"round\", before = \"09:00\" }"),
              "lint.rule-before"));
  const auto refused = [&](const std::string& more) {
    const auto pack = parse_pack(missed_pack(head + more), Lang::en);
    return pack ? std::string() : pack.error().detail;
  };
  CHECK(refused("from = \"date\"\nlimit = \"1d\"\nuntil = { source = \"round\", before = \"9:00\" }")
            .ends_with("before takes a time of day such as \"18:00\""));
  CHECK(refused("kind = \"quota\"\nper = \"author\"\nleast = 1\nlook_back = 1").ends_with("needs every"));
  CHECK(refused("kind = \"quota\"\nper = \"author\"\nevery = \"month\"\nleast = 1\nlook_back = 1").empty());
}
