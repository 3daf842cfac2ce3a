// SPDX-License-Identifier: AGPL-3.0-or-later
// The report half of the pack reader (pack_read_report.cpp), apart only for length. Private to this room.
#pragma once

#include "schema/template/pack_keys.h"

namespace satchel {

ReportDef read_report(const TomlNode& node, PackReading& reading);
WorkCalendar read_calendar(const TomlNode& node, PackReading& reading, int version);

}  // namespace satchel
