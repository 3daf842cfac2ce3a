// SPDX-License-Identifier: AGPL-3.0-or-later
// The codes, after 'lint.': flow-source, flow-twice, flow-unreachable, flow-dead-end, flow-no-end, flow-nobody,
// flow-field, flow-limit, flow-removed, flow-state-removed, flow-step-removed, flow-persons, flow-closes, flow-owners.
#include <algorithm>
#include <set>

#include "schema/template/lint_base.h"

namespace satchel {

namespace {

class FlowLint {
 public:
  FlowLint(LintBase& lint, const Workflow& flow)
      : lint_(lint), flow_(flow), source_(lint.find(flow.source)), where_("workflow " + flow.id) {}

  void run() {
    lint_.need_label(where_, flow_.label);
    if (source_ == nullptr)
      lint_.error(where_, "flow-source", {"没有模板 " + flow_.source, "there is no template " + flow_.source});
    lint_.check_calendar(where_, flow_.calendar);
    for (const auto& state : flow_.states) check_state(state);
    for (const auto& step : flow_.steps) check_step(step);
    check_reach();
  }

 private:
  void need_field(const std::string& where, const std::string& id, bool dated) {
    const Field* field = source_ != nullptr ? source_->field(id) : nullptr;
    const bool fits = field && (!dated || field->type == FieldType::date || field->type == FieldType::time);
    if (source_ != nullptr && !fits)
      lint_.error(where, "flow-field",
                  {"字段 " + id + (dated ? " 须是本模板的日期或时间" : " 不在模板中"),
                   "field " + id + (dated ? " must be a date or time of the template" : " is not in the template")});
  }

  void check_state(const WorkflowState& state) {
    const std::string where = where_ + " " + state.id;
    lint_.need_label(where, state.label);
    if (!state.from_field.empty()) need_field(where, state.from_field, true);
    for (const auto& actor : state.due_for) lint_.check_actor(where, source_, actor);
    for (const auto& actor : state.copies) lint_.check_actor(where, source_, actor);
    for (const auto& escalation : state.escalations)
      for (const auto& actor : escalation.to) lint_.check_actor(where, source_, actor);
    check_limits(where, state);
    if (state.timed() && state.due_for.empty())
      lint_.warn(where, "flow-nobody",
                 {"有期限却没有 due_for：不会提醒任何人", "it has a limit but no due_for: nobody is reminded"});
    if (state.closes && source_ != nullptr && !source_->lives_in(RecordScope::customer))
      lint_.error(where, "flow-closes",
                  {"closes 只用于客户档案中的记录", "closes is for records in customers' archives only"});
    if (!state.timed() && !state.escalations.empty())
      lint_.error(where, "flow-nobody", {"escalate 需要 limit", "escalate needs a limit"});
  }

  void check_limits(const std::string& where, const WorkflowState& state) {
    for (const auto& one : state.limits) lint_.check_when(where, source_, one.when, true);
    if (!state.limits.empty() && !state.limit)
      lint_.error(where, "flow-limit",
                  {"limit 缺少没有 when 的一项：其余记录就没有期限",
                   "no limit without a when: records that fit none of them would never be due"});
  }

  void check_step(const WorkflowStep& step) {
    const std::string where = where_ + " " + step.id;
    lint_.need_label(where, step.label);
    for (const auto& actor : step.by) lint_.check_actor(where, source_, actor);
    lint_.check_when(where, source_, step.when, true);
    check_owners(where, step);
    if (!step.all_of.empty()) lint_.check_actor(where, source_, {ActorKind::field, step.all_of});
    for (const auto& field : step.needs)
      if (field != "*") need_field(where, field, false);
    const bool alone = step.by.size() == 1 && step.by.front().kind == ActorKind::author;
    if (step.persons > 1 && alone)
      lint_.error(where, "flow-persons",
                  {"只有一人能办，却要求多人", "one person alone may take it, but several must"});
  }

  // Who owns an archive its branch's managers and headquarters say.
  void check_owners(const std::string& where, const WorkflowStep& step) {
    for (const auto& actor : step.owners) lint_.check_actor(where, source_, actor);
    if (step.owners.empty()) return;
    const bool may = std::ranges::all_of(step.by, [](const Actor& actor) {
      return actor.kind == ActorKind::manager ||
             (actor.kind == ActorKind::role && (actor.name == "branch_manager" || actor.name == "general_manager"));
    });
    const bool of_customer = source_ == nullptr || source_->lives_in(RecordScope::customer);
    if (!may || !of_customer)
      lint_.error(where, "flow-owners",
                  {"owners 只用于客户档案中的记录，且只能由 manager、role:branch_manager 或 role:general_manager 办理",
                   "owners is for records in customers' archives, in steps of manager, role:branch_manager or "
                   "role:general_manager alone"});
  }

  void check_reach() {
    std::set<std::string> reached{flow_.start};
    for (bool more = true; more;) {
      more = false;
      for (const auto& step : flow_.steps) {
        const bool leaves = std::ranges::any_of(step.from, [&](const auto& from) { return reached.contains(from); });
        if (leaves) more = reached.insert(step.to).second || more;
      }
    }
    const auto ending = from_which_it_ends();
    bool ends = false;
    for (const auto& state : flow_.states) {
      const std::string where = where_ + " " + state.id;
      if (!reached.contains(state.id))
        lint_.error(where, "flow-unreachable", {"没有步骤通到这个状态", "no step leads here"});
      const bool left = std::ranges::any_of(flow_.steps, [&](const WorkflowStep& step) {
        return std::ranges::find(step.from, state.id) != step.from.end();
      });
      if (!left && !state.final)
        lint_.error(
            where, "flow-dead-end",
            {"没有步骤离开这个状态；若是终点请设 final = true", "no step leaves it; set final = true if it is an end"});
      if (left && !state.final && !ending.contains(state.id))
        lint_.error(where, "flow-no-end",
                    {"从这里走不到终点：提醒没有尽头", "no end can be reached from here: it reminds for ever"});
      ends = ends || state.final;
    }
    if (!ends) lint_.error(where_, "flow-no-end", {"没有终点（final = true）", "it has no end (final = true)"});
  }

  std::set<std::string> from_which_it_ends() const {
    std::set<std::string> ending;
    for (const auto& state : flow_.states)
      if (state.final) ending.insert(state.id);
    for (bool more = true; more;) {
      more = false;
      for (const auto& step : flow_.steps) {
        if (!ending.contains(step.to)) continue;
        for (const auto& from : step.from) more = ending.insert(from).second || more;
      }
    }
    return ending;
  }

  LintBase& lint_;
  const Workflow& flow_;
  const Template* source_;
  std::string where_;
};

// Records stand in states and hold steps of earlier versions.
void compare(LintBase& lint, const Workflow& before, const Workflow* now) {
  const std::string where = "workflow " + before.id;
  if (now == nullptr) {
    lint.error(where, "flow-removed",
               {"流程不能删除：已有记录在其中", "a workflow cannot be removed: records are in it"});
    return;
  }
  for (const auto& state : before.states)
    if (now->state(state.id) == nullptr)
      lint.error(where + " " + state.id, "flow-state-removed",
                 {"状态不能删除：已有记录停在那里", "a state cannot be removed: records stand there"});
  for (const auto& step : before.steps)
    if (now->step(step.id) == nullptr)
      lint.error(
          where + " " + step.id, "flow-step-removed",
          {"步骤不能删除：已办理的步骤要靠它认定", "a step cannot be removed: those already taken depend on it"});
}

}  // namespace

void lint_flows(LintBase& lint) {
  std::set<std::string> sources;
  for (const auto& flow : lint.pack().workflows) {
    if (!sources.insert(flow.source).second)
      lint.error("workflow " + flow.id, "flow-twice",
                 {"一个模板只能有一个流程", "a template's records go through one workflow only"});
    FlowLint(lint, flow).run();
  }
  if (lint.previous() == nullptr) return;
  for (const auto& before : lint.previous()->workflows) {
    const auto now = std::ranges::find(lint.pack().workflows, before.id, &Workflow::id);
    compare(lint, before, now == lint.pack().workflows.end() ? nullptr : &*now);
  }
}

}  // namespace satchel
