// SPDX-License-Identifier: AGPL-3.0-or-later
// Verification of a vault: the directory replayed, the log from its bytes, the derived tables from the log, the keys.
#pragma once

#include "sync/holder/device.h"
#include "sync/node/audit.h"
#include "sync/node/verify_derived.h"

namespace satchel::holder {

struct DeviceVerification {
  node::VerifyReport log;
  node::DerivedReport derived;
  node::WrapAudit wraps;  // no damage: it tells who can read, and who should not
  std::string directory;  // code of what is wrong with it; empty when nothing is
  std::string where;
  bool sound() const { return directory.empty() && log.sound() && derived.sound(); }
};

// Reads everything. A breach is a finding, not an error.
Result<DeviceVerification> verify_device(Device& device);

}  // namespace satchel::holder
