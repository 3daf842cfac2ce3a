// SPDX-License-Identifier: AGPL-3.0-or-later
// What a version of a pack changes, for whoever has to approve it: every key, by the place people know it by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace satchel {

// One a line: "+ visit.mood", "- report old", "~ complaint.department.length: 4000 → 4",
// "~ workflow complaint step register.by: [service] → [anyone]". Without a version before, what stands at the top
// level. Texts that are no TOML give nothing.
std::vector<std::string> pack_differences(std::string_view before, std::string_view after);

}  // namespace satchel
