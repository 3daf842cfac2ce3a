// SPDX-License-Identifier: AGPL-3.0-or-later
// SearchIndex: finds customers by any part of what people remember of them: some characters of the name, its pinyin
// (any common reading), its initials (ftbh -> 福田百货) or a mix, the end of a phone, the archive number, a word in
// another text. It is rebuilt in memory after unlock and never stored: folded names and digits in flat arrays, scanned
// whole by each query, a few milliseconds for 20,000 customers. Answers are ordered by class, then by length
// of the name, then by row. Not for several threads while it changes; queries alone may run side by side.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sync/sheet/match.h"

namespace satchel {

inline constexpr std::size_t kSearchTextUnitsMax = 4096;  // folded characters of one row's other texts

// Borrowed; copied by add().
struct SearchEntry {
  std::string_view name;
  std::span<const std::string> phones;
  std::span<const std::string> others;  // contact names, addresses, e-mail …; found literally
  std::string_view number;              // archive number as people see it, may be empty
};

struct SearchHit {
  std::uint32_t row = 0;
  MatchClass match = MatchClass::exact;
  std::uint32_t begin = 0;  // bytes of the name to highlight; begin == end when the match is not in the name
  std::uint32_t end = 0;
  bool operator==(const SearchHit&) const = default;
};

class SearchIndex {
 public:
  // Replaces what the row had before.
  void add(std::uint32_t row, const SearchEntry& entry);
  void add(std::uint32_t row, std::string_view name, std::span<const std::string> phones = {},
           std::span<const std::string> others = {}, std::string_view number = {}) {
    add(row, SearchEntry{name, phones, others, number});
  }
  void update(std::uint32_t row, const SearchEntry& entry) { add(row, entry); }
  bool remove(std::uint32_t row);
  void clear() { *this = SearchIndex(); }

  // At most `limit` hits, best first; none for an empty query.
  std::vector<SearchHit> query(std::string_view text, std::size_t limit = 50) const;
  std::size_t size() const { return slots_.size(); }
  std::size_t memory() const;

 private:
  struct Piece {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct Slot {
    std::uint32_t row = 0;
    bool live = false;
    Piece name;    // in units_
    Piece number;  // in text_, as are the following
    Piece phones;  // digits, one line a phone
    Piece others;  // one line a text
  };

  Piece append(std::string_view text);
  std::string_view text(Piece piece) const { return std::string_view(text_).substr(piece.at, piece.size); }
  bool match(const Slot& slot, const sheet::Query& query, SearchHit& hit) const;
  void compact();

  std::vector<Slot> rows_;
  std::unordered_map<std::uint32_t, std::uint32_t> slots_;  // row -> index in rows_
  std::vector<sheet::Unit> units_;
  std::string text_;
};

}  // namespace satchel
