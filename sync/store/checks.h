// SPDX-License-Identifier: AGPL-3.0-or-later
// What every implementation of a store refuses in the same words. Private to the room.
#pragma once

#include "sync/store/store.h"

namespace satchel {

inline std::unexpected<Error> ended() { return fail(ErrorKind::failed, "store.ended"); }

inline Result<void> check_key(View key) {
  if (!key.empty() && key.size() <= kStoreKeyBytesMax) return {};
  return fail(ErrorKind::failed, "store.key-size", std::to_string(key.size()));
}

}  // namespace satchel
