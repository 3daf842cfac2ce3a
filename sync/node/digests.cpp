// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/digests.h"

#include <set>
#include <unordered_map>

namespace satchel::node {

namespace {

constexpr std::string_view kDigestedCounter = "digested";
constexpr std::size_t kKeepFrom = 1000;  // fewer are read again as quickly as they are written
// Before an archive's audiences: id, kind, branch, opener, epoch, key, opened (log.cpp, archive_info).
constexpr std::size_t kInfoBeforeOwners = 16 + 1 + 16 + 16 + 4 + 16 + 1;

// All heads in one pass, archive by archive; nodes are looked up once each.
class Scan {
 public:
  explicit Scan(const ReadTxn& txn) : txn_(txn) {}

  template <class Visit>
  Result<void> run(const Visit& visit) {
    SATCHEL_GET(cursor, txn_.cursor(Table::heads));
    ArchiveNo current = 0;
    auto pair = cursor->seek({});
    for (; pair && *pair; pair = cursor->next()) {
      const View key = (*pair)->key;
      const ArchiveNo no = be32(key);
      if (no != current) finish(current, visit);
      current = no;
      SATCHEL_GET(node, node_at(be32(key.subspan(4))));
      Reader in((*pair)->value);
      ChainHead head{{node, be32(key.subspan(8))}, {in.u64(), Digest::of(in.raw(Digest::size))}};
      if (!in.ok()) return damaged("heads");
      heads_.push_back(head);
    }
    if (!pair) return std::unexpected(pair.error());
    finish(current, visit);
    return {};
  }

 private:
  template <class Visit>
  void finish(ArchiveNo no, const Visit& visit) {
    if (heads_.empty()) return;
    std::ranges::sort(heads_, {}, &ChainHead::chain);
    visit(no, heads_digest(heads_));
    heads_.clear();
  }
  Result<NodeId> node_at(NodeNo no) {
    const auto known = nodes_.find(no);
    if (known != nodes_.end()) return known->second;
    SATCHEL_GET(id, node_of(txn_, no));
    return nodes_[no] = id;
  }

  const ReadTxn& txn_;
  std::unordered_map<NodeNo, NodeId> nodes_;
  std::vector<ChainHead> heads_;
};

// Archives that entries after `mark` are of.
Result<std::vector<ArchiveNo>> moved_since(const ReadTxn& txn, Ordinal mark, Ordinal last) {
  std::set<ArchiveId> ids;
  for (Ordinal at = mark + 1; at <= last; ++at) {
    SATCHEL_GET(entry, entry_at(txn, at));
    ids.insert(entry.header.archive);
  }
  std::vector<ArchiveNo> moved;
  for (const auto& id : ids) {
    SATCHEL_GET(no, find_archive(txn, id));
    if (no) moved.push_back(*no);
  }
  std::ranges::sort(moved);
  return moved;
}

}  // namespace

Result<Digests> read_digests(const ReadTxn& txn) {
  Digests out;
  SATCHEL_GET(archives, archive_count(txn));
  SATCHEL_GET(mark, counter(txn, kDigestedCounter));
  SATCHEL_GET(last, last_ordinal(txn));
  out.by_no.resize(archives);
  out.up_to = last;
  if (mark > last || last - mark >= std::max<Ordinal>(archives, 1)) {
    SATCHEL_TRY(Scan(txn).run([&](ArchiveNo no, const Digest& digest) {
      if (no == 0 || no > archives) return;
      out.by_no[no - 1] = digest;
      out.to_keep.push_back(no);
    }));
    return out;
  }
  bool sound = true;
  SATCHEL_TRY(scan_prefix(txn, Table::digests, {}, [&](KeyValue pair) {
    const ArchiveNo no = be32(pair.key);
    sound = no > 0 && no <= archives && pair.value.size() == Digest::size;
    if (sound) out.by_no[no - 1] = Digest::of(pair.value);
    return sound;
  }));
  if (!sound) return damaged("digests");
  SATCHEL_GET(moved, moved_since(txn, mark, last));
  for (const auto no : moved) {
    SATCHEL_GET(heads, heads_of(txn, no));
    if (no > archives) return damaged("archives");
    out.by_no[no - 1] = digest_of(heads);
  }
  out.to_keep = std::move(moved);
  return out;
}

bool worth_keeping(const Digests& digests) { return digests.to_keep.size() >= kKeepFrom; }

Result<void> keep_digests(WriteTxn& txn, const Digests& digests) {
  SATCHEL_GET(mark, counter(txn, kDigestedCounter));
  if (mark >= digests.up_to) return {};
  for (const auto no : digests.to_keep) SATCHEL_TRY(txn.put(Table::digests, key_of(no), digests.by_no[no - 1].view()));
  // Entries that came since lie behind the mark, and their archives are looked at again.
  return set_counter(txn, kDigestedCounter, digests.up_to);
}

Result<std::vector<bool>> in_feeds(const ReadTxn& txn, std::span<const AudienceId> audiences, std::size_t archives) {
  std::vector<bool> out(archives);
  for (const auto& audience : audiences) {
    SATCHEL_TRY(scan_prefix(txn, Table::feeds, audience.view(), [&](KeyValue pair) {
      const ArchiveNo no = be32(pair.value);
      if (no > 0 && no <= archives) out[no - 1] = true;
      return true;
    }));
  }
  return out;
}

Result<std::vector<bool>> opened_for(const ReadTxn& txn, std::span<const AudienceId> audiences, std::size_t archives) {
  std::vector<bool> out(archives);
  bool sound = true;
  SATCHEL_TRY(scan_prefix(txn, Table::archive_info, {}, [&](KeyValue pair) {
    if (pair.key.size() != sizeof(ArchiveNo)) return true;  // an opening
    Reader in(pair.value);
    in.raw(kInfoBeforeOwners);
    in.raw(in.count(pair.value.size()) * PersonId::size);
    const auto listed = in.count(pair.value.size());
    for (std::size_t i = 0; i < listed && in.ok(); ++i) {
      if (!std::ranges::binary_search(audiences, AudienceId::of(in.raw(AudienceId::size)))) continue;
      const ArchiveNo no = be32(pair.key);
      if (no > 0 && no <= archives) out[no - 1] = true;
      return true;
    }
    sound = in.ok();
    return sound;
  }));
  if (!sound) return damaged("archive_info");
  return out;
}

Result<Chosen> choose(const ReadTxn& txn, const Digests& digests, const std::vector<bool>& chosen) {
  Chosen out;
  out.items.reserve(static_cast<std::size_t>(std::ranges::count(chosen, true)));
  SATCHEL_TRY(scan_prefix(txn, Table::archives, {}, [&](KeyValue pair) {
    const ArchiveNo no = be32(pair.value);
    if (no == 0 || no > digests.by_no.size() || digests.by_no[no - 1].none()) return true;
    (chosen[no - 1] ? out.items : out.others).push_back({ArchiveId::of(pair.key), digests.by_no[no - 1]});
    return true;
  }));
  return out;
}

}  // namespace satchel::node
