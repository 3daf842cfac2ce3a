// SPDX-License-Identifier: AGPL-3.0-or-later
// A large attachment on a device: cut, exchanged, read. As the programs do it.
#pragma once

#include "sync/holder/exchange.h"

namespace satchel::bench {

// Adds a file of so many MiB to the card of the first archive; seconds.
double attach_file(holder::Device& device, std::size_t mib);
// One exchange with the hub at the port, as `satchel sync`; seconds and the report.
struct Moved {
  double seconds = 0;
  session::SyncReport report;
};
Moved exchange_with(holder::Device& device, std::uint16_t port);
// Asks for every attachment that is not here.
void want_attachments(holder::Device& device);
// Opens every chunk of the first archive's only attachment; seconds.
double read_file(holder::Device& device);

}  // namespace satchel::bench
