// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/report_html.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/unit/exchange/sample_report.h"

using namespace satchel;
using namespace satchel::test;

namespace {

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

bool contains(std::string_view text, std::string_view what) { return count(text, what) > 0; }

// Cells of every row, those of groups and totals included, must be as many as the header's.
void check_widths(const std::string& html) {
  const auto head = html.substr(html.find("<thead>"), html.find("</thead>") - html.find("<thead>"));
  const auto width = count(head, "<th>") + count(head, "<th ");
  const auto from = html.find("<tbody>");
  for (auto at = html.find("<tr", from); at != std::string::npos; at = html.find("<tr", at + 1)) {
    const auto row = html.substr(at, html.find("</tr>", at) - at);
    CAPTURE(row);
    CHECK(count(row, "<td") == width);
  }
}

}  // namespace

TEST_CASE("report html: lines under their groups, totals, notes and what it says of itself", "[exchange][html]") {
  const auto html = report_html(sample_report(true), Lang::zh, "数据截至 2026-11-22 14:05\n");
  check_widths(html);
  for (const auto word : {"<html lang=\"zh-CN\">", "<h1>拜访日报</h1>", "<span>日期 2026-11-22</span>",
                          "分公司 / 业务员", "收款 (CNY)", "福田百货", "-10.50", "合计",
                          "* 已更正\n数据截至 2026-11-22 14:05</p>", "display: table-header-group", "@page"})
    CHECK(contains(html, word));
  CHECK(count(html, "class=\"n corrected\"") == 1);
  CHECK_FALSE(contains(html, "<svg"));
}

TEST_CASE("report html: groups only, with subtotals, in English", "[exchange][html]") {
  const auto html = report_html(sample_report(false), Lang::en, "");
  check_widths(html);
  CHECK(count(html, "subtotal") == 2);
  CHECK(contains(html, "<tr class=\"total\"><td>total</td>"));
  auto plain = sample_report(false);
  plain.keys.clear();
  plain.groups.clear();
  check_widths(report_html(plain, Lang::en, ""));
}

TEST_CASE("report html: nothing a record says becomes markup", "[exchange][html]") {
  const std::string evil = "<script>alert(1)</script>\"'&<img src=x onerror=y>";
  auto report = sample_report(true);
  report.title = report.parameters[0].second = report.keys[0].label = report.columns[0].label = evil;
  report.groups[0].key[0].text = report.groups[1].key[1].text = report.lines[0].cells[0].text = evil;
  for (const auto kind : {ChartKind::bar, ChartKind::line, ChartKind::pie}) {
    report.chart = {kind, "n"};
    const auto html = report_html(report, Lang::zh, evil);
    CHECK_FALSE(contains(html, "<script"));
    CHECK_FALSE(contains(html, "<img"));
    CHECK(contains(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;&lt;img"));
    CHECK_FALSE(contains(html, "http://x"));
  }
}

TEST_CASE("report html: bars, lines and slices stay within their picture, whatever the numbers", "[exchange][html]") {
  CHECK(rc::check([] {
    ReportResult r;
    r.keys = {{"k", "k", FieldType::text, {}}};
    r.measures = {{"m", "m", FieldType::money, "CNY"}};
    const auto kind = *rc::gen::element(ChartKind::bar, ChartKind::line, ChartKind::pie);
    r.chart = {kind, "m"};
    for (const auto units : *rc::gen::container<std::vector<std::int64_t>>(
             rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'000))) {
      ReportGroup g;
      g.key = {text_cell("k")};
      g.measures = {money_cell(units)};
      r.groups.push_back(g);
    }
    const auto svg = chart_svg(r, Lang::zh);
    RC_ASSERT(svg.find("nan") == std::string::npos);
    RC_ASSERT(svg.find("inf") == std::string::npos);
    for (const std::string_view name : {" y=\"", " x=\"", " cy=\"", " height=\""}) {
      for (auto at = svg.find(name); at != std::string::npos; at = svg.find(name, at + 1)) {
        const double v = std::stod(svg.substr(at + name.size()));
        RC_ASSERT(v >= 0 && v <= 760);
      }
    }
  }));
}

TEST_CASE("report html: a chart needs a measure, and a pie positive ones", "[exchange][html]") {
  auto report = sample_report(false);
  CHECK(chart_svg(report, Lang::zh).empty());
  report.chart = {ChartKind::pie, "none"};
  CHECK(chart_svg(report, Lang::zh).empty());
  report.chart = {ChartKind::pie, "n"};
  CHECK(count(chart_svg(report, Lang::zh), "<path") == 2);
  report.chart = {ChartKind::pie, "sum"};  // negative
  CHECK(count(chart_svg(report, Lang::zh), "<rect") == 2);
  report.chart = {ChartKind::line, "n"};
  CHECK(count(chart_svg(report, Lang::zh), "<circle") == 2);
  report.groups.clear();
  CHECK(chart_svg(report, Lang::zh).empty());
}
