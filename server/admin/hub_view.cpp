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
    out.push_back({{"code", f.code},
                   {"hub", f.hub_name},
                   {"hub_node", f.hub.node.hex()},
                   {"archive", f.archive.none() ? std::string{} : f.archive.hex()},
                   {"author", f.author},
                   {"seq", f.seq},
                   {"stamped_ms", f.stamped.ms},
                   {"through_ms", f.through.ms},
                   {"noticed_ms", f.noticed.ms},
                   {"shown_by", f.shown_by},
                   {"proof", hex(f.proof.bytes)},
                   {"proof_signature", f.proof.signature.hex()}});
  }
  return out;
}

}  // namespace satchel::admin
