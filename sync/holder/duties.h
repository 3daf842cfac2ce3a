// SPDX-License-Identifier: AGPL-3.0-or-later
// Whose matter something is: what workflows and rules ask of people, over what this node may read.
//  - a duty of a workflow: a record that stands in a state that is not an end, for those the state names (or, where it
//    names none, for those who may take a step from it), for those it is escalated to, and for those who have not
//    confirmed their copy;
//  - a finding of a rule, for those the rule names.
// All are worked out when asked for; nothing is stored.
#pragma once

#include <functional>

#include "schema/template/rule_run.h"
#include "sync/holder/rows.h"

namespace satchel::holder {

// What the addressees of something are worked out from.
struct Addressed {
  ArchiveId archive;
  PersonId author;
  PersonId subject;  // himself, whatever the actors say
  BranchId branch;
  // Whether the person is named in that field, for `field:` actors.
  std::function<bool(const std::string& field, const PersonId& person)> named;
};

class Addressees {
 public:
  Addressees(Book& book, BookRows& rows) : book_(book), rows_(rows) {}

  bool is_one(const PersonId& person, const Actor& actor, const Addressed& of);
  bool is_one(const PersonId& person, std::span<const Actor> actors, const Addressed& of);
  // Everybody active it is for, by name.
  std::vector<PersonId> all(std::span<const Actor> actors, const Addressed& of);

 private:
  Book& book_;
  BookRows& rows_;
};

struct Duty {
  ArchiveId archive;
  RecordId record;
  const Workflow* workflow = nullptr;
  const WorkflowState* state = nullptr;
  PersonId author;
  WallTime since;
  std::optional<Span> limit;  // of the state, for this record
  std::optional<WallTime> due;
  bool overdue = false;
  bool escalated = false;  // to whoever asks: beyond its time by so much
  bool copy = false;       // only a copy to confirm
  PersonId in_place_of;    // whom whoever asks stands in for; none: it is his own
};

struct DutyFilter {
  bool everybody = false;  // all that can be read, not only one's own
  std::string form;        // a template's id; empty: all
  std::optional<WallTime> now;
};
// The most urgent first; those without a time last.
Result<std::vector<Duty>> list_duties(Book& book, const DutyFilter& filter = {});

struct Finding {
  RuleFinding found;
  std::vector<PersonId> who;
  bool mine = false;
  int overdue_days = 0;
};
struct FindingFilter {
  std::string rule;             // an id; empty: all
  bool everybody = false;       // not only one's own
  std::optional<Date> on;       // as of the end of that day; by default now
  std::optional<WallTime> now;  // against which it is overdue; by default as of then
};
// Errors: not_found "rule.unknown" with those there are.
Result<std::vector<Finding>> list_findings(Book& book, const FindingFilter& filter = {});

}  // namespace satchel::holder
