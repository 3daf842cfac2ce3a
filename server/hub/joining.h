// SPDX-License-Identifier: AGPL-3.0-or-later
// Joining: a branch hub makes its keys, enrols at headquarters by an invitation, and takes over the directory. Cut
// anywhere, the same call goes on where it was: the keys and the statement stand on disk before anything is sent.
// A refusal leaves no trace, so that another invitation can be used.
#pragma once

#include "server/hub/hub_folder.h"
#include "sync/directory/invitation.h"

namespace satchel::hub {

struct Joining {
  HubFolder folder;
  std::string name;
  HostPort listen;
  std::string address;  // what devices dial: host:port
  InvitationFile invitation;
};

struct Joined {
  OrgId org;
  NodeId hub;
  bool confirmed = false;
  std::string fingerprint;  // for whoever confirms
  std::string branch;       // name, once confirmed
  std::size_t statements = 0;
  std::size_t received = 0;
};

// Not confirmed is no error: the hub can be started and goes on by itself. Errors: conflict "hub.exists"; usage
// "invite.wrong-purpose"; the refusal of the directory ("directory.token-used", "directory.token-expired" …); offline
// when no hub of the invitation could be reached.
Result<Joined> join_organisation(const Joining& wishes, Clock& clock, Entropy& entropy);

}  // namespace satchel::hub
