// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/pinyin.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "sync/sheet/pinyin_tables.h"

namespace satchel {

namespace sheet {

namespace {

constexpr char32_t kBlockFirst = 0x3400;
constexpr char32_t kBlockLast = 0x9fff;

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// A well-formed table, so that neither function meets its end in the middle.
char32_t take_character(const char*& at) {
  UChar32 c = 0;
  std::int32_t used = 0;
  U8_NEXT_UNSAFE(at, used, c);
  at += used;
  return static_cast<char32_t>(c);
}

std::string take_word(const char*& at) {
  const char* first = at;
  while (is_letter(*at)) ++at;
  return std::string(first, at);
}

}  // namespace

const Pinyin& Pinyin::table() {
  static const Pinyin table;
  return table;
}

Pinyin::Pinyin() : sets_(1), block_(kBlockLast - kBlockFirst + 1) {
  read_readings();
  read_heteronyms();
}

void Pinyin::read_readings() {
  for (const char* at : kReadings) {
    while (*at != 0) {
      const std::uint16_t set = add_set({take_word(at)});
      while (*at != 0 && !is_letter(*at)) assign(take_character(at), set);
    }
  }
}

void Pinyin::read_heteronyms() {
  for (const char* at = kHeteronyms; *at != 0;) {
    const char32_t character = take_character(at);
    std::vector<std::string> spelled;
    do {
      if (*at == ',') ++at;
      spelled.push_back(take_word(at));
    } while (*at == ',');
    const std::uint16_t plain = set_of(character);
    for (const auto& other : sets_[plain].spelled) {
      if (std::ranges::find(spelled, other) == spelled.end()) spelled.push_back(other);
    }
    assign(character, add_set(std::move(spelled)));
    if (*at == ' ') ++at;
  }
}

std::uint16_t Pinyin::add_set(std::vector<std::string> spelled) {
  const std::vector<std::string> plain = spelled;
  std::string name;
  for (const auto& word : plain) {
    name += word + ',';
    std::string with_u = word;
    if (const auto v = with_u.find('v'); v != std::string::npos) with_u[v] = 'u';
    if (std::ranges::find(spelled, with_u) == spelled.end()) spelled.push_back(with_u);
  }
  const auto [known, fresh] = numbers_.try_emplace(name, static_cast<std::uint16_t>(sets_.size()));
  if (fresh) {
    Syllables set{std::move(spelled), 0};
    for (const auto& word : set.spelled) set.initials |= 1u << (word.front() - 'a');
    sets_.push_back(std::move(set));
  }
  return known->second;
}

void Pinyin::assign(char32_t character, std::uint16_t set) {
  if (character >= kBlockFirst && character <= kBlockLast) {
    block_[character - kBlockFirst] = set;
  } else {
    others_[character] = set;
  }
}

std::uint16_t Pinyin::set_of(char32_t character) const {
  if (character >= kBlockFirst && character <= kBlockLast) return block_[character - kBlockFirst];
  if (character < 0x3000) return 0;
  const auto found = others_.find(character);
  return found == others_.end() ? 0 : found->second;
}

}  // namespace sheet

std::vector<std::string> readings(char32_t character) {
  const auto& table = sheet::Pinyin::table();
  return table.set(table.set_of(character)).spelled;
}

}  // namespace satchel
