// SPDX-License-Identifier: AGPL-3.0-or-later
// Disks that fail, fill up, die and come back; clocks, and weeks without anything.
#include "sync/node/dropping.h"
#include "sync/node/lease.h"
#include "tests/simulation/driver.h"

namespace satchel::sim {

void Driver::fail_disk() {
  ++counts_["disk faults"];
  Node& node = once_in(3) ? some_hub() : somebody();
  static constexpr CommitFault kFaults[] = {CommitFault::full, CommitFault::io, CommitFault::unknown_kept,
                                            CommitFault::unknown_lost};
  node.disk->fail_commit(1 + static_cast<std::uint64_t>(roll(3)), kFaults[roll(4)]);
}

// Full until somebody makes room: every save is refused, and everything goes on afterwards.
void Driver::fill_disk() {
  ++counts_["full disks"];
  Node& node = once_in(3) ? some_hub() : somebody();
  for (int i = 0; i < 3; ++i) {
    node.disk->fail_commit(1, CommitFault::full);
    if (node.role == wire::Role::hub) {
      step_links(roll(20));
    } else if (const auto info = some_archive_to_write(node)) {
      (void)write_visit(node, *info);
    }
  }
  node.disk->fail_commit(0, CommitFault::full);
}

// A hub that answers late, many at once, or never: what waits is lost when it is restarted.
void Driver::slow_disk() {
  ++counts_["slow disks"];
  Node& hub = some_hub();
  if (hub.slow) hub.work_off();
  hub.slow = !hub.slow;
}

void Driver::turn_clock() {
  ++counts_["clocks turned"];
  static constexpr std::int64_t kDays[] = {-3650, -365, -20, -1, 0, 0, 0, 1, 20, 365, 3650};
  somebody().clock.set_offset(kDays[roll(11)] * kDayMs + roll(3'600'000));
}

void Driver::weeks_pass() {
  ++counts_["weeks passed"];
  links_.clear();
  world_.time.ms += (1 + roll(25)) * kDayMs;
}

// A program is closed and opened again, which is when a device looks at its lease and at what it lost.
void Driver::reopen() {
  Node& node = once_in(3) ? some_hub() : somebody();
  restart(node);
  if (node.role == wire::Role::hub || !once_in(2)) return;
  (void)node::count_lease(node.replica(), node.keyring());
  (void)node::drop_what_is_lost(node.replica(), node.keyring(), node.clock.wall());
  const auto txn = node.replica().store().begin_read();
  const auto over = txn ? node::lease_over(**txn) : Result<bool>(false);
  if (over && *over) ++counts_["leases over"];
}

// What happens seldom in an ordinary run, many times over: for faults that would take thousands of worlds to be met.
void Driver::crowd() {
  const auto all_heads_call = [&] {
    for (Node* head : heads_) links_.push_back(world_.connect(*head, world_.hq()));
    step_links(120);
    reopen_lost_stores();
  };
  switch (roll(8)) {
    case 0:
    case 1:
      return lie_all_along();
    case 2:
      return push_forged();
    case 3:  // told to everybody who may sign, and signed
      propose_destruction();
      all_heads_call();
      return sign_destruction();
    case 4:
      return once_in(2) ? move() : grant();
    case 5:  // lines are open while rights go
      for (int i = 0; i < 3; ++i) start_sync();
      reopen_lost_stores();
      once_in(2) ? leave_or_return() : end_grant();
      return all_heads_call();
    case 6:  // several keys of one epoch
      for (int i = 0; i < 3; ++i) rotate();
      return;
    default:
      for (Node* node : people_) {
        if (once_in(2)) (void)node->deriver().apply();
      }
  }
}

namespace {

bool held_by_anybody(World& world, const SavedEntry& entry) {
  return std::ranges::any_of(world.all(), [&](Node* node) {
    const auto txn = must(node->replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, entry.archive));
    const auto author = must(node::find_node(*txn, entry.chain.node));
    if (!no || !author) return false;
    const auto head = must(node::head_of(*txn, *no, *author, entry.chain));
    return head && head->chain.head.seq >= entry.seq;
  });
}

bool waits_anywhere(World& world, const Digest& statement) {
  return std::ranges::any_of(world.all(), [&](Node* node) {
    const auto pending = must(node::all_pending(*must(node->replica().store().begin_read())));
    const auto found = std::ranges::find(pending, statement, &node::Pending::id);
    return found != pending.end() && found->status != wire::SubmitStatus::refused;
  });
}

}  // namespace

// A backup, for a bad day. Headquarters' own come back in restore_test.cpp, because somebody has to let it order again.
void Driver::copy_disk() {
  constexpr std::size_t kCopiesMax = 6;
  Node& node = once_in(3) ? world_.hub_of(some_branch()) : somebody();
  node.disk->fail_commit(0, CommitFault::full);
  ++counts_["copies"];
  std::vector<Bytes> files;
  for (const auto& file : watch_.files) {
    if (file.node == node.identity.id) files.push_back(file.content);
  }
  if (copies_.size() == kCopiesMax) copies_.erase(copies_.begin());
  copies_.push_back({&node, world_.snapshot(node), std::move(files)});
}

// A disk dies, and its node goes on from a copy, however old, in a life of its own.
void Driver::lose_disk() {
  if (copies_.empty()) return;
  const auto& copy = any_of(copies_);
  Node& node = *copy.of;
  ++counts_[node.role == wire::Role::hub ? "hubs restored" : "devices restored"];
  std::erase_if(links_, [&](const auto& link) { return &link->from() == &node || &link->hub() == &node; });
  node.clock.set_offset(0);     // a new machine, and its clock is set
  world_.time.ms += 3'600'000;  // which takes a while: lives are numbered by the minute
  world_.restore(node, copy.disk);
  watch_.forget(node);
  forget_what_is_lost(node, copy.files);
}

// What only the dead disk had is lost, and nobody can ask for it.
void Driver::forget_what_is_lost(Node& node, const std::vector<Bytes>& files) {
  const auto before = watch_.saved.size();
  std::erase_if(watch_.saved, [&](const SavedEntry& entry) { return !held_by_anybody(world_, entry); });
  counts_["entries lost with a disk"] += before - watch_.saved.size();
  std::erase_if(watch_.files, [&](const SavedFile& file) {
    return file.node == node.identity.id && std::ranges::find(files, file.content) == files.end();
  });
  restored_.insert(node.name);
  forget_statements();
}

// What an author's disk lost a hub may have had and lost, too; or headquarters refused it, and told whom it could.
void Driver::forget_statements() {
  std::erase_if(watch_.said, [&](const auto& said) {
    return restored_.contains(said.first) && !world_.hq().replica().directory()->has(said.second) &&
           !waits_anywhere(world_, said.second);
  });
}

}  // namespace satchel::sim
