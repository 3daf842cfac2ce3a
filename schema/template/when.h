// SPDX-License-Identifier: AGPL-3.0-or-later
// Which records something is for: a field of a form, a step, a limit. Tests of fields of the same record, in the words
// of the filters of reports and rules; all must hold at once. field_text.h, applies() says whether they do.
#pragma once

#include <algorithm>

#include "schema/template/report_def.h"

namespace satchel {

// `values` are words of the pack: choices, yes or no, numbers, dates. `from` and `to` include the value itself.
struct FieldTest {
  std::string field;
  ConditionTest test = ConditionTest::is;
  std::vector<std::string> values;
};

struct When {
  std::vector<FieldTest> all;

  bool always() const { return all.empty(); }
  bool names(std::string_view field) const { return std::ranges::find(all, field, &FieldTest::field) != all.end(); }
};

}  // namespace satchel
