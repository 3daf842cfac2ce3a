// SPDX-License-Identifier: AGPL-3.0-or-later
// From the log to what records say, for a node that holds keys: which entries count (judged by the directory, stamps
// and verdicts), what time they may claim, and the record state they add up to. Nothing here is stored; deriver.h keeps
// the index from records to entries and the sheets.
#pragma once

#include "schema/template/field_text.h"
#include "sync/merge/resolve.h"
#include "sync/node/batches.h"
#include "sync/node/keyring.h"
#include "sync/node/replica.h"

namespace satchel::node {

// How far an entry has come, for the badge beside a record.
enum class Reached : std::uint8_t { here_only = 0, branch = 1, headquarters = 2 };

struct OpenedEntry {
  Header header;
  Change change;
  merge::Source source;
  Judgement judgement = Judgement::in_force;
};

class RecordReader {
 public:
  // All must outlive it; the directory is a snapshot for its whole life. Work is judged by what was ordered, or by what
  // this node obeys.
  RecordReader(const ReadTxn& txn, const Directory& directory, Keyring& keyring)
      : txn_(txn), directory_(directory), judge_(directory), keyring_(keyring) {}
  RecordReader(const ReadTxn& txn, const Obeyed& obeyed, Keyring& keyring)
      : txn_(txn), directory_(*obeyed.ordered), judge_(*obeyed.directory), keyring_(keyring) {}

  // permission "keyring.no-key" when this node may not read it; integrity "seal.broken" or invalid "change.broken"
  // when its body cannot be understood; not_found "record.withheld" when there is none.
  Result<OpenedEntry> open(const StoredArchive& info, Ordinal ordinal);
  Result<Judgement> judge(const StoredArchive& info, const Header& header, Ordinal ordinal);
  // The state of one record from the entries that touch it. Entries that cannot be opened count as no change.
  struct Loaded {
    merge::RecordState state;
    std::size_t held = 0;    // entries waiting for a verdict
    std::size_t unread = 0;  // entries that would not open
    std::vector<OpenedEntry> held_entries;
    merge::RecordState proposed;  // while nothing is in force: what the held entries would make of it
    bool only_held() const { return state.empty() && held > 0; }
    const merge::RecordState& shown() const { return only_held() ? proposed : state; }
  };
  Result<Loaded> load(const StoredArchive& info, const RecordId& record, std::span<const Ordinal> ordinals);
  Result<Reached> reached(Ordinal ordinal);
  Result<std::vector<StoredStamp>> stamps(Ordinal ordinal);

 private:
  const ReadTxn& txn_;
  const Directory& directory_;
  const Directory& judge_;
  Keyring& keyring_;
  std::optional<Run> run_;  // of the last ordinal asked for
  std::vector<StoredStamp> stamps_;
};

// A field of a record as it stands, and all that are filled, computed ones too.
merge::Resolved resolved(const Field& field, const merge::RecordState& state, const Directory& directory);
FieldMap values_in_force(const Template& form, const merge::RecordState& state, const Directory& directory);

// The author's manager: the manager of the author's branch, a general manager, an administrator at headquarters.
bool may_correct(const Directory& directory, const PersonId& by, const PersonId& author);

inline constexpr Millis kStampGrace{120'000};  // a claim later than its earliest stamp by more than this is cut to it

}  // namespace satchel::node
