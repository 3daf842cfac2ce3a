// SPDX-License-Identifier: AGPL-3.0-or-later
// Worlds that end with two truths: a device whose disk was copied writes on from both copies, or headquarters' hub
// orders differently for different callers. Such a world never agrees again; it must notice (15), keep the proof, and
// break nothing else.
#include "tests/simulation/driver.h"

namespace satchel::sim {

namespace {

// A second life of a node from a copy of its disk, with the same keys.
std::unique_ptr<Node> twin_of(World& world, Node& node, std::uint64_t seed) {
  auto twin = std::make_unique<Node>(world, node.name + "'s twin", node.identity, node.role, node.org, seed, 0);
  twin->person = node.person;
  twin->vault_key = node.vault_key;
  twin->disk = node.disk->clone();
  twin->start();
  return twin;
}

// Of two copies of a device, each with work of its own at the same place.
std::string fork_a_device(World& world, Node& device, const ArchiveId& archive, std::uint64_t seed) {
  auto twin = twin_of(world, device, seed);
  if (!world.try_add_visit(device, archive, std::string(kMarker))) return "";
  if (!world.try_add_visit(*twin, archive, std::string(kMarker))) return "";
  (void)world.sync_outcome(device, world.home_of(device));
  (void)world.sync_outcome(*twin, world.hq());
  for (int i = 0; i < 2; ++i) {
    for (Node* node : world.all()) {
      if (node->role == wire::Role::hub && node != &world.hq()) (void)world.sync_outcome(*node, world.hq());
    }
    (void)world.sync_outcome(*twin, world.home_of(device));
  }
  return check_fork_noticed(world);
}

// Of two directories of headquarters: whoever knows one exchanges with whoever knows the other.
std::string fork_the_directory(World& world, Node& victim, std::uint64_t seed) {
  Node& hq = world.hq();
  Node& branch = world.home_of(victim);
  if (&branch == &hq) return "";
  auto twin = twin_of(world, hq, seed);
  world.state(payload::Policy{"told-to", "the branch"});
  if (!world.sync_outcome(world.admin(), hq) || !world.sync_outcome(branch, hq)) return "";
  world.state_as(world["boss"], payload::Policy{"told-to", "the victim"});  // may not say so, which is no matter
  const Envelope other = make_statement({world.org(), hq.identity.id, {}, twin->replica().directory()->position(), {}},
                                        hq.identity.sign, payload::Policy{"other", "truth"}, hq.entropy);
  must(twin->replica().write([&](WriteTxn& txn, node::Effects& effects) {
    return node::order_statement(txn, effects, twin->replica(), other);
  }));
  const auto before = victim.replica().directory()->position();
  (void)world.sync_outcome(victim, *twin);
  if (victim.replica().directory()->position() == before) return "";  // it was not told anything new
  const auto met = world.sync_outcome(victim, branch);
  if (met) return "two directories met and nobody noticed";
  const auto& code = met.error().code;
  const bool named = code == "directory.fork" || code == "directory.broken-chain" || code == "directory.gap" ||
                     code == "directory.bad-head" || code == "directory.wrong-envelope";
  return named ? "" : "two directories met, and all that is said is " + code;
}

}  // namespace

std::string Driver::run_to_fork() {
  const int steps = 30 + roll(30);
  for (int i = 0; i < steps; ++i) {
    if (auto wrong = step(); !wrong.empty()) return wrong;
  }
  if (auto wrong = heal(); !wrong.empty()) return wrong;
  Node& device = *people_.front();
  const auto seed = world_.random();
  std::string wrong;
  if (once_in(2)) {
    ++counts_["forked directories"];
    wrong = fork_the_directory(world_, device, seed);
  } else {
    const auto txn = must(device.replica().store().begin_read());
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = *must(node::archive_info(*txn, no));
      const auto directory = device.replica().directory();
      if (directory->right(device.identity.id, node::access_of(info)) != WriteRight::now) continue;
      if (directory->is_destroyed(info.id)) continue;
      ++counts_["forked devices"];
      wrong = fork_a_device(world_, device, info.id, seed);
      break;
    }
  }
  if (!wrong.empty()) return wrong;
  if (wrong = check_logs(world_); !wrong.empty()) return wrong;
  if (wrong = check_no_secrets(world_, watch_, kMarker); !wrong.empty()) return wrong;
  for (const auto& entry : watch_.saved) {
    if (entry.chain.node != device.identity.id) continue;
    if (wrong = check_saved(world_, {entry}, device); !wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace satchel::sim
