// SPDX-License-Identifier: AGPL-3.0-or-later
// Bounds, names of refusals, nonces, and evidence of forks.
#include <fstream>
#include <sstream>

#include "schema/wire/limits.h"
#include "sync/blob/shelf.h"
#include "sync/node/grants.h"
#include "tests/simulation/invariants.h"

namespace satchel::sim {

std::string check_fork_noticed(World& world) {
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    if (!must(node::forks(*must(node->replica().store().begin_read()))).empty()) return "";
  }
  return "two entries claim one place, and nobody holds the proof";
}

std::string check_nonces(World& world) {
  constexpr std::size_t kNonce = 24;
  std::map<Bytes, std::string> seen;
  std::string wrong;
  const auto note = [&](const Node& node, View sealed) {
    if (sealed.size() < kNonce) return;
    if (!seen.emplace(copy(sealed.first(kNonce)), node.name).second)
      wrong = node.name + " used a nonce twice for what it keeps";
  };
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    const auto txn = must(node->replica().store().begin_read());
    must(scan_prefix(*txn, Table::sheets, {}, [&](KeyValue pair) {
      note(*node, pair.value.subspan(std::min<std::size_t>(4, pair.value.size())));
      return wrong.empty();
    }));
    must(scan_prefix(*txn, Table::keys, {}, [&](KeyValue pair) {
      note(*node, pair.value);
      return wrong.empty();
    }));
  }
  return wrong;
}

std::string check_bounds(World& world, const Watch& watch) {
  constexpr std::size_t kQueueMax = kWindowBytes + kBacklogBytes + 2 * kFrameBytesMax;
  if (watch.queue_bytes_max > kQueueMax) return "more was in flight than a session may have";
  const auto ordered = world.hq().replica().directory();
  for (Node* node : world.all()) {
    const auto* known = ordered->node(node->identity.id);
    const bool member = known != nullptr && known->state() == NodeState::confirmed && !ordered->lost_at(known->id);
    if (!node->running() || !member) continue;
    const auto txn = must(node->replica().store().begin_read());
    for (const auto& pending : must(node::all_pending(*txn))) {
      if (pending.status != wire::SubmitStatus::refused) return node->name + " waits for a statement for ever";
      if (pending.code.empty()) return node->name + " was refused a statement without a word";
    }
    if (!must(node::queued_wraps(*txn, 1)).empty()) return node->name + " has wraps that go nowhere";
    if (wants(world, *node).what_is_there) return node->name + " wants an attachment for ever";
    for (Node* hub : world.all()) {
      if (hub->role != wire::Role::hub || hub == node) continue;
      const auto no = must(node::find_node(*txn, hub->identity.id));
      const Node& home = node->role == wire::Role::hub ? world.hq() : world.home_of(*node);
      if (no && hub == &home && !must(node::owed(*txn, *no, hub->identity.incarnation)).empty())
        return node->name + " owes " + hub->name + " a batch for ever";
    }
  }
  return "";
}

namespace {

// What the program can say, in both languages: a code, or its family.
const std::string& wording() {
  static const std::string all = [] {
    std::ostringstream out;
    for (const char* name : {"text", "records", "bundle"})
      out << std::ifstream("client/cli/messages_" + std::string(name) + ".cpp").rdbuf();
    out << std::ifstream("client/cli/messages.cpp").rdbuf();
    return out.str();
  }();
  return all;
}

bool worded(const std::string& code) {
  const auto dot = code.find('.');
  if (code.empty() || dot == std::string::npos) return false;
  return wording().find("{\"" + code + "\"") != std::string::npos ||
         wording().find("{\"" + code.substr(0, dot) + ".*\"") != std::string::npos;
}

}  // namespace

std::string check_named(World& world, const Watch& watch, bool garbled) {
  for (const auto& code : watch.codes) {
    if (!garbled && !worded(code)) return "a refusal has no wording: '" + code + "'";
  }
  for (const auto& [name, statement] : watch.said) {
    if (watch.now().has(statement)) continue;
    const auto pending = must(node::all_pending(*must(world[name].replica().store().begin_read())));
    const auto own = std::ranges::find(pending, statement, &node::Pending::id);
    if (own == pending.end()) return name + " is not told what became of a statement";
    if (own->status == wire::SubmitStatus::refused && !worded(own->code))
      return "a refusal has no wording: '" + own->code + "'";
  }
  const auto hq = must(world.hq().replica().store().begin_read());
  for (const auto& entry : watch.saved) {
    const auto at_hq = must(node::find_archive(*hq, entry.archive));
    const auto author = at_hq ? must(node::find_node(*hq, entry.chain.node)) : std::nullopt;
    const auto head = author ? must(node::head_of(*hq, *at_hq, *author, entry.chain)) : std::nullopt;
    if (head && head->chain.head.seq >= entry.seq) continue;
    for (Node* node : world.all()) {
      if (node->identity.id != entry.chain.node || !node->running()) continue;
      // Headquarters has not got it: its author must be able to see so.
      const auto txn = must(node->replica().store().begin_read());
      // Of an archive that was destroyed meanwhile the directory says so, to whoever is still told of it.
      bool told = must(node::count_unsent(*txn, entry.chain)) > 0 || watch.now().is_destroyed(entry.archive);
      must(scan_prefix(*txn, Table::marks, node::key_of(std::uint32_t{0xfffffffd}), [&](KeyValue pair) {
        told = told || equal(pair.key.subspan(4, ArchiveId::size), entry.archive.view());
        return !told;
      }));
      if (!told) return node->name + " is not told that headquarters did not take its work";
    }
  }
  return "";
}

}  // namespace satchel::sim
