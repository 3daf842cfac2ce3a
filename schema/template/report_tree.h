// SPDX-License-Identifier: AGPL-3.0-or-later
// Who brought whom: a report's lines as the branches of a tree (ReportDef::tree).
#pragma once

#include "schema/template/report.h"

namespace satchel {

// Puts each line under that of the archive its tree column names, whatever order they stood in otherwise; archives
// that are only named get a line of their own, without a record. Adds the columns tree.direct and tree.all. Whoever
// brought himself, round a circle, stands once, and the circle is cut there.
void put_tree(const ReportDef& report, const ReportContext& context, ReportResult& result);

}  // namespace satchel
