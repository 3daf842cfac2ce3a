// SPDX-License-Identifier: AGPL-3.0-or-later
// A record in its workflow, as `step` shows it and as whatever took a step does.
#pragma once

#include "client/cli/commands.h"
#include "client/field/matters.h"

namespace satchel::cli {

// Where it stands now, what was said of it, and what the step that was just taken, if any, has done besides.
Result<int> tell_step(const Frame& frame, holder::Book& book, const holder::RecordPlace& place,
                      const field::StepDone& done);

}  // namespace satchel::cli
