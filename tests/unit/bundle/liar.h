// SPDX-License-Identifier: AGPL-3.0-or-later
// Files that are signed and sealed as they should be, by somebody who lies in them.
#pragma once

#include "sync/bundle/part_writer.h"
#include "tests/unit/bundle/carriers.h"

namespace satchel::bundle_test {

// What a modified program might put into a file that is signed and sealed as it should be.
struct Liar : Carriers {
  std::uint64_t number = 100;
  Result<bundle::Imported> hand(sim::Node& from, sim::Node& to, const bundle::Recipient& called,
                                const std::vector<Bytes>& frames, bundle::RecordKind kind = bundle::RecordKind::frame) {
    bundle::Header h;
    h.org = world.org();
    h.id = random_id<bundle::BundleId>(from.entropy);
    h.from = from.replica().self().chain();
    h.to = called;
    h.number = ++number;
    const auto key = Secret32::random(from.entropy);
    Boxer boxer(from.entropy);
    h.boxes.push_back({to.identity.id, boxer.box(to.identity.box.pub, bundle::bound_to(h), key.view())});
    auto writer = must(bundle::PartWriter::open({stick, 0, h, key, from.identity.sign, from.entropy}));
    for (const auto& frame : frames) must(writer->add(kind, frame));
    return try_import(to, must(writer->finish()).front());
  }
  std::string send(const std::vector<Bytes>& frames, bundle::RecordKind kind = bundle::RecordKind::frame) {
    return code(hand(rep, hub, bundle::to_hub(hub.identity.id), frames, kind));
  }
  template <class Bend>
  Bytes parcel(Bend bend) {
    const auto txn = reading(rep);
    const auto out = must(node::next_outgoing(*txn, 0, 0));
    const Bytes bytes = must(node::build_parcel(*txn, *out.part, 0, true));
    auto received = must(wire::Received::decode(bytes));
    bend(std::get<wire::Parcel>(received.frame()));
    return wire::encode(received.frame());
  }
};

}  // namespace satchel::bundle_test
