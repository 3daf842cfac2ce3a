// SPDX-License-Identifier: AGPL-3.0-or-later
// What is held against hubs, as `status` and `verify` show it.
#pragma once

#include <boost/json.hpp>

#include "client/cli/commands.h"
#include "sync/node/hub_findings.h"

namespace satchel::cli {

void tell(const Frame& frame, const std::vector<node::HubFinding>& against_hubs);
boost::json::array hub_findings_json(const std::vector<node::HubFinding>& against_hubs);

}  // namespace satchel::cli
