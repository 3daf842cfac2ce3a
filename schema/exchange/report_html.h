// SPDX-License-Identifier: AGPL-3.0-or-later
// A report as one HTML page to look at, print or send: styles and chart are in it (html_page.h).
// Printed, the header stands on every page and no row is torn.
#pragma once

#include "schema/template/report.h"

namespace satchel {

// `footer`: what else it says of itself, how fresh it is, line by line.
std::string report_html(const ReportResult& result, Lang lang, std::string_view footer);
// The chart as an SVG element; empty when the report has none, or nothing to show in it. A pie that would have a
// negative slice is drawn as bars.
std::string chart_svg(const ReportResult& result, Lang lang);

}  // namespace satchel
