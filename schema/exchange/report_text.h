// SPDX-License-Identifier: AGPL-3.0-or-later
// A report's result as people and programs take it away: a plain-text table with subtotals, CSV for a spreadsheet, JSON
// for a script. CSV has one kind of row only (lines, or, for a report without columns, its innermost groups), so that a
// column can be summed; totals are in the other two.
#pragma once

#include "schema/template/report.h"

namespace satchel {

std::string report_table(const ReportResult& result, Lang lang);
std::string report_csv(const ReportResult& result, bool byte_order_mark = true);
// {"report", "title", "parameters": {label: text}, "rows", "lines": [{"archive", "record", "corrected",
// "values": {column: value}, "texts": {column: text}}], "groups": [{"level", "key": {..}, "texts": {..}, "rows",
// "measures": {..}, "records": [..]}], "totals": {..}, "left_out": {standing: count}}
std::string report_json(const ReportResult& result, int zone_minutes = kChinaZoneMinutes);

}  // namespace satchel
