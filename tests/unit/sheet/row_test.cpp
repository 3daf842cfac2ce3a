// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/unit/sheet/rows.h"

using namespace satchel;

TEST_CASE("sheet row: comes back as it was written", "[sheet][row]") {
  const auto ok = rc::check("round trip", [] {
    const SheetRow row = *any_row();
    const auto bytes = encode_row(row);
    RC_ASSERT(bytes.has_value());
    const auto again = decode_row(*bytes);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == row);
    RC_ASSERT(equal(*encode_row(*again), *bytes));
  });
  REQUIRE(ok);
}

TEST_CASE("sheet row: mutated and truncated bytes are refused or are another row", "[sheet][row]") {
  const auto ok = rc::check("hostile bytes", [] {
    Bytes bytes = *encode_row(*any_row());
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT_FALSE(decode_row(View(bytes).first(cut)).has_value());
    const auto edits = *rc::gen::inRange(1, 6);
    for (int i = 0; i < edits; ++i) bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] ^= *rc::gen::inRange(1, 256);
    const auto row = decode_row(bytes);
    if (!row) {
      RC_ASSERT(row.error().kind == ErrorKind::invalid);
      return;
    }
    const auto again = encode_row(*row);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*decode_row(*again) == *row);
  });
  REQUIRE(ok);
}

TEST_CASE("sheet row: with some of its columns alone it is the same row without the others", "[sheet][row]") {
  const auto ok = rc::check("columns", [] {
    const SheetRow row = *any_row();
    std::vector<bool> wanted(*rc::gen::inRange<std::size_t>(0, 400));
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = *rc::gen::arbitrary<bool>();
    SheetRow expected = *decode_row(*encode_row(row));
    std::erase_if(expected.values, [&](const auto& v) { return v.first >= wanted.size() || !wanted[v.first]; });
    Bytes out{7};  // it is appended
    RC_ASSERT(pick_columns(out, *encode_row(row), wanted).has_value());
    RC_ASSERT(out.front() == 7);
    RC_ASSERT(*decode_row(View(out).subspan(1)) == expected);
  });
  REQUIRE(ok);
  Bytes out;
  CHECK(pick_columns(out, Bytes{1, 2, 3}, {true}).error().code == "sheet.row");
  CHECK(out.empty());
}

TEST_CASE("sheet row: trailing bytes, unknown versions and flags are refused", "[sheet][row]") {
  Bytes bytes = *encode_row(SheetRow{});
  CHECK(decode_row(bytes).has_value());
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(decode_row(longer).has_value());
  Bytes version = bytes;
  version[0] = 2;
  CHECK_FALSE(decode_row(version).has_value());
  for (const int flags : {0x10, 0x80}) {  // unknown bits
    Bytes other = bytes;
    other[other.size() - 2] = static_cast<Byte>(flags);
    CHECK_FALSE(decode_row(other).has_value());
  }
}

TEST_CASE("sheet row: columns out of order, twice or empty are refused", "[sheet][row]") {
  SheetRow row;
  row.values = {{4, Value(std::int64_t{1})}, {2, Value(std::string("x"))}, {3, Value()}};
  const auto again = decode_row(*encode_row(row));
  REQUIRE(again.has_value());
  REQUIRE(again->values.size() == 2);
  CHECK(again->values[0].first == 2);
  CHECK(again->value(4) == Value(std::int64_t{1}));
  CHECK(empty(again->value(3)));
  row.values.emplace_back(4, Value(true));
  CHECK(encode_row(row).error().code == "sheet.column");
  row.values = {{static_cast<std::uint16_t>(kSheetColumnsMax), Value(true)}};
  CHECK(encode_row(row).error().code == "sheet.column");

  const auto with_columns = [](Bytes columns) {
    Bytes bytes = *encode_row(SheetRow{});
    bytes.pop_back();
    bytes.insert(bytes.end(), columns.begin(), columns.end());
    return decode_row(bytes).has_value();
  };
  CHECK(with_columns({1, 1, 2, 2, 1}));                    // column 0: true
  CHECK_FALSE(with_columns({2, 1, 2, 2, 1, 0, 2, 2, 1}));  // column 0 twice
  CHECK_FALSE(with_columns({1, 1, 1, 0}));                 // an empty value
  CHECK_FALSE(with_columns({1, 1, 3, 4, 1, 0xff}));        // text that is not UTF-8
  CHECK_FALSE(with_columns({1, 1, 3, 2, 1, 1}));           // a value followed by something
  CHECK_FALSE(with_columns({1, 0x81, 8, 2, 2, 1}));        // column 1024
}

TEST_CASE("sheet row: a row too big for the store is refused when it is written", "[sheet][row]") {
  SheetRow row;
  for (std::uint16_t i = 0; i < 9; ++i) row.values.emplace_back(i, Value(std::string(60 * 1024, 'x')));
  CHECK(encode_row(row).error().code == "sheet.row-size");
  row.values.pop_back();
  CHECK(encode_row(row).has_value());
}

TEST_CASE("sheet schema: new fields append columns, old numbers stay", "[sheet][row]") {
  SheetSchema schema{"customer", {}};
  CHECK(schema.append("name") == 0);
  CHECK(schema.append("phone") == 1);
  CHECK(schema.append("name") == 0);
  CHECK(schema.column("phone") == 1);
  CHECK_FALSE(schema.column("grade").has_value());
  const Bytes bytes = encode_schema(schema);
  CHECK(decode_schema(bytes) == schema);
  for (std::size_t i = 0; i < bytes.size(); ++i) CHECK_FALSE(decode_schema(View(bytes).first(i)).has_value());
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(decode_schema(longer).has_value());
  CHECK_FALSE(decode_schema(encode_schema({"customer", {"a", "b", "a"}})).has_value());
  CHECK_FALSE(decode_schema(encode_schema({"customer", {"\xff"}})).has_value());
  CHECK_FALSE(schema.append("").has_value());
  CHECK_FALSE(schema.append(std::string(kSheetNameBytesMax + 1, 'x')).has_value());
}
