// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/hub_view.h"

#include "client/cli/words.h"

namespace satchel::cli {

void tell(const Frame& frame, const std::vector<node::HubFinding>& against_hubs) {
  for (const auto& f : against_hubs) frame.say("⚠ " + node::told(f, frame.globals().lang, time_word));
}

boost::json::array hub_findings_json(const std::vector<node::HubFinding>& against_hubs) {
  boost::json::array out;
  for (const auto& f : against_hubs) {
    boost::json::object one;
    node::put_fields(f, [&](std::string_view name, const auto& value) { one[name] = value; });
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace satchel::cli
