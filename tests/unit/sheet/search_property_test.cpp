// SPDX-License-Identifier: AGPL-3.0-or-later
// The index against a matcher that tries everything, one way after the other, and knows no tricks.
#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/sheet/pinyin.h"
#include "sync/sheet/search.h"

using namespace satchel;

namespace {

const std::vector<std::u32string> kPieces = {U"福", U"田", U"百", U"货", U"行", U"长", U"厦", U"安", U"啊", U"嗯",
                                             U"a",  U"n",  U"x",  U"i",  U"7",  U" ",  U"(",  U"·",  U"é",  U"吕"};

std::u32string fold_plain(std::u32string s) {
  for (char32_t& c : s) c = c == U'é' ? U'e' : c;
  std::u32string out;
  for (const char32_t c : s) {
    if (c != U' ' || (!out.empty() && out.back() != U' ')) out.push_back(c);
  }
  while (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

bool separator(char32_t c) { return c == U' ' || c == U'(' || c == U'·'; }
bool latin(char32_t c) { return c < 0x80 && !separator(c); }
bool word_start(const std::u32string& s, std::size_t i) { return !latin(s[i]) || i == 0 || !latin(s[i - 1]); }

std::u32string wide(const std::string& s) { return {s.begin(), s.end()}; }

// Spells q[j..] with s[i..]; `begun` when something has been consumed.
bool spells(const std::u32string& s, std::size_t i, const std::u32string& q, std::size_t j, bool begun) {
  if (j == q.size()) return true;
  if (i == s.size()) return false;
  if (separator(s[i])) return begun && spells(s, i + 1, q, j, true);
  if (s[i] == q[j] && spells(s, i + 1, q, j + 1, true)) return true;
  if (begun && latin(s[i]) && !word_start(s, i)) {  // leave the word
    std::size_t next = i;
    bool digits = false;
    for (; next < s.size() && latin(s[next]) && (next == i || !word_start(s, next)); ++next) digits |= s[next] == U'7';
    if (!digits && spells(s, next, q, j, true)) return true;
  }
  for (const auto& narrow : readings(s[i])) {
    const std::u32string reading = wide(narrow);
    const std::u32string rest = q.substr(j);
    if (reading.starts_with(rest)) return true;
    if (rest.starts_with(reading) && spells(s, i + 1, q, j + reading.size(), true)) return true;
    if (rest[0] == reading[0] && spells(s, i + 1, q, j + 1, true)) return true;
    if (reading.size() > 1 && reading[1] == U'h' && rest.starts_with(reading.substr(0, 2)) &&
        spells(s, i + 1, q, j + 2, true)) {
      return true;
    }
  }
  return false;
}

bool scattered(const std::u32string& s, const std::u32string& q) {
  std::size_t j = 0;
  for (std::size_t i = 0; i < s.size() && j < q.size(); ++i) {
    if (separator(s[i]) || !word_start(s, i)) continue;
    bool may = s[i] == q[j];
    for (const auto& reading : readings(s[i])) may = may || static_cast<char32_t>(reading[0]) == q[j];
    if (may) ++j;
  }
  return j == q.size();
}

bool naive(const std::u32string& name, const std::u32string& query) {
  const std::u32string s = fold_plain(name);
  const std::u32string literal = fold_plain(query);
  if (literal.empty()) return false;
  if (s.find(literal) != std::u32string::npos) return true;
  std::u32string q;
  for (const char32_t c : literal) {
    if (!separator(c)) q.push_back(c);
  }
  if (q.empty()) return false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (spells(s, i, q, 0, false)) return true;
  }
  const bool ascii = std::ranges::all_of(q, [](char32_t c) { return c < 0x80; });
  const bool letters = std::ranges::any_of(q, [](char32_t c) { return c >= U'a' && c <= U'z'; });
  return ascii && letters && q.size() >= 2 && scattered(s, q);
}

std::string narrow(const std::u32string& s) {
  std::string out;
  for (const char32_t c : s) sheet::append_utf8(out, c);
  return out;
}

std::u32string any_text(int most) {
  std::u32string s;
  const auto pieces = *rc::gen::inRange(0, most);
  for (int i = 0; i < pieces; ++i) s += *rc::gen::elementOf(kPieces);
  return s;
}

// What somebody might type for a name: parts of it, readings, initials, in any mix.
std::u32string any_query(const std::u32string& name) {
  std::u32string q;
  const auto first = *rc::gen::inRange<std::size_t>(0, name.size() + 1);
  const auto size = *rc::gen::inRange<std::size_t>(0, 6);
  for (const char32_t c : name.substr(first, size)) {
    const auto all = readings(c);
    const auto how = *rc::gen::inRange(0, 5);
    if (how == 4) continue;
    if (all.empty() || how == 0) {
      q.push_back(c);
    } else {
      const auto reading = wide(*rc::gen::elementOf(all));
      q += how == 1 ? reading : reading.substr(0, *rc::gen::inRange<std::size_t>(1, reading.size() + 1));
    }
  }
  return *rc::gen::inRange(0, 6) == 0 ? q + any_text(2) : q;
}

}  // namespace

TEST_CASE("search: finds exactly what a matcher without tricks finds", "[sheet][search]") {
  const auto ok = rc::check("against the naive matcher", [] {
    SearchIndex index;
    std::vector<std::u32string> names;
    for (std::uint32_t row = 0; row < 8; ++row) {
      names.push_back(any_text(10));
      index.add(row, narrow(names.back()));
    }
    for (int i = 0; i < 8; ++i) {
      const std::u32string query = any_query(*rc::gen::elementOf(names));
      const auto hits = index.query(narrow(query), 100);
      for (std::uint32_t row = 0; row < names.size(); ++row) {
        const bool found = std::ranges::any_of(hits, [&](const SearchHit& h) { return h.row == row; });
        if (found != naive(names[row], query)) {
          RC_LOG() << "name '" << narrow(names[row]) << "' query '" << narrow(query) << "'\n";
          RC_FAIL(found ? "found without reason" : "missed");
        }
      }
    }
  });
  REQUIRE(ok);
}

TEST_CASE("search: every substring of a name finds it, and the span is that substring", "[sheet][search]") {
  const auto ok = rc::check("substrings", [] {
    std::u32string name = any_text(12);
    std::erase(name, U' ');
    RC_PRE(!name.empty());
    SearchIndex index;
    index.add(5, narrow(name));
    const auto at = *rc::gen::inRange<std::size_t>(0, name.size());
    const auto size = *rc::gen::inRange<std::size_t>(1, name.size() - at + 1);
    const std::u32string part = name.substr(at, size);
    const auto hits = index.query(narrow(part));
    RC_ASSERT(hits.size() == 1u);
    RC_ASSERT(hits[0].match <= MatchClass::substring);
    const std::string lit = narrow(name).substr(hits[0].begin, hits[0].end - hits[0].begin);
    RC_ASSERT(lit == narrow(part) || fold_plain(name.substr(at, size)) == fold_plain(part));
  });
  REQUIRE(ok);
}

TEST_CASE("search: any bytes may be a name, a phone or a query", "[sheet][search]") {
  const auto ok = rc::check("hostile text", [] {
    const auto bytes = [] {
      const auto raw = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
      std::string s(raw.begin(), raw.end());
      if (*rc::gen::inRange(0, 2) == 0) s += narrow(any_text(6)) + s;
      return s;
    };
    SearchIndex index;
    std::vector<std::string> names;
    for (std::uint32_t row = 0; row < 4; ++row) {
      names.push_back(bytes());
      index.add(row, names.back(), std::vector{bytes()}, std::vector{bytes()}, bytes());
    }
    std::vector<std::string> queries = {bytes(), names[0], names[1].substr(0, names[1].size() / 2)};
    for (const auto& query : queries) {
      for (const auto& hit : index.query(query)) {
        RC_ASSERT(hit.begin <= hit.end);
        RC_ASSERT(hit.end <= names.at(hit.row).size());
      }
    }
  });
  REQUIRE(ok);
}

TEST_CASE("search: names and queries made to be slow are not", "[sheet][search]") {
  std::string same;
  for (int i = 0; i < 2000; ++i) same += "嗯";
  std::string marks = "e";
  for (int i = 0; i < 60000; ++i) marks += "\u0301";
  SearchIndex index;
  for (std::uint32_t row = 0; row < 20; ++row) index.add(row, row % 2 == 0 ? same : marks);
  CHECK(index.query(std::string(126, 'n') + "x").empty());
  CHECK(index.query(std::string(126, 'n')).size() == 10);
  CHECK(index.query(std::string(100000, 'n')).empty());
  CHECK(index.query("e").size() == 20);  // 嗯 may be read en
}
