// SPDX-License-Identifier: AGPL-3.0-or-later
// A Store that marks each commit in the write log, once it has returned, with a digest of what the store then holds.
// So a rebuilt disk can be compared with every state that ever was. The inner store does everything else.
#pragma once

#include <string>

#include "sync/store/store.h"

namespace satchel::crash {

std::unique_ptr<Store> marking_store(std::unique_ptr<Store> inner, const std::string& node);

}  // namespace satchel::crash
