// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/pack.h"
#include "schema/template/pack_keys.h"
#include "schema/template/pack_read.h"

namespace satchel {

namespace {

constexpr std::size_t kStatesMax = 60;
constexpr std::size_t kStepKindsMax = 120;
constexpr std::size_t kActorsMax = 20;
constexpr std::size_t kEscalationsMax = 10;
constexpr int kPersonsMax = 10;
constexpr std::size_t kLimitsMax = 20;

// "3wd", or [{ when = …, limit = "24h" }, { limit = "3wd" }]: the one without a condition is for all others.
void read_limits(PackKeys& keys, PackReading& reading, WorkflowState& state) {
  const TomlNode* node = keys.take("limit");
  if (node == nullptr || node->kind != TomlNode::Kind::array) {
    state.limit = read_span(keys, "limit");
    return;
  }
  for (const TomlNode* item : keys.tables("limit", kLimitsMax)) {
    PackKeys parts(*item, reading, keys.where() + " limit");
    LimitWhen one{read_when(parts, reading, "when"), {}};
    const auto span = read_span(parts, "limit");
    if (!span) parts.wrong(item->line, {"缺少 limit = \"…\"", "limit = \"…\" is missing"});
    one.limit = span.value_or(Span{0, Unit::hours});
    if (!one.when.always())
      state.limits.push_back(std::move(one));
    else if (state.limit)
      parts.wrong(item->line, {"只能有一项没有 when", "only one may have no when"});
    else
      state.limit = one.limit;
  }
}

WorkflowState read_state(const TomlNode& node, PackReading& reading, const std::string& where) {
  PackKeys keys(node, reading, where + " state");
  WorkflowState state;
  state.line = node.line;
  state.id = keys.id("id");
  keys.rename(where + "." + state.id);
  state.label = keys.label("label");
  read_limits(keys, reading, state);
  state.from_field = keys.text("from_field");
  state.due_for = read_actors(keys, "due_for");
  for (const TomlNode* item : keys.tables("escalate", kEscalationsMax)) {
    PackKeys parts(*item, reading, keys.where() + " escalate");
    state.escalations.push_back({read_span(parts, "after").value_or(Span{0, Unit::hours}), read_actors(parts, "to")});
  }
  state.copies = read_actors(keys, "copies");
  state.final = keys.flag("final");
  state.paused = keys.flag("paused");
  state.closes = keys.flag("closes");
  return state;
}

WorkflowStep read_step(const TomlNode& node, PackReading& reading, const std::string& where) {
  PackKeys keys(node, reading, where + " step");
  WorkflowStep step;
  step.line = node.line;
  step.id = keys.id("id");
  keys.rename(where + "." + step.id);
  step.label = keys.label("label");
  step.from = keys.texts("from", kStatesMax);
  step.to = keys.id("to");
  step.by = read_actors(keys, "by");
  step.persons = static_cast<int>(keys.integer("persons", 1, 1, kPersonsMax));
  step.all_of = keys.text("all_of");
  step.other_than = keys.texts("other_than", kStepKindsMax);
  step.priority = static_cast<int>(keys.integer("priority", 0, -1000, 1000));
  step.when = read_when(keys, reading, "when");
  step.needs = keys.texts("needs", kFieldsMax);
  step.comment = keys.flag("comment");
  step.owners = read_actors(keys, "owners");
  if (step.from.empty())
    keys.wrong(node.line, {"缺少 from = [\"…\"]（从哪些状态）", "from = [\"…\"] is missing: the states it leaves"});
  if (step.by.empty())
    keys.wrong(node.line, {"缺少 by = [\"…\"]（由谁办理）", "by = [\"…\"] is missing: who may take it"});
  return step;
}

// Every name leads somewhere.
void check_names(PackKeys& keys, const Workflow& workflow) {
  const auto known = [&](const std::string& id, int line) {
    if (workflow.state(id) == nullptr) keys.wrong(line, {"没有状态 '" + id + "'", "there is no state '" + id + "'"});
  };
  known(workflow.start, workflow.line);
  for (const auto& step : workflow.steps) {
    for (const auto& from : step.from) known(from, step.line);
    known(step.to, step.line);
    for (const auto& other : step.other_than) {
      if (other != "author" && workflow.step(other) == nullptr)
        keys.wrong(step.line, {"other_than：没有步骤 '" + other + "'", "other_than: there is no step '" + other + "'"});
    }
  }
}

}  // namespace

std::vector<Actor> read_actors(PackKeys& keys, std::string_view key) {
  std::vector<Actor> all;
  for (const auto& text : keys.texts(key, kActorsMax)) {
    if (const auto actor = parse_actor(text)) {
      all.push_back(*actor);
      continue;
    }
    std::string words;
    for (const auto word : kActorNames) words += (words.empty() ? "" : ", ") + std::string(word);
    const std::string k(key);
    keys.wrong(keys.line(),
               {k + " 中的 '" + text + "' 不认识；可用：" + words + "（field:、role:、function: 后接名称）",
                k + " has '" + text + "'; use one of: " + words + " (field:, role: and function: with a name)"});
  }
  return all;
}

std::optional<Span> read_span(PackKeys& keys, std::string_view key) {
  const auto text = keys.text(key);
  if (text.empty()) return std::nullopt;
  const auto span = parse_span(text);
  const std::string k(key);
  if (!span)
    keys.wrong(keys.line(), {k + " 应为 \"30min\"、\"24h\"、\"3d\"、\"2wd\"（工作日）、\"2m\" 或 \"1y\"",
                             k + " takes \"30min\", \"24h\", \"3d\", \"2wd\" (working days), \"2m\" or \"1y\""});
  return span;
}

Workflow read_workflow(const TomlNode& node, PackReading& reading) {
  PackKeys keys(node, reading, "workflow");
  Workflow workflow;
  workflow.line = node.line;
  workflow.id = keys.id("id");
  keys.rename("workflow " + workflow.id);
  workflow.label = keys.label("label");
  workflow.source = keys.id("source");
  workflow.start = keys.id("start");
  workflow.calendar = keys.text("calendar");
  for (const TomlNode* state : keys.tables("state", kStatesMax))
    workflow.states.push_back(read_state(*state, reading, workflow.id));
  for (const TomlNode* step : keys.tables("step", kStepKindsMax))
    workflow.steps.push_back(read_step(*step, reading, workflow.id));
  check_unique(workflow.states, node.line, keys);
  check_unique(workflow.steps, node.line, keys);
  if (!reading.fault) check_names(keys, workflow);
  return workflow;
}

}  // namespace satchel
