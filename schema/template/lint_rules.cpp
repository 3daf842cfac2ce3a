// SPDX-License-Identifier: AGPL-3.0-or-later
// The codes, after 'lint.': rule-source, rule-column, rule-unbounded, rule-nobody, rule-field, rule-before.
#include <algorithm>

#include "schema/template/lint_base.h"

namespace satchel {

namespace {

class RuleLint {
 public:
  RuleLint(LintBase& lint, const Rule& rule) : lint_(lint), rule_(rule), where_("rule " + rule.id) {}

  void run() {
    lint_.need_label(where_, rule_.label);
    lint_.need_help(where_, rule_.help);
    lint_.check_calendar(where_, rule_.calendar);
    if (!rule_.source.empty() && !known(rule_.source)) return;
    for (const auto& c : rule_.filter) lint_.check_condition(where_, rule_.source, c);
    const Template* source = lint_.find(rule_.source);
    for (const auto& actor : rule_.for_whom) lint_.check_actor(where_, source, actor);
    for (const auto& actor : rule_.tell) lint_.check_actor(where_, source, actor);
    for (const auto& actor : rule_.about) lint_.check_actor(where_, source, actor);
    if (!rule_.date.empty()) lint_.check_date(where_, rule_.source, rule_.date);
    if (!rule_.from.empty()) lint_.check_date(where_, rule_.source, rule_.from);
    if (!rule_.column.empty())
      lint_.check_column(where_, rule_.source, rule_.column, rule_.measure == MeasureKind::sum);
    for (const auto& o : rule_.order) lint_.check_column(where_, rule_.source, o.column);
    if (rule_.until) check_answer(*rule_.until);
    if (rule_.of) check_answer(*rule_.of);
    for (const auto& id : rule_.fields) lint_.check_column(where_, rule_.source, id);
    if (!rule_.per.empty()) lint_.check_column(where_, rule_.source, rule_.per);
    check_pairs();
    check_target();
    check_hours();
    if (rule_.kind == RuleKind::due) check_bounded();
    if (rule_.for_whom.empty())
      lint_.warn(where_, "rule-nobody", {"没有 for：不会提醒任何人", "it has no 'for': nobody is reminded"});
  }

 private:
  bool known(const std::string& id) {
    if (lint_.find(id) != nullptr) return true;
    lint_.error(where_, "rule-source", {"没有模板 " + id, "there is no template " + id});
    return false;
  }

  void check_answer(const Answer& answer) {
    if (!known(answer.source)) return;
    for (const auto& c : answer.filter) lint_.check_condition(where_, answer.source, c);
    if (!answer.date.empty()) lint_.check_date(where_, answer.source, answer.date);
    for (const auto& [theirs, mine] : answer.on) {
      lint_.check_column(where_, answer.source, theirs);
      if (!rule_.source.empty()) lint_.check_column(where_, rule_.source, mine);
    }
  }

  void check_pairs() {
    if (rule_.kind != RuleKind::agree || !known(rule_.with)) return;
    for (const auto& c : rule_.with_filter) lint_.check_condition(where_, rule_.with, c);
    for (const auto* pairs : {&rule_.on_pairs, &rule_.equal}) {
      for (const auto& [mine, theirs] : *pairs) {
        lint_.check_column(where_, rule_.source, mine);
        lint_.check_column(where_, rule_.with, theirs);
      }
    }
  }

  void check_target() {
    if (!rule_.target || !known(rule_.target->source)) return;
    lint_.check_column(where_, rule_.target->source, rule_.target->column, true);
    lint_.check_column(where_, rule_.target->source, rule_.target->per);
    if (!rule_.target->date.empty()) lint_.check_date(where_, rule_.target->source, rule_.target->date);
  }

  // Only answers that are looked for day by day have an hour.
  void check_hours() {
    const bool daily = rule_.kind == RuleKind::due || rule_.kind == RuleKind::schedule;
    const auto has_hour = [](const std::optional<Answer>& answer) { return answer && answer->before_minutes >= 0; };
    if (has_hour(rule_.of) || (!daily && has_hour(rule_.until)))
      lint_.error(where_, "rule-before",
                  {"before 只用于 due 和 schedule 的 until", "before is for the until of due and schedule"});
  }

  // A reminder comes to an end: by an answer, with the day, or because the record says itself that it is over.
  void check_bounded() {
    const bool ends = std::ranges::any_of(rule_.filter, [this](const Condition& c) {
      return (c.test == ConditionTest::filled && c.values.front() == "no") || leaves_out_an_end(c);
    });
    if (!rule_.until && !rule_.yearly && !ends)
      lint_.error(where_, "rule-unbounded",
                  {"提醒没有尽头：需要 until、yearly，或筛选某字段未填（filled = false）",
                   "the reminder has no end: give until, yearly, or a filter that some field is not filled"});
    if (rule_.again && !rule_.until) lint_.error(where_, "rule-unbounded", {"again 需要 until", "again needs until"});
  }

  // A matter that has come to one of its ends is no longer reminded of.
  bool leaves_out_an_end(const Condition& c) const {
    const Workflow* flow = c.column == "flow.state" ? lint_.find_workflow(rule_.source) : nullptr;
    const bool is = c.test == ConditionTest::is;
    if (flow == nullptr || (!is && c.test != ConditionTest::is_not)) return false;
    return std::ranges::any_of(flow->states, [&](const WorkflowState& state) {
      const bool named = std::ranges::find(c.values, state.id) != c.values.end();
      return state.final && named != is;
    });
  }

  LintBase& lint_;
  const Rule& rule_;
  std::string where_;
};

}  // namespace

void lint_rules(LintBase& lint) {
  for (const auto& rule : lint.pack().rules) RuleLint(lint, rule).run();
}

}  // namespace satchel
