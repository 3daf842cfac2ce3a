// SPDX-License-Identifier: AGPL-3.0-or-later
// WaitingRoom: who may start a handshake. Counts the strangers of each address (IPv6: of each /64, which is what
// one person gets) and keeps further sockets of a full address parked in order until one of its slots is free,
// so that an office behind one address gets in without letting one caller take every slot. An address whose callers
// fail again and again before anybody knows them gets fewer slots for a while. Pure bookkeeping.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "schema/wire/limits.h"
#include "sync/session/penalties.h"

namespace satchel {

struct Caller {
  int socket = -1;
  std::string remote;        // for logs
  std::uint64_t origin = 0;  // whom it counts for
};

class WaitingRoom {
 public:
  explicit WaitingRoom(const Limits& limits) : limits_(limits) {}

  enum class Verdict { start, parked, refused };
  // start: it has a slot now. parked: it was moved in here. refused: too many are parked already.
  Verdict arrive(Caller& caller, MonoTime now);
  // A caller of this origin ended without ever having been known.
  void strike(std::uint64_t origin, MonoTime now) { strikes_.add(origin, 1, now); }
  // A started one of this origin settled or ended; the parked one that gets its slot, if any, has it already.
  std::optional<Caller> leave(std::uint64_t origin, MonoTime now);
  // Too many in all: accept no more for now.
  bool full() const { return pending_ >= limits_.pending; }
  std::size_t pending() const { return pending_; }
  std::size_t parked() const { return parked_; }
  // All that are parked, which are no longer.
  std::vector<Caller> empty_out();

 private:
  struct Origin {
    std::size_t pending = 0;
    std::deque<Caller> parked;
  };
  std::size_t slots(std::uint64_t origin, MonoTime now) const;

  Limits limits_;
  Penalties<std::uint64_t> strikes_{{kStrikesMax, 2 * kStrikesMax, kStrikeForgivenAfter, kSuspectsKept}};
  std::unordered_map<std::uint64_t, Origin> origins_;
  std::size_t pending_ = 0;
  std::size_t parked_ = 0;
};

}  // namespace satchel
