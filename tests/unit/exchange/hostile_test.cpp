// SPDX-License-Identifier: AGPL-3.0-or-later
// Text files that people bring, bent and blown up: readers answer with an error, a fault or sound text, in time and
// memory that the file's size bounds. What would take hours instead ends at the test's time limit.
#include <catch2/catch.hpp>

#include "schema/base/value.h"
#include "schema/exchange/csv.h"
#include "schema/exchange/encoding.h"
#include "schema/exchange/vcard.h"
#include "tests/support/bent.h"

using namespace satchel;
using satchel::test::Bender;

namespace {

constexpr std::size_t kMega = 1024 * 1024;
constexpr long kHeldMax = 1500;  // MiB beyond what was held before, the sanitizers' own included

// All rows; checks what holds of each.
std::size_t csv_rows(std::string_view text, const CsvOptions& options = {}) {
  auto reader = CsvReader::open(text, options);
  if (!reader) {
    if (!reader.error().code.starts_with("csv.")) FAIL(reader.error().code);
    return 0;
  }
  std::size_t rows = 0, bytes = 0;
  for (CsvRow row; reader->next(row); ++rows) {
    for (const auto& cell : row.cells) {
      bytes += cell.size();
      if (!is_utf8(cell)) FAIL("a cell is no text");
    }
    if (row.cells.size() > kCsvColumnsMax) FAIL("too many cells");
    if (row.fault == CsvFault::none && !reader->header().empty() && row.cells.size() != reader->header().size())
      FAIL("a row does not fit its header");
  }
  if (rows > text.size() || bytes > text.size()) FAIL("more than there was");
  return rows;
}

std::vector<VCard> vcards_of(std::string_view text) {
  auto reader = VCardReader::open(view(text));
  if (!reader) {
    if (reader.error().code != "vcard.none" && reader.error().code != "text.encoding") FAIL(reader.error().code);
    return {};
  }
  std::vector<VCard> all;
  for (VCard card; reader->next(card);) all.push_back(std::move(card));
  return all;
}

void check_vcard(const VCard& card, std::size_t size) {
  const auto check = [&](const std::string& text) {
    if (!is_utf8(text) || text.size() > size * 2) FAIL("a card's text is none, or longer than the file");
  };
  for (const auto* text :
       {&card.version, &card.formatted, &card.family, &card.given, &card.additional, &card.prefix, &card.suffix,
        &card.organisation, &card.department, &card.title, &card.birthday, &card.note, &card.uid})
    check(*text);
  for (const auto& way : card.phones) check(way.text);
  for (const auto& way : card.emails) check(way.text);
  for (const auto& address : card.addresses) check(address.text());
  if (card.phones.size() + card.emails.size() + card.addresses.size() > kVCardPropertiesMax) FAIL("too many ways");
}

std::string utf16(std::string_view ascii, bool little) {
  std::string out(little ? "\xff\xfe" : "\xfe\xff");
  for (const char c : ascii) out += little ? std::string{c, '\0'} : std::string{'\0', c};
  return out;
}

}  // namespace

TEST_CASE("hostile: bent CSV files of every encoding are rows, faults or errors", "[csv][encoding][hostile]") {
  const std::string table = "客户,电话,备注\r\n福田百货,0755-83001122,\"说 \"\"好\"\"\n再来\"\r\n乙,'=1+1,\r\n";
  const std::vector<std::string> corpus = {table,
                                           "\xef\xbb\xbf" + table,
                                           *encode_gb18030(table),
                                           utf16("name;phone\r\na;\"1\r\n2\"\r\n", true),
                                           utf16("name\tphone\r\na\t1\r\n", false),
                                           "sep=|\r\nname|phone\r\n\"a|b\"|1\r\n"};
  Bender bender({"\"", "\"\"", ",", ";", "\t", "|", "\r", "\n", "\r\n", "sep=\"", "sep=,\r\n", "\xff\xfe",
                 "\xef\xbb\xbf", "\x81\x30\x81\x30", "\xfe", "'=", std::string(1, '\0'), std::string(3000, ','), " "});
  std::size_t rows = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(6000); ++i) {
    INFO("case " << i);
    const auto bytes = bender.bend(corpus[bender.any(corpus.size())]);
    const auto text = decode_text(view(bytes));
    if (!text) {
      if (text.error().code != "text.encoding") FAIL(text.error().code);
      continue;
    }
    if (!is_utf8(text->text) || text->text.size() > bytes.size() * 3) FAIL("no text, or too much of it");
    rows += csv_rows(text->text, {.header = bender.any(3) != 0, .null_word = bender.any(2) != 0 ? "NULL" : ""});
  }
  CHECK(rows > 0);
}

TEST_CASE("hostile: texts of every encoding, cut at every byte", "[encoding][hostile]") {
  const std::string words = "客户𠮷Ñ€a";
  const std::string gb = *encode_gb18030(words);
  for (std::size_t n = 0; n <= gb.size(); ++n) {
    const auto text = decode_text(view(gb.substr(0, n)), TextEncoding::gb18030);
    if (text) CHECK(words.starts_with(text->text));
  }
  for (std::size_t n = 0; n <= words.size(); ++n)
    CHECK(decode_text(view(words.substr(0, n)), TextEncoding::utf8).has_value() == is_utf8(words.substr(0, n)));
  // A surrogate alone, the second before the first, and half a unit.
  for (const auto units : {std::string_view("\xff\xfe\x42\xd8", 4), std::string_view("\xff\xfe\xb7\xdf\x42\xd8", 6),
                           std::string_view("\xff\xfe\x42\xd8\x41\x00", 6), std::string_view("\xff\xfe\x41", 3)})
    CHECK(decode_text(view(units)).error().code == "text.encoding");
  // Bytes that only a wrong guess makes fit: a person names the encoding, and it still has to hold.
  CHECK_FALSE(decode_text(view("\xff\xff"), TextEncoding::gb18030));
  CHECK_FALSE(decode_text(view("\x81"), TextEncoding::gb18030));
}

TEST_CASE("hostile: headings of a million blanks are trimmed in one go", "[csv][hostile]") {
  std::string text;
  for (const char name : std::string("abcdefghijklmnop")) {
    text.append(kCsvCellBytesMax - 1, ' ');
    text += {name, ','};
  }
  text += "last\n";
  const auto reader = CsvReader::open(text, {.delimiter = ','});
  REQUIRE(reader.has_value());
  CHECK(reader->header().front() == "a");
  CHECK(reader->header().back() == "last");
}

TEST_CASE("hostile: quotes without end, lines of megabytes and columns without number", "[csv][hostile]") {
  const long before = test::peak_memory();
  CHECK(csv_rows("a,b\n1,\"" + std::string(8 * kMega, 'x')) == 1);
  CHECK(csv_rows("a,b\n" + std::string(8 * kMega, 'x') + "\n1,2\n") == 2);
  CHECK(csv_rows("a\n\"" + std::string(2 * kMega, '"')) == 1);
  CHECK(csv_rows("a,b\n" + std::string(2 * kMega, ',') + "\n1,2\n") == 2);
  CHECK(csv_rows(std::string(2 * kMega, ',')) == 0);
  CHECK(csv_rows(std::string(2 * kMega, '\n')) == 0);
  CHECK(csv_rows("a\n" + std::string(kMega, '\0')) == 1);
  std::string rows = "a\n";
  for (std::size_t i = 0; i < kMega; ++i) rows += "\"";
  csv_rows(rows);
  CHECK(csv_rows("sep=\"\n\"a\"b\"\n\"\n") <= 3);  // a quote as delimiter
  CHECK(test::peak_memory() - before < kHeldMax);
}

TEST_CASE("hostile: bent cards of every version are cards or faults", "[vcard][hostile]") {
  const std::vector<std::string> corpus = {
      "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=CD=F5=\r\n=CE=E5;;;;\r\n"
      "TEL;CELL;PREF:13900139000\r\nPHOTO;JPEG;ENCODING=BASE64:\r\n AAAA\r\n BBBB\r\n\r\nEND:VCARD\r\n",
      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:王;建国;;;\r\nFN:王建国\r\nORG:福田百货\\, 深圳;采购部\r\n"
      "item1.TEL;TYPE=WORK,voice:0755-83001122\r\nADR;TYPE=WORK:;;深南大道 1\r\n  号;深圳;广东;518000;中国\r\n"
      "BDAY:1980-05-02T00:00:00Z\r\nNOTE:喜欢茶\\n不喝酒\r\nEND:VCARD\r\n",
      "BEGIN:VCARD\nVERSION:4.0\nFN:Ann Lee\nTEL;VALUE=uri;TYPE=\"voice,work\";PREF=1:tel:+86-755;ext=12\n"
      "EMAIL:a@b.c\nUID:urn:uuid:1\nEND:VCARD\nBEGIN:VCARD\nFN:next\nEND:VCARD\n"};
  Bender bender({"BEGIN:VCARD\n",
                 "END:VCARD\n",
                 ";CHARSET=",
                 "UTF-8",
                 "GBK",
                 "UTF-7",
                 ";ENCODING=QUOTED-PRINTABLE",
                 "=\r\n",
                 "=4",
                 "=ZZ",
                 "\r\n ",
                 "\\",
                 "\"",
                 ";",
                 ":",
                 ",",
                 "TYPE=pref,",
                 ";ext=",
                 "tel:",
                 "\xff\xfe",
                 "\xd0\xcf",
                 std::string(1, '\0'),
                 "\n\t",
                 "BDAY:",
                 "N:"});
  std::size_t cards = 0;
  for (std::size_t i = 0; i < vectors::hostile_cases(6000); ++i) {
    INFO("case " << i);
    const auto bytes = bender.bend(corpus[bender.any(corpus.size())]);
    for (const auto& card : vcards_of(bytes)) {
      ++cards;
      check_vcard(card, bytes.size());
      for (const auto version : {VCardVersion::v3, VCardVersion::v4}) {
        const auto back = vcards_of(write_vcard(card, version));
        if (back.size() != 1 || back[0].fault == VCardFault::cut) FAIL("what was written is not one card");
      }
    }
  }
  CHECK(cards > 0);
}

TEST_CASE("hostile: a photo of fifty megabytes, in one line or in many, costs no text", "[vcard][hostile]") {
  const long before = test::peak_memory();
  const std::string head = "BEGIN:VCARD\nFN:a\nPHOTO;ENCODING=b:";
  CHECK(vcards_of(head + std::string(50 * kMega, 'A') + "\nNOTE:n\nEND:VCARD\n").at(0).note == "n");
  const std::string line = "\n " + std::string(250, 'A');
  std::string folded = head;
  for (int i = 0; i < 40'000; ++i) folded += line;
  const auto card = vcards_of(folded + "\nNOTE:n\nEND:VCARD\n").at(0);
  CHECK(card.note == "n");
  CHECK(card.fault == VCardFault::none);
  CHECK(vcards_of(folded).at(0).fault == VCardFault::cut);  // folded lines without end
  CHECK(test::peak_memory() - before < kHeldMax);
}

TEST_CASE("hostile: soft line ends without end are one property, and nothing in them another", "[vcard][hostile]") {
  std::string text = "BEGIN:VCARD\nFN:a\nNOTE;QUOTED-PRINTABLE:x=\n";
  for (int i = 0; i < 4000; ++i) text += "0123456789012345678901234567890123456789=\n";
  text += "TEL:110=\nTEL:119\nTEL:120\nEND:VCARD\n";
  const auto card = vcards_of(text).at(0);
  CHECK(card.fault == VCardFault::too_long);
  REQUIRE(card.phones.size() == 1);
  CHECK(card.phones[0].text == "120");
  CHECK(vcards_of("BEGIN:VCARD\nFN;QUOTED-PRINTABLE:a=").at(0).fault == VCardFault::cut);
}

TEST_CASE("hostile: a number of thirty thousand types keeps a few of them", "[vcard][hostile]") {
  std::string line = "TEL;TYPE=home";
  for (int i = 0; i < 30'000; ++i) line += ",a";
  std::string text = "BEGIN:VCARD\n";
  for (int i = 0; i < 100; ++i) text += line + ":1\n";
  const auto card = vcards_of(text + "END:VCARD\n").at(0);
  CHECK(card.phones.size() == 100);
  for (const auto& phone : card.phones) CHECK(phone.types.size() == kVCardTypesMax);
  CHECK(card.phones[0].types[0] == "home");
}

TEST_CASE("hostile: twenty thousand cards within cards are as many that were cut", "[vcard][hostile]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "BEGIN:VCARD\n";
  const auto all = vcards_of(text);
  CHECK(all.size() == 20'000);
  CHECK(all.back().fault == VCardFault::cut);
}
