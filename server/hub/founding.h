// SPDX-License-Identifier: AGPL-3.0-or-later
// Founding an organisation: the root key, headquarters' hub, and the first statements, which the root key signs: the
// organisation, its hub, the first administrator and the invitations for him and for HQ's reader. The root key is
// written to the recovery kit and nowhere else. Refuses a folder that holds anything of a hub.
#pragma once

#include "server/hub/hub_folder.h"

namespace satchel::hub {

struct Founding {
  HubFolder folder;
  std::string org_name;
  std::string hub_name;
  std::string admin_name;
  HostPort listen;
  std::string address;  // what others dial: host:port
};

struct Founded {
  OrgId org;
  NodeId hub;
  Digest tls_pin;
  PersonId admin;
  WallTime invites_expire;
};

// usage "hub.bad-name" or "link.address"; conflict "hub.exists", "hub.unfinished"; storage.
Result<Founded> found_organisation(const Founding& wishes, Clock& clock, Entropy& entropy);

}  // namespace satchel::hub
