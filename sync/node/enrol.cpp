// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/enrol.h"

namespace satchel::node {

Envelope enrolment(const InvitationFile& invitation, const Identity& self, const std::string& name,
                   const std::optional<payload::HubDetails>& hub, WallTime now, Entropy& entropy) {
  payload::NodeEnrolled enrolled;
  enrolled.invite = invitation.invite;
  enrolled.sign = self.sign.pub;
  enrolled.box = self.box.pub;
  enrolled.name = name;
  enrolled.hub = hub;
  prove_token(enrolled, invitation.org, token_keys(invitation));
  return make_statement({invitation.org, self.id, {}, {}, now}, self.sign, enrolled, entropy);
}

}  // namespace satchel::node
