// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/catalogue.h"

#include <algorithm>

namespace satchel {

void Catalogue::add(Pack pack) { put(std::move(pack), true); }

void Catalogue::add_for_reading(Pack pack) { put(std::move(pack), false); }

void Catalogue::put(Pack pack, bool in_force) {
  auto& versions = packs_[pack.id];
  const int version = pack.version;
  // First come stays: a released version never changes, and pointers into it may be out.
  const auto at = versions.all.try_emplace(version, std::make_shared<const Pack>(std::move(pack))).first;
  const bool newer = versions.in_force == nullptr || versions.in_force->version < version;
  if (!in_force || !newer) return;
  versions.in_force = at->second.get();
  index();
}

void Catalogue::index() {
  templates_.clear();
  reports_.clear();
  workflows_.clear();
  calendars_.clear();
  rules_.clear();
  worked_out_.clear();
  for (const auto& [id, versions] : packs_) {
    if (versions.in_force == nullptr) continue;
    const Pack& pack = *versions.in_force;
    for (const auto& t : pack.templates) templates_.try_emplace(t.id, &t);
    for (const auto& r : pack.reports) reports_.try_emplace(r.id, &r);
    for (const auto& w : pack.workflows) workflows_.try_emplace(w.source, &w);
    for (const auto& c : pack.calendars) calendars_.try_emplace(c.id, &c);
    for (const auto& r : pack.rules) rules_.try_emplace(r.id, &r);
  }
  for (const auto& [id, rule] : rules_)
    if (rule->kind == RuleKind::complete && rule->fields.empty()) worked_out_.insert(rule->source);
  for (const auto& [id, form] : templates_)
    if (std::ranges::any_of(form->fields, [](const Field& f) { return f.formula.has_value(); })) worked_out_.insert(id);
}

const Rule* Catalogue::find_rule(std::string_view id) const {
  const auto at = rules_.find(id);
  return at == rules_.end() ? nullptr : at->second;
}

bool Catalogue::works_out(const Template& form) const { return worked_out_.contains(form.id); }

const Pack* Catalogue::find_pack(std::string_view id) const {
  const auto at = packs_.find(id);
  return at == packs_.end() ? nullptr : at->second.in_force;
}

const Pack* Catalogue::find_pack(std::string_view id, int version) const {
  const auto at = packs_.find(id);
  if (at == packs_.end()) return nullptr;
  const auto pack = at->second.all.find(version);
  return pack == at->second.all.end() ? nullptr : pack->second.get();
}

const Template* Catalogue::find_template(std::string_view id) const {
  const auto at = templates_.find(id);
  return at == templates_.end() ? nullptr : at->second;
}

const Template* Catalogue::find_template(std::string_view id, int version) const {
  for (const auto& [pack_id, versions] : packs_) {
    const auto pack = versions.all.find(version);
    if (pack == versions.all.end()) continue;
    const auto& all = pack->second->templates;
    const auto at = std::ranges::find(all, id, &Template::id);
    if (at != all.end()) return &*at;
  }
  return nullptr;
}

const ReportDef* Catalogue::find_report(std::string_view id) const {
  const auto at = reports_.find(id);
  return at == reports_.end() ? nullptr : at->second;
}

const Workflow* Catalogue::find_workflow(std::string_view template_id) const {
  const auto at = workflows_.find(template_id);
  return at == workflows_.end() ? nullptr : at->second;
}

const Workflow* Catalogue::find_workflow(std::string_view template_id, int version) const {
  for (const auto& [pack_id, versions] : packs_) {
    const auto pack = versions.all.find(version);
    if (pack == versions.all.end()) continue;
    // The version is that of the form's pack; a workflow that another pack gives has versions of its own.
    const auto& forms = pack->second->templates;
    if (std::ranges::find(forms, template_id, &Template::id) == forms.end()) continue;
    const auto& all = pack->second->workflows;
    const auto at = std::ranges::find(all, template_id, &Workflow::source);
    if (at != all.end()) return &*at;
  }
  return find_workflow(template_id);
}

const WorkCalendar& Catalogue::calendar(std::string_view id) const {
  static const WorkCalendar kEveryDay{
      .week = {true, true, true, true, true, true, true}, .published_from = kFirstDay, .published_to = kLastDay};
  const auto at = id.empty() ? calendars_.begin() : calendars_.find(id);
  return at == calendars_.end() ? kEveryDay : *at->second;
}

namespace {

bool by_working_days(const std::optional<Span>& span) { return span && span->unit == Unit::working_days; }

}  // namespace

const WorkCalendar* Catalogue::calendar_used(const Workflow& workflow, const WorkflowState& state,
                                             const std::optional<Span>& limit) const {
  const bool used = by_working_days(limit) || std::ranges::any_of(state.escalations, [](const Escalation& e) {
                      return by_working_days(e.after);
                    });
  return used ? &calendar(workflow.calendar) : nullptr;
}

const WorkCalendar* Catalogue::calendar_used(const Rule& rule) const {
  const bool used = rule.every == Period::workday || by_working_days(rule.after) || by_working_days(rule.limit) ||
                    by_working_days(rule.again) || by_working_days(rule.ahead);
  return used ? &calendar(rule.calendar) : nullptr;
}

std::vector<const Pack*> Catalogue::packs() const {
  std::vector<const Pack*> all;
  for (const auto& [id, versions] : packs_)
    if (versions.in_force != nullptr) all.push_back(versions.in_force);
  return all;
}

std::vector<const Template*> Catalogue::templates() const {
  std::vector<const Template*> all;
  for (const auto& [id, t] : templates_) all.push_back(t);
  return all;
}

std::vector<const ReportDef*> Catalogue::reports() const {
  std::vector<const ReportDef*> all;
  for (const auto& [id, r] : reports_) all.push_back(r);
  return all;
}

std::vector<const Rule*> Catalogue::rules() const {
  std::vector<const Rule*> all;
  for (const auto& [id, r] : rules_) all.push_back(r);
  return all;
}

std::vector<const Workflow*> Catalogue::workflows() const {
  std::vector<const Workflow*> all;
  for (const auto& [source, w] : workflows_) all.push_back(w);
  return all;
}

MergePolicy Catalogue::merge_policy(std::string_view template_id, std::string_view field_id) const {
  const Template* t = find_template(template_id);
  const Field* f = t ? t->field(field_id) : nullptr;
  return f ? f->merge : MergePolicy::latest;
}

Numbering Catalogue::numbering(RecordScope scope) const {
  for (const Pack* pack : packs()) {
    const auto at = pack->numbering.find(scope);
    if (at != pack->numbering.end()) return at->second;
  }
  return {};
}

}  // namespace satchel
