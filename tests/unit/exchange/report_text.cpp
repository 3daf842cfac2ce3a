// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/base/value.h"
#include "schema/exchange/csv.h"
#include "schema/exchange/json_text.h"
#include "schema/exchange/report_text.h"
#include "schema/exchange/text_table.h"
#include "tests/unit/exchange/sample_report.h"

using namespace satchel;
using namespace satchel::test;

namespace {

// Enough of JSON to know that a text is well formed.
struct JsonCheck {
  std::string_view rest;
  bool skip(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool string() {
    if (!skip('"')) return false;
    while (!rest.empty() && rest.front() != '"') {
      if (static_cast<unsigned char>(rest.front()) < 0x20) return false;
      const bool escape = rest.front() == '\\';
      if (escape && rest.size() < 2) return false;
      rest.remove_prefix(escape ? 2 : 1);
    }
    return skip('"');
  }
  bool list(char end, bool keys) {
    if (skip(end)) return true;
    do {
      if (keys && (!string() || !skip(':'))) return false;
      if (!value()) return false;
    } while (skip(','));
    return skip(end);
  }
  bool value() {
    if (skip('{')) return list('}', true);
    if (skip('[')) return list(']', false);
    if (rest.starts_with('"')) return string();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!rest.starts_with(word)) continue;
      rest.remove_prefix(word.size());
      return true;
    }
    const auto end = std::min(rest.find_first_not_of("-0123456789."), rest.size());
    rest.remove_prefix(end);
    return end > 0;
  }
};

bool well_formed(std::string_view json) {
  JsonCheck check{json};
  return check.value() && check.rest.empty();
}

}  // namespace

TEST_CASE("table: Chinese takes two columns, combining marks none", "[table]") {
  REQUIRE(display_width("abc") == 3);
  REQUIRE(display_width("福田") == 4);
  REQUIRE(display_width("ＡＢ") == 4);
  REQUIRE(display_width("e\u0301") == 1);
  REQUIRE(display_width("a\u200bb") == 2);
  REQUIRE(cut_to_width("福田百货", 5) == "福田…");
  REQUIRE(cut_to_width("abcdef", 5) == "abcd…");
  REQUIRE(cut_to_width("福田百货", 8) == "福田百货");
  REQUIRE(cut_to_width("abc", 0).empty());
  TextTable table({{"客户"}, {"n", true}});
  table.row({"福田百货", "5"});
  table.row({"ab", "120"});
  REQUIRE(table.text() ==
          "客户        n\n"
          "-------------\n"
          "福田百货    5\n"
          "ab        120\n");
}

TEST_CASE("table: a name cannot move the cursor or turn the line", "[table][hostile]") {
  REQUIRE(printable("a\x1b[2Jb\r\nc") == "a [2Jb  c");
  REQUIRE(printable("a\u202e"
                    "b\xff") ==
          "a\ufffd"
          "b\ufffd");
  REQUIRE(rc::check("any bytes", [](const std::string& noise) {
    TextTable table({{"x"}, {"y", true, 5}});
    table.row({noise, noise});
    const auto text = table.text();
    RC_ASSERT(is_utf8(text));
    RC_ASSERT(std::ranges::count(text, '\n') == 3);
    RC_ASSERT(text.find('\x1b') == std::string::npos);
  }));
}

TEST_CASE("json: texts are escaped and numbers exact", "[json]") {
  REQUIRE(json_quote("a\"\\\n\x01福<\xff") == "\"a\\\"\\\\\\n\\u0001福\\u003c\ufffd\"");
  JsonWriter json;
  json.begin_object().key("d").value(Decimal{-1050, 2}).key("l").value(std::vector<std::string>{"a", "b"});
  json.key("n")
      .value(Value{})
      .key("b")
      .value(true)
      .key("day")
      .value(Date{0})
      .key("o")
      .begin_object()
      .end_object()
      .end_object();
  REQUIRE(json.take() == R"({"d":-10.50,"l":["a","b"],"n":null,"b":true,"day":"1970-01-01","o":{}})");
  REQUIRE(rc::check("any bytes", [](const std::string& noise) {
    const auto quoted = json_quote(noise);
    RC_ASSERT(is_utf8(quoted));
    RC_ASSERT(well_formed(quoted));
  }));
}

TEST_CASE("report text: groups with subtotals and the total", "[report]") {
  REQUIRE(report_table(sample_report(false), Lang::zh) ==
          "拜访日报   日期 2026-11-22\n"
          "\n"
          "分公司  业务员  拜访数  收款 (CNY)\n"
          "----------------------------------\n"
          "广州    小计         1      -10.50\n"
          "广州    =乙          1      -10.50\n"
          "深圳    小计         1      -10.50\n"
          "深圳    甲           1      -10.50\n"
          "----------------------------------\n"
          "合计                 2      -21.00\n");
}

TEST_CASE("report text: a group without a name is a dash, and what was left out is told", "[report]") {
  auto r = sample_report(false);
  r.groups[0].key[0] = r.groups[1].key[0] = {};
  r.left_out[static_cast<std::size_t>(RowStanding::withdrawn)] = 3;
  r.left_out[static_cast<std::size_t>(RowStanding::held)] = 2;
  const auto text = report_table(r, Lang::zh);
  REQUIRE(text.find("\n-       小计 ") != std::string::npos);
  REQUIRE(text.find("待裁定记录 2 条") != std::string::npos);
  const auto json = report_json(r);
  REQUIRE(json.find("\"withdrawn\":3") != std::string::npos);
  REQUIRE(json.find("\"held\":2") != std::string::npos);
  auto lines = sample_report(true);
  lines.groups[0].key[0] = {};
  REQUIRE(report_table(lines, Lang::zh).find("分公司: -   (") != std::string::npos);
  REQUIRE(report_json(lines).find("\"corrected\":true") != std::string::npos);
}

TEST_CASE("report text: lines under their groups, corrected ones marked", "[report]") {
  const auto text = report_table(sample_report(true), Lang::en);
  REQUIRE(text.find("分公司: 深圳   (拜访数 1   收款 (CNY) -10.50)\n  业务员: 甲") != std::string::npos);
  REQUIRE(text.find("-10.50 *\n") != std::string::npos);
  REQUIRE(text.find("* corrected\n") != std::string::npos);
  REQUIRE(text.find("Total   拜访数 2   收款 (CNY) -21.00\n") != std::string::npos);
}

TEST_CASE("report text: CSV has one kind of row, numbers as numbers, no formulas", "[report]") {
  REQUIRE(report_csv(sample_report(true), false) ==
          "分公司,业务员,客户,收款 (CNY)\r\n"
          "广州,\"'=乙\",\"'@evil\",-10.50\r\n"
          "深圳,甲,福田百货,-10.50\r\n");
  REQUIRE(report_csv(sample_report(false), true) ==
          "\xef\xbb\xbf"
          "分公司,业务员,拜访数,收款 (CNY)\r\n"
          "广州,\"'=乙\",1,-10.50\r\n"
          "深圳,甲,1,-10.50\r\n");
}

TEST_CASE("report text: JSON is well formed and carries values and texts", "[report]") {
  for (const bool lines : {true, false}) {
    const auto json = report_json(sample_report(lines));
    REQUIRE(well_formed(json));
    REQUIRE(json.find("\"totals\":{\"n\":2,\"sum\":-21.00}") != std::string::npos);
    REQUIRE((json.find("\"values\":{\"archive\":\"福田百货\",\"sum\":-10.50}") != std::string::npos) == lines);
  }
}

TEST_CASE("report text: a report of nothing is still whole", "[report]") {
  ReportResult r = sample_report(true);
  r.groups.clear();
  r.lines.clear();
  REQUIRE(report_csv(r, false) == "分公司,业务员,客户,收款 (CNY)\r\n");
  REQUIRE(well_formed(report_json(r)));
  r.keys.clear();
  r.columns.clear();
  REQUIRE(report_csv(r, false) == "拜访数,收款 (CNY)\r\n2,-21.00\r\n");
}
