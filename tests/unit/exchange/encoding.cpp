// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "schema/base/value.h"
#include "schema/exchange/encoding.h"

using namespace satchel;

namespace {

DecodedText decoded(std::string_view bytes) {
  const auto text = decode_text(view(bytes));
  REQUIRE(text.has_value());
  return *text;
}

}  // namespace

TEST_CASE("encoding: byte-order marks, plain UTF-8 and GB18030 are told apart", "[encoding]") {
  REQUIRE(decoded("福田").encoding == TextEncoding::utf8);
  REQUIRE(decoded("Münster").text == "Münster");
  REQUIRE(decoded("\xef\xbb\xbf福田").encoding == TextEncoding::utf8_bom);
  REQUIRE(decoded("\xef\xbb\xbf福田").text == "福田");
  const std::string gb = *encode_gb18030("客户名称,电话\r\n福田百货,0755\r\n");
  REQUIRE(decoded(gb).encoding == TextEncoding::gb18030);
  REQUIRE(decoded(gb).text == "客户名称,电话\r\n福田百货,0755\r\n");
  REQUIRE(decoded(std::string_view("\xff\xfe\x8f\x79\x30\x75", 6)).text == "福田");
  REQUIRE(decoded(std::string_view("\xfe\xff\x79\x8f\x75\x30", 6)).text == "福田");
  REQUIRE(decoded("").text.empty());
}

TEST_CASE("encoding: bytes that fit nothing are refused with their place, never replaced", "[encoding]") {
  const auto bad = decode_text(view("abc\xff\xff"));
  REQUIRE(bad.error().code == "text.encoding");
  REQUIRE(bad.error().detail.find("GB18030, byte ") == 0);
  REQUIRE_FALSE(decode_text(view("\xef\xbb\xbf"
                                 "a\xff"))
                    .has_value());
  REQUIRE_FALSE(decode_text(view("福"), TextEncoding::utf16le).has_value());
  REQUIRE(decode_text(view("福"), TextEncoding::utf8)->text == "福");
}

TEST_CASE("encoding: GB18030 carries every character there and back, across the piece border", "[encoding]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += i % 3 ? "户" : i % 2 ? "𠮷" : "a";
  REQUIRE(decoded(*encode_gb18030(text)).text == text);
}

TEST_CASE("encoding: whatever comes in, what comes out is UTF-8", "[encoding][hostile]") {
  REQUIRE(rc::check("any bytes", [](const std::string& bytes) {
    const auto known = *rc::gen::element<std::optional<TextEncoding>>(
        std::nullopt, TextEncoding::gb18030, TextEncoding::utf16le, TextEncoding::utf16be, TextEncoding::utf8);
    const auto text = decode_text(view(bytes), known);
    if (text) RC_ASSERT(is_utf8(text->text));
  }));
}
