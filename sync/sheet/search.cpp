// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/search.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "schema/base/result.h"

namespace satchel {

namespace {

constexpr std::size_t kDeadMin = 256;      // removed rows below this are not worth a compaction
constexpr std::size_t kNumberPartMin = 3;  // characters of an archive number that find it
constexpr std::size_t kPhonesMax = 64;     // of one row, searched

std::string_view without_zeros(std::string_view number) {
  const auto first = number.find_first_not_of('0');
  return first == std::string_view::npos ? number : number.substr(first);
}

std::optional<MatchClass> match_number(std::string_view number, std::string_view query) {
  if (number.empty() || query.empty()) return std::nullopt;
  if (without_zeros(number) == without_zeros(query)) return MatchClass::exact;
  if (query.size() < kNumberPartMin || !number.contains(query)) return std::nullopt;
  return MatchClass::number_part;
}

// `phones` are lines of digits.
std::optional<MatchClass> match_phones(std::string_view phones, std::string_view digits) {
  std::optional<MatchClass> best;
  for (auto at = phones.find(digits); at != std::string_view::npos; at = phones.find(digits, at + 1)) {
    const std::size_t end = at + digits.size();
    const bool tail = end == phones.size() || phones[end] == '\n';
    const bool whole = tail && (at == 0 || phones[at - 1] == '\n');
    const MatchClass match = whole ? MatchClass::exact : tail ? MatchClass::phone_tail : MatchClass::number_part;
    if (!best || match < *best) best = match;
  }
  return best;
}

}  // namespace

void SearchIndex::add(std::uint32_t row, const SearchEntry& entry) {
  remove(row);
  Slot slot{row, true, {}, {}, {}, {}};
  const auto units = sheet::name_units(entry.name);
  slot.name = {static_cast<std::uint32_t>(units_.size()), static_cast<std::uint32_t>(units.size())};
  units_.insert(units_.end(), units.begin(), units.end());
  slot.number = append(sheet::fold_text(entry.number, sheet::kQueryUnitsMax));
  std::string lines;
  for (const auto& phone : entry.phones.first(std::min(entry.phones.size(), kPhonesMax))) {
    const std::string digits = sheet::digits_of(phone);
    if (!digits.empty()) lines += (lines.empty() ? "" : "\n") + digits;
  }
  slot.phones = append(lines);
  lines.clear();
  std::size_t left = kSearchTextUnitsMax;
  for (const auto& other : entry.others) {
    const auto folded = sheet::fold(other, left);
    left -= folded.size();
    for (const auto& f : folded) sheet::append_utf8(lines, f.code);
    lines.push_back('\n');
  }
  slot.others = append(lines);
  slots_[row] = static_cast<std::uint32_t>(rows_.size());
  rows_.push_back(slot);
}

bool SearchIndex::remove(std::uint32_t row) {
  const auto found = slots_.find(row);
  if (found == slots_.end()) return false;
  rows_[found->second].live = false;
  slots_.erase(found);
  if (rows_.size() > slots_.size() * 2 + kDeadMin) compact();
  return true;
}

SearchIndex::Piece SearchIndex::append(std::string_view text) {
  const Piece piece{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size())};
  text_ += text;
  SATCHEL_ASSERT(text_.size() <= UINT32_MAX);
  return piece;
}

void SearchIndex::compact() {
  SearchIndex fresh;
  for (const Slot& slot : rows_) {
    if (!slot.live) continue;
    Slot moved = slot;
    moved.name.at = static_cast<std::uint32_t>(fresh.units_.size());
    const auto first = units_.begin() + slot.name.at;
    fresh.units_.insert(fresh.units_.end(), first, first + slot.name.size);
    moved.number = fresh.append(text(slot.number));
    moved.phones = fresh.append(text(slot.phones));
    moved.others = fresh.append(text(slot.others));
    fresh.slots_[slot.row] = static_cast<std::uint32_t>(fresh.rows_.size());
    fresh.rows_.push_back(moved);
  }
  *this = std::move(fresh);
}

bool SearchIndex::match(const Slot& slot, const sheet::Query& query, SearchHit& hit) const {
  bool found = false;
  const auto offer = [&](MatchClass match, std::uint32_t begin, std::uint32_t end) {
    if (found && hit.match <= match) return;
    hit = {slot.row, match, begin, end};
    found = true;
  };
  if (const auto name = sheet::match_name(units_.data() + slot.name.at, slot.name.size, query)) {
    offer(name->match, name->begin, name->end);
  }
  if (const auto number = match_number(text(slot.number), query.text)) offer(*number, 0, 0);
  for (const auto& digits : query.phones) {
    if (const auto phone = match_phones(text(slot.phones), digits)) offer(*phone, 0, 0);
  }
  const bool beaten = !found || hit.match > MatchClass::other_text;
  if (beaten && text(slot.others).contains(query.text)) offer(MatchClass::other_text, 0, 0);
  return found;
}

std::vector<SearchHit> SearchIndex::query(std::string_view text, std::size_t limit) const {
  const sheet::Query query = sheet::make_query(text);
  if (query.literal.empty()) return {};
  struct Ranked {
    SearchHit hit;
    std::uint32_t length;
  };
  std::vector<Ranked> ranked;
  for (const Slot& slot : rows_) {
    SearchHit hit;
    if (slot.live && match(slot, query, hit)) ranked.push_back({hit, slot.name.size});
  }
  const std::size_t kept = std::min(limit, ranked.size());
  const auto key = [](const Ranked& r) { return std::tuple(r.hit.match, r.length, r.hit.row); };
  std::ranges::partial_sort(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(kept), {}, key);
  std::vector<SearchHit> hits;
  hits.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) hits.push_back(ranked[i].hit);
  return hits;
}

std::size_t SearchIndex::memory() const {
  return rows_.capacity() * sizeof(Slot) + units_.capacity() * sizeof(sheet::Unit) + text_.capacity() +
         slots_.size() * 32;
}

}  // namespace satchel
