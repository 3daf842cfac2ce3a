// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/renew.h"

#include "sync/node/restored.h"

namespace satchel::holder {

Result<Renewed> renew(std::unique_ptr<Device>& device, const std::string& passphrase) {
  Renewed out;
  const auto folder = device->folder();
  auto& replica = device->replica();
  SATCHEL_TRY(replica.write(
      [&](WriteTxn& txn, node::Effects&) { return node::end_life(txn, replica.author(), device->entropy()); }));
  // From here on nothing can be written in the former life.
  SATCHEL_TRY(
      device->begin_life(node::next_life(device->identity().incarnation, device->clock().wall(), device->entropy())));
  device.reset();
  SATCHEL_GET(again, Device::open(folder, passphrase));
  device = std::move(again);
  out.incarnation = device->identity().incarnation;
  SATCHEL_TRY(device->replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_GET(written,
                node::write_again(txn, effects.directory(), device->identity(), device->keyring(), device->entropy()));
    out.written = written;
    return {};
  }));
  SATCHEL_TRY(device->derive());
  return out;
}

}  // namespace satchel::holder
