// SPDX-License-Identifier: AGPL-3.0-or-later
// What waits for a person on this node: records whose fields hold concurrent values that nobody may choose between but
// a person (policy `review`), and entries held until a verdict. Call after Deriver::apply().
#pragma once

#include "sync/holder/device.h"

namespace satchel::holder {

struct Contested {
  ArchiveId archive;
  RecordId record;
  std::string type;
  std::vector<std::string> fields;
};

struct Attention {
  std::vector<Contested> contested;
  std::size_t held = 0;    // entries
  std::size_t locked = 0;  // archives that are here without their key: somebody who has it must sync first
};

Result<Attention> attention_of(Device& device);

}  // namespace satchel::holder
