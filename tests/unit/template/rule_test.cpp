// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/template/rule_fixture.h"

using namespace satchel;
using namespace satchel::test;
using Numbers = std::vector<unsigned>;

namespace {

constexpr std::string_view kForms = R"(
id = "p"
version = 1
[[template]]
id = "customer"
scope = ["customer"]
sheet = true
[[template.field]]
id = "name"
label = "name"
[[template.field]]
id = "phone"
label = "phone"
type = "phone"
[[template.field]]
id = "kind"
[[template.field]]
id = "born"
type = "lunar_date"
[[template.field]]
id = "birthday"
type = "date"
[[template]]
id = "card"
scope = ["customer"]
sheet = true
[[template.field]]
id = "date"
type = "date"
[[template.field]]
id = "grade"
[[template.field]]
id = "amount"
label = "amount"
type = "decimal"
[[template.field]]
id = "with"
type = "persons"
[[template]]
id = "follow_up"
scope = ["customer"]
date_field = "on"
sheet = true
[[template.field]]
id = "on"
type = "date"
[[template.field]]
id = "card"
type = "record"
[[template]]
id = "daily"
label = "daily"
scope = ["person"]
date_field = "date"
sheet = true
[[template.field]]
id = "date"
type = "date"
[[template.field]]
id = "reps"
type = "persons"
[[template.field]]
id = "amount"
label = "amount"
type = "decimal"
[[template.field]]
id = "person"
type = "person"
)";

RuleWorld world(std::string_view rules) { return RuleWorld(std::string(kForms) + std::string(rules)); }

std::string person_hex(unsigned number) { return id_no<PersonId>(number).hex(); }

}  // namespace

TEST_CASE("rules: a follow-up falls due three to five days on, until it was made", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "follow-up"
source = "card"
from = "date"
after = "3d"
limit = "5d"
until = { source = "follow_up" }
for = ["author"])");
  w.add("card", 1, 10, {{"date", "2026-11-02"}});
  w.add("card", 2, 11, {{"date", "2026-11-02"}});
  w.add("card", 3, 12, {});
  w.add("follow_up", 2, 20, {{"on", "2026-11-06"}});
  CHECK(w.records("follow-up", "2026-11-04").empty());  // not before the third day
  CHECK(w.records("follow-up", "2026-11-05") == Numbers{10});
  CHECK(due_text(w.run("follow-up", "2026-11-20").at(0)) == "2026-11-07 23:59");
  w.add("follow_up", 1, 21, {{"on", "2026-11-01"}});  // before the visit: no answer to it
  CHECK(w.records("follow-up", "2026-11-20") == Numbers{10});
  w.add("follow_up", 1, 22, {{"on", "2026-11-20"}});
  CHECK(w.records("follow-up", "2026-11-20").empty());
}

TEST_CASE("rules: an answer bound to the very record answers no other", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "call-back"
source = "card"
from = "date"
limit = "1d"
until = { source = "follow_up", on = ["card=record"] }
for = ["author"])");
  w.add("card", 1, 10, {{"date", "2026-11-02"}});
  w.add("card", 1, 11, {{"date", "2026-11-02"}});
  w.add("follow_up", 1, 20, {{"on", "2026-11-01"}, {"card", id_no<RecordId>(11).hex()}});
  CHECK(w.records("call-back", "2026-11-20") == Numbers{10});
}

TEST_CASE("rules: what runs out is shown ahead of its day, not before", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "runs-out"
source = "card"
from = "date"
limit = "0d"
ahead = "1m"
until = { source = "follow_up" }
for = ["owner"])");
  w.add("card", 1, 10, {{"date", "2026-12-15"}});
  CHECK(w.records("runs-out", "2026-11-14").empty());
  CHECK(due_text(w.run("runs-out", "2026-11-15").at(0)) == "2026-12-15 23:59");
  w.add("follow_up", 1, 20, {{"on", "2026-11-20"}});  // before the day it counts from: no answer, unless `ever`
  CHECK(w.records("runs-out", "2026-11-21") == Numbers{10});
}

TEST_CASE("rules: a finding names its record, and shows nothing sensitive", "[rule]") {
  RuleWorld w(R"(
id = "p"
version = 1
[[template]]
id = "contact"
scope = ["customer"]
title_field = "name"
sheet = true
[[template.field]]
id = "name"
[[template.field]]
id = "birthday"
type = "date"
sensitivity = "sensitive"
[[rule]]
id = "birthday"
source = "contact"
from = "birthday"
yearly = true
for = ["owner"]
[[rule]]
id = "eldest"
kind = "watch"
source = "contact"
order = ["birthday"]
for = ["owner"])");
  w.add("contact", 1, 10, {{"name", "王店长"}, {"birthday", "1980-11-22"}});
  CHECK(w.run("birthday", "2026-11-22").at(0).text == "王店长");
  CHECK(w.run("eldest", "2026-11-22").at(0).text.ends_with("••••"));
}

TEST_CASE("rules: every two months from the last time on, and only ahead of it", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "revision"
source = "card"
from = "date"
again = "2m"
ahead = "7d"
until = { source = "follow_up" }
for = ["owner"])");
  w.add("card", 1, 10, {{"date", "2026-01-31"}});
  CHECK(w.records("revision", "2026-03-20").empty());
  CHECK(due_text(w.run("revision", "2026-03-25").at(0)) == "2026-03-31 23:59");
  w.add("follow_up", 1, 20, {{"on", "2026-04-10"}});
  CHECK(w.records("revision", "2026-05-01").empty());
  CHECK(due_text(w.run("revision", "2026-08-01").at(0)) == "2026-06-10 23:59");
}

TEST_CASE("rules: birthdays come round every year, by either calendar", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "birthday"
source = "customer"
from = "birthday"
yearly = true
ahead = "7d"
for = ["owner"]
[[rule]]
id = "lunar-birthday"
source = "customer"
from = "born"
yearly = true
ahead = "3d"
limit = "2d"
until = { source = "follow_up" }
for = ["owner"])");
  w.add("customer", 1, 10, {{"name", "甲"}, {"birthday", "1980-02-29"}, {"born", "L08-15"}});
  CHECK(w.records("birthday", "2026-02-20").empty());
  CHECK(due_text(w.run("birthday", "2026-02-21").at(0)) == "2026-02-28 23:59");
  CHECK(due_text(w.run("birthday", "2028-02-28").at(0)) == "2028-02-29 23:59");
  CHECK(w.records("birthday", "2026-03-01").empty());
  // Mid-Autumn 2026 is the 25th of September.
  CHECK(w.records("lunar-birthday", "2026-09-21").empty());
  CHECK(w.records("lunar-birthday", "2026-09-22") == Numbers{10});
  CHECK(due_text(w.run("lunar-birthday", "2026-09-27").at(0)) == "2026-09-27 23:59");  // still to be made up for
  CHECK(w.records("lunar-birthday", "2026-09-28").empty());
  w.add("follow_up", 1, 20, {{"on", "2026-09-23"}});
  CHECK(w.records("lunar-birthday", "2026-09-25").empty());
}

TEST_CASE("rules: each of them once a day, week or month; the round before stays open", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "daily"
kind = "schedule"
every = "workday"
at = "18:00"
until = { source = "daily" }
for = ["role:salesperson"]
[[rule]]
id = "saturday"
kind = "schedule"
every = "week"
on = "sat"
until = { source = "daily", on = ["person=author"] }
for = ["role:branch_manager"]
[[rule]]
id = "remittance"
kind = "schedule"
every = "month"
on = 31
until = { source = "daily" }
for = ["role:department"]
[[calendar]]
id = "plain"
label = "plain"
week = ["mon", "tue", "wed", "thu", "fri"]
published = { from = 2020-01-01, to = 2030-12-31 })");
  w.people = {{id_no<PersonId>(1), {}}, {id_no<PersonId>(2), {}}};
  CHECK(w.run("daily", "2026-11-22").empty());  // a Sunday, and nobody ever reported
  w.add("daily", 1, 10, {{"date", "2026-11-20"}}, 1);
  const auto sunday = w.run("daily", "2026-11-22");  // the Friday before is missing for the other
  REQUIRE(sunday.size() == 1);
  CHECK(sunday[0].subject == id_no<PersonId>(2));
  CHECK(due_text(sunday[0]) == "2026-11-20 18:00");
  CHECK(w.run("daily", "2026-11-23").size() == 3);  // both today, one the day before
  w.people[1].since = *parse_date("2026-11-21");
  CHECK(w.run("daily", "2026-11-22").empty());  // he was not there then
  CHECK(w.run("daily", "2026-11-23").size() == 2);
  w.people[1].since = {};
  const auto week = w.run("saturday", "2026-11-18");
  REQUIRE(week.size() == 2);
  CHECK(due_text(week[0]) == "2026-11-21 23:59");
  CHECK(week[0].text == "2026-W47");
  w.add("daily", 1, 11, {{"date", "2026-11-17"}, {"person", person_hex(2)}}, 1);
  REQUIRE(w.run("saturday", "2026-11-18").size() == 1);
  CHECK(w.run("saturday", "2026-11-18")[0].subject == id_no<PersonId>(1));
  CHECK(w.run("remittance", "2026-02-10").empty());
  CHECK(due_text(w.run("remittance", "2026-02-25").at(0)) == "2026-02-28 23:59");
}

TEST_CASE("rules: an answer counts in its time, and the doing of one is others' to see", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "follow-up"
kind = "due"
source = "card"
from = "date"
after = "3d"
limit = "5d"
answer_after = true
until = { source = "daily", date = "date" }
for = ["author"]
[[rule]]
id = "since"
kind = "due"
source = "card"
from = "date"
limit = "1d"
until = { source = "daily", date = "date", on = ["person=with"], since = true }
for = ["author"]
[[rule]]
id = "accompanied"
kind = "quota"
source = "daily"
per = "person"
every = "month"
least = 1
about = ["role:salesperson"]
for = ["role:branch_manager"]
[[rule]]
id = "deals"
kind = "quota"
source = "daily"
per = "archive"
of = { source = "card" }
least = 5
for = ["owner"])");
  w.people = {{id_no<PersonId>(1), {}}, {id_no<PersonId>(2), {}}};
  w.add("card", 1, 10, {{"date", "2026-11-10"}, {"with", person_hex(2)}}, 1);
  w.add("card", 1, 11, {{"date", "2026-11-12"}}, 1);
  w.add("daily", 1, 20, {{"date", "2026-11-11"}, {"person", person_hex(2)}}, 1);
  CHECK(w.records("follow-up", "2026-11-14") == Numbers{10});  // called the day after: too early to count
  w.add("daily", 1, 21, {{"date", "2026-11-13"}}, 1);
  CHECK(w.records("follow-up", "2026-11-14").empty());
  CHECK(w.records("since", "2026-11-22") == Numbers{11});
  w.rows["card"][0].fields["date"] = *parse_date("2026-11-12");
  CHECK(w.records("since", "2026-11-22") == Numbers{10, 11});
  const auto few = w.run("accompanied", "2026-11-22");
  REQUIRE(few.size() == 1);
  CHECK(few[0].subject == id_no<PersonId>(1));
  CHECK(w.run("deals", "2026-11-22").size() == 1);  // two cards, one customer
}

TEST_CASE("rules: who names nothing is answered by nobody who names nothing either", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "answered"
kind = "due"
source = "card"
from = "date"
limit = "1d"
until = { source = "daily", on = ["person=with"] }
for = ["author"])");
  w.add("card", 1, 10, {{"date", "2026-11-18"}, {"with", person_hex(7)}}, 1);
  w.add("card", 1, 11, {{"date", "2026-11-18"}}, 1);
  w.add("daily", 9, 20, {{"date", "2026-11-19"}}, 1);
  CHECK(w.records("answered", "2026-11-22") == Numbers{10, 11});
  w.add("daily", 9, 21, {{"date", "2026-11-19"}, {"person", person_hex(7)}}, 1);
  CHECK(w.records("answered", "2026-11-22") == Numbers{11});
}

TEST_CASE("rules: what is not complete names what is missing", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "card-complete"
kind = "complete"
source = "card"
fields = ["grade", "amount"]
for = ["author"])");
  w.add("card", 1, 10, {{"grade", "b"}, {"amount", "1"}});
  w.add("card", 1, 11, {{"grade", "/"}});
  const auto found = w.run("card-complete", "2026-11-22");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "missing: amount");
}

TEST_CASE("rules: two reports must name each other and say the same", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "agree"
kind = "agree"
source = "card"
with = "daily"
on = ["date", "with=author", "author=reps"]
equal = ["amount"]
both = true
for = ["author"])");
  w.add("card", 1, 10, {{"date", "2026-11-20"}, {"with", person_hex(7)}, {"amount", "5"}}, 1);
  w.add("card", 1, 11, {{"date", "2026-11-21"}, {"with", person_hex(7)}, {"amount", "5"}}, 1);
  w.add("card", 1, 12, {{"date", "2026-11-21"}}, 2);  // went alone: needs nobody to agree
  w.add("daily", 9, 20, {{"date", "2026-11-20"}, {"reps", person_hex(1) + "、" + person_hex(2)}, {"amount", "6"}}, 7);
  w.add("daily", 9, 21, {{"date", "2026-11-22"}, {"reps", person_hex(1)}}, 7);
  const auto found = w.run("agree", "2026-11-22");
  REQUIRE(found.size() == 3);
  CHECK(found[0].text == "amount: 5 ≠ 6");
  CHECK(found[1].text == "has no daily");
  CHECK(found[2].record == id_no<RecordId>(21));
}

TEST_CASE("rules: the largest are watched, in order", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "largest"
kind = "watch"
source = "card"
filter = [{ column = "amount", filled = true }]
order = ["-amount"]
top = 2
for = ["role:general_manager"])");
  for (unsigned i = 0; i < 4; ++i) w.add("card", i + 1, 10 + i, {{"amount", std::to_string(i * 10)}});
  w.add("card", 9, 30, {});
  CHECK(w.records("largest", "2026-11-22") == Numbers{13, 12});
}

TEST_CASE("rules: doubles by phone or name, masked where another branch has them", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "double"
kind = "duplicate"
source = "customer"
fields = ["phone", "name"]
for = ["manager"])");
  w.add("customer", 1, 10, {{"name", "福田百货"}, {"phone", "0755-123 4567"}}, 1, 1);
  w.add("customer", 2, 11, {{"name", "福田商行"}, {"phone", "（0755）1234567"}}, 1, 2);
  w.add("customer", 3, 12, {{"name", "福田百货 "}}, 1, 1);
  w.add("customer", 4, 13, {{"name", "别家"}});
  const auto found = w.run("double", "2026-11-22");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "perhaps the same as 客**2: phone, 客户3: name");
  for (unsigned i = 5; i < 7; ++i)  // no number is nobody's in common
    w.rows["customer"].push_back({i, 10 + i, 1, 1, {{"phone", std::string("--")}}, {}});
  CHECK(w.run("double", "2026-11-22").size() == 1);
  w.add("customer", 4, 14, {{"name", "别家"}});  // twice in one archive
  CHECK(w.run("double", "2026-11-22").size() == 2);
}

TEST_CASE("rules: doubles only where all fields are alike, when the rule says so", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "double"
kind = "duplicate"
source = "customer"
fields = ["phone", "name"]
all = true
for = ["manager"])");
  w.add("customer", 1, 10, {{"name", "福田百货"}, {"phone", "0755-1234567"}}, 1, 1);
  w.add("customer", 2, 11, {{"name", "福田商行"}, {"phone", "07551234567"}}, 1, 1);
  w.add("customer", 3, 12, {{"name", "福田百货"}}, 1, 1);
  CHECK(w.run("double", "2026-11-22").empty());
  w.add("customer", 4, 13, {{"name", "福田百货 "}, {"phone", "(0755)1234567"}}, 1, 1);
  const auto found = w.run("double", "2026-11-22");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "perhaps the same as 客户4: phone, name");
}

TEST_CASE("rules: so many a month, for each person and each customer", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "accompanied"
kind = "quota"
source = "card"
date = "date"
per = "author"
every = "month"
measure = "count_distinct"
column = "date"
least = 2
for = ["role:salesperson"]
[[rule]]
id = "visited"
kind = "quota"
source = "card"
per = "archive"
of = { source = "customer", filter = [{ column = "kind", is = "wholesaler" }] }
least = 1
for = ["owner"]
[[rule]]
id = "too-many"
kind = "quota"
source = "card"
date = "date"
per = "author"
every = "month"
most = 2
for = ["role:salesperson"])");
  w.people = {{id_no<PersonId>(1), {}}, {id_no<PersonId>(2), {}}};
  w.add("card", 1, 10, {{"date", "2026-11-02"}}, 1);
  w.add("card", 1, 11, {{"date", "2026-11-02"}}, 1);
  w.add("card", 1, 12, {{"date", "2026-11-05"}}, 1);
  w.add("card", 1, 13, {{"date", "2026-11-05"}}, 2);
  w.add("card", 1, 14, {{"date", "2026-10-05"}}, 2);
  const auto few = w.run("accompanied", "2026-11-22");
  REQUIRE(few.size() == 1);
  CHECK(few[0].subject == id_no<PersonId>(2));
  CHECK(few[0].text == "2026-11: at least 2, now 1");
  CHECK(due_text(few[0]) == "2026-11-30 23:59");
  CHECK(w.run("too-many", "2026-11-22").size() == 1);
  w.add("customer", 1, 50, {{"name", "a"}, {"kind", "wholesaler"}});
  w.add("customer", 2, 51, {{"name", "b"}, {"kind", "wholesaler"}});
  w.add("customer", 3, 52, {{"name", "c"}, {"kind", "shop"}});
  CHECK(w.records("visited", "2026-11-22") == Numbers{51});
}

TEST_CASE("rules: checkpoints of the month's target", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "target"
kind = "quota"
source = "card"
date = "date"
per = "author"
every = "month"
measure = "sum"
column = "amount"
target = { source = "daily", column = "amount", per = "person", checkpoints = [{ day = 5, percent = "20" }, { day = 20, percent = "80" }] }
for = ["role:salesperson"])");
  w.people = {{id_no<PersonId>(1), {}}, {id_no<PersonId>(2), {}}};
  w.add("daily", 9, 20, {{"date", "2026-11-01"}, {"amount", "1000"}, {"person", person_hex(1)}}, 7);
  w.add("card", 1, 10, {{"date", "2026-11-03"}, {"amount", "150"}}, 1);
  CHECK(w.run("target", "2026-11-05").empty());  // the fifth day is not over
  const auto behind = w.run("target", "2026-11-06");
  REQUIRE(behind.size() == 1);
  CHECK(behind[0].text == "2026-11: by day 5: 20% due, now 15% (150 / 1000)");
  w.add("card", 1, 11, {{"date", "2026-11-06"}, {"amount", "50"}}, 1);
  CHECK(w.run("target", "2026-11-20").empty());
  CHECK(w.run("target", "2026-11-21").size() == 1);
}

TEST_CASE("rules: a sample is the same for whoever repeats it", "[rule]") {
  auto w = world(R"(
[[rule]]
id = "sample"
kind = "sample"
source = "card"
date = "date"
every = "quarter"
share = 20
until = { source = "follow_up", on = ["card=record"] }
for = ["role:auditor"])");
  for (unsigned i = 0; i < 41; ++i) w.add("card", 1, 100 + i, {{"date", "2026-11-02"}});
  w.add("card", 1, 99, {{"date", "2026-09-30"}});
  const auto first = w.records("sample", "2026-11-22");
  CHECK(first.size() == 9);  // a fifth of 41, rounded up
  std::ranges::reverse(w.rows["card"]);
  CHECK(w.records("sample", "2026-12-31") == first);
  w.add("follow_up", 1, 20, {{"on", "2026-11-06"}, {"card", id_no<RecordId>(first[0]).hex()}});
  CHECK(w.records("sample", "2026-12-31").size() == 8);  // looked at; nobody else is drawn in its place
}
