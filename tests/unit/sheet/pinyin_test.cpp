// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/sheet/pinyin.h"
#include "sync/sheet/sort_key.h"

using namespace satchel;

namespace {

using Words = std::vector<std::string>;

bool reads(char32_t character, const std::string& syllable) {
  const Words all = readings(character);
  return std::ranges::find(all, syllable) != all.end();
}

}  // namespace

TEST_CASE("sheet: a character has its common readings, the usual one first", "[sheet][pinyin]") {
  CHECK(readings(U'福') == Words{"fu"});
  CHECK(readings(U'行') == Words{"xing", "hang", "heng"});
  CHECK(readings(U'长') == Words{"chang", "zhang"});
  CHECK(readings(U'單') == Words{"dan", "shan", "chan"});
  CHECK(reads(U'〇', "ling"));
  CHECK(reads(U'㐀', "qiu"));  // extension A
  CHECK(reads(U'𫖯', "fu"));   // beyond the first plane
  CHECK(readings(U'a').empty());
  CHECK(readings(U'，').empty());
  CHECK(readings(U'\U0010FFFF').empty());
  CHECK(readings(0xFFFFFFFF).empty());
}

TEST_CASE("sheet: surnames and place names are read as people read them", "[sheet][pinyin]") {
  const std::pair<char32_t, const char*> kKnown[] = {
      {U'单', "shan"}, {U'仇', "qiu"},  {U'区', "ou"},    {U'查', "zha"},  {U'翟', "zhai"},  {U'曾', "zeng"},
      {U'解', "xie"},  {U'盖', "ge"},   {U'朴', "piao"},  {U'尉', "yu"},   {U'种', "chong"}, {U'缪', "miao"},
      {U'乐', "yue"},  {U'万', "mo"},   {U'俟', "qi"},    {U'厦', "xia"},  {U'重', "chong"}, {U'歙', "she"},
      {U'六', "lu"},   {U'荥', "xing"}, {U'浒', "xu"},    {U'朝', "zhao"}, {U'会', "kuai"},  {U'都', "du"},
      {U'还', "hai"},  {U'地', "di"},   {U'得', "dei"},   {U'的', "di"},   {U'着', "zhuo"},  {U'了', "liao"},
      {U'角', "jue"},  {U'参', "shen"}, {U'广', "guang"}, {U'大', "dai"}};
  for (const auto& [character, syllable] : kKnown) {
    INFO(syllable);
    CHECK(reads(character, syllable));
  }
}

TEST_CASE("sheet: u with two dots is spelled v, and u as a second choice", "[sheet][pinyin]") {
  CHECK(readings(U'吕') == Words{"lv", "lu"});
  CHECK(readings(U'女') == Words{"nv", "nu"});
  CHECK(readings(U'略') == Words{"lve", "lue"});
  CHECK(readings(U'率') == Words{"lv", "shuai", "lu"});
}

TEST_CASE("sheet: every character of the main block has a well-formed reading", "[sheet][pinyin]") {
  std::size_t without = 0;
  for (char32_t c = 0x4e00; c <= 0x9fa5; ++c) {
    const Words all = readings(c);
    if (all.empty()) ++without;
    for (const auto& word : all) {
      const bool letters = std::ranges::all_of(word, [](char x) { return x >= 'a' && x <= 'z'; });
      if (!letters || word.empty() || word.size() > 6) FAIL("reading of " << std::hex << static_cast<unsigned>(c));
    }
  }
  CHECK(without <= 16);
}

TEST_CASE("sheet: names sort by pinyin, numbers by value", "[sheet][sort]") {
  const auto before = [](const char* a, const char* b) { return sort_key(a) < sort_key(b); };
  CHECK(before("北京饭店", "福田百货"));
  CHECK(before("福田百货", "广州酒家"));
  CHECK(before("广州酒家", "中山食品"));
  CHECK(before("2号店", "10号店"));
  CHECK(before("Álamo", "Bravo"));
  CHECK(sort_key("福田百货") == sort_key("福田百货"));
  CHECK(sort_key("") < sort_key("a"));
  CHECK(sort_key("abc\xff\xfe") != sort_key("abc"));
  CHECK_FALSE(sort_key(std::string(100000, 'x')).empty());
}
