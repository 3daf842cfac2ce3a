// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/volume.h"

#include <charconv>
#include <map>

#include "sync/node/outbox.h"
#include "sync/node/replica.h"

namespace satchel::node {

namespace {

constexpr std::uint32_t kKeptBackMarks = 0xfffffffb;
constexpr std::string_view kKeptBackKey = "kept_back";
constexpr std::int64_t kAskAgainMs = 24 * 60 * 60 * 1000;
constexpr std::size_t kEntryOverhead = Header::kBytes + 16;  // and its place in the log

std::uint64_t bound(const Directory& directory, std::string_view key, std::uint64_t otherwise) {
  const auto policy = directory.policy(std::string(key));
  if (!policy) return otherwise;
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(policy->data(), policy->data() + policy->size(), value);
  return problem == std::errc{} && end == policy->data() + policy->size() ? value : otherwise;
}

Bytes kept_back_key(const ArchiveId& archive) {
  Bytes key = key_of(kKeptBackMarks);
  key.insert(key.end(), archive.bytes.begin(), archive.bytes.end());
  return key;
}

Bytes limit_row(const VolumeLimit& limit, WallTime now) {
  return Writer(24).u64(limit.archives).u64(limit.bytes).i64(now.ms).take();
}

}  // namespace

VolumeLimit volume_limit(const Directory& directory) {
  return {bound(directory, kPolicyReplicaArchives, kReplicaArchivesDefault),
          bound(directory, kPolicyReplicaBytes, kReplicaBytesDefault)};
}

Result<std::vector<std::uint64_t>> Sizes::read(const ReadTxn& txn) {
  const std::lock_guard guard(lock_);
  SATCHEL_GET(archives, archive_count(txn));
  SATCHEL_GET(last, last_ordinal(txn));
  // A snapshot older than what is known already is answered from what is known: sizes only grow.
  if (bytes_.size() < archives) bytes_.resize(archives);
  ArchiveId known;
  ArchiveNo no = 0;
  for (; up_to_ < last; ++up_to_) {
    SATCHEL_GET(entry, entry_at(txn, up_to_ + 1));
    if (entry.header.archive != known || no == 0) {
      known = entry.header.archive;
      SATCHEL_GET(found, find_archive(txn, known));
      if (!found || *found == 0 || *found > bytes_.size()) return fail(ErrorKind::integrity, "log.damaged", "archives");
      no = *found;
    }
    bytes_[no - 1] += kEntryOverhead + entry.clear.size() + entry.body.size();
  }
  return std::vector<std::uint64_t>(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(archives));
}

Result<std::vector<Readable>> readable_by(const ReadTxn& txn, Sizes& sizes, const Directory& directory,
                                          std::span<const AudienceId> audiences, const PersonId& person, WallTime now) {
  std::vector<Readable> out;
  SATCHEL_GET(bytes, sizes.read(txn));
  for (ArchiveNo no = 1; no <= bytes.size(); ++no) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (!info || !info->opened) continue;
    const auto readers = readers_of(directory, *info, now);
    const bool theirs =
        std::ranges::any_of(readers, [&](const AudienceId& a) { return std::ranges::binary_search(audiences, a); });
    if (!theirs) continue;
    const auto owners = directory.owners(access_of(*info));
    out.push_back({no, info->id, bytes[no - 1], std::ranges::find(owners, person) != owners.end()});
  }
  return out;
}

Volume volume_of(std::span<const Readable> archives) {
  Volume out{archives.size(), 0};
  for (const auto& a : archives) out.bytes += a.bytes;
  return out;
}

Result<Volume> volume_for(const ReadTxn& txn, Sizes& sizes, const Directory& directory, const PersonId& person,
                          WallTime now) {
  const auto audiences = directory.audiences_of(person);
  SATCHEL_GET(readable, readable_by(txn, sizes, directory, audiences, person, now));
  return volume_of(readable);
}

Result<std::vector<NearLimit>> near_limit(const ReadTxn& txn, Sizes& sizes, const Directory& directory,
                                          std::uint64_t store_bytes, WallTime now) {
  std::vector<NearLimit> out;
  const VolumeLimit limit = volume_limit(directory);
  // Nobody is near it while all there is here is not.
  const VolumeLimit nearly{(limit.archives * 4 + 4) / 5, limit.bytes / 5 * 4};
  SATCHEL_GET(sure, surely_within(txn, nearly, store_bytes));
  if (sure) return out;
  std::map<PersonId, Volume> known;  // several devices of one person hold the same
  for (const auto& [id, node] : directory.nodes()) {
    if (node.kind != NodeKind::device || node.state() != NodeState::confirmed) continue;
    auto found = known.find(node.person);
    if (found == known.end()) {
      SATCHEL_GET(volume, volume_for(txn, sizes, directory, node.person, now));
      found = known.emplace(node.person, volume).first;
    }
    if (limit.near(found->second)) out.push_back({id, node.person, found->second, !limit.holds(found->second)});
  }
  return out;
}

std::vector<bool> within(std::vector<Readable> archives, const VolumeLimit& limit) {
  std::ranges::sort(archives,
                    [](const Readable& a, const Readable& b) { return a.own != b.own ? a.own : a.id < b.id; });
  std::vector<bool> out;
  Volume taken;
  for (const auto& a : archives) {
    if (out.size() < a.no) out.resize(a.no);
    const Volume more{taken.archives + 1, taken.bytes + a.bytes};
    if (!limit.holds(more)) continue;
    taken = more;
    out[a.no - 1] = true;
  }
  return out;
}

Result<bool> surely_within(const ReadTxn& txn, const VolumeLimit& limit, std::uint64_t store_bytes) {
  if (!limit.bounds()) return true;
  SATCHEL_GET(archives, archive_count(txn));
  if (limit.archives > 0 && archives > limit.archives) return false;
  SATCHEL_GET(last, last_ordinal(txn));
  const std::uint64_t most = last * (kEntryOverhead + kBodyBytesMax + kClearBytesMax);
  return limit.bytes == 0 || std::min(store_bytes, most) <= limit.bytes;
}

Result<void> note_kept_back(WriteTxn& txn, const ArchiveId& archive, const Directory& directory, WallTime now) {
  SATCHEL_GET(known, txn.get(Table::meta, view(kKeptBackKey)));
  if (!known) SATCHEL_TRY(txn.put(Table::meta, view(kKeptBackKey), limit_row(volume_limit(directory), now)));
  return txn.put(Table::marks, kept_back_key(archive), {});
}

Result<void> unnote_kept_back(WriteTxn& txn, const ArchiveId& archive) {
  SATCHEL_GET(erased, txn.erase(Table::marks, kept_back_key(archive)));
  static_cast<void>(erased);
  return {};
}

Result<std::uint64_t> count_kept_back(const ReadTxn& txn) {
  std::uint64_t count = 0;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kKeptBackMarks), [&](KeyValue) {
    ++count;
    return true;
  }));
  return count;
}

Result<bool> ask_again(WriteTxn& txn, const Directory& directory, WallTime now) {
  SATCHEL_GET(row, txn.get(Table::meta, view(kKeptBackKey)));
  if (!row) return false;
  Reader in(*row);
  VolumeLimit then;
  then.archives = in.u64();
  then.bytes = in.u64();
  const std::int64_t asked = in.i64();
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", "kept_back");
  // A clock that was turned back asks again too.
  const bool day = now.ms - asked >= kAskAgainMs || now.ms < asked;
  if (!day && then == volume_limit(directory)) return false;
  std::vector<Bytes> notes;
  SATCHEL_TRY(scan_prefix(txn, Table::marks, key_of(kKeptBackMarks), [&](KeyValue pair) {
    notes.push_back(copy(pair.key));
    return true;
  }));
  for (const auto& key : notes) {
    SATCHEL_GET(erased, txn.erase(Table::marks, key));
    static_cast<void>(erased);
  }
  SATCHEL_GET(erased, txn.erase(Table::meta, view(kKeptBackKey)));
  static_cast<void>(erased);
  SATCHEL_TRY(forget_feed_cursors(txn));
  return true;
}

}  // namespace satchel::node
