// SPDX-License-Identifier: AGPL-3.0-or-later
// A small company (tests/simulation/world.h) and what it takes to hand parcels about by hand.
#pragma once

#include <catch2/catch.hpp>

#include "sync/node/parcel.h"
#include "tests/simulation/world.h"

namespace satchel::node_test {

using sim::must;

template <class T>
std::string code(const Result<T>& r) {
  return r ? "" : r.error().code;
}

// A parcel as it arrives, taken apart so that a test can bend it.
struct Arrival {
  Bytes frame;
  wire::Received received;
  wire::Parcel& parcel() { return std::get<wire::Parcel>(received.frame()); }
};

struct Desk {
  sim::World world{7};
  sim::Node& rep = world.device("rep", Role::salesperson, "branch1");
  sim::Node& other = world.device("other", Role::salesperson, "branch1");
  sim::Node& hub = world.hub_of("branch1");

  Desk() { world.settle(3); }

  void seal(sim::Node& at) {
    must(at.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_TRY(node::seal_outbox(txn, at.replica().author()));
      return {};
    }));
  }
  // What the node would push next after `after`, its outbox sealed.
  Arrival next_parcel(sim::Node& at, node::Ordinal after = 0) {
    seal(at);
    auto txn = must(at.replica().store().begin_read());
    const auto out = must(node::next_outgoing(*txn, 0, after));
    REQUIRE(out.part.has_value());
    return arrive(must(node::build_parcel(*txn, *out.part, 1, true)));
  }
  // Just these entries of the node's only batch.
  Arrival part(sim::Node& at, std::vector<node::Ordinal> ordinals) {
    auto txn = must(at.replica().store().begin_read());
    const auto run = must(node::run_of(*txn, ordinals.front()));
    return arrive(must(node::build_parcel(*txn, {run->batch, std::move(ordinals)}, 1, true)));
  }
  static Arrival arrive(Bytes frame) {
    Arrival a{std::move(frame), {}};
    a.received = must(wire::Received::decode(a.frame));
    return a;
  }
  Result<node::VerifiedParcel> verify(const wire::Parcel& parcel, sim::Node* at = nullptr) {
    auto& replica = (at != nullptr ? *at : world.hq()).replica();
    return node::verify_parcel(parcel, replica.author_keys(), replica.hub_keys());
  }
  // Verifies and takes it in, as pushed by `from`.
  Result<node::TakenParcel> push(sim::Node& to, const wire::Parcel& parcel, const sim::Node& from) {
    SATCHEL_GET(verified, verify(parcel, &to));
    node::TakenParcel out;
    SATCHEL_TRY(to.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_GET(taken, node::take_parcel(txn, effects, to.replica(), verified, from.identity.id, true));
      out = std::move(taken);
      return {};
    }));
    return out;
  }
};

}  // namespace satchel::node_test
