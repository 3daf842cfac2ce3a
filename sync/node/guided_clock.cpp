// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/guided_clock.h"

#include <cstdlib>

#include "sync/node/log.h"

namespace satchel::node {

namespace {

constexpr std::string_view kContactMark = "hub contact";  // in meta: hub, own, mono i64 ms
constexpr std::int64_t kDriftDivisor = 5'000;             // clocks that run evenly differ by less than a 5,000th

}  // namespace

WallTime guided(const HubContact& last, WallTime own, MonoTime mono) {
  const bool restarted = mono.ms < last.mono.ms;
  const std::int64_t counted = restarted ? mono.ms : mono.ms - last.mono.ms;
  const WallTime least{last.hub.ms + counted};
  if (own.ms < least.ms - kClockKept.count()) return least;
  const std::int64_t apart = std::abs((own.ms - last.own.ms) - counted);
  const bool evenly = !restarted && apart <= kClockKept.count() + counted / kDriftDivisor;
  if (evenly && own.ms > least.ms + kClockKept.count() + counted / kDriftDivisor) return least;
  return own;
}

WallTime GuidedClock::wall() {
  const std::lock_guard turn(turn_);
  const WallTime own = own_.own();
  return last_ ? guided(*last_, own, own_.mono()) : own;
}

void GuidedClock::told(const HubContact& contact) {
  const std::lock_guard turn(turn_);
  last_ = contact;
}

Result<std::optional<HubContact>> last_contact(const ReadTxn& txn) {
  SATCHEL_GET(found, txn.get(Table::meta, view(kContactMark)));
  if (!found) return std::nullopt;
  Reader in(*found);
  HubContact contact;
  contact.hub.ms = in.i64();
  contact.own.ms = in.i64();
  contact.mono.ms = in.i64();
  if (!in.done()) return damaged("hub contact");
  return contact;
}

Result<void> note_contact(WriteTxn& txn, const HubContact& contact) {
  return txn.put(Table::meta, view(kContactMark),
                 Writer().i64(contact.hub.ms).i64(contact.own.ms).i64(contact.mono.ms).bytes());
}

}  // namespace satchel::node
