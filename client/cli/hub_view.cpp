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

}  // namespace satchel::cli
