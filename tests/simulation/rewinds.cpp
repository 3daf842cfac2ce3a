// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/rewinds.h"

namespace satchel::sim {

bool Rewinds::held_anywhere(const SavedEntry& entry) {
  for (Node* node : world_.all()) {
    if (!node->running()) continue;
    const auto txn = must(node->replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, entry.archive));
    const auto author = must(node::find_node(*txn, entry.chain.node));
    if (!no || !author) continue;
    const auto head = must(node::head_of(*txn, *no, *author, entry.chain));
    if (head && head->chain.head.seq >= entry.seq) return true;
  }
  return false;
}

bool Rewinds::go_back(Node& node, std::vector<SavedEntry>& saved) {
  const auto copy = copies_.find(node.name);
  if (copy == copies_.end()) return false;
  world_.restore(node, copy->second);
  std::erase_if(saved, [&](const SavedEntry& entry) { return !held_anywhere(entry); });
  return true;
}

void Rewinds::look_after_order() {
  Node& hq = world_.hq();
  if (node::may_order(hq.replica().self(), *hq.replica().directory())) return;
  world_.settle(3);
  must(world_.resume_order());
}

}  // namespace satchel::sim
