// SPDX-License-Identifier: AGPL-3.0-or-later
// Disks, clocks, and weeks without anything.
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

}  // namespace satchel::sim
