// SPDX-License-Identifier: AGPL-3.0-or-later
// Letting a restored headquarters order again (docs/directory.md, 'Positions'). The administrator's device asks every
// hub for the order as far as it knows it, gives headquarters what it lost, and then signs the head to go on from.
#pragma once

#include "sync/holder/exchange.h"

namespace satchel::holder {

struct AskedHub {
  std::string name;
  bool reached = false;
  std::string code;  // why not
};

struct OrderFound {
  bool waits = false;  // headquarters orders nothing now
  Position head;       // the highest that was found
  Digest order_hash;
  std::uint32_t incarnation = 0;  // headquarters' life now
  std::vector<AskedHub> asked;
  bool all_reached() const { return std::ranges::all_of(asked, &AskedHub::reached); }
};

// Errors: offline when headquarters itself cannot be reached.
Result<OrderFound> find_order(Device& device, const ExchangeOptions& options = {});
// The statement, kept until it is ordered.
Result<Digest> say_resumed(Device& device, const OrderFound& found);

}  // namespace satchel::holder
