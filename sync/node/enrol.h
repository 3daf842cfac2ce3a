// SPDX-License-Identifier: AGPL-3.0-or-later
// Enrolment: what a new node says of itself, on the strength of an invitation. No password crosses the network: the
// node makes its own keys, signs them, and proves that it holds the token.
#pragma once

#include "sync/directory/invitation.h"
#include "sync/directory/statement.h"
#include "sync/vault/identity.h"

namespace satchel::node {

Envelope enrolment(const InvitationFile& invitation, const Identity& self, const std::string& name,
                   const std::optional<payload::HubDetails>& hub, WallTime now, Entropy& entropy);

}  // namespace satchel::node
