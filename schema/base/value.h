// SPDX-License-Identifier: AGPL-3.0-or-later
// Value: what a field of a record holds. One closed set of types, with one byte encoding (wire.md, 'Value'),
// used by changes, sheets, templates and exchange alike. Text is UTF-8 and checked where it enters.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schema/base/bytes.h"
#include "schema/base/id.h"
#include "schema/base/time.h"

namespace satchel {

// Exact decimal: units / 10^scale, so 12.30 is {1230, 2}. Money and quantities; never a float.
struct Decimal {
  std::int64_t units = 0;
  std::uint8_t scale = 0;
  bool operator==(const Decimal&) const = default;
};
std::optional<Decimal> parse_decimal(std::string_view text);  // at most 18 digits and scale 9
std::string format_decimal(const Decimal& d);
// Nothing when the exact sum does not fit.
std::optional<Decimal> add(const Decimal& a, const Decimal& b);
int compare(const Decimal& a, const Decimal& b);

// A reference by id to a person, record or archive.
struct Ref {
  std::array<Byte, 16> id{};
  auto operator<=>(const Ref&) const = default;
};

// 'Struck out': filled in on purpose with nothing (S9); not the same as never filled.
struct Struck {
  auto operator<=>(const Struck&) const = default;
};

// The order of alternatives is the type byte of the encoding: values are permanent, append only.
using Value = std::variant<std::monostate,             // 0 nothing
                           Struck,                     // 1
                           bool,                       // 2
                           std::int64_t,               // 3
                           std::string,                // 4 text
                           Decimal,                    // 5
                           Date,                       // 6
                           WallTime,                   // 7
                           Ref,                        // 8
                           Bytes,                      // 9
                           std::vector<std::string>>;  // 10 several choices or texts

inline constexpr std::size_t kValueBytesMax = 64 * 1024;  // one field; longer things are attachments
inline constexpr std::size_t kValueTextsMax = 256;        // elements of a list value

inline bool empty(const Value& v) { return std::holds_alternative<std::monostate>(v); }
void write_value(Writer& out, const Value& v);
// Fails the reader on an unknown type, over-long content or text that is not UTF-8.
Value read_value(Reader& in);
// For people and CSV: dates as 2026-11-22, lists joined with '、', references as hexadecimal.
std::string format_value(const Value& v, int zone_minutes = 480);

bool is_utf8(std::string_view text);
// The first bytes of a text, at most so many, that end with a whole character.
std::string_view beginning(std::string_view utf8, std::size_t most);

}  // namespace satchel
