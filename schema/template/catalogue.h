// SPDX-License-Identifier: AGPL-3.0-or-later
// All packs a node has been given. Of each pack the highest version that is meant for its person is in force; the
// others stay, earlier ones and those that a test group tries, for records that name them. The same packs give the same
// catalogue in whatever order they were added; when two packs define one template or report id, the pack whose id sorts
// first provides it. A version is released once. Copies are cheap and share the packs; the pointers handed out live as
// long as any copy that holds the pack.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "schema/template/template.h"

namespace satchel {

class Catalogue {
 public:
  void add(Pack pack);
  // One that is not meant for this person: to read what others wrote by it.
  void add_for_reading(Pack pack);

  // In force; null when unknown.
  const Pack* find_pack(std::string_view id) const;
  const Template* find_template(std::string_view id) const;
  const ReportDef* find_report(std::string_view id) const;
  // That records of the template go through; null when they go through none.
  const Workflow* find_workflow(std::string_view template_id) const;
  // By the version a record names, so that every reader judges it alike; the one in force when that is not held.
  const Workflow* find_workflow(std::string_view template_id, int version) const;
  const Rule* find_rule(std::string_view id) const;
  // Whether rows of the form hold what follows from the whole record: computed fields, what is still blank.
  bool works_out(const Template& form) const;
  // Of that id, or the first there is; one that never rests, which is published for ever, when there is none.
  const WorkCalendar& calendar(std::string_view id) const;
  // By whose working days the times of a state, or of a rule, are counted; null when none are.
  // `limit`: the one of the state that is the record's.
  const WorkCalendar* calendar_used(const Workflow& workflow, const WorkflowState& state,
                                    const std::optional<Span>& limit) const;
  const WorkCalendar* calendar_used(const Rule& rule) const;
  // As a record names it; null when that version is not held (find_template(id) then shows it).
  const Pack* find_pack(std::string_view id, int version) const;
  const Template* find_template(std::string_view id, int version) const;

  std::vector<const Pack*> packs() const;
  std::vector<const Template*> templates() const;
  std::vector<const ReportDef*> reports() const;
  std::vector<const Rule*> rules() const;
  std::vector<const Workflow*> workflows() const;

  // How concurrent values of a field merge; `latest` for what no pack in force describes.
  MergePolicy merge_policy(std::string_view template_id, std::string_view field_id) const;
  // Of the archive kind, from the first pack that says so.
  Numbering numbering(RecordScope scope) const;

 private:
  struct Versions {
    std::map<int, std::shared_ptr<const Pack>> all;
    const Pack* in_force = nullptr;
  };
  void put(Pack pack, bool in_force);
  void index();

  std::map<std::string, Versions, std::less<>> packs_;
  std::map<std::string, const Template*, std::less<>> templates_;
  std::map<std::string, const ReportDef*, std::less<>> reports_;
  std::map<std::string, const Workflow*, std::less<>> workflows_;  // by the template
  std::map<std::string, const WorkCalendar*, std::less<>> calendars_;
  std::map<std::string, const Rule*, std::less<>> rules_;
  std::set<std::string, std::less<>> worked_out_;  // templates
};

}  // namespace satchel
