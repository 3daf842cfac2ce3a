// SPDX-License-Identifier: AGPL-3.0-or-later
// A desk with one record in a workflow, for tests of where it stands: the salesperson who wrote it, their manager and
// the general manager, each at a device of their own.
#pragma once

#include "schema/template/pack.h"
#include "sync/node/deriver.h"
#include "sync/node/matter.h"
#include "sync/node/scribe.h"
#include "tests/unit/node/desk.h"

namespace satchel::node_test {

struct MatterDesk : Desk {
  sim::Node& manager = world.device("manager", Role::branch_manager, "branch1");
  sim::Node& boss = world.device("boss", Role::general_manager, "");
  std::string form;
  ArchiveId customer;
  RecordId record;

  // A record of that form of the pack, which everybody has.
  MatterDesk(std::string_view pack, std::string form_id, std::vector<Op> first) : form(std::move(form_id)) {
    world.state(node::publication_of(must(parse_pack(pack)), pack));
    world.settle(4);
    customer = world.open_customer(rep, "福田百货");
    record = random_id<RecordId>(rep.entropy);
    write_ops(rep, std::move(first));
    world.settle(4);
  }

  void write_ops(sim::Node& at, std::vector<Op> ops) {
    world.time.ms += 60'000;
    must(at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                          {at.clock.wall(), at.clock.mono(), true});
      SATCHEL_GET(info, node::archive_info(txn, *must(node::find_archive(txn, customer))));
      SATCHEL_TRY(scribe.write(*info, {RecordChange{record, form, 1, std::move(ops)}}));
      return scribe.finish();
    }));
  }
  void take(sim::Node& at, std::string_view step, std::string_view why = {}) {
    write_ops(at, {{std::string(kStepField), node::step_value(step, why), node::last_steps(state(at))}});
  }
  merge::RecordState state(sim::Node& at) { return world.read(at, customer, record).state; }

  template <class Use>
  auto matter(sim::Node& at, Use use) {
    const auto txn = must(at.replica().store().begin_read());
    const auto info = *must(node::archive_info(*txn, *must(node::find_archive(*txn, customer))));
    const auto read = state(at);
    const auto directory = at.replica().directory();
    const node::MatterOf of{info, read, *directory};
    const auto found = node::matter_of(of, at.deriver().packs().catalogue, at.clock.wall());
    REQUIRE(found.has_value());
    return use(of, *found);
  }
  std::string stands(sim::Node& at) {
    return matter(at, [](const auto&, const node::Matter& m) { return m.standing.state(); });
  }
  std::vector<std::string> open_to(sim::Node& at) {
    return matter(at, [&](const node::MatterOf& of, const node::Matter& m) {
      std::vector<std::string> out;
      for (const auto* step : node::open_steps(of, m, at.person)) out.push_back(step->id);
      return out;
    });
  }
};

}  // namespace satchel::node_test
