// SPDX-License-Identifier: AGPL-3.0-or-later
// The order of names in Chinese lists: by pinyin as ICU's zh collation has it, digits by their number (2号店 before
// 10号店), case and accents last. A character that is read in two ways stands where its usual reading puts it.
#pragma once

#include <string>
#include <string_view>

namespace satchel {

// Bytes whose order is the names' order. They are as long as the name and reveal it: keep them in memory only.
std::string sort_key(std::string_view name);

}  // namespace satchel
