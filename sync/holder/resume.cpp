// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/resume.h"

namespace satchel::holder {

Result<OrderFound> find_order(Device& device, const ExchangeOptions& options) {
  OrderFound out;
  SATCHEL_TRY(device.replica().refresh());
  std::optional<KnownHub> top;
  const auto directory = device.directory();
  for (const KnownNode* hub : directory->hubs()) {
    const KnownHub place{hub->address, hub->id, hub->tls_pin};
    if (hub->hq_hub) {
      top = place;
      continue;
    }
    const auto done = exchange_with(device, place, options);
    if (!done && done.error().kind == ErrorKind::storage) return std::unexpected(done.error());
    out.asked.push_back({hub->name, done.has_value(), done ? std::string{} : done.error().code});
  }
  if (!top) return fail(ErrorKind::not_found, "hub.no-headquarters");
  // Twice: what the first one gave it back moves its end, and ours may be behind what others gave it.
  for (int round = 0; round < 2; ++round) {
    SATCHEL_GET(done, exchange_with(device, *top, options));
    out.waits = done.sync.order_waits;
  }
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(incarnation, node::hub_incarnation(*txn, top->node));
  out.incarnation = incarnation;
  out.head = device.directory()->position();
  out.order_hash = device.directory()->last_order_hash();
  return out;
}

Result<Digest> say_resumed(Device& device, const OrderFound& found) {
  return device.propose(payload::OrderResumed{found.head, found.order_hash, found.incarnation});
}

}  // namespace satchel::holder
