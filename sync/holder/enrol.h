// SPDX-License-Identifier: AGPL-3.0-or-later
// Enrolment of a key-holding node: a new vault with its own keys, and the node's word that it holds the invitation's
// token. The keys and that word are on disk before anything is sent, so that an enrolment cut anywhere, or made with no
// hub in reach, goes on with the next exchange. Until somebody compared the fingerprint nothing is granted.
#pragma once

#include "sync/directory/invitation.h"
#include "sync/holder/exchange.h"

namespace satchel::holder {

struct Enrolling {
  std::filesystem::path folder;
  std::string passphrase;
  StretchParams params;
  InvitationFile invitation;
  std::string device_name;
  wire::Role role = wire::Role::device;
};

struct Enrolled {
  std::unique_ptr<Device> device;
  bool confirmed = false;
  bool reached = false;  // a hub has it
  Error offline;         // when not
};

// The same invitation and folder again take up what an attempt cut short has left, with its keys. failed "vault.exists"
// when the vault is another one, or confirmed; permission "vault.wrong-passphrase"; usage "invite.wrong-purpose"; a
// refusal of the directory ("directory.token-used" …), which leaves no trace, so that another invitation can be used.
// Being offline is no error.
Result<Enrolled> enrol(const Enrolling& wishes);

// What people compare by voice.
std::string fingerprint_of(const Device& device);

// Asks the hubs once whether this node is confirmed by now. Errors: permission "enrol.unconfirmed" (detail: the
// fingerprint), or the refusal of the enrolment.
Result<void> complete_enrolment(Device& device);

}  // namespace satchel::holder
