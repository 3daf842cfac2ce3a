// SPDX-License-Identifier: AGPL-3.0-or-later
// One function a kind of rule. Private to the rule engine.
#pragma once

#include "schema/template/rule_rows.h"

namespace satchel {

using RuleFindings = Result<std::vector<RuleFinding>>;

RuleFindings find_due(const RuleRows& rows, const Rule& rule);
RuleFindings find_scheduled(const RuleRows& rows, const Rule& rule);
RuleFindings find_incomplete(const RuleRows& rows, const Rule& rule);
RuleFindings find_disagreeing(const RuleRows& rows, const Rule& rule);
RuleFindings find_watched(const RuleRows& rows, const Rule& rule);
RuleFindings find_duplicates(const RuleRows& rows, const Rule& rule);
RuleFindings find_quotas(const RuleRows& rows, const Rule& rule);
RuleFindings find_sample(const RuleRows& rows, const Rule& rule);

}  // namespace satchel
