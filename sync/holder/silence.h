// SPDX-License-Identifier: AGPL-3.0-or-later
// Devices of which nothing has come for a while: what a roll-up of their people's work lacks, perhaps. For whoever
// reads a branch or everything; a person's own list says nothing of others.
#pragma once

#include "sync/holder/book.h"
#include "sync/node/batches.h"

namespace satchel::holder {

struct Silence {
  WallTime since;                   // the beginning of this week
  std::size_t devices = 0;          // confirmed ones of active people whose work is read here
  std::vector<std::string> silent;  // whose people's names; nothing of them was taken by a hub since
};
// `heard` as the node has it (batches.h).
Silence silence_of(Book& book, const node::Heard& heard, WallTime now);

}  // namespace satchel::holder
