// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_reader.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/base/value.h"
#include "schema/exchange/xlsx_format.h"
#include "tests/unit/exchange/workbook.h"

using namespace satchel;
using namespace satchel::test;

namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Read {
  std::vector<std::string> header;
  Rows rows;
  std::vector<std::size_t> lines;
  std::vector<XlsxFault> faults;
};

Result<Read> read(const Bytes& file, XlsxOptions options = {}) {
  auto reader = XlsxReader::open(file, std::move(options));
  if (!reader) return std::unexpected(reader.error());
  Read out;
  out.header = reader->header();
  for (XlsxRow row;;) {
    SATCHEL_GET(more, reader->next(row));
    if (!more) return out;
    out.rows.push_back(row.cells);
    out.lines.push_back(row.line);
    out.faults.push_back(row.fault);
  }
}

std::string code_of(const Result<Read>& result) { return result ? "" : result.error().code; }

const std::string kHeader =
    "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>name</t></is></c><c r=\"B1\" "
    "t=\"inlineStr\"><is><t>when</t></is></c></row>";

std::string second_row(const std::string& cells) { return kHeader + "<row r=\"2\">" + cells + "</row>"; }

std::string only_cell(const std::string& cell, const std::string& styles = {}, const std::string& properties = {}) {
  const auto got = read(zip_of(workbook(second_row(cell), {}, styles, properties)));
  REQUIRE(got);
  REQUIRE(got->rows.size() == 1);
  return got->rows[0][0];
}

}  // namespace

TEST_CASE("xlsx: shared, inline and rich texts, numbers and truth values come out as texts", "[exchange][xlsx]") {
  const auto file = workbook(
      "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" "
      "t=\"s\"><v>2</v></c></row>"
      "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>3</v></c><c r=\"C3\"><v>13800138000</v></c></row>"
      "<row r=\"4\"><c t=\"inlineStr\"><is><r><t>福</t></r><r><t>田&amp;&#x5E97;</t></r><rPh><t>fu</t></rPh></is></c>"
      "<c t=\"b\"><v>1</v></c><c t=\"str\"><f>A1</f><v>=1+1</v></c></row><row r=\"5\"><c r=\"A5\" s=\"4\"/></row>",
      "<si><t>名称</t></si><si><t>VIP</t></si><si><t xml:space=\"preserve\"> 电话 "
      "</t></si><si><t>a_x000D_b_x005F_</t></si>");
  const auto got = read(zip_of(file));
  REQUIRE(got);
  CHECK(got->header == std::vector<std::string>{"名称", "VIP", "电话"});
  CHECK(got->rows == Rows{{"a\rb_", "", "13800138000"}, {"福田&店", "true", "=1+1"}});
  CHECK(got->lines == std::vector<std::size_t>{3, 4});
}

TEST_CASE("xlsx: prefixed names, comments and CDATA are read as any XML", "[exchange][xlsx]") {
  auto file = workbook("");
  file["xl/workbook.xml"] =
      "<x:workbook xmlns:r=\"y\"><x:sheets><x:sheet name=\"S\" r:id=\"s1\"/></x:sheets></x:workbook>";
  file["xl/worksheets/sheet1.xml"] =
      "<x:worksheet><x:sheetData><!-- <x:row> --><x:row note=\"a>b\"><x:c "
      "t=\"inlineStr\"><x:is><x:t>name</x:t></x:is></x:c></x:row>"
      "<x:row><x:c "
      "t=\"inlineStr\"><x:is><x:t><![CDATA[</x:row>]]></x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>";
  const auto got = read(zip_of(file));
  REQUIRE(got);
  CHECK(got->rows == Rows{{"</x:row>"}});
}

TEST_CASE("xlsx: what number format a cell has makes its number a date", "[exchange][xlsx]") {
  const std::string styles =
      "<numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
      "<numFmt numFmtId=\"171\" formatCode=\"[Red]0.00;[Blue]-0.00\"/><numFmt numFmtId=\"172\" "
      "formatCode=\"[h]:mm\"/></numFmts>"
      "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"170\"/><xf "
      "numFmtId=\"171\"/>"
      "<xf numFmtId=\"172\"/><xf numFmtId=\"20\"/><xf numFmtId=\"31\"/></cellXfs>";
  const auto at = [&](int style, const std::string& v, const std::string& properties = {}) {
    return only_cell("<c r=\"A2\" s=\"" + std::to_string(style) + "\"><v>" + v + "</v></c>", styles, properties);
  };
  CHECK(at(0, "46348") == "46348");
  CHECK(at(1, "46348") == "2026-11-22");
  CHECK(at(2, "46348.586805555555") == "2026-11-22 14:05");
  CHECK(at(2, "46348.999999999") == "2026-11-23");
  CHECK(at(3, "46348") == "2026-11-22");
  CHECK(at(7, "46348") == "2026-11-22");
  CHECK(at(4, "46348.5") == "46348.5");
  CHECK(at(5, "1.2604166666666667") == "30:15");
  CHECK(at(6, "0.25") == "06:00");
  CHECK(at(1, "44886", "<workbookPr date1904=\"1\"/>") == "2026-11-22");
  CHECK(at(1, "59") == "1900-02-28");
  CHECK(at(1, "1") == "1900-01-01");
  CHECK(at(1, "99999999") == "99999999");
  CHECK(only_cell("<c r=\"A2\" t=\"d\"><v>2026-11-22T00:00:00.000</v></c>") == "2026-11-22");
}

TEST_CASE("xlsx: numbers are what the sheet shows, not what binary made of them", "[exchange][xlsx]") {
  const auto number = [](const std::string& v) { return only_cell("<c r=\"A2\"><v>" + v + "</v></c>"); };
  CHECK(number("0.30000000000000004") == "0.3");
  CHECK(number("1.1000000000000001") == "1.1");
  CHECK(number("6.2222021234567E+16") == "62222021234567000");
  CHECK(number("440301198001011234") == "440301198001011234");
  CHECK(number("1E-3") == "0.001");
  CHECK(number("-12.5") == "-12.5");
  CHECK(number("1e400") == "1e400");
}

TEST_CASE("xlsx: every two-place amount survives being a double", "[exchange][xlsx]") {
  CHECK(rc::check([] {
    const auto cents = *rc::gen::inRange<std::int64_t>(-99'999'999'999, 99'999'999'999);
    char written[64];
    std::snprintf(written, sizeof written, "%.17g", static_cast<double>(cents) / 100);
    auto shown = number_text(written, {}, false);
    RC_ASSERT(parse_decimal(shown).has_value());
    RC_ASSERT(compare(*parse_decimal(shown), Decimal{cents, 2}) == 0);
  }));
}

TEST_CASE("xlsx: format codes are told apart", "[exchange][xlsx]") {
  for (const auto code : {"yyyy-mm-dd", "m/d", "[$-804]d", "yyyy/m", "mmm", "[DBNum1]yyyy年m月", "aaaa"})
    CHECK(format_of_code(code).date);
  for (const auto code :
       {"General", "0.00E+00", "#,##0.00", "\"day\" 0", "0\\d", "[Red]0", "G/通用格式", "@", "_d0", "0;yy"})
    CHECK(format_of_code(code).plain());
  CHECK((format_of_code("mm:ss").time && !format_of_code("mm:ss").date));
  CHECK((format_of_code("h:mm AM/PM").time && !format_of_code("h:mm AM/PM").date));
  CHECK((format_of_code("yyyy-mm-dd hh:mm").time && format_of_code("yyyy-mm-dd hh:mm").date));
  CHECK(format_of_code("[mm]:ss").elapsed);
}

TEST_CASE("xlsx: a hidden sheet is passed over unless it is named", "[exchange][xlsx]") {
  auto file = workbook(second_row("<c r=\"A2\"><v>1</v></c>"));
  file["xl/workbook.xml"] =
      "<workbook xmlns:r=\"y\"><sheets><sheet name=\"参数\" state=\"hidden\" r:id=\"h\"/><sheet name=\"数据\" "
      "r:id=\"s1\"/></sheets></workbook>";
  auto& relations = file["xl/_rels/workbook.xml.rels"];
  relations.insert(relations.find("<Relationship "),
                   "<Relationship Id=\"h\" Type=\"x/worksheet\" Target=\"worksheets/sheet9.xml\"/>");
  file["xl/worksheets/sheet9.xml"] =
      "<worksheet><sheetData><row><c t=\"str\"><v>key</v></c></row></sheetData></worksheet>";
  const auto bytes = zip_of(file);
  CHECK(read(bytes)->header.front() == "name");
  CHECK(read(bytes, {"参数", {}})->header == std::vector<std::string>{"key"});
  const auto none = read(bytes, {"没有", {}});
  CHECK(code_of(none) == "xlsx.no-such-sheet");
  CHECK(none.error().detail == "没有 (参数, 数据)");
}

TEST_CASE("xlsx: error values and cells outside the table are faults of their row", "[exchange][xlsx]") {
  const auto got = read(zip_of(
      workbook(second_row("<c r=\"A2\" t=\"e\"><v>#N/A</v></c>") +
               "<row r=\"3\"><c r=\"A3\" t=\"str\"><v>a</v></c><c r=\"D3\" t=\"str\"><v>stray</v></c></row>"
               "<row r=\"4\"><c r=\"A4\" t=\"s\"><v>99</v></c></row><row r=\"5\"><c r=\"XFD5\"><v>1</v></c></row>"
               "<row r=\"6\"><c r=\"A6\" t=\"str\"><v>good</v></c></row>")));
  REQUIRE(got);
  CHECK(got->faults == std::vector<XlsxFault>{XlsxFault::error_value, XlsxFault::too_many_cells, XlsxFault::error_value,
                                              XlsxFault::too_many_cells, XlsxFault::none});
  CHECK(got->rows[0][0] == "#N/A");
  CHECK(got->rows[1] == std::vector<std::string>{"a", " stray"});
  CHECK(got->rows[4][0] == "good");
}

TEST_CASE("xlsx: cells without names stand side by side, empty ones too", "[exchange][xlsx]") {
  // The empty cell was not counted, and what followed it moved to the left.
  const auto got = read(zip_of(workbook(second_row("<c s=\"1\"/><c t=\"str\"><v>b</v></c>") +
                                        "<row><c r=\"A3\" t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row>")));
  REQUIRE(got);
  CHECK(got->rows == Rows{{"", "b"}, {"a", "b"}});
}

TEST_CASE("xlsx: a header must name each column once", "[exchange][xlsx]") {
  const auto header = [](const std::string& cells) {
    return code_of(read(zip_of(workbook("<row>" + cells + "</row>"))));
  };
  const std::string a = "<c t=\"str\"><v>a</v></c>";
  CHECK(header(a + a) == "xlsx.header");
  CHECK(header(a + "<c r=\"C1\" t=\"str\"><v>c</v></c>") == "xlsx.header");
  CHECK(header("") == "xlsx.empty");
}

TEST_CASE("xlsx: foreign, old, cut and altered files are told apart from workbooks", "[exchange][xlsx]") {
  const auto whole = zip_of(workbook(second_row("<c r=\"A2\" t=\"str\"><v>good</v></c>")));
  REQUIRE(read(whole));
  CHECK(code_of(read(copy(view("name,phone\n")))) == "xlsx.not-a-workbook");
  CHECK(code_of(read(copy(view("\xd0\xcf\x11\xe0 old")))) == "xlsx.old-or-locked");
  CHECK(code_of(read(zip_of({{"word/document.xml", "<document/>"}}))) == "xlsx.not-a-workbook");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto code = code_of(read(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))));
    CHECK((code == "xlsx.damaged" || code == "xlsx.not-a-workbook"));
  }
  auto cut = workbook(second_row("<c r=\"A2\"><v>1</v></c>"));
  cut["xl/worksheets/sheet1.xml"].resize(cut["xl/worksheets/sheet1.xml"].size() - 45);
  CHECK(code_of(read(zip_of(cut))) == "xlsx.damaged");
}

TEST_CASE("xlsx: bytes changed anywhere are an error or the same kind of rows, never a crash", "[exchange][xlsx]") {
  const auto whole = zip_of(workbook(second_row("<c r=\"A2\" t=\"s\"><v>0</v></c>"), "<si><t>甲</t></si>"));
  CHECK(rc::check([&] {
    auto file = whole;
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i)
      file[*rc::gen::inRange<std::size_t>(0, file.size())] = *rc::gen::arbitrary<Byte>();
    const auto got = read(file);
    if (!got) RC_ASSERT(got.error().code.starts_with("xlsx."));
  }));
}

TEST_CASE("xlsx: bombs end at the limit, whichever part they hide in", "[exchange][xlsx]") {
  XlsxOptions options;
  options.limits = {1'000'000, 100'000, 100'000, 100'000};
  const std::string much(5'000'000, ' ');
  const auto honest = workbook(second_row("<c r=\"A2\" t=\"s\"><v>0</v></c>"), "<si><t>x</t></si>", "<cellXfs/>");
  REQUIRE(read(zip_of(honest), options));
  for (const auto part :
       {"xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "_rels/.rels", "xl/worksheets/sheet1.xml"}) {
    auto file = honest;
    auto& text = file[part];
    text.insert(text.rfind("</"), "<!--" + much + "-->");
    CAPTURE(part);
    CHECK(code_of(read(zip_of(file), options)) == "xlsx.too-large");
  }
  auto shared = honest;
  std::string texts;
  for (int i = 0; i < 40'000; ++i) texts += "<si/>";
  shared["xl/sharedStrings.xml"] = "<sst>" + texts + "</sst>";
  CHECK(code_of(read(zip_of(shared), options)) == "xlsx.too-large");
}

TEST_CASE("xlsx: no document type, and no entity that is not XML's own", "[exchange][xlsx]") {
  auto file = workbook(second_row("<c r=\"A2\" t=\"str\"><v>&lol;</v></c>"));
  CHECK(read(zip_of(file))->rows[0][0] == "&lol;");
  const std::string bomb = "<!DOCTYPE s [<!ENTITY lol \"lol\">]>";
  for (const auto part : {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}) {
    auto hostile = file;
    auto& text = hostile[part];
    text.insert(text.find(part[3] == 'w' && part[7] == 'b' ? "<workbook" : "<worksheet"), bomb);
    const auto got = read(zip_of(hostile));
    CHECK(code_of(got) == "xlsx.damaged");
    CHECK(got.error().detail == "DOCTYPE");
  }
}
