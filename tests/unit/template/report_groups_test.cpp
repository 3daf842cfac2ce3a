// SPDX-License-Identifier: AGPL-3.0-or-later
// What reports put together and in which order: lists under each of their items, numbers and ages in bands, texts with
// numbers in them.
#include "schema/template/pack_diff.h"
#include "tests/unit/template/report_fixture.h"

using namespace satchel;
using namespace satchel::test;

namespace {

const std::string kDealForm = R"(
id = "deals"
version = 1
label = { zh = "成交", en = "Deals" }
[[template]]
id = "deal"
label = { zh = "成交", en = "Deal" }
scope = ["customer"]
sheet = true
  [[template.field]]
  id = "papers"
  label = { zh = "证件", en = "Papers" }
  type = "choices"
  choices = [{ id = "licence", zh = "执照", en = "Licence" }, { id = "card", zh = "身份证", en = "Card" }]
  [[template.field]]
  id = "with"
  label = { zh = "陪同", en = "With" }
  type = "persons"
  [[template.field]]
  id = "age"
  label = { zh = "年龄", en = "Age" }
  type = "integer"
  [[template.field]]
  id = "born"
  label = { zh = "出生", en = "Born" }
  type = "date"
  [[template.field]]
  id = "area"
  label = { zh = "面积", en = "Area" }
  type = "decimal"
  [[template.field]]
  id = "mark"
  label = { zh = "档案号", en = "Mark" }
)";

std::string deal_report(const std::string& keys) {
  return kDealForm + "[[report]]\nid = \"r\"\nlabel = { zh = \"表\", en = \"Report\" }\nsource = \"deal\"\n" + keys +
         "\n";
}

constexpr std::string_view kMeasures =
    "measures = [{ id = \"n\", of = \"count\", label = { zh = \"数\", en = \"n\" } },"
    "{ id = \"area\", of = \"sum\", column = \"area\", label = { zh = \"面积\", en = \"Area\" } }]\n";

MadeRow deal(int record, FieldMap fields, int branch = 1) {
  fields.try_emplace("area", Decimal{1LL << (record - 1), 0});
  return {record, record, 1, branch, RowStanding::in_force, std::move(fields)};
}

std::vector<std::string> items(std::vector<std::string> all) { return all; }

ReportResult report_of(const std::string& keys, const std::vector<MadeRow>& rows) {
  Catalogue all;
  all.add(pack_of(deal_report(keys)));
  auto context = context_of();
  context.now = end_of_day(*parse_date("2026-11-22"), kChinaZoneMinutes);
  auto result = run_report(all, *all.find_report("r"), {}, source_of(rows), context);
  INFO((result ? std::string() : result.error().code + " " + result.error().detail));
  REQUIRE(result.has_value());
  return std::move(*result);
}

using Shown = std::vector<std::string>;

// "0深圳 3 7": level, key, measures.
Shown groups_of(const ReportResult& result) {
  Shown out;
  for (const auto& g : result.groups) {
    out.push_back(std::to_string(g.level) + g.key.back().text);
    for (const auto& m : g.measures) out.back() += " " + m.text;
  }
  return out;
}

}  // namespace

TEST_CASE("report: a list puts its record under each of its items, and into the total once", "[report]") {
  const std::vector<MadeRow> rows = {
      deal(1, {{"papers", items({"card", "licence"})}}), deal(2, {{"papers", items({"licence"})}}, 2), deal(3, {}),
      deal(4, {{"papers", items({"licence", "licence"})}}), deal(5, {{"papers", items({})}})};
  const auto r = report_of("group_by = [\"papers\"]\ncolumns = [\"archive\"]\n" + std::string(kMeasures), rows);
  CHECK(groups_of(r) == Shown{"0执照 3 11", "0身份证 1 1", "0 2 20"});
  CHECK(r.row_count == 5);
  CHECK(r.totals[0].text == "5");
  CHECK(r.totals[1].text == "31");
  REQUIRE(r.lines.size() == 6);  // the first stands in two places
  for (const auto& g : r.groups) {
    CHECK(g.line_count == g.row_count);
    CHECK(g.rows.size() == g.row_count);
  }
  const auto nested = report_of("group_by = [\"branch\", \"papers\"]\n" + std::string(kMeasures), rows);
  CHECK(groups_of(nested) == Shown{"0广州 1 2", "1执照 1 2", "0深圳 4 29", "1执照 2 9", "1身份证 1 1", "1 2 20"});
  CHECK(nested.totals[0].text == "5");
}

TEST_CASE("report: groups within a list's count their records once, whichever way they came", "[report]") {
  const auto person = [](int n) { return hex(id_of<PersonId>(n).bytes); };
  const std::vector<MadeRow> rows = {
      deal(1, {{"papers", items({"card", "licence"})}, {"with", items({person(2), person(1)})}}),
      deal(2, {{"papers", items({"card"})}, {"with", items({person(2)})}})};
  const auto r = report_of("group_by = [\"papers\", \"with\"]\n" + std::string(kMeasures), rows);
  auto shown = groups_of(r);
  CHECK(shown.size() == 6);
  CHECK(shown[0] == "0执照 1 1");
  CHECK(std::ranges::count(shown, "1甲 1 1") == 2);
  CHECK(std::ranges::count(shown, "1乙 1 1") == 1);
  CHECK(std::ranges::count(shown, "1乙 2 3") == 1);
  CHECK(std::ranges::count(shown, "0身份证 2 3") == 1);
  CHECK(r.totals[1].text == "3");
}

TEST_CASE("report: numbers, and the years since a date, stand in bands", "[report]") {
  std::vector<MadeRow> rows;
  for (const std::int64_t age : {70, 36, 35, 25, 24})
    rows.push_back(deal(static_cast<int>(rows.size()) + 1, {{"age", age}}));
  rows.push_back(deal(6, {{"age", Struck{}}}));
  rows.push_back(deal(7, {}));
  const std::string label = ", label = { zh = \"年龄层次\", en = \"Age band\" }";
  const auto ages =
      report_of("group_by = [{ column = \"age\", bands = [25, 36]" + label + " }]\n" + std::string(kMeasures), rows);
  CHECK(groups_of(ages) == Shown{"025以下 1 16", "025-35 2 12", "036及以上 2 3", "0 2 96"});
  CHECK(ages.keys[0].label == "年龄层次");
  CHECK(ages.totals[0].text == "7");
  rows.clear();
  for (const auto* born : {"2001-11-22", "2001-11-23", "2027-01-01"})
    rows.push_back(deal(static_cast<int>(rows.size()) + 1, {{"born", *parse_date(born)}}));
  const auto born = report_of("group_by = [{ column = \"born\", bands = [25] }]\n" + std::string(kMeasures), rows);
  CHECK(groups_of(born) == Shown{"025以下 2 6", "025及以上 1 1"});
  rows.clear();
  for (const std::int64_t tenths : {799, 800, 1000})
    rows.push_back(deal(static_cast<int>(rows.size()) + 1, {{"area", Decimal{tenths, 1}}}));
  const auto areas = report_of(
      "group_by = [{ column = \"area\", bands = [80, \"99.5\"] }]\nmeasures = [{ id = \"n\", "
      "of = \"count\", label = { zh = \"数\", en = \"n\" } }]",
      rows);
  CHECK(groups_of(areas) == Shown{"080以下 1", "080-99.5 1", "099.5及以上 1"});
}

TEST_CASE("report: texts stand in order by the numbers in them", "[report]") {
  CHECK(compare_natural("A-2", "A-10") < 0);
  CHECK(compare_natural("A-10", "A-2") > 0);
  CHECK(compare_natural("A-2", "A-2") == 0);
  CHECK(compare_natural("A-02", "A-2") < 0);
  CHECK(compare_natural("A-02b", "A-2a") > 0);
  CHECK(compare_natural("A", "A-2") < 0);
  CHECK(compare_natural("A-", "A1") < 0);
  CHECK(compare_natural("99999999999999999999999", "100000000000000000000000") < 0);
  CHECK(compare_natural("", "") == 0);
  std::vector<MadeRow> rows;
  for (const auto* mark : {"B", "A-10", "A-2", "A-02"})
    rows.push_back(deal(static_cast<int>(rows.size()) + 9, {{"mark", std::string(mark)}}));
  const auto r = report_of("columns = [\"mark\"]\norder = [\"mark\"]", rows);
  Shown marks;
  for (const auto& line : r.lines) marks.push_back(line.cells[0].text);
  CHECK(marks == Shown{"A-02", "A-2", "A-10", "B"});
  const auto names = report_of("group_by = \"archive\"\n" + std::string(kMeasures), rows);
  CHECK(names.groups[0].key[0].text == "客户9");  // before 客户10
  CHECK(names.groups[3].key[0].text == "客户12");
}

TEST_CASE("report: who wrote a record is its author, unless the report says what he is", "[report]") {
  const std::vector<MadeRow> rows = {deal(1, {})};
  CHECK(report_of("group_by = [\"author\"]\n" + std::string(kMeasures), rows).keys[0].label == "填报人");
  const std::string label = "{ column = \"author\", label = { zh = \"业务员\", en = \"Salesperson\" } }";
  const auto r = report_of("group_by = [" + label + "]\norder = [\"author\"]\n" + std::string(kMeasures), rows);
  CHECK(r.keys[0].label == "业务员");
  CHECK(r.keys[0].id == "author");
}

TEST_CASE("lint: bands rise, and are of numbers and dates", "[lint][report]") {
  const auto lint = [](const std::string& group) {
    return lint_pack(pack_of(deal_report("group_by = [" + group + "]\n" + std::string(kMeasures))));
  };
  CHECK(lint("\"branch\", { column = \"age\", bands = [25] }, { column = \"created\", bands = [1, 2] }").empty());
  CHECK(found(lint("{ column = \"mark\", bands = [25] }"), "lint.report-bands", "report r"));
  CHECK(found(lint("{ column = \"gone\", bands = [25] }"), "lint.report-column"));
  CHECK(found(lint("{ column = \"age\", label = { zh = \"年龄\" } }"), "lint.label-incomplete", "report r age"));
  const auto wrong = [](const std::string& group) {
    const auto pack = parse_pack(deal_report("group_by = [" + group + "]\n" + std::string(kMeasures)), Lang::en);
    return pack ? std::string() : pack.error().detail;
  };
  for (const auto* bands : {"[]", "[3, 3]", "[3, 2]", "[\"x\"]", "5"})
    CHECK(wrong("{ column = \"age\", bands = " + std::string(bands) + " }").find("numbers that rise") !=
          std::string::npos);
  CHECK(wrong("{ bands = [3] }").find("column is missing") != std::string::npos);
  const auto with = [](const std::string& bands) {
    return deal_report("group_by = [{ column = \"age\", bands = " + bands + " }]\n" + std::string(kMeasures));
  };
  CHECK(pack_differences(with("[25, 36]"), with("[25, 40]")) ==
        Shown{"~ report r.group_by[1].bands: [25, 36] → [25, 40]"});
}
