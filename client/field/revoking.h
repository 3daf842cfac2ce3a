// SPDX-License-Identifier: AGPL-3.0-or-later
// Somebody leaves, or a device is lost: what is last known of it, what is taken, and what became of it. Revoking is
// restrictive: the hub that hears of it obeys at once, headquarters or not; archives it could read get a new key with
// their next entry; what the device still has unsent it hands in at its next contact, where it is held for a verdict.
// Refused: not_found "revoke.nobody" (neither a person nor a node), conflict "revoke.ambiguous", "revoke.done",
// "revoke.pending", usage "revoke.oneself", and the directory's codes.
#pragma once

#include "client/field/records.h"
#include "client/field/said.h"

namespace satchel::field {

// What this device knows of another one.
struct DeviceNews {
  NodeId node;
  std::string name;
  NodeState state = NodeState::enrolled;
  WallTime heard;           // when a hub last took work of it that has arrived here; 0: never
  std::size_t entries = 0;  // of it, here
  std::optional<DropReceipt> receipt;
  bool never_heard() const { return heard.ms == 0 && !receipt; }
};
Result<DeviceNews> news_of(const ReadTxn& txn, const Directory& directory, const NodeId& node);

struct RevokePlan {
  PersonId person;      // whose devices these are; none: a hub or a reader
  bool leaves = false;  // the person and every device; else one node
  NodeKind kind = NodeKind::device;
  std::vector<DeviceNews> devices;
  std::size_t owned = 0;  // archives known here that the person owns
  std::size_t alone = 0;  // of them, without another owner
  std::size_t read = 0;   // archives known here that it could read
};
// A person by name, or a device, hub or reader by the beginning of its id, or by its name where one has it.
Result<RevokePlan> plan_revoke(Book& book, const std::string& text);
// Whether it is this person's to say, before it is shown as if it could be done. The directory's codes.
Result<void> may_revoke(Book& book, const RevokePlan& plan, const std::string& reason);
// The reason is in the clear: everybody in the organisation can read it.
Result<std::vector<Said>> revoke(Book& book, const RevokePlan& plan, const std::string& reason);

struct RevokedDevice {
  PersonId person;
  DeviceNews news;
  WallTime time;  // when it was ordered
  std::string reason;
  bool left = false;     // its person has left, too
  bool let_go = false;   // it has said that everything taken by then is gone from it
  bool pending = false;  // said here and not ordered yet: hubs that have it obey it
};
Result<std::vector<RevokedDevice>> list_revoked(Book& book);

}  // namespace satchel::field
