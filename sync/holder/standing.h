// SPDX-License-Identifier: AGPL-3.0-or-later
// Where a vault stands: who it is, what it holds, what it still owes, when it last met a hub. For `status`.
#pragma once

#include "sync/blob/shelf.h"
#include "sync/holder/attention.h"
#include "sync/holder/exchange.h"
#include "sync/holder/locked.h"
#include "sync/holder/statements.h"
#include "sync/node/backups.h"
#include "sync/node/hub_findings.h"
#include "sync/node/restored.h"
#include "sync/node/shredding.h"

namespace satchel::holder {

struct Standing {
  std::string organisation;
  OrgId org;
  wire::Role node_role = wire::Role::device;
  NodeId node;
  std::uint32_t incarnation = 0;
  std::string fingerprint;
  NodeState state = NodeState::enrolled;
  bool known = false;  // the directory has heard of this node
  PersonId person;
  std::string person_name;
  Role role = Role::salesperson;
  std::string branch;  // empty: headquarters
  Position directory;
  WallTime directory_time;
  std::uint64_t archives = 0;
  std::uint64_t entries = 0;
  std::uint64_t unsent = 0;
  std::uint64_t drafts = 0;     // begun here and not finished
  WallTime oldest_unsent;       // claimed; 0: none
  std::uint64_t at_branch = 0;  // own entries that a branch has signed for, and headquarters not yet
  std::uint64_t at_hq = 0;
  blob::Totals attachments;
  std::size_t conflicts = 0;
  std::size_t held = 0;
  std::size_t requests = 0;                      // for access, that wait for this person's answer
  std::size_t locked = 0;                        // archives without their key
  std::vector<LockedCustomer> locked_customers;  // for whatever reason
  Millis put_right{0};  // by so much what is written here is timed otherwise than this machine's clock says
  node::Lease lease;
  Device::Life life = Device::Life::current;
  std::optional<node::Restored> restored;
  std::vector<node::KnownBackup> backups;  // newest first
  node::Volume volume;                     // what is here, without attachments
  node::VolumeLimit volume_limit;
  std::uint64_t kept_back = 0;                   // archives that a hub did not send for want of room
  std::optional<node::ShreddingOwed> shredding;  // let go of, and still in the file's old pages
  std::uint64_t forks = 0;
  std::vector<node::HubFinding> against_hubs;
  std::vector<std::string> broken_packs;
  std::vector<Waiting> statements;
  // What somebody else takes from this node, obeyed here though headquarters has not ordered it.
  struct Taking {
    Digest id;
    StatementKind kind{};
    std::string by;  // a person's name
    WallTime claimed;
  };
  std::vector<Taking> takings;
  bool ended = false;  // by them it has lost every right
  struct Hub {
    std::string name;
    std::string address;
    bool headquarters = false;
    LastExchange last;
    WallTime shown_through;  // by the hub's time: everything until then is here, it said; 0: never
  };
  std::vector<Hub> hubs;
  std::uint64_t numbers_leased = 0;
  std::uint64_t disk_bytes = 0;
};

Result<Standing> standing_of(Device& device);

}  // namespace satchel::holder
