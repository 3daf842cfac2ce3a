// SPDX-License-Identifier: AGPL-3.0-or-later
// A small company (tests/simulation/world.h) whose nodes meet by files: export here, import there.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "sync/bundle/export.h"
#include "sync/bundle/import.h"
#include "sync/node/grants.h"
#include "tests/simulation/world.h"
#include "tests/support/temp_folder.h"

namespace satchel::bundle_test {

using sim::must;
using Files = std::vector<std::filesystem::path>;

template <class T>
std::string code(const Result<T>& r) {
  return r ? "" : r.error().code;
}

struct Carriers {
  sim::World world{7, 2};
  sim::Node& rep = world.device("rep", Role::salesperson, "branch1");
  sim::Node& boss = world.device("boss", Role::branch_manager, "branch1");
  sim::Node& hub = world.hub_of("branch1");
  sim::Node& hq = world.hq();
  TempFolder stick;

  Carriers() { world.settle(4); }

  bundle::Exported export_to(sim::Node& from, const bundle::Recipient& to, std::uint64_t part_bytes = 0) {
    if (from.role != wire::Role::hub) must(node::do_upkeep(from.replica(), from.keyring()));
    world.time.ms += 1000;
    return must(bundle::export_bundle(from.replica(), {to, stick, part_bytes}));
  }
  bundle::Exported to_hub(sim::Node& from, sim::Node& to, std::uint64_t part_bytes = 0) {
    return export_to(from, bundle::to_hub(to.identity.id), part_bytes);
  }
  bundle::Exported to_person(sim::Node& from, sim::Node& to, std::uint64_t part_bytes = 0) {
    return export_to(from, bundle::to_person(to.person), part_bytes);
  }
  Result<bundle::Imported> try_import(sim::Node& at, const std::filesystem::path& file) {
    auto done = bundle::import_part(at.replica(), file);
    if (at.role != wire::Role::hub && done) must(node::do_upkeep(at.replica(), at.keyring()));
    return done;
  }
  bundle::Imported import(sim::Node& at, const Files& files) {
    bundle::Imported all;
    for (const auto& file : files) {
      auto one = must(try_import(at, file));
      one.add(all);
      all = std::move(one);
    }
    return all;
  }
  // There, and the answer back.
  void up_and_back(sim::Node& from, sim::Node& to) {
    import(to, to_hub(from, to).files);
    import(from, (from.role == wire::Role::hub ? to_hub(to, from) : to_person(to, from)).files);
  }

  std::unique_ptr<ReadTxn> reading(sim::Node& at) { return must(at.replica().store().begin_read()); }
  std::uint64_t entries(sim::Node& at) { return must(reading(at)->count(Table::log)); }
  std::size_t unsent(sim::Node& at) { return must(node::count_unsent(*reading(at), at.replica().self().chain())); }
  // The hubs that stamped the newest own batch of a node, as that node knows.
  std::set<NodeId> stamped_by(sim::Node& at) {
    const auto txn = reading(at);
    std::set<NodeId> out;
    for (node::BatchNo no = must(txn->count(Table::batches)); no > 0; --no) {
      if (must(node::batch_at(*txn, no)).batch.author.node != at.identity.id) continue;
      for (const auto& s : must(node::stamps_of(*txn, no))) out.insert(s.stamp.hub.node);
      break;
    }
    return out;
  }
  // Everything that follows from what was taken, for comparing nodes that took it in different ways.
  std::string state(sim::Node& at) {
    const auto txn = reading(at);
    std::map<std::string, std::string> archives;
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = must(node::archive_info(*txn, no));
      std::set<std::string> wraps;
      for (const auto& w : must(node::wraps_of(*txn, no))) wraps.insert(wrap_hash(w).hex());
      auto& text = archives[info->id.hex()];
      text = node::digest_of(must(node::heads_of(*txn, no))).hex();
      for (const auto& w : wraps) text.append(" ").append(w);
    }
    std::string out;
    for (const auto& [id, text] : archives) out += id + " " + text + "\n";
    std::set<std::string> batches;
    for (node::BatchNo no = 1; no <= must(txn->count(Table::batches)); ++no) {
      std::string text = batch_id(must(node::batch_at(*txn, no)).signed_bytes.bytes).hex();
      for (const auto& s : must(node::stamps_of(*txn, no))) text.append(" ").append(s.stamp.hub.node.hex());
      batches.insert(text);
    }
    for (const auto& text : batches) out += text + "\n";
    const auto position = at.replica().directory()->position();
    out += std::to_string(position.incarnation) + "." + std::to_string(position.n) + "\n";
    return out;
  }
};

}  // namespace satchel::bundle_test
