// SPDX-License-Identifier: AGPL-3.0-or-later
// A device's connection to its hub over real TLS, driven round by round on the calling thread: the session, upkeep and
// transport are the product's; only the hand that pokes it is the benchmark's. The device must outlive it.
#pragma once

#include <memory>

#include "sync/holder/device.h"
#include "sync/session/initiator.h"

namespace satchel::bench {

struct Round {
  double ms = 0;
  double acknowledged_ms = 0;  // until the last acknowledgement arrived; 0 when nothing was sent
  std::uint64_t up = 0;        // frames with their prefixes
  std::uint64_t down = 0;
  std::size_t sent = 0;
  std::size_t received = 0;
};

class Line {
 public:
  // `upkeep`: do what a holder of keys does at each round; off for several lines of one device.
  Line(holder::Device& device, std::uint16_t port, bool upkeep = true);
  ~Line();
  // Dials and runs until the first sync is complete; the connection stays.
  Round connect();
  // One more sync, from the poke until it has settled: pushed entries are durable at the hub and known to be.
  Round round();

 private:
  class Live;
  std::unique_ptr<Live> live_;
};

// Dials, syncs and says goodbye, as `satchel sync` does; from the dialling to the end of the sync.
Round sync_once(holder::Device& device, std::uint16_t port);

}  // namespace satchel::bench
