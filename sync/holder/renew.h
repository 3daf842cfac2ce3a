// SPDX-License-Identifier: AGPL-3.0-or-later
// A device that was copied goes on in a life of its own, so that what the hubs could not take can be handed in
// (sync/node/renewal.h). Killed at any moment it is done again by the next call.
#pragma once

#include "sync/holder/device.h"
#include "sync/node/renewal.h"

namespace satchel::holder {

struct Renewed {
  std::uint32_t incarnation = 0;
  node::WrittenAgain written;
};
// The device is closed and opened again in its next life. Errors: those of opening it.
Result<Renewed> renew(std::unique_ptr<Device>& device, const std::string& passphrase);

}  // namespace satchel::holder
