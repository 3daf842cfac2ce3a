// SPDX-License-Identifier: AGPL-3.0-or-later
// What a node that holds secrets, or the HQ hub, should do for the organisation as its directory stands: tasks as
// data, for the node to carry out and state. Several members see the same task; `rank` is this node's place in an
// order that differs from task to task, so that waiting a little for each rank leaves most of the work to one.
#pragma once

#include <variant>

#include "sync/directory/entities.h"

namespace satchel {

// Make the key pair of this epoch and seal its secret to `members` (the maker among them): statement audience_key.
struct CreateAudienceKey {
  AudienceId audience;
  std::uint32_t epoch = 0;
  std::vector<NodeId> members;  // at most kAudienceBoxesMax; the others get theirs as boxes afterwards
  std::uint32_t rank = 0;
  bool operator==(const CreateAudienceKey&) const = default;
};

// Seal the secret of this epoch, which we hold, to one more member: statement audience_box.
struct SealAudienceBox {
  AudienceId audience;
  std::uint32_t epoch = 0;
  NodeId to;
  BoxPublic to_key;
  std::uint32_t rank = 0;
  bool operator==(const SealAudienceBox&) const = default;
};

// HQ hub only: statement number_range.
struct LeaseNumbers {
  NodeId node;
  std::uint32_t incarnation = 0;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  bool operator==(const LeaseNumbers&) const = default;
};

using UpkeepTask = std::variant<CreateAudienceKey, SealAudienceBox, LeaseNumbers>;

}  // namespace satchel
