// SPDX-License-Identifier: AGPL-3.0-or-later
// Disks that go back to an older copy in the middle of everything, for the random driver. What nobody in the world
// holds after that is gone by the nature of the thing, and no longer asked for; everything else must still arrive.
#pragma once

#include <map>

#include "tests/simulation/invariants.h"

namespace satchel::sim {

class Rewinds {
 public:
  explicit Rewinds(World& world) : world_(world) {}

  void copy(Node& node) { copies_[node.name] = world_.snapshot(node); }
  // Whether there was a copy to go back to. Links to the node must be gone.
  bool go_back(Node& node, std::vector<SavedEntry>& saved);
  // An administrator looks after a headquarters that orders nothing; to be called when the world heals.
  void look_after_order();

 private:
  bool held_anywhere(const SavedEntry& entry);
  World& world_;
  std::map<std::string, Snapshot> copies_;
};

}  // namespace satchel::sim
