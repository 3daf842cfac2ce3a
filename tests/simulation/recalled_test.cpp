// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of a headquarters that goes on from an old copy, and orders again what a former life of it had ordered: work
// that was held stays held, and work that was in force stays so.
#include <catch2/catch.hpp>

#include "tests/simulation/staff.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

struct Rewound : Staff {
  using Staff::Staff;
  // An administrator who knows nothing of what came after it lets headquarters go on from where its copy stands.
  void resume_from_copy(const Snapshot& copy) {
    Node& hq = world.hq();
    world.restore(hq, copy);
    const auto directory = hq.replica().directory();
    const payload::OrderResumed resumed{directory->position(), directory->last_order_hash(), hq.identity.incarnation};
    const auto word = make_statement(
        {world.org(), world.admin().identity.id, world.admin().person, directory->position(), hq.clock.wall()},
        world.admin().identity.sign, resumed, world.admin().entropy);
    must(hq.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_GET(result, node::take_statement(txn, effects, hq.replica(), word));
      CHECK(result.status == wire::SubmitStatus::ordered);
      return {};
    }));
  }
  // Something is ordered that says nothing, and the branch hears of it.
  void filler(const char* colour) {
    say(payload::Policy{"colour", colour});
    world.sync(hub, world.hq());
  }
  // One visit handed in before he was dismissed and one after, and headquarters' disk from before all that.
  struct Leaving {
    ArchiveId customer;
    Snapshot copy;
    RecordId before, late;
  };
  Leaving leave() {
    Leaving out;
    out.customer = world.open_customer(rep, "福田百货");
    world.settle(3);
    out.copy = world.snapshot(world.hq());
    filler("red");
    out.before = world.add_visit(rep, out.customer, "撤销之前交来");
    world.sync(rep, hub);
    dismiss(rep);
    world.sync(hub, world.hq());
    filler("blue");
    out.late = world.add_visit(rep, out.customer, "撤销之后交来");
    world.sync(rep, hub);
    // The leaver hears no more: not that headquarters has it.
    for (int i = 0; i < 2; ++i) {
      world.sync(hub, world.hq());
      for (Node* at : {&manager, &heir}) world.sync(*at, hub);
      for (Node* at : {&boss, &world.admin()}) world.sync(*at, world.hq());
    }
    check_all(out);
    return out;
  }
  // In which of its lives it took the leaver's last work; 0: it has none.
  std::uint32_t stamped_by_headquarters(const ArchiveId& customer) {
    const auto txn = must(world.hq().replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, customer));
    if (!no) return 0;
    for (const auto& head : must(node::heads_of(*txn, *no))) {
      if (head.chain.chain.node != rep.identity.id) continue;
      for (const auto& stamp : must(node::stamps_of(*txn, must(node::run_of(*txn, head.last))->batch))) {
        if (stamp.stamp.hub.node == world.hq().identity.id) return stamp.stamp.hub.incarnation;
      }
    }
    return 0;
  }
  void check_all(const Leaving& leaving) {
    for (Node* at : {&manager, &boss, &world.admin()}) {
      INFO(at->name);
      CHECK(summary(*at, leaving.customer, leaving.before) == "撤销之前交来");
      CHECK(world.read(*at, leaving.customer, leaving.late).only_held());
    }
    CHECK(check_same_state(world) == "");
  }
};

}  // namespace

TEST_CASE("recalled: what was held or in force stays so when headquarters orders the revocation again",
          "[simulation][restore][recalled]") {
  Rewound b(71);
  const auto leaving = b.leave();
  const auto ordered_before = *b.world.hq().replica().directory()->gone_at(b.rep.identity.id);
  b.resume_from_copy(leaving.copy);
  b.world.settle(6);
  const auto ordered_again = b.world.hq().replica().directory()->gone_at(b.rep.identity.id);
  REQUIRE(ordered_again);
  REQUIRE(*ordered_again > ordered_before);
  b.check_all(leaving);
  CHECK(b.sound() == "");
}

TEST_CASE("recalled: the leaver's device that comes to the restored headquarters before anybody else gains nothing",
          "[simulation][restore][recalled]") {
  Rewound b(72);
  const auto leaving = b.leave();
  b.resume_from_copy(leaving.copy);
  {
    // It keeps to itself what it knows of the directory.
    auto link = b.world.connect(b.rep, b.world.hq());
    do {
      std::erase_if(link->up(), [](const Bytes& frame) {
        return std::holds_alternative<wire::Submit>(must(wire::Received::decode(frame)).frame());
      });
    } while (link->step());
    link->cut();
  }
  REQUIRE_FALSE(b.world.hq().replica().directory()->gone_at(b.rep.identity.id));
  CHECK(b.stamped_by_headquarters(leaving.customer) == b.world.hq().identity.incarnation);
  b.world.settle(6);
  REQUIRE(b.world.hq().replica().directory()->gone_at(b.rep.identity.id));
  b.check_all(leaving);
  CHECK(b.sound() == "");
}

TEST_CASE("recalled: who had heard of a handover when he opened a customer keeps it",
          "[simulation][restore][recalled]") {
  Rewound b(73);
  const auto given = b.world.open_customer(b.rep, "福田百货");
  b.world.settle(3);
  const auto copy = b.world.snapshot(b.world.hq());
  b.say(payload::Handover{b.rep.person, b.heir.person, {}});
  b.world.settle(3);
  const auto own = b.world.open_customer(b.rep, "他自己的新客户");
  b.world.settle(3);
  const auto owner = [&](Node& at, const ArchiveId& archive) {
    return at.replica().directory()->owners(node::access_of(b.info(at, archive)));
  };
  const auto right = [&] {
    for (Node* at : {&b.manager, &b.boss, &b.world.hq()}) {
      INFO(at->name);
      CHECK(owner(*at, given) == std::vector<PersonId>{b.heir.person});
      CHECK(owner(*at, own) == std::vector<PersonId>{b.rep.person});
    }
    CHECK(b.opens(b.rep, own));
    CHECK_FALSE(b.opens(b.heir, own));
  };
  right();
  b.resume_from_copy(copy);
  b.world.settle(6);
  right();
  CHECK(b.sound() == "");
}
