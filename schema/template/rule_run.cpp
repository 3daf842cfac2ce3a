// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/rule_run.h"

#include <algorithm>

#include "schema/template/rule_kinds.h"

namespace satchel {

namespace {

RuleFindings find(const RuleRows& rows, const Rule& rule) {
  switch (rule.kind) {
    case RuleKind::due:
      return find_due(rows, rule);
    case RuleKind::schedule:
      return find_scheduled(rows, rule);
    case RuleKind::complete:
      return find_incomplete(rows, rule);
    case RuleKind::agree:
      return find_disagreeing(rows, rule);
    case RuleKind::watch:
      return find_watched(rows, rule);
    case RuleKind::duplicate:
      return find_duplicates(rows, rule);
    case RuleKind::quota:
      return find_quotas(rows, rule);
    case RuleKind::sample:
      return find_sample(rows, rule);
  }
  return std::vector<RuleFinding>{};
}

}  // namespace

Result<std::vector<RuleFinding>> run_rule(const Catalogue& catalogue, const Rule& rule, const RuleContext& context) {
  const RuleRows rows(catalogue, context);
  SATCHEL_GET(found, find(rows, rule));
  // What is watched stands in the order the rule asks for.
  if (rule.kind != RuleKind::watch)
    std::ranges::stable_sort(found, [](const RuleFinding& a, const RuleFinding& b) {
      const auto key = [](const RuleFinding& f) {
        return std::tuple(!f.due.has_value(), f.due.value_or(WallTime{}), f.archive, f.record, f.subject);
      };
      return key(a) < key(b);
    });
  if (found.size() > context.findings_max) found.resize(context.findings_max);
  return found;
}

}  // namespace satchel
