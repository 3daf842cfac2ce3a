// SPDX-License-Identifier: AGPL-3.0-or-later
// Workbooks made to harm: bent and cut archives, a few kilobytes that unfold to gigabytes, lists of lists, names that
// are none. Each ends in an error or in sound rows; what would take hours instead ends at the test's time limit.
#include <zip.h>

#include <catch2/catch.hpp>

#include "schema/base/value.h"
#include "schema/exchange/csv.h"
#include "schema/exchange/xlsx_reader.h"
#include "schema/exchange/xml_pieces.h"
#include "tests/support/bent.h"
#include "tests/unit/exchange/workbook.h"

using namespace satchel;
using satchel::test::Bender;
using satchel::test::workbook;
using satchel::test::zip_of;

namespace {

constexpr long kBookHeldMax = 1500;  // MiB beyond what was held before, the sanitizers' own included
using Members = std::map<std::string, std::string>;

struct Outcome {
  std::string code;  // empty: read to its end
  std::size_t rows = 0;
  std::vector<std::string> last;
  XlsxFault fault = XlsxFault::none;
};

Outcome unpack(const Bytes& file, XlsxOptions options = {}) {
  Outcome out;
  auto reader = XlsxReader::open(file, std::move(options));
  if (!reader) {
    if (!reader.error().code.starts_with("xlsx.")) FAIL(reader.error().code);
    out.code = reader.error().code;
    return out;
  }
  const auto width = reader->header().size();
  for (XlsxRow row;; ++out.rows) {
    const auto more = reader->next(row);
    if (!more) out.code = more.error().code;
    if (!more || !*more) return out;
    if (row.cells.size() != width || width > kCsvColumnsMax) FAIL("a row does not fit its header");
    for (const auto& cell : row.cells)
      if (!is_utf8(cell)) FAIL("a cell is no text");
    out.last = row.cells;
    out.fault = row.fault;
  }
}

std::string ended(const Members& members, XlsxOptions options = {}) {
  return unpack(zip_of(members), std::move(options)).code;
}

std::string repeated(std::string_view word, std::size_t times) {
  std::string out;
  out.reserve(word.size() * times);
  for (; times > 0; --times) out += word;
  return out;
}

const std::string kHeading = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>a</v></c><c r=\"B1\" t=\"str\"><v>b</v></c></row>";

Members sample_book() {
  return workbook(
      kHeading +
          "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\" s=\"1\"><v>46348.5</v></c></row>"
          "<row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><r><t>福</t></r></is></c><c t=\"b\"><v>1</v></c></row>",
      "<si><t>x</t></si><si><r><t>甲&amp;</t></r></si>",
      "<numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy/m\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf "
      "numFmtId=\"170\"/></cellXfs>",
      "<workbookPr date1904=\"0\"/>");
}

}  // namespace

TEST_CASE("hostile: bent and cut archives are an error or sound rows", "[xlsx][hostile]") {
  const auto bytes = zip_of(sample_book());
  const std::string whole(bytes.begin(), bytes.end());
  REQUIRE(unpack(bytes).rows == 2);
  Bender bender({"PK\x01\x02", "PK\x03\x04", "PK\x05\x06", std::string(4, '\xff'), std::string(4, '\0'), "\x08", "\x0e",
                 "xl/workbook.xml"});
  for (std::size_t i = 0; i < vectors::hostile_cases(3000); ++i) {
    INFO("case " << i);
    unpack(copy(view(bender.bend(whole))));
  }
}

TEST_CASE("hostile: bent XML in a whole archive is an error or sound rows", "[xlsx][hostile]") {
  const auto honest = sample_book();
  Bender bender({"<",
                 ">",
                 "/>",
                 "&",
                 "&lt;",
                 "&#0;",
                 "&#x110000;",
                 "&#27;",
                 "\"",
                 "'",
                 "<!--",
                 "-->",
                 "<![CDATA[",
                 "]]>",
                 "<?x ",
                 "<!DOCTYPE x>",
                 "<row>",
                 "</row>",
                 "<c r=\"ZZZ9\">",
                 "<c>",
                 "<v>",
                 "t=\"s\"",
                 "t=\"e\"",
                 "99999999999999999999",
                 "-1",
                 "1e308",
                 "nan",
                 "<si/>",
                 "<is>",
                 "<r>",
                 "\xff",
                 "_x0000_",
                 "_x000D_",
                 std::string(1, '\0')});
  std::size_t rows = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(3000); ++i) {
    INFO("case " << i);
    auto members = honest;
    auto part = members.begin();
    std::advance(part, bender.any(members.size()));
    part->second = bender.bend(part->second);
    rows += unpack(zip_of(members)).rows;
  }
  CHECK(rows > 0);
}

TEST_CASE("hostile: parts that unfold to more than is read whole are not held", "[xlsx][hostile]") {
  const std::string much(40 * 1024 * 1024UL, ' ');
  for (const auto part : {"xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "_rels/.rels",
                          "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"}) {
    CAPTURE(part);
    auto members = sample_book();
    members[part].insert(members[part].rfind("</"), "<x a=\"" + much + "\"/>");
    const auto file = zip_of(members);
    CHECK(file.size() < 1024 * 1024);
    members.clear();
    const long before = test::peak_memory();
    CHECK(unpack(file).code == "xlsx.too-large");
    CHECK(test::peak_memory() - before < kBookHeldMax);
  }
}

TEST_CASE("hostile: a row of a thousand cells that name one long text is not written out", "[xlsx][hostile]") {
  // 20 kilobytes of row were a gigabyte of cells.
  const std::string text = "<si><t>" + std::string(kCsvCellBytesMax, 'x') + "</t></si>";
  const std::string row = "<row>" + repeated("<c t=\"s\"><v>0</v></c>", kCsvColumnsMax) + "</row>";
  const long before = test::peak_memory();
  CHECK(ended(workbook(kHeading + repeated(row, 100), text)) == "xlsx.too-large");
  CHECK(test::peak_memory() - before < kBookHeldMax);
  // Nor are a million rows of a few such cells: that would be a day's work.
  const std::string few = "<row>" + repeated("<c t=\"s\"><v>0</v></c>", 2) + "</row>";
  const auto got = unpack(zip_of(workbook(kHeading + repeated(few, 200'000), text)));
  CHECK(got.code == "xlsx.too-large");
  CHECK(got.rows < 1000);
  CHECK(ended(workbook(kHeading + few, text)).empty());
}

TEST_CASE("hostile: more rows than a sheet has, even empty ones, are too many", "[xlsx][hostile]") {
  CHECK(ended(workbook(kHeading + repeated("<row/>", 1'048'576))) == "xlsx.too-large");
  CHECK(ended(workbook(kHeading + repeated("<row/>", 1000))).empty());
}

TEST_CASE("hostile: hundreds of thousands of sheets, relations and styles are not matched one by one",
          "[xlsx][hostile]") {
  auto members = sample_book();
  members["xl/_rels/workbook.xml.rels"] = "<R>" + repeated("<R Id=\"abcdef\" Type=\"x/worksheet\"/>", 400'000) + "</R>";
  members["xl/workbook.xml"] = "<workbook><sheets>" + repeated("<s id=\"abcdeg\"/>", 400'000) + "</sheets></workbook>";
  CHECK(ended(members) == "xlsx.too-large");
  members = sample_book();
  const auto sheets = members["xl/workbook.xml"].find("<sheet name");
  members["xl/workbook.xml"].insert(sheets, repeated("<s name=\"x\" r:id=\"s1\"/>", 400'000));
  CHECK(ended(members) == "xlsx.too-large");
  members = sample_book();
  auto& styles = members["xl/styles.xml"];
  styles.insert(styles.find("<xf "), repeated("<xf numFmtId=\"14\"/>", 500'000));
  CHECK(ended(members).empty());
}

TEST_CASE("hostile: a target of megabytes is no part's name", "[xlsx][hostile]") {
  auto members = sample_book();
  auto& relations = members["xl/_rels/workbook.xml.rels"];
  relations.insert(relations.find("<Relationship "),
                   "<Relationship Id=\"long\" Type=\"x/worksheet\" Target=\"" + std::string(15'000'000, 'x') + "\"/>");
  members["xl/workbook.xml"] = "<workbook><sheets>" + repeated("<s id=\"long\"/>", 4000) + "</sheets></workbook>";
  const long before = test::peak_memory();
  CHECK(ended(members) == "xlsx.empty");
  CHECK(test::peak_memory() - before < kBookHeldMax);
}

TEST_CASE("hostile: no sheet of that name, and names without end", "[xlsx][hostile]") {
  auto members = sample_book();
  members["xl/workbook.xml"] = "<workbook xmlns:r=\"x\"><sheets>" +
                               repeated("<s name=\"" + std::string(1000, 'n') + "\" r:id=\"s1\"/>", 4000) +
                               "</sheets></workbook>";
  const auto reader = XlsxReader::open(zip_of(members), {"none", {}});
  REQUIRE_FALSE(reader.has_value());
  CHECK(reader.error().code == "xlsx.no-such-sheet");
  CHECK(reader.error().detail.size() < 10'000);
}

TEST_CASE("hostile: cells that stand nowhere and texts that are not there are faults", "[xlsx][hostile]") {
  const auto fault = [](const std::string& cell) {
    return unpack(zip_of(workbook(kHeading + "<row>" + cell + "</row>", "<si><t>x</t></si>"))).fault;
  };
  for (const auto name :
       {"ZZZZZZ99999999999", "AAAA1", "XFD1", "ZZZ1", "AMK1", "1", "a1", "-", "Ä1", "$A$1", "R1C1000"}) {
    CAPTURE(name);
    const std::string cell = "<c r=\"" + std::string(name) + "\"><v>1</v></c>";
    CHECK(fault(cell) == XlsxFault::too_many_cells);
  }
  for (const auto index : {"1", "-1", "99999999999999999999999", "x", "", "0x0", "1e0"}) {
    CAPTURE(index);
    CHECK(fault("<c t=\"s\"><v>" + std::string(index) + "</v></c>") == XlsxFault::error_value);
  }
  CHECK(fault("<c t=\"s\"><v>0</v></c>") == XlsxFault::none);
  CHECK(fault("<c r=\"B99999999999999999999\"><v>1</v></c>") == XlsxFault::none);  // the column is all that counts
}

TEST_CASE("hostile: elements hundreds of thousands deep, and as many side by side", "[xlsx][hostile]") {
  const std::string deep = repeated("<a>", 400'000);
  const std::string close = repeated("</a>", 400'000);
  const long before = test::peak_memory();
  CHECK(ended(workbook(kHeading + "<row>" + deep + close + "<c><v>1</v></c></row>")).empty());
  CHECK(ended(workbook(kHeading + "<row>" + deep + "</row>")) != "");
  CHECK(ended(workbook(kHeading, "<si>" + deep + close + "</si>")).empty());
  auto members = sample_book();
  members["xl/workbook.xml"].insert(members["xl/workbook.xml"].find("<sheets"), deep + close);
  CHECK(ended(members).empty());
  CHECK(ended(workbook(kHeading + "<row>" + repeated("<c/>", 1'000'000) + "</row>")).empty());
  CHECK(ended(workbook(kHeading + "<row>" + repeated("<c><v>1</v></c>", 300'000) + "</row>")).empty());
  CHECK(test::peak_memory() - before < kBookHeldMax);
}

TEST_CASE("hostile: no entity is unfolded in any part", "[xlsx][hostile]") {
  const std::string bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
  for (const auto& [part, text] : sample_book()) {
    CAPTURE(part);
    auto members = sample_book();
    members[part] = bomb + text;
    CHECK(ended(members) == "xlsx.damaged");
  }
}

TEST_CASE("hostile: only what Excel packs with is unpacked, and no archive of ten thousand members",
          "[xlsx][hostile]") {
  CHECK(unpack(zip_of(sample_book(), ZIP_CM_STORE)).rows == 2);
  for (const int method : {ZIP_CM_BZIP2, ZIP_CM_LZMA, ZIP_CM_XZ}) {
    if (zip_compression_method_supported(method, 1) == 0) continue;
    CAPTURE(method);
    CHECK(unpack(zip_of(sample_book(), method)).code == "xlsx.damaged");
  }
  auto members = sample_book();
  for (int i = 0; i < 10'001; ++i) members["x" + std::to_string(i)] = "";
  CHECK(ended(members) == "xlsx.too-large");
}

TEST_CASE("hostile: a tag, a comment and a text that come a byte at a time are looked at once", "[xlsx][hostile]") {
  for (const auto& [begin, fill, end] :
       {std::tuple{"<x a='", ' ', "'/>"}, {"<!--", '-', "-->"}, {"<![CDATA[", ']', "]]>"}}) {
    const std::string text = begin + std::string(1'200'000, fill) + end + "<row/>";
    std::size_t at = 0;
    XmlPieces pieces(
        [&](std::string& buffer) -> Result<bool> {
          if (at == text.size()) return false;
          buffer.push_back(text[at++]);
          return true;
        },
        "row", 2'000'000);
    std::string piece;
    const auto found = pieces.next(piece);
    REQUIRE((found.has_value() && *found));
    CHECK(piece == "<row/>");
  }
}
