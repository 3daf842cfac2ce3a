// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <ctime>

#include <set>

#include "tests/unit/template/report_fixture.h"

using namespace satchel;
using namespace satchel::test;

namespace {

const Date kDay{20000};

MadeRow visit(int record, int author, int branch, int archive, FieldMap more = {}) {
  MadeRow row{archive, record, author, branch, RowStanding::in_force, std::move(more)};
  row.fields.try_emplace("date", kDay);
  row.fields.try_emplace("purpose", std::string("visit"));
  return row;
}

ReportResult run(const std::string& id, const ReportParams& params, const std::vector<MadeRow>& rows,
                 const ReportContext& context = context_of()) {
  static const Catalogue kAll = standard_catalogue();
  auto result = run_report(kAll, *kAll.find_report(id), params, source_of(rows), context);
  INFO((result ? std::string() : result.error().code + " " + result.error().detail));
  REQUIRE(result.has_value());
  return std::move(*result);
}

}  // namespace

TEST_CASE("report: daily visits stand by branch, person and time, and only the day's", "[report]") {
  const auto at = [](int minute) { return WallTime{(20000LL * 1440 + minute - 480) * 60'000}; };
  const std::vector<MadeRow> rows = {
      visit(4, 1, 1, 7, {{"time", at(900)}, {"collection", Decimal{12050, 2}}}),
      visit(3, 1, 1, 8, {{"time", at(540)}, {"with", std::vector<std::string>{hex(id_of<PersonId>(2).bytes), "王总"}}}),
      visit(2, 2, 1, 7),
      visit(1, 3, 2, 9, {{"collection", Decimal{5, 1}}, {"purpose", std::string("喝茶")}}),
      visit(5, 1, 1, 7, {{"date", Date{20001}}}),
  };
  const auto r = run("daily-visits", {{"date", kDay}}, rows);
  REQUIRE(r.title == "业务员拜访日报表");
  REQUIRE(r.row_count == 4);
  REQUIRE(r.lines.size() == 4);
  REQUIRE(r.parameters == std::vector<std::pair<std::string, std::string>>{{"日期", "2024-10-04"}});
  std::vector<std::string> headings;
  for (const auto& g : r.groups)
    headings.push_back(std::to_string(g.level) + g.key.back().text + g.measures[0].text + "/" + g.measures[1].text);
  REQUIRE(headings == std::vector<std::string>{"0广州1/0.5", "1丙1/0.5", "0深圳3/120.50", "1乙1/0", "1甲2/120.50"});
  REQUIRE(r.totals[1].text == "121.00");
  const auto& jia = r.groups[4];
  REQUIRE(jia.first_line == 2);
  REQUIRE(jia.line_count == 2);
  REQUIRE(r.lines[2].cells[0].text == "2024-10-04 09:00");
  REQUIRE(r.lines[2].cells[1].text == "客户8");
  REQUIRE(r.lines[2].cells[3].text == "拜访");
  REQUIRE(r.lines[2].cells[8].text == "乙、王总");
  REQUIRE(r.lines[0].cells[3].text == "喝茶");
  REQUIRE(r.groups[2].line_count == 3);
  REQUIRE(r.groups[2].rows.size() == 3);  // the records behind the number
}

TEST_CASE("report: an optional parameter not given filters nothing, a required one is asked for", "[report]") {
  const std::vector<MadeRow> rows = {visit(1, 1, 1, 1), visit(2, 3, 2, 2)};
  REQUIRE(run("daily-visits", {{"date", kDay}}, rows).row_count == 2);
  REQUIRE(run("daily-visits", {{"date", kDay}, {"branch", branch_ref(2)}}, rows).row_count == 1);
  const Catalogue all = standard_catalogue();
  const auto missing = run_report(all, *all.find_report("daily-visits"), {}, source_of(rows), context_of(Lang::en));
  REQUIRE(missing.error().code == "report.parameter-missing");
  REQUIRE(missing.error().detail == "Date (date)");
  const auto wrong =
      run_report(all, *all.find_report("daily-visits"), {{"date", std::string("x")}}, source_of(rows), context_of());
  REQUIRE(wrong.error().code == "report.parameter-wrong");
}

TEST_CASE("report: the supervisors' day has their own visits and accompanied ones", "[report]") {
  auto context = context_of();
  context.role = [](const PersonId& p) {
    return std::string(p == id_of<PersonId>(3) ? "branch_manager" : "salesperson");
  };
  const std::vector<MadeRow> rows = {visit(1, 1, 1, 1), visit(2, 1, 1, 2, {{"with", std::vector<std::string>{"丙"}}}),
                                     visit(3, 3, 1, 3), visit(4, 1, 1, 4, {{"with", std::vector<std::string>{}}})};
  const auto r = run("supervisor-daily-visits", {{"date", kDay}}, rows, context);
  REQUIRE(r.row_count == 2);
  std::set<std::string> customers;
  for (const auto& line : r.lines) customers.insert(line.cells[2].text);
  REQUIRE(customers == std::set<std::string>{"客户2", "客户3"});
}

TEST_CASE("report: what is not in force is counted apart", "[report]") {
  std::vector<MadeRow> rows = {visit(1, 1, 1, 1), visit(2, 1, 1, 1), visit(3, 1, 1, 1),
                               visit(4, 1, 1, 1, {{"date", Date{1}}})};
  rows[1].standing = RowStanding::held;
  rows[2].standing = RowStanding::withdrawn;
  rows[3].standing = RowStanding::held;
  const auto r = run("daily-visits", {{"date", kDay}}, rows);
  REQUIRE(r.row_count == 1);
  REQUIRE(r.left_out[static_cast<std::size_t>(RowStanding::held)] == 1);
  REQUIRE(r.left_out[static_cast<std::size_t>(RowStanding::withdrawn)] == 1);
}

TEST_CASE("report: columns of the customer card join by archive", "[report]") {
  const Catalogue all = standard_catalogue();
  ReportDef def;
  def.id = "by-country";
  def.source = "visit";
  def.group_by = {{.column = "archive.country"}};
  def.measures = {{"n", {"数", "n"}, MeasureKind::count, {}},
                  {"c", {"数", "c"}, MeasureKind::count_distinct, "archive"}};
  def.columns = {{"archive.name", {}}, {"archive.kind", {}}, {"archive.owner", {}}};
  def.order = {{"n", true}};
  auto context = context_of();
  const Value china = std::string("中国"), france = std::string("France"), name = std::string("福田百货"),
              kind = std::string("distributor");
  const Value owners = std::vector<std::string>{hex(id_of<PersonId>(1).bytes), hex(id_of<PersonId>(2).bytes)};
  context.card = [&](const ArchiveId& a, std::string_view field) -> const Value* {
    if (field == "country") return a == id_of<ArchiveId>(1) ? &china : a == id_of<ArchiveId>(2) ? &france : nullptr;
    return field == "name" ? &name : field == "kind" ? &kind : field == "owner" ? &owners : nullptr;
  };
  const std::vector<MadeRow> rows = {visit(1, 1, 1, 1), visit(2, 1, 1, 2), visit(3, 1, 1, 2), visit(4, 1, 1, 3)};
  const auto r = *run_report(all, def, {}, source_of(rows), context);
  REQUIRE(r.groups.size() == 3);
  REQUIRE(r.groups[0].key[0].text == "France");  // most first, then by key: no country before 中国
  REQUIRE(r.groups[1].key[0].text.empty());
  REQUIRE(r.groups[2].key[0].text == "中国");
  REQUIRE(r.totals[1].text == "3");
  REQUIRE(r.lines[0].cells[0].text == "福田百货");
  REQUIRE(r.lines[0].cells[1].text == "经销商");
  REQUIRE(r.lines[0].cells[2].text == "甲、乙");
}

TEST_CASE("report: sums are exact and too large ones are refused, not rounded", "[report]") {
  const auto order = [](int n, Decimal freight) {
    return MadeRow{n,
                   n,
                   1,
                   1,
                   RowStanding::in_force,
                   {{"date", kDay}, {"freight", freight}, {"ship_country", std::string("France")}}};
  };
  std::vector<MadeRow> rows;
  for (int i = 0; i < 1000; ++i)
    rows.push_back(order(i, {10, 2}));  // a thousand times 0.10, which no binary float sums exactly
  REQUIRE(run("orders-by-country", {}, rows).totals[1].text == "100.00");
  rows = {order(1, {999'999'999'999'999'998, 0}), order(2, {1, 0})};
  REQUIRE(run("orders-by-country", {}, rows).totals[1].text == "999999999999999999");
  rows = {order(1, {999'999'999'999'999'999, 0}), order(2, {1, 0})};
  const Catalogue all = standard_catalogue();
  const auto sum = run_report(all, *all.find_report("orders-by-country"), {}, source_of(rows), context_of());
  REQUIRE(sum.error().code == "report.sum-too-large");
}

TEST_CASE("report: averages are rounded, extremes and shares found; what is struck out counts for none", "[report]") {
  const Catalogue all = standard_catalogue();
  ReportDef def;
  def.source = "visit";
  def.measures = {{"n", {"数", "n"}, MeasureKind::count, {}},
                  {"filled", {"数", "n"}, MeasureKind::count, "collection"},
                  {"distinct", {"数", "n"}, MeasureKind::count_distinct, "collection"},
                  {"average", {"数", "n"}, MeasureKind::average, "collection"},
                  {"least", {"数", "n"}, MeasureKind::min, "collection"},
                  {"most", {"数", "n"}, MeasureKind::max, "collection"},
                  {"share", {"数", "n"}, MeasureKind::ratio, {}, {}, "filled", "n"}};
  const auto totals = [&](int sign) {
    const auto sum = [&](std::int64_t units, std::uint8_t scale) {
      return FieldMap{{"collection", Decimal{sign * units, scale}}};
    };
    std::vector<MadeRow> rows = {visit(1, 1, 1, 1, sum(100, 2)), visit(2, 1, 1, 1, sum(20, 1)),
                                 visit(3, 1, 1, 1, sum(200, 2)), visit(4, 1, 1, 1, {{"collection", Struck{}}}),
                                 visit(5, 1, 1, 1)};
    std::string out;
    const auto r = *run_report(all, def, {}, source_of(rows), context_of());
    for (const auto& cell : r.totals) out += cell.text + " ";
    return out;
  };
  REQUIRE(totals(1) == "5 3 2 1.6667 1.00 2.0 60% ");
  REQUIRE(totals(-1) == "5 3 2 -1.6667 -2.0 -1.00 60% ");
}

TEST_CASE("report: lines stand in the order asked for, either way", "[report]") {
  const Catalogue all = standard_catalogue();
  ReportDef def;
  def.source = "visit";
  def.columns = {{"collection", {}}};
  const std::vector<MadeRow> rows = {visit(1, 1, 1, 1, {{"collection", Decimal{2, 0}}}),
                                     visit(2, 1, 1, 1, {{"collection", Decimal{30, 1}}}),
                                     visit(3, 1, 1, 1, {{"collection", Decimal{1, 0}}})};
  const auto numbers = [&](bool descending) {
    def.order = {{"collection", descending}};
    std::vector<std::string> out;
    const auto r = *run_report(all, def, {}, source_of(rows), context_of());
    for (const auto& line : r.lines) out.push_back(line.cells[0].text);
    return out;
  };
  REQUIRE(numbers(false) == std::vector<std::string>{"1", "2", "3.0"});
  REQUIRE(numbers(true) == std::vector<std::string>{"3.0", "2", "1"});
}

TEST_CASE("report: unknown columns and templates are named", "[report]") {
  const Catalogue all = standard_catalogue();
  ReportDef def;
  def.source = "visit";
  def.columns = {{"colour", {}}};
  REQUIRE(run_report(all, def, {}, source_of({}), context_of()).error().code == "report.no-such-column");
  def.source = "gone";
  REQUIRE(run_report(all, def, {}, source_of({}), context_of()).error().code == "report.no-such-template");
}

TEST_CASE("report: a choice parameter answers to its label", "[report]") {
  const std::vector<MadeRow> rows = {
      {1, 1, 1, 1, RowStanding::in_force, {{"kind", std::string("supplier")}, {"name", std::string("a")}}},
      {2, 2, 1, 1, RowStanding::in_force, {{"kind", std::string("company")}, {"name", std::string("b")}}}};
  for (const auto* typed : {"supplier", "供应商", "Supplier"})
    REQUIRE(run("customer-register", {{"kind", std::string(typed)}}, rows).row_count == 1);
  REQUIRE(run("customer-register", {{"kind", std::string("茶")}}, rows).row_count == 0);
}

TEST_CASE("report: equals a naive model, whatever order the rows come in", "[report]") {
  REQUIRE(rc::check("visits by branch", [] {
    const auto one = rc::gen::tuple(rc::gen::inRange(1, 4), rc::gen::inRange(1, 3), rc::gen::inRange(1, 6),
                                    rc::gen::inRange(19998, 20003), rc::gen::inRange<std::int64_t>(-50'000, 50'000),
                                    rc::gen::inRange<std::uint8_t>(0, 4));
    const auto made = *rc::gen::container<std::vector<std::tuple<int, int, int, int, std::int64_t, std::uint8_t>>>(one);
    std::vector<MadeRow> rows;
    struct Sums {
      std::int64_t visits = 0, collected = 0;  // in ten-thousandths
      std::set<int> customers;
    };
    std::map<std::pair<int, int>, Sums> naive;
    int record = 0;
    for (const auto& [author, branch, archive, day, units, scale] : made) {
      rows.push_back(
          visit(++record, author, branch, archive, {{"date", Date{day}}, {"collection", Decimal{units, scale}}}));
      if (day < 19999 || day > 20001) continue;
      auto& sums = naive[{branch, author}];
      ++sums.visits;
      std::int64_t scaled = units;
      for (int s = scale; s < 4; ++s) scaled *= 10;
      sums.collected += scaled;
      sums.customers.insert(archive);
    }
    const ReportParams params{{"from", Date{19999}}, {"to", Date{20001}}};
    const auto r = run("visits-by-branch", params, rows);
    std::ranges::reverse(rows);
    const auto again = run("visits-by-branch", params, rows);
    RC_ASSERT(r.groups.size() == again.groups.size());
    std::size_t leaves = 0;
    for (std::size_t g = 0; g < r.groups.size(); ++g) {
      const auto& group = r.groups[g];
      RC_ASSERT(group.rows == again.groups[g].rows);
      for (std::size_t m = 0; m < 3; ++m) RC_ASSERT(group.measures[m].text == again.groups[g].measures[m].text);
      if (group.level != 1) continue;
      ++leaves;
      const auto& sums = naive.at({std::get<Ref>(group.key[0].value).id[15], std::get<Ref>(group.key[1].value).id[15]});
      RC_ASSERT(group.measures[0].value == Value(sums.visits));
      RC_ASSERT(group.measures[1].value == Value(static_cast<std::int64_t>(sums.customers.size())));
      RC_ASSERT(compare_values(group.measures[2].value, Decimal{sums.collected, 4}) == 0);
    }
    RC_ASSERT(leaves == naive.size());
  }));
}

TEST_CASE("report: the records behind a group are bounded and the smallest, in any order", "[report]") {
  std::vector<MadeRow> rows;
  for (int i = 0; i < 500; ++i) rows.push_back(visit((i * 7919) % 500, 1, 1, 1));
  auto context = context_of();
  context.records_per_group_max = 10;
  context.lines_max = 20;
  const auto r = run("daily-visits", {{"date", kDay}}, rows, context);
  REQUIRE(r.groups[0].rows_cut);
  REQUIRE(r.groups[0].rows.size() == 10);
  REQUIRE(r.groups[0].rows.back().record == id_of<RecordId>(9));
  REQUIRE(r.groups[0].row_count == 500);
  REQUIRE(r.lines_cut);
  REQUIRE(r.lines.size() == 20);
  REQUIRE(r.groups[0].line_count == 20);
  context.lines_max = 500;
  REQUIRE_FALSE(run("daily-visits", {{"date", kDay}}, rows, context).lines_cut);
  // Nothing in the stated order tells them apart, so the ids do.
  for (int i = 0; i < 20; ++i) REQUIRE(r.lines[static_cast<std::size_t>(i)].row.record == id_of<RecordId>(i));
}

TEST_CASE("report: timing of 200,000 rows in groups", "[report][.bench]") {
  std::vector<MadeRow> made;
  for (int i = 0; i < 2000; ++i) made.push_back(visit(i, i % 90, i % 9, i % 700, {{"collection", Decimal{i, 2}}}));
  const RowSource hundredfold = [&](std::span<const std::string> fields, const RowSink& sink) -> Result<void> {
    const auto source = source_of(made);
    std::vector<std::pair<ReportRow, std::vector<const Value*>>> rows;
    SATCHEL_TRY(
        source(fields, [&](const ReportRow& row) { rows.push_back({row, {row.fields.begin(), row.fields.end()}}); }));
    const std::clock_t begin = std::clock();  // of this process: other work on the machine does not count
    for (int i = 0; i < 100; ++i)
      for (auto& [row, cells] : rows) {
        row.fields = cells;
        sink(row);
      }
    WARN("200,000 rows: " << 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC << " ms");
    return {};
  };
  const Catalogue all = standard_catalogue();
  const ReportParams params{{"from", Date{0}}, {"to", Date{30000}}};
  REQUIRE(run_report(all, *all.find_report("visits-by-branch"), params, hundredfold, context_of())->row_count ==
          200'000);
}

namespace {

constexpr std::string_view kReferrals = R"(
format = 1
id = "referrals"
version = 1
label = { zh = "老带新", en = "Referrals" }
[[template]]
id = "referral"
label = { zh = "介绍", en = "Referral" }
scope = ["customer"]
  [[template.field]]
  id = "referrer"
  label = { zh = "介绍人", en = "Referrer" }
  type = "archive"
  sheet = true
[[report]]
id = "who-brought-whom"
label = { zh = "谁带来谁", en = "Who brought whom" }
source = "referral"
columns = ["archive", "referrer"]
order = ["archive"]
tree = "referrer"
)";

using Lines = std::vector<std::string>;

// Each pair: who was brought, by whom (0: nobody). "└ 客户2 1/3": with how many it brought itself, and in all.
Lines tree_of(const std::vector<std::pair<int, int>>& brought) {
  Catalogue all;
  all.add(pack_of(kReferrals));
  std::vector<MadeRow> rows;
  for (const auto& [who, by] : brought) {
    MadeRow row{who, 100 + static_cast<int>(rows.size()), 1, 1, RowStanding::in_force, {}};
    if (by != 0) row.fields.emplace("referrer", Ref{id_of<ArchiveId>(by).bytes});
    rows.push_back(std::move(row));
  }
  const auto r = run_report(all, *all.find_report("who-brought-whom"), {}, source_of(rows), context_of());
  REQUIRE(r.has_value());
  REQUIRE(r->columns.size() == 4);
  Lines out;
  for (const auto& line : r->lines) {
    REQUIRE(line.cells.size() == 4);
    out.push_back(line.cells[0].text + " " + line.cells[2].text + "/" + line.cells[3].text);
  }
  return out;
}

}  // namespace

TEST_CASE("report: who brought whom stands as a tree, each once, whatever goes round", "[report]") {
  CHECK(tree_of({{2, 1}, {3, 1}, {4, 2}, {5, 4}}) ==
        Lines{"客户1 2/4", "└ 客户2 1/2", "　└ 客户4 1/1", "　　└ 客户5 0/0", "└ 客户3 0/0"});
  CHECK(tree_of({{7, 0}, {2, 7}, {9, 8}}) == Lines{"客户7 1/1", "└ 客户2 0/0", "客户8 1/1", "└ 客户9 0/0"});
  // Two who brought each other, and one who brought himself.
  CHECK(tree_of({{1, 2}, {2, 1}}) == Lines{"客户1 1/2", "└ 客户2 1/1", "　└ 客户1 0/0"});
  CHECK(tree_of({{1, 1}}) == Lines{"客户1 1/1", "└ 客户1 0/0"});
  // Brought by two: under each of them; what he brought stands once.
  CHECK(tree_of({{3, 1}, {3, 2}, {4, 3}}) ==
        Lines{"客户1 1/2", "└ 客户3 1/1", "　└ 客户4 0/0", "客户2 1/1", "└ 客户3 0/0"});
  CHECK(tree_of({}).empty());
}
