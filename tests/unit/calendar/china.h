// SPDX-License-Identifier: AGPL-3.0-or-later
// The standard pack's calendar of China.
#pragma once

#include "schema/calendar/work_calendar.h"

namespace satchel::test {

const WorkCalendar& china();

}  // namespace satchel::test
