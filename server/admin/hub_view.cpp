// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/admin/hub_view.h"

namespace satchel::admin {

void tell(const Program& program, const std::vector<node::HubFinding>& against_hubs) {
  constexpr int kChina = 480;
  const Lang lang = program.language == Language::zh ? Lang::zh : Lang::en;
  const auto time = [](WallTime t) { return t.ms == 0 ? std::string("-") : format_time(t, kChina); };
  for (const auto& f : against_hubs) program.say("⚠ " + node::told(f, lang, time));
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

}  // namespace satchel::admin
