// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/vcard.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/base/value.h"
#include "schema/exchange/encoding.h"

using namespace satchel;

namespace {

std::vector<VCard> cards(std::string_view text) {
  auto reader = VCardReader::open(view(text));
  REQUIRE(reader);
  std::vector<VCard> out;
  for (VCard card; reader->next(card);) out.push_back(card);
  return out;
}

VCard one(const std::string& lines) {
  const auto all = cards("BEGIN:VCARD\r\n" + lines + "END:VCARD\r\n");
  REQUIRE(all.size() == 1);
  return all.front();
}

std::string lines_of(const std::string& text, std::size_t& longest) {
  longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\r\n", at);
    REQUIRE(end != std::string::npos);
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  return text;
}

}  // namespace

TEST_CASE("vcard: 3.0 with groups, folded lines, escapes and several of each", "[exchange][vcard]") {
  const auto card =
      one("VERSION:3.0\r\nN:王;建国;;;\r\nFN:王建国\r\nORG:福田百货\\, 深圳;采购部\r\nTITLE:店长\r\n"
          "item1.TEL;TYPE=WORK,voice:0755-83001122\r\nitem1.X-ABLabel:前台\r\nTEL;type=CELL;type=pref:138 0013 8000\r\n"
          "EMAIL;TYPE=internet:wang@example.com\r\nADR;TYPE=WORK:;;深南大道 1\r\n  号;深圳;广东;518000;中国\r\n"
          "BDAY:1980-05-02T00:00:00Z\r\nNOTE:喜欢茶\\n不喝酒\\; "
          "真的\r\nUID:urn:uuid:4fbe8971\r\nPHOTO;ENCODING=b:AAAA\r\n BBBB\r\n");
  CHECK(card.fault == VCardFault::none);
  CHECK(card.formatted == "王建国");
  CHECK((card.family == "王" && card.given == "建国"));
  CHECK((card.organisation == "福田百货, 深圳" && card.department == "采购部" && card.title == "店长"));
  REQUIRE(card.phones.size() == 2);
  CHECK(card.phones[0].text == "138 0013 8000");  // preferred
  CHECK(card.phones[0].types == std::vector<std::string>{"cell"});
  CHECK(card.phones[1].types == std::vector<std::string>{"work"});
  CHECK(card.emails[0].text == "wang@example.com");
  CHECK(card.addresses[0].text() == "中国广东深圳深南大道 1 号");
  CHECK(card.birthday == "1980-05-02");
  CHECK(card.note == "喜欢茶\n不喝酒; 真的");
  CHECK(card.uid == "urn:uuid:4fbe8971");
}

TEST_CASE("vcard: 4.0 with tel: addresses, dates without separators and quoted parameters", "[exchange][vcard]") {
  const auto card =
      one("VERSION:4.0\nFN:Ann Lee\nTEL;VALUE=uri;TYPE=\"voice,work\";PREF=1:tel:+86-755-8300-1122;ext=12\n"
          "ADR;LABEL=\"1 Main: St\":;;1 Main St;Leeds;Yorks;LS1;UK\nBDAY:19800502\n");
  CHECK(card.phones[0].text == "+86-755-8300-1122 x12");
  CHECK(card.phones[0].types == std::vector<std::string>{"work"});
  CHECK(card.addresses[0].text() == "1 Main St, Leeds, Yorks LS1, UK");
  CHECK(card.birthday == "1980-05-02");
  CHECK(one("FN:x\nBDAY:--0502\n").birthday == "--0502");
}

TEST_CASE("vcard: 2.1 with quoted printable, soft line ends and a charset", "[exchange][vcard]") {
  const auto gbk = *encode_gb18030("王五");
  std::string quoted;
  for (const char c : gbk) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "=%02X", static_cast<unsigned char>(c));
    quoted += hex;
  }
  const auto card = one("VERSION:2.1\r\nN;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:" + quoted.substr(0, 6) + "=\r\n" +
                        quoted.substr(6) +
                        ";;;;\r\nTEL;CELL;PREF:13900139000\r\nORG;CHARSET=UTF-8;QUOTED-PRINTABLE:=E7=A6=8F=3B\r\n");
  CHECK(card.formatted == "王五");
  CHECK(card.phones[0].types == std::vector<std::string>{"cell"});
  CHECK(card.organisation == "福");
  CHECK(one("N:" + gbk + "\r\n").formatted == "王五");  // raw bytes of another encoding
}

TEST_CASE("vcard: the charset that a property names counts, whatever its bytes look like", "[exchange][vcard]") {
  CHECK(one("NOTE;CHARSET=GBK:你好\nFN:x\n").note == "浣犲ソ");
  CHECK(one("NOTE;CHARSET=UTF-8:你好\nFN:x\n").note == "你好");
  CHECK(one("NOTE;CHARSET=X-UNKNOWN:你好\nFN:x\n").note == "你好");
  CHECK(one("NOTE;CHARSET=UTF-8:" + *encode_gb18030("王五") + "\nFN:x\n").fault == VCardFault::not_text);
}

TEST_CASE("vcard: a card without FN is named by its parts or its company", "[exchange][vcard]") {
  CHECK(one("N:欧阳;明;;;\n").formatted == "欧阳明");
  CHECK(one("N:Lee;Ann;B.;Dr.;Jr.\n").formatted == "Dr. Ann B. Lee Jr.");
  CHECK(one("ORG:福田百货\n").formatted == "福田百货");
}

TEST_CASE("vcard: a card that is cut or wrong has a fault, and the next is read", "[exchange][vcard]") {
  const auto all = cards(
      "BEGIN:VCARD\nFN:a\nBEGIN:VCARD\nFN:b\nEND:VCARD\nnoise\nBEGIN:VCARD\nNOTE:" + std::string(70'000, 'x') +
      "\nFN:c\nEND:VCARD\nBEGIN:VCARD\nPHOTO:" + std::string(200'000, 'A') + "\nFN:d\nEND:VCARD\nbegin:vcard\nFN:e\n");
  REQUIRE(all.size() == 5);
  CHECK((all[0].formatted == "a" && all[0].fault == VCardFault::cut));
  CHECK((all[1].formatted == "b" && all[1].fault == VCardFault::none && all[1].line == 3));
  CHECK((all[2].formatted == "c" && all[2].fault == VCardFault::too_long));
  CHECK((all[3].formatted == "d" && all[3].fault == VCardFault::none));
  CHECK((all[4].formatted == "e" && all[4].fault == VCardFault::cut));
  std::string many = "BEGIN:VCARD\n";
  for (std::size_t i = 0; i <= kVCardPropertiesMax; ++i) many += "TEL:1\n";
  CHECK(cards(many + "END:VCARD\n")[0].fault == VCardFault::too_long);
  CHECK(VCardReader::open(view("name,phone\n")).error().code == "vcard.none");
}

TEST_CASE("vcard: what is written folds at 75 bytes and never within a character", "[exchange][vcard]") {
  VCard card;
  card.formatted = "福田百货";
  card.note = "说明";
  for (int i = 0; i < 60; ++i) card.note += "很长";
  std::size_t longest = 0;
  const auto text = lines_of(write_vcard(card), longest);
  CHECK(longest <= 75);
  CHECK(longest >= 72);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\r\n", at);
    CHECK(is_utf8(std::string_view(text).substr(at, end - at)));
    at = end + 2;
  }
  CHECK(cards(text)[0].note == card.note);
}

TEST_CASE("vcard: whatever a card holds is read back from either version", "[exchange][vcard]") {
  CHECK(rc::check([] {
    const auto word = [] {
      auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ,;:\\\"=\n09 .-")));
      text = "x" + text + "x";  // blanks at the edges are not kept
      return *rc::gen::element(std::string(), text, text + "福田" + text);
    };
    VCard card;
    card.formatted = "n" + word() + "n";
    card.family = word(), card.given = word(), card.suffix = word();
    card.organisation = word(), card.title = word(), card.note = word(), card.uid = word();
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) card.phones.push_back({"1" + word() + "1", {"work"}});
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) card.emails.push_back({"a" + word() + "b", {}});
    VCardAddress address;
    address.street = "s" + word() + "t", address.city = word(), address.country = word();
    card.addresses.push_back(address);
    card.birthday = *rc::gen::element(std::string(), std::string("1980-05-02"));
    const auto version = *rc::gen::element(VCardVersion::v3, VCardVersion::v4);
    const auto back = cards(write_vcard(card, version) + write_vcard(card, version));
    RC_ASSERT(back.size() == 2U);
    for (const auto& got : back) {
      RC_ASSERT(got.fault == VCardFault::none);
      RC_ASSERT(got.formatted == card.formatted);
      RC_ASSERT(got.family == card.family);
      RC_ASSERT(got.given == card.given);
      RC_ASSERT(got.suffix == card.suffix);
      RC_ASSERT(got.organisation == card.organisation);
      RC_ASSERT(got.title == card.title);
      RC_ASSERT(got.note == card.note);
      RC_ASSERT(got.uid == card.uid);
      RC_ASSERT(got.birthday == card.birthday);
      RC_ASSERT(got.phones.size() == card.phones.size());
      for (std::size_t i = 0; i < card.phones.size(); ++i) RC_ASSERT(got.phones[i].text == card.phones[i].text);
      RC_ASSERT(got.emails.size() == card.emails.size());
      RC_ASSERT(got.addresses[0].street == address.street);
      RC_ASSERT(got.addresses[0].city == address.city);
      RC_ASSERT(got.addresses[0].country == address.country);
    }
  }));
}

TEST_CASE("vcard: hostile bytes are cards or faults, never a crash", "[exchange][vcard]") {
  CHECK(rc::check([] {
    std::string text = "BEGIN:VCARD\n";
    for (int i = *rc::gen::inRange(0, 30); i > 0; --i)
      text += *rc::gen::elementOf(std::vector<std::string>{
          "TEL", ";", ":", "=", "\n", "\r\n ", "\\", "\"", "END:VCARD\n", "BEGIN:VCARD\n", "\xff", "QUOTED-PRINTABLE",
          "CHARSET=GBK", "N:", "BDAY:", "tel:", ";ext=", "=4", "\x80"});
    auto reader = VCardReader::open(view(text));
    RC_ASSERT(reader.has_value());
    for (VCard card; reader->next(card);) RC_ASSERT(is_utf8(card.formatted) && is_utf8(card.note));
  }));
}
