// SPDX-License-Identifier: AGPL-3.0-or-later
// The people of most stories: one branch with two salespeople and their manager, a boss at headquarters, and the
// branch's hub; and what a story asks of them.
#pragma once

#include "tests/simulation/invariants.h"
#include "tests/simulation/world.h"

namespace satchel::sim {

struct Staff {
  World world;
  Node& rep;
  Node& heir;
  Node& manager;
  Node& boss;
  Node& hub;

  explicit Staff(std::uint64_t seed)
      : world(seed, 2),
        rep(world.device("rep", Role::salesperson, "branch1")),
        heir(world.device("heir", Role::salesperson, "branch1")),
        manager(world.device("manager", Role::branch_manager, "branch1")),
        boss(world.device("boss", Role::general_manager, "")),
        hub(world.hub_of("branch1")) {
    world.settle(3);
  }

  // With what is on its disk alone.
  bool opens(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    if (!no) return false;
    const auto info = *must(node::archive_info(*txn, *no));
    node::Keyring fresh(at.vault(), at.entropy);
    return !must(fresh.keys_of(*txn, *at.replica().directory(), info))->epochs.empty();
  }
  // Empty while it is held, or not there.
  std::string summary(Node& at, const ArchiveId& archive, const RecordId& visit) {
    const auto read = world.read(at, archive, visit);
    const auto values = read.state.values("summary");
    return values.empty() ? "" : std::get<std::string>(values.front()->value);
  }
  node::StoredArchive info(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    return *must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
  }
  // By the administrator, ordered and known to everybody who is in reach.
  template <class P>
  Digest say(const P& payload, const ArchiveId& archive = {}) {
    const auto id = world.state(payload, archive);
    world.sync(world.admin(), world.hq());
    return id;
  }
  void revoke(Node& node) { say(payload::NodeRevoked{node.identity.id, ""}); }
  void dismiss(Node& node) {
    payload::PersonChanged left{.person = node.person};
    left.active = false;
    say(left);
  }
  // By the manager of the branch, as `revoke` says it: kept at his device until he meets a hub.
  void depart(Node& node) { depart_by(manager, node); }
  void depart_by(Node& by, Node& node) {
    world.state_as(by, payload::NodeRevoked{node.identity.id, "离职"});
    payload::PersonChanged left{.person = node.person};
    left.active = false;
    world.state_as(by, left);
  }
  std::string sound() {
    if (auto wrong = check_logs(world); !wrong.empty()) return wrong;
    if (auto wrong = check_scope(world); !wrong.empty()) return wrong;
    if (auto wrong = check_converged(world); !wrong.empty()) return wrong;
    if (auto wrong = check_audit(world); !wrong.empty()) return wrong;
    if (auto wrong = check_hubs_trusted(world); !wrong.empty()) return wrong;
    return check_quiet(world);
  }
};

}  // namespace satchel::sim
