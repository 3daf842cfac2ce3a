// SPDX-License-Identifier: AGPL-3.0-or-later
// Pinyin of single characters, without tones: all readings that are common in words, surnames and place names, because
// only a person knows which one a name means. ü is spelled v and, second, u (吕: lv, lu). The tables are compiled in
// and unpacked on first use, in about a millisecond; afterwards everything here is constant and safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace satchel {

// The most usual reading first; empty for what is no Chinese character, or one too rare to be in a name.
std::vector<std::string> readings(char32_t character);

namespace sheet {

struct Syllables {
  std::vector<std::string> spelled;
  std::uint32_t initials = 0;  // bit 0: one begins with 'a', … bit 25: 'z'
};

class Pinyin {
 public:
  static const Pinyin& table();
  // A number for the set of readings; 0 when there are none.
  std::uint16_t set_of(char32_t character) const;
  const Syllables& set(std::uint16_t number) const { return sets_[number]; }

 private:
  Pinyin();
  void read_readings();
  void read_heteronyms();
  std::uint16_t add_set(std::vector<std::string> spelled);
  void assign(char32_t character, std::uint16_t set);

  std::vector<Syllables> sets_;
  std::unordered_map<std::string, std::uint16_t> numbers_;  // "xing,hang" -> set
  std::vector<std::uint16_t> block_;                        // of U+3400..U+9FFF
  std::unordered_map<char32_t, std::uint16_t> others_;
};

}  // namespace sheet
}  // namespace satchel
