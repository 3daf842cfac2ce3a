// SPDX-License-Identifier: AGPL-3.0-or-later
// The book's unions: archives that a statement shows within others. Only what can be read here on both sides is joined:
// whoever reads one of the two sees that one. Statements may be made apart and in a circle: then the smallest id of
// the circle stands for all of it, at every node that reads them alike.
#include "sync/holder/book.h"

namespace satchel::holder {

namespace {

bool speaks_of_merging(const directory::ArchiveFacts& facts) {
  return std::ranges::any_of(
      facts, [](const directory::ArchiveFact& fact) { return std::holds_alternative<payload::Merge>(fact.what); });
}

// Where the way from `archive` ends; every archive on it ends there too.
ArchiveId follow(const Wholes& direct, Wholes& ends, const ArchiveId& archive) {
  std::vector<ArchiveId> way;
  ArchiveId at = archive;
  while (true) {
    if (const auto known = ends.find(at); known != ends.end()) {
      at = known->second;
      break;
    }
    if (const auto again = std::ranges::find(way, at); again != way.end()) {
      at = *std::min_element(again, way.end());
      break;
    }
    const auto next = direct.find(at);
    if (next == direct.end()) break;
    way.push_back(at);
    at = next->second;
  }
  for (const auto& passed : way) ends.insert_or_assign(passed, at);
  return at;
}

}  // namespace

// `shown`: archives whose card stands here in force. With the card of the whole away, its parts are shown for
// themselves.
Result<Wholes> Book::find_wholes(const std::unordered_set<ArchiveId>& shown) {
  Wholes direct;
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  for (const auto& [id, facts] : directory()->archive_facts()) {
    if (!shown.contains(id) || !speaks_of_merging(facts)) continue;
    SATCHEL_GET(info, archive(*txn, id));
    const ArchiveId into = directory()->shown_within(node::access_of(info));
    if (!into.none() && shown.contains(into)) direct.emplace(id, into);
  }
  Wholes ends;
  for (const auto& [id, into] : direct) follow(direct, ends, id);
  std::erase_if(ends, [](const auto& entry) { return entry.first == entry.second; });
  return ends;
}

// While nothing was ever merged no card need be read to know it.
Result<const Wholes*> Book::wholes() {
  static const Wholes kNone;
  if (!ever_merged_) {
    const auto& facts = directory()->archive_facts();
    ever_merged_ = std::ranges::any_of(facts, [](const auto& of) { return speaks_of_merging(of.second); });
  }
  if (!*ever_merged_) return &kNone;
  SATCHEL_GET(all, customers());
  return &all->wholes;
}

Result<ArchiveId> Book::whole_of(const ArchiveId& archive) {
  SATCHEL_GET(all, wholes());
  return whole_in(*all, archive);
}

Result<std::vector<ArchiveId>> Book::parts_of(const ArchiveId& whole) {
  SATCHEL_GET(all, wholes());
  std::vector<ArchiveId> out;
  for (const auto& [part, into] : *all) {
    if (into == whole) out.push_back(part);
  }
  std::ranges::sort(out);
  out.insert(out.begin(), whole);
  return out;
}

Result<std::optional<CustomerRef>> Book::part_of(const ArchiveId& archive) {
  SATCHEL_GET(all, customers());
  const auto at = all->by_archive.find(archive);
  return at == all->by_archive.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace satchel::holder
