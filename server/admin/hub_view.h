// SPDX-License-Identifier: AGPL-3.0-or-later
// What is held against hubs, as `status` and `verify` of hubs and readers show it.
#pragma once

#include <boost/json.hpp>

#include "server/admin/program.h"
#include "sync/node/hub_findings.h"

namespace satchel::admin {

void tell(const Program& program, const std::vector<node::HubFinding>& against_hubs);
boost::json::array hub_findings_json(const std::vector<node::HubFinding>& against_hubs);

}  // namespace satchel::admin
