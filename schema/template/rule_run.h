// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs a rule over rows that somebody else supplies, as run_report does: the same rule runs on a device over what it
// holds and at headquarters over everything. Pure and deterministic: findings stand by when they are due, then by
// archive and record, whatever order the rows came in.
#pragma once

#include "schema/template/report.h"

namespace satchel {

// Something to do or to look at.
struct RuleFinding {
  const Rule* rule = nullptr;
  ArchiveId archive;            // none where it is a person's or branch's matter
  RecordId record;              // none where there is no record yet
  PersonId author;              // of the record
  PersonId subject;             // whose matter it is by itself (schedule, quota of a person)
  BranchId branch;              // the record counts for, or the subject's
  std::vector<PersonId> named;  // in the person fields that the rule's `for` names
  std::optional<WallTime> due;  // in time up to and including this moment
  bool sure = true;             // every working day on the way was published
  std::string text;             // what, in the language asked for; empty where the rule's label says it all
};

struct RuleContext {
  ReportContext report;  // language, zone, names, cards, now
  // The rows of a template.
  std::function<RowSource(const std::string& template_id)> rows;
  struct Subject {
    PersonId person;
    BranchId branch;
    std::optional<Date> since;  // what he is; not known: for ever
  };
  // The active people with that role or function; everybody for `anyone`.
  std::function<std::vector<Subject>(const Actor&)> people;
  // A digest of the text, the same on every node: for samples.
  std::function<std::string(std::string_view)> digest;
  std::size_t findings_max = 1'000'000;
};

// Errors: those of run_report.
Result<std::vector<RuleFinding>> run_rule(const Catalogue& catalogue, const Rule& rule, const RuleContext& context);

}  // namespace satchel
