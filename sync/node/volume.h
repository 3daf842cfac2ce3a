// SPDX-License-Identifier: AGPL-3.0-or-later
// How much of an organisation's archives one device holds, and how much it may (docs/directory.md, policies
// `replica-archives-max` and `replica-bytes-max`). A hub decides from the directory and its own log, not from what a
// device says: what its person owns comes first, then by archive id, each as far as it fits. An archive that is on the
// device already goes on, however it grows: nobody works on a record that silently stands still. Entries count as they
// are stored; attachments come on demand and do not.
#pragma once

#include <mutex>

#include "sync/directory/directory.h"
#include "sync/node/log.h"

namespace satchel::node {

inline constexpr std::string_view kPolicyReplicaArchives = "replica-archives-max";  // 0: no bound
inline constexpr std::string_view kPolicyReplicaBytes = "replica-bytes-max";        // 0: no bound
// A salesperson has hundreds of archives, a branch 20,000: what no phone was ever meant to carry.
inline constexpr std::uint64_t kReplicaArchivesDefault = 50'000;
inline constexpr std::uint64_t kReplicaBytesDefault = 8ull << 30;
inline constexpr const char* kReplicaOverLimit = "replica.over-limit";

struct Volume {
  std::uint64_t archives = 0;
  std::uint64_t bytes = 0;
};

struct VolumeLimit {
  std::uint64_t archives = kReplicaArchivesDefault;
  std::uint64_t bytes = kReplicaBytesDefault;
  bool bounds() const { return archives > 0 || bytes > 0; }
  bool holds(const Volume& v) const {
    return (archives == 0 || v.archives <= archives) && (bytes == 0 || v.bytes <= bytes);
  }
  // Four fifths of it are taken: people are told.
  bool near(const Volume& v) const {
    return (archives > 0 && v.archives * 5 >= archives * 4) || (bytes > 0 && v.bytes / 4 >= bytes / 5);
  }
  bool operator==(const VolumeLimit&) const = default;
};
VolumeLimit volume_limit(const Directory& directory);

// What each archive comes to, by its number - 1: kept in memory, and brought up to the log's end by whoever asks.
class Sizes {
 public:
  Result<std::vector<std::uint64_t>> read(const ReadTxn& txn);

 private:
  std::mutex lock_;
  Ordinal up_to_ = 0;
  std::vector<std::uint64_t> bytes_;
};

// An archive that one of these audiences (ascending) may read here and now.
struct Readable {
  ArchiveNo no = 0;
  ArchiveId id;
  std::uint64_t bytes = 0;
  bool own = false;
};
Result<std::vector<Readable>> readable_by(const ReadTxn& txn, Sizes& sizes, const Directory& directory,
                                          std::span<const AudienceId> audiences, const PersonId& person, WallTime now);
Volume volume_of(std::span<const Readable> archives);
// What a device of the person would hold, as far as it is here.
Result<Volume> volume_for(const ReadTxn& txn, Sizes& sizes, const Directory& directory, const PersonId& person,
                          WallTime now);
// Which of them a device is given: one flag an archive no - 1.
std::vector<bool> within(std::vector<Readable> archives, const VolumeLimit& limit);

// That everything here together is within the limit, told without looking at each archive. Store::bytes() is told by
// the caller.
Result<bool> surely_within(const ReadTxn& txn, const VolumeLimit& limit, std::uint64_t store_bytes);

// Confirmed devices of people that hold, or may read, four fifths of the limit or more.
struct NearLimit {
  NodeId node;
  PersonId person;
  Volume volume;
  bool over = false;
};
Result<std::vector<NearLimit>> near_limit(const ReadTxn& txn, Sizes& sizes, const Directory& directory,
                                          std::uint64_t store_bytes, WallTime now);

// ---- on the device: what a hub kept back because of the limit ----
Result<void> note_kept_back(WriteTxn& txn, const ArchiveId& archive, const Directory& directory, WallTime now);
Result<void> unnote_kept_back(WriteTxn& txn, const ArchiveId& archive);
Result<std::uint64_t> count_kept_back(const ReadTxn& txn);
// Another limit, or a day since it was asked for last: then everything is followed from its beginning again. Whether it
// is.
Result<bool> ask_again(WriteTxn& txn, const Directory& directory, WallTime now);

}  // namespace satchel::node
