// SPDX-License-Identifier: AGPL-3.0-or-later
// Customers whose archives do not open on this device now, and by which number they can still be named. Names are not
// kept outside an archive: while it is locked nobody is found by name, but work can be recorded by number or id.
#pragma once

#include "sync/node/log.h"

namespace satchel::holder {

class Device;

enum class LockedWhy : std::uint8_t {
  lease,     // no hub was met for too long (sync/node/lease.h)
  restored,  // from a backup, and no hub was met since (sync/node/restored.h)
  no_key,    // whoever has its key has not passed it on yet
};

struct LockedCustomer {
  node::StoredArchive info;
  std::string number;  // as far as it is known here, else empty
  LockedWhy why = LockedWhy::no_key;
};

// By number, those without one last.
Result<std::vector<LockedCustomer>> locked_customers(Device& device);

// Keeps the numbers of all customers that are readable now, for when they are not.
Result<void> keep_references(Device& device);

}  // namespace satchel::holder
