// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_writer.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <filesystem>

#include "schema/exchange/xlsx_reader.h"
#include "schema/exchange/zip_view.h"
#include "tests/unit/exchange/sample_report.h"
#include "tests/unit/exchange/workbook.h"

using namespace satchel;
using namespace satchel::test;

namespace {

// Its own folder, so that what is left behind is seen.
struct Folder {
  std::filesystem::path path;
  Folder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() /
           ("satchel-xlsx-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + "-" + std::to_string(++count));
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file() const { return (path / "out.xlsx").string(); }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
};

std::string part(const Bytes& file, const std::string& name) {
  auto zip = ZipView::open(file, 100'000'000);
  REQUIRE(zip);
  auto text = zip->read(name, 10'000'000);
  return text ? *text : std::string();
}

bool contains(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("xlsx writer: a table is read back as it was, with numbers and dates as such", "[exchange][xlsx]") {
  const Folder folder;
  const XlsxColumn columns[] = {
      {"名称", FieldType::text}, {"金额", FieldType::money}, {"日期", FieldType::date}, {"时间", FieldType::time}};
  auto table = XlsxTable::create(folder.file(), "客户/:导出", columns);
  REQUIRE(table);
  const Date day = *parse_date("2026-11-22");
  const WallTime time = *parse_time("2026-11-22 14:05", 480);
  REQUIRE(table->row(std::vector<ReportCell>{{std::string("=HYPERLINK(\"http://x\")"), "=HYPERLINK(\"http://x\")"},
                                             {Decimal{-1234567, 2}, "-12,345.67"},
                                             {day, "2026-11-22"},
                                             {time, "2026-11-22 14:05"}}));
  REQUIRE(table->row(std::vector<ReportCell>{{std::string("a"), "a"},
                                             {Decimal{123456789012345678, 2}, "1234567890123456.78"},
                                             {Date{-40000}, "1860-06-26"},
                                             {}}));
  REQUIRE(table->finish());
  CHECK(folder.count() == 1);
  const auto file = read_file(folder.file());
  const auto sheet = part(file, "xl/worksheets/sheet1.xml");
  CHECK_FALSE(contains(sheet, "<f>"));
  CHECK(contains(sheet, "<v>-12345.67</v>"));
  CHECK(contains(sheet, "ySplit=\"1\""));
  auto reader = XlsxReader::open(file);
  REQUIRE(reader);
  XlsxRow row;
  REQUIRE(*reader->next(row));
  CHECK(row.cells ==
        std::vector<std::string>{"=HYPERLINK(\"http://x\")", "-12345.67", "2026-11-22", "2026-11-22 14:05"});
  REQUIRE(*reader->next(row));
  CHECK(row.cells == std::vector<std::string>{"a", "1234567890123456.78", "1860-06-26", ""});
  CHECK_FALSE(*reader->next(row));
}

TEST_CASE("xlsx writer: whatever text goes in comes out as text", "[exchange][xlsx]") {
  const Folder folder;
  CHECK(rc::check([&] {
    auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("=+-@'\"<>&{}_x0D09A\n\t,; a")));
    if (text.empty()) text = "=";
    const XlsxColumn columns[] = {{"a", FieldType::text}};
    auto table = XlsxTable::create(folder.file(), "s", columns);
    RC_ASSERT(table.has_value());
    RC_ASSERT(table->row(std::vector<ReportCell>{{text, text}}).has_value());
    RC_ASSERT(table->finish().has_value());
    const auto file = read_file(folder.file());
    RC_ASSERT(!contains(part(file, "xl/worksheets/sheet1.xml"), "<f"));
    auto reader = XlsxReader::open(file);
    RC_ASSERT(reader.has_value());
    XlsxRow row;
    RC_ASSERT(*reader->next(row));
    RC_ASSERT(row.cells[0] == text);
  }));
}

TEST_CASE("xlsx writer: a report has its groups, subtotals, totals, notes and chart", "[exchange][xlsx]") {
  const Folder folder;
  auto report = sample_report(true);
  report.chart = {ChartKind::bar, "sum"};
  REQUIRE(write_report_xlsx(report, Lang::zh, "数据截至 2026-11-22\n", folder.file()));
  CHECK(folder.count() == 1);
  const auto file = read_file(folder.file());
  const auto sheet = part(file, "xl/worksheets/sheet1.xml");
  for (const auto word :
       {"拜访日报", "日期 2026-11-22", "收款 (CNY)", "=乙", "@evil", "小计", "合计", "* 已更正", "数据截至 2026-11-22"})
    CHECK(contains(sheet, word));
  CHECK_FALSE(contains(sheet, "<f>"));
  CHECK(contains(sheet, "<v>-21</v>"));
  CHECK(contains(sheet, "state=\"frozen\""));
  const auto chart = part(file, "xl/charts/chart1.xml");
  CHECK(contains(chart, "c:barChart"));
  CHECK(contains(chart, "$B$2:$B$3"));
  CHECK(contains(part(file, "xl/styles.xml"), "#,##0.00"));
}

TEST_CASE("xlsx writer: fifteen digits are a number, more are text; what XML has no word for is a blank",
          "[exchange][xlsx]") {
  const Folder folder;
  const XlsxColumn columns[] = {{"n", FieldType::decimal}, {"t", FieldType::text}};
  auto table = XlsxTable::create(folder.file(), "s", columns);
  REQUIRE(table);
  const Decimal fits{123456789012345, 0}, more{1234567890123456, 0};
  REQUIRE(table->row(std::vector<ReportCell>{{fits, "123456789012345"}, {std::string(), "a\x01\x1b[2Jb"}}));
  REQUIRE(table->row(std::vector<ReportCell>{{more, "1234567890123456"}, {std::string(), "c"}}));
  REQUIRE(table->finish());
  const auto file = read_file(folder.file());
  const auto sheet = part(file, "xl/worksheets/sheet1.xml");
  CHECK(contains(sheet, "<v>123456789012345</v>"));
  CHECK(contains(sheet, "<t>1234567890123456</t>"));
  auto reader = XlsxReader::open(file);
  REQUIRE(reader);
  XlsxRow row;
  REQUIRE(*reader->next(row));
  CHECK(row.cells == std::vector<std::string>{"123456789012345", "a  [2Jb"});
}

TEST_CASE("xlsx writer: a date cut to its month stays what it says", "[exchange][xlsx]") {
  const Folder folder;
  const XlsxColumn columns[] = {{"month", FieldType::date}};
  auto table = XlsxTable::create(folder.file(), "s", columns);
  REQUIRE(table->row(std::vector<ReportCell>{{*parse_date("2026-11-01"), "2026-11"}}));
  REQUIRE(table->finish());
  const auto file = read_file(folder.file());
  auto reader = XlsxReader::open(file);
  XlsxRow row;
  REQUIRE(*reader->next(row));
  CHECK(row.cells == std::vector<std::string>{"2026-11"});
}

TEST_CASE("xlsx writer: sheets are named as far as Excel takes it", "[exchange][xlsx]") {
  const Folder folder;
  const XlsxColumn columns[] = {{"a", FieldType::text}};
  const auto named = [&](const std::string& name) {
    auto table = XlsxTable::create(folder.file(), name, columns);
    REQUIRE(table->finish());
    const auto file = read_file(folder.file());
    return XlsxReader::open(file)->sheet();
  };
  CHECK(named("客户/:导出[1]") == "客户  导出 1 ");
  CHECK(named(std::string(40, 'x')) == std::string(31, 'x'));
  // Excel counts what is beyond 16 bits twice: 15 of them and one letter.
  std::string rare;
  for (int i = 0; i < 20; ++i) rare += "𠮷";
  CHECK(named("x" + rare) == "x" + rare.substr(0, 15 * 4));
  CHECK(named("xx" + rare) == "xx" + rare.substr(0, 14 * 4));
}

TEST_CASE("xlsx writer: more rows than a sheet takes are refused, not lost", "[exchange][xlsx]") {
  const Folder folder;
  const XlsxColumn columns[] = {{"a", FieldType::text}};
  auto table = XlsxTable::create(folder.file(), "s", columns);
  std::size_t taken = 1;  // the header
  while (table->row({})) ++taken;
  CHECK(taken == kXlsxRowsMax);
  CHECK(table->row({}).error().code == "xlsx.too-many-rows");
}

TEST_CASE("xlsx writer: every line has its keys, and a star where it was corrected", "[exchange][xlsx]") {
  const Folder folder;
  auto report = sample_report(true);
  report.groups[0].key[0].text.clear();
  report.groups[0].key[0].value = {};
  REQUIRE(write_report_xlsx(report, Lang::zh, "", folder.file()));
  const auto file = read_file(folder.file());
  const auto sheet = part(file, "xl/worksheets/sheet1.xml");
  std::size_t stars = 0, names = 0;
  for (auto at = sheet.find("<t>*</t>"); at != std::string::npos; at = sheet.find("<t>*</t>", at + 1)) ++stars;
  for (auto at = sheet.find("<t>甲</t>"); at != std::string::npos; at = sheet.find("<t>甲</t>", at + 1)) ++names;
  CHECK(stars == static_cast<std::size_t>(std::ranges::count(report.lines, true, &ReportLine::corrected)));
  CHECK(names == 2);                   // of the group and of its line
  CHECK(contains(sheet, "<t>-</t>"));  // a group without a name
}

TEST_CASE("xlsx writer: where no file can be there is no crash, but an error", "[exchange][xlsx]") {
  const auto done = write_report_xlsx(sample_report(false), Lang::en, "", "/nonexistent/folder/x.xlsx");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == "file.io");
}
