// SPDX-License-Identifier: AGPL-3.0-or-later
// What must hold of a world, whatever happened to it. Apart from the stories and the random driver on purpose: a check
// reads stores and knows nothing of how they came to be. Each returns an empty text, or what is wrong.
#pragma once

#include <set>

#include "tests/simulation/world.h"

namespace satchel::sim {

struct SavedEntry {
  ArchiveId archive;
  ChainId chain;
  std::uint64_t seq = 0;
};

// Every log is gap-free, linked, counted once; every own saved entry is in its author's log.
std::string check_logs(World& world);
std::string check_saved(World& world, const std::vector<SavedEntry>& saved, Node& at);
// Nothing a hub stores contains the marker all customer texts carry.
std::string check_hubs_blind(World& world, std::string_view marker);
// Every device holds only archives its person may read, or wrote in.
std::string check_scope(World& world);
// After healing: same heads at HQ and wherever the archive is held, same record states for all who read it.
std::string check_converged(World& world);
// What every node stores passes the product's own audit, from the bytes up to what is derived.
std::string check_audit(World& world);
// Whoever wrote holds headquarters' receipt for it and owes nothing. Not where stamps were garbled on their way.
std::string check_receipts(World& world);
// When everything has been told, a sync is one round trip that says nothing.
std::string check_quiet(World& world);
// Nobody holds anything against a hub: all of them are honest. Not where frames were garbled on their way, because then
// somebody did keep things back.
std::string check_hubs_trusted(World& world);
// No claimed time counts for more than its earliest stamp and two minutes.
std::string check_clocks(World& world);

}  // namespace satchel::sim
