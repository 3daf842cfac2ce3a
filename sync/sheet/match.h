// SPDX-License-Identifier: AGPL-3.0-or-later
// One query against one name. A name is a row of units: folded characters, each knowing its bytes and its readings.
// A match is looked for in three ways, the best one counts:
//   literal    the folded query stands in the name as it is;
//   spelled    its letters, read from left to right, are spelled by neighbouring units: a Chinese character by a whole
//              reading or its initial, the last one by any beginning of a reading; other letters by themselves;
//              separators in name and query do not count, a word may be left after its first letters, a number not;
//   scattered  its letters are initials of characters and words, in order, with gaps.
// Spelling follows all possibilities at once as sets of query positions, so no name or query makes it slow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/sheet/fold.h"

namespace satchel {

// How well a row answers a query, best first.
enum class MatchClass : std::uint8_t {
  exact,            // the whole name, phone or archive number
  prefix,           // the name begins so
  word_start,       // a word or a Chinese character in the name begins so
  substring,        // inside a word of the name
  phone_tail,       // a phone ends so
  number_part,      // inside a phone or archive number
  pinyin_prefix,    // full pinyin from the name's beginning
  pinyin,           // full pinyin of a part
  initials_prefix,  // initials, or initials and pinyin mixed, from the beginning
  initials,         // the same of a part
  other_text,       // in one of the row's other texts
  scattered,        // initials with gaps
};

namespace sheet {

inline constexpr std::size_t kNameUnitsMax = 512;     // of a name, searched; also keeps byte offsets in 16 bits
inline constexpr std::size_t kQueryUnitsMax = 256;    // longer queries are cut
inline constexpr std::size_t kSpelledUnitsMax = 127;  // positions fit in the bits of a Positions

struct Unit {
  char32_t code = 0;
  std::uint16_t begin = 0;
  std::uint16_t end = 0;
  std::uint16_t readings = 0;  // a set of Pinyin::table()
  bool word = false;           // letter, digit or ideograph; else a separator
  bool start = false;          // a word may begin here
};

struct Query {
  std::u32string literal;           // folded, no spaces at the ends
  std::u32string spelled;           // the same without separators; empty when too long to be spelled
  bool initials = false;            // spelled may be read as scattered initials
  std::string text;                 // literal as UTF-8
  std::vector<std::string> phones;  // digits when it looks like part of a phone, with and without +86
};

struct NameMatch {
  MatchClass match = MatchClass::scattered;
  std::uint16_t begin = 0;  // bytes of the name
  std::uint16_t end = 0;
};

std::vector<Unit> name_units(std::string_view name);
Query make_query(std::string_view text);
std::optional<NameMatch> match_name(const Unit* units, std::size_t count, const Query& query);
// The digits of a phone as people write it.
std::string digits_of(std::string_view phone);

}  // namespace sheet
}  // namespace satchel
