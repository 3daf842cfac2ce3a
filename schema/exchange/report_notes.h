// SPDX-License-Identifier: AGPL-3.0-or-later
// What every form of a report shares: its words, and what stands under it and in its chart.
#pragma once

#include "schema/template/report.h"

namespace satchel {

std::string words(Lang lang, std::string_view zh, std::string_view en);
std::string column_title(const ReportColumn& column);  // with its currency
std::string subtotal_word(Lang lang);
std::string total_word(Lang lang);
bool has_corrected(const ReportResult& result);
// What was corrected, cut, or waits for a verdict, a line each.
std::string report_notes(const ReportResult& result, Lang lang);

// A chart shows one measure of the innermost groups.
struct ChartPoint {
  std::string label;  // keys from the outermost in
  double value = 0;
  ReportCell cell;
};
// Which measure; nothing when the report has no chart, or no such measure.
std::optional<std::size_t> chart_measure(const ReportResult& result);
// Empty when there is nothing to show, or nothing that is a number.
std::vector<ChartPoint> chart_points(const ReportResult& result);

}  // namespace satchel
