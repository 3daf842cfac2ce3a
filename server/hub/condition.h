// SPDX-License-Identifier: AGPL-3.0-or-later
// The condition of a hub as `status` shows it: read from the data folder, also beside a running hub, of which it is
// another reader. Cheap: counts that tables keep, and the directory's replay.
#pragma once

#include "server/hub/hub_folder.h"
#include "server/hub/upstream.h"
#include "sync/blob/shelf.h"
#include "sync/node/hub_findings.h"

namespace satchel::hub {

struct Condition {
  bool headquarters = false;
  bool confirmed = false;
  bool revoked = false;
  bool running = false;
  OrgId org;
  std::string org_name;
  NodeId hub;
  std::uint32_t incarnation = 0;
  std::string name;
  std::string branch;  // of a branch hub
  std::string listen;
  std::string address;  // as the directory names it
  Position directory;
  std::uint64_t archives = 0;
  std::uint64_t entries = 0;
  std::uint64_t batches = 0;
  blob::Totals attachments;
  std::uint64_t persons = 0;
  std::uint64_t branches = 0;
  std::uint64_t devices = 0;  // confirmed
  std::uint64_t hubs = 0;
  std::uint64_t readers = 0;
  std::uint64_t unconfirmed = 0;  // nodes that wait for somebody to compare their fingerprint
  std::uint64_t pending = 0;      // statements on their way to headquarters
  std::uint64_t forks = 0;
  std::uint64_t copied = 0;  // devices whose disk was copied, frozen
  bool order_waits = false;  // of headquarters: restored, and nothing is ordered until an administrator says so
  WallTime backup;           // the newest; 0: none
  WallTime backup_verified;  // when one was last opened and audited; 0: never
  std::vector<node::HubFinding> against_hubs;
  WallTime shredding_since;     // what was destroyed is still in old pages of the file since then; 0: nothing is owed
  std::uint64_t disk_used = 0;  // bytes of the store
  std::uint64_t disk_free = 0;
  std::vector<node::NearLimit> near_limit;  // devices
  node::VolumeLimit volume_limit;
  std::map<NodeId, std::string> names;  // of those
  Exchange upstream;
};

Result<Condition> condition_of(const HubFolder& folder, Clock& clock, Entropy& entropy);

}  // namespace satchel::hub
