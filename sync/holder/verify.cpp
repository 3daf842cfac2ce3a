// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/verify.h"

namespace satchel::holder {

Result<DeviceVerification> verify_device(Device& device) {
  DeviceVerification out;
  auto& replica = device.replica();
  {
    SATCHEL_GET(txn, replica.store().begin_read());
    auto directory = node::verify_directory(*txn, device.config().org, replica.self().chain());
    if (!directory && directory.error().kind == ErrorKind::storage) return std::unexpected(directory.error());
    if (!directory) {
      out.directory = directory.error().code;
      out.where = directory.error().detail;
    }
    // Without a directory that holds, the one of the marks says whose signatures to look for.
    const Directory& judge = directory ? *directory : *replica.directory();
    SATCHEL_GET(log, node::verify_log(*txn, judge, {device.identity().id, false}));
    out.log = std::move(log);
    SATCHEL_GET(wraps, node::audit_wraps(*txn, judge, device.identity().id, device.clock().wall()));
    out.wraps = std::move(wraps);
  }
  node::Keyring fresh(device.vault(), device.entropy());
  SATCHEL_GET(derived, node::verify_derived(replica, fresh, device.deriver()));
  out.derived = std::move(derived);
  return out;
}

}  // namespace satchel::holder
