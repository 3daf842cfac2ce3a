// SPDX-License-Identifier: AGPL-3.0-or-later
// How a workload says 'this was acknowledged': the mark stands in the write log between the writes before and after it.
// Without the recording library preloaded it does nothing.
#pragma once

#include <cstddef>
#include <string_view>

extern "C" __attribute__((weak)) void satchel_crash_mark(const char* text, std::size_t size);

namespace satchel::crash {

inline void crash_mark(std::string_view text) {
  if (satchel_crash_mark != nullptr) satchel_crash_mark(text.data(), text.size());
}

}  // namespace satchel::crash
