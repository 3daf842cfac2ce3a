// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/match.h"

#include <algorithm>
#include <bit>

#include "sync/sheet/pinyin.h"

namespace satchel::sheet {

namespace {

constexpr std::size_t kNameBytesMax = 32 * 1024;  // fits Unit::begin and end
constexpr std::size_t kPhoneDigitsMin = 4;

// A set of query positions: bit j is in when the first j characters have been spelled.
__extension__ using Positions = unsigned __int128;
static_assert(kSpelledUnitsMax < 128);

Positions bit(std::size_t j) { return Positions{1} << j; }

// Calls use(j) for each position in the set, ascending.
template <class F>
void each_position(Positions set, F use) {
  while (set != 0) {
    const auto low = static_cast<std::uint64_t>(set);
    const int j = low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(static_cast<std::uint64_t>(set >> 64));
    set &= set - 1;
    use(static_cast<std::size_t>(j));
  }
}

bool is_ascii_letter(char32_t c) { return c >= U'a' && c <= U'z'; }

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

std::size_t common_length(std::string_view syllable, std::u32string_view rest) {
  std::size_t n = 0;
  while (n < syllable.size() && n < rest.size() && static_cast<char32_t>(syllable[n]) == rest[n]) ++n;
  return n;
}

// Follows every way of spelling the query from one unit of a name onward.
class Speller {
 public:
  explicit Speller(std::u32string_view spelled) : query_(spelled) {}

  // Feeds the next unit; false when no way is left.
  bool feed(const Unit& unit) {
    if (!unit.word) {
      end_word();
      return (full_ | mixed_) != 0;
    }
    if (unit.start) end_word();
    Positions full = literal(full_, unit.code);
    Positions mixed = literal(mixed_, unit.code);
    // Numbers are read to their end: 8号店 does not mean 800号店.
    const bool may_leave = !unit.start && !is_digit(unit.code);
    const Positions left = may_leave ? left_ | ((full_ | mixed_) & ~bit(0)) : Positions{0};
    if (unit.readings != 0) {
      each_position(full_ | mixed_, [&](std::size_t j) { read(unit, j, full, mixed); });
    }
    full_ = full;
    mixed_ = mixed;
    left_ = left;
    return (full_ | mixed_ | left_) != 0;
  }

  bool spelled_in_full() const { return (full_ & bit(query_.size())) != 0; }
  bool spelled() const { return ((full_ | mixed_) & bit(query_.size())) != 0; }

 private:
  // Ways that have left the word before its end go on at the next one.
  void end_word() {
    mixed_ |= left_;
    left_ = 0;
  }

  Positions literal(Positions from, char32_t code) const {
    Positions to = 0;
    each_position(from, [&](std::size_t j) {
      if (j < query_.size() && query_[j] == code) to |= bit(j + 1);
    });
    return to;
  }

  void read(const Unit& unit, std::size_t j, Positions& full, Positions& mixed) const {
    const bool was_full = (full_ & bit(j)) != 0;
    for (const std::string& syllable : Pinyin::table().set(unit.readings).spelled) {
      const std::size_t n = common_length(syllable, query_.substr(j));
      if (n == 0) continue;
      const bool last = j + n == query_.size();  // any beginning of a reading may end the query
      if (last || n == syllable.size()) (was_full ? full : mixed) |= bit(j + n);
      if ((mixed_ & bit(j)) != 0 && (last || n == syllable.size())) mixed |= bit(j + n);
      mixed |= bit(j + 1);
      if (n >= 2 && syllable[1] == 'h') mixed |= bit(j + 2);  // zh, ch, sh
    }
  }

  std::u32string_view query_;
  Positions full_ = bit(0);  // only whole readings so far
  Positions mixed_ = 0;      // at least one initial or a word not read to its end
  Positions left_ = 0;       // inside a word that has been left
};

std::optional<NameMatch> literal_match(const Unit* units, std::size_t count, std::u32string_view query) {
  std::optional<NameMatch> best;
  for (std::size_t at = 0; at + query.size() <= count; ++at) {
    if (units[at].code != query[0]) continue;
    std::size_t n = 1;
    while (n < query.size() && units[at + n].code == query[n]) ++n;
    if (n < query.size()) continue;
    const MatchClass match = at == 0 && n == count ? MatchClass::exact
                             : at == 0             ? MatchClass::prefix
                             : units[at].start     ? MatchClass::word_start
                                                   : MatchClass::substring;
    if (!best || match < best->match) best = NameMatch{match, units[at].begin, units[at + n - 1].end};
    if (match <= MatchClass::word_start) break;
  }
  return best;
}

bool may_begin(const Unit& unit, char32_t first) {
  if (!unit.word) return false;
  if (unit.code == first) return true;
  return unit.readings != 0 && is_ascii_letter(first) &&
         (Pinyin::table().set(unit.readings).initials >> (first - U'a') & 1) != 0;
}

std::optional<NameMatch> spelled_from(const Unit* units, std::size_t count, std::size_t first, const Query& query) {
  Speller speller(query.spelled);
  for (std::size_t i = first; i < count && speller.feed(units[i]); ++i) {
    if (!speller.spelled()) continue;
    const MatchClass match = speller.spelled_in_full() ? MatchClass::pinyin : MatchClass::initials;
    return NameMatch{match, units[first].begin, units[i].end};
  }
  return std::nullopt;
}

std::optional<NameMatch> spelled_match(const Unit* units, std::size_t count, const Query& query) {
  std::optional<NameMatch> best;
  bool beginning = true;  // nothing but separators so far
  for (std::size_t i = 0; i < count; ++i) {
    const bool at_beginning = beginning;
    if (units[i].word) beginning = false;
    if (!may_begin(units[i], query.spelled[0])) continue;
    auto found = spelled_from(units, count, i, query);
    if (!found) continue;
    if (at_beginning) {
      found->match = found->match == MatchClass::pinyin ? MatchClass::pinyin_prefix : MatchClass::initials_prefix;
    }
    if (!best || found->match < best->match) best = found;
    if (best->match <= MatchClass::pinyin) break;
  }
  return best;
}

std::optional<NameMatch> scattered_match(const Unit* units, std::size_t count, std::u32string_view query) {
  NameMatch match{MatchClass::scattered, 0, 0};
  std::size_t taken = 0;
  for (std::size_t i = 0; i < count && taken < query.size(); ++i) {
    if (!units[i].start || !may_begin(units[i], query[taken])) continue;
    if (taken == 0) match.begin = units[i].begin;
    match.end = units[i].end;
    ++taken;
  }
  if (taken < query.size()) return std::nullopt;
  return match;
}

void read_phone(std::string_view text, Query& query) {
  const bool phone_like = std::ranges::all_of(
      query.text, [](char c) { return (c >= '0' && c <= '9') || std::string_view(" -+().").contains(c); });
  const std::string digits = digits_of(text);
  if (!phone_like || digits.size() < kPhoneDigitsMin) return;
  query.phones.push_back(digits);
  const std::size_t country = query.text.starts_with("+86") ? 2 : digits.starts_with("0086") ? 4 : 0;
  if (country != 0 && digits.size() >= country + kPhoneDigitsMin) query.phones.push_back(digits.substr(country));
}

}  // namespace

std::vector<Unit> name_units(std::string_view name) {
  const Pinyin& pinyin = Pinyin::table();
  std::vector<Folded> folded = fold(name.substr(0, kNameBytesMax), kNameUnitsMax);
  while (!folded.empty() && folded.back().code == U' ') folded.pop_back();
  std::vector<Unit> units;
  units.reserve(folded.size());
  bool in_word = false;
  for (const Folded& f : folded) {
    if (units.empty() && f.code == U' ') continue;
    Unit unit{f.code, static_cast<std::uint16_t>(f.begin), static_cast<std::uint16_t>(f.end)};
    const bool ideograph = is_ideograph(f.code);
    unit.word = is_word(f.code);
    unit.start = unit.word && (ideograph || !in_word);
    if (ideograph) unit.readings = pinyin.set_of(f.code);
    in_word = unit.word && !ideograph;
    units.push_back(unit);
  }
  return units;
}

Query make_query(std::string_view text) {
  Query query;
  std::vector<Folded> folded = fold(text.substr(0, kNameBytesMax), kQueryUnitsMax);
  while (!folded.empty() && folded.back().code == U' ') folded.pop_back();
  bool letters = false;
  query.initials = true;
  for (const Folded& f : folded) {
    if (query.literal.empty() && f.code == U' ') continue;
    query.literal.push_back(f.code);
    append_utf8(query.text, f.code);
    if (!is_word(f.code)) continue;
    query.spelled.push_back(f.code);
    letters = letters || is_ascii_letter(f.code);
    query.initials = query.initials && f.code < 0x80;
  }
  if (query.spelled.size() > kSpelledUnitsMax) query.spelled.clear();
  query.initials = query.initials && letters && query.spelled.size() >= 2;
  read_phone(text, query);
  return query;
}

std::optional<NameMatch> match_name(const Unit* units, std::size_t count, const Query& query) {
  if (query.literal.empty()) return std::nullopt;
  if (const auto match = literal_match(units, count, query.literal)) return match;
  if (query.spelled.empty()) return std::nullopt;
  if (const auto match = spelled_match(units, count, query)) return match;
  return query.initials ? scattered_match(units, count, query.spelled) : std::nullopt;
}

std::string digits_of(std::string_view phone) {
  std::string digits;
  for (const Folded& f : fold(phone, kQueryUnitsMax)) {
    if (is_digit(f.code)) digits.push_back(static_cast<char>(f.code));
  }
  return digits;
}

}  // namespace satchel::sheet
