// SPDX-License-Identifier: AGPL-3.0-or-later
// A device's clock, put right by what a hub last said the time was: a wrong clock must not decide when a step was
// taken, what falls due or which value is the later one. Two things can be told from the last contact alone:
// - no moment is earlier than the hub's time then and what the monotonic clock has counted since; after a restart of
//   the machine, what it has counted at all;
// - a clock that was ahead then, and has run evenly with the monotonic one since, is ahead by as much now.
// Nothing else is guessed: a clock that was set, or is not known to be wrong, is believed, and what others believe of
// it ends at the stamp of the hub that has the work first (records.h). Deviations below kClockKept stay.
#pragma once

#include <mutex>
#include <optional>

#include "schema/base/time.h"
#include "sync/store/store.h"

namespace satchel::node {

// One moment, by the hub and by the device.
struct HubContact {
  WallTime hub;
  WallTime own;
  MonoTime mono;
  bool operator==(const HubContact&) const = default;
};

inline constexpr Millis kClockKept{120'000};

// The time now.
WallTime guided(const HubContact& last, WallTime own, MonoTime mono);

class GuidedClock final : public Clock {
 public:
  // `own` must outlive it.
  explicit GuidedClock(Clock& own) : own_(own) {}
  WallTime wall() override;
  MonoTime mono() override { return own_.mono(); }
  WallTime own() override { return own_.own(); }
  void told(const HubContact& contact);

 private:
  Clock& own_;
  std::mutex turn_;
  std::optional<HubContact> last_;
};

// As noted on disk; nothing before the first contact.
Result<std::optional<HubContact>> last_contact(const ReadTxn& txn);
Result<void> note_contact(WriteTxn& txn, const HubContact& contact);

}  // namespace satchel::node
