// SPDX-License-Identifier: AGPL-3.0-or-later
// The systemd unit a hub should run under, as text: its own user, one writable folder, no more rights and calls than it
// needs, and the times and descriptors that schema/wire/limits.h counts on. Pure.
#pragma once

#include <string>

#include "schema/base/result.h"

namespace satchel::hub {

struct ServiceUnit {
  std::string program;  // absolute
  std::string data;     // absolute: the hub's folder
  std::string user = "satchel";
};
// invalid "unit.path" when a path is not absolute or has characters no unit can name; "unit.user".
Result<std::string> service_unit(const ServiceUnit& wanted);

}  // namespace satchel::hub
