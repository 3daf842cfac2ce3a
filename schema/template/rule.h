// SPDX-License-Identifier: AGPL-3.0-or-later
// Rules: what falls due, what is incomplete, what does not agree, what has to be watched. A rule reads rows as a report
// does and gives findings (rule_run.h), at any node over what it holds; nothing of a rule is stored. Plain values.
#pragma once

#include <optional>

#include "schema/base/value.h"
#include "schema/calendar/period.h"
#include "schema/calendar/span.h"
#include "schema/template/report_def.h"
#include "schema/template/workflow.h"

namespace satchel {

enum class RuleKind : std::uint8_t {
  due,        // each record, so long after one of its dates, until another record answers it
  schedule,   // each of its persons, once a period
  complete,   // each record whose fields are not all filled
  agree,      // pairs of records that should say the same
  watch,      // the records that match, the first of them
  duplicate,  // cards that may be one customer's
  quota,      // so many a period, for each person, customer or branch
  sample,     // a choice that everybody who repeats it gets
};
inline constexpr std::string_view kRuleKindNames[] = {"due",   "schedule",  "complete", "agree",
                                                      "watch", "duplicate", "quota",    "sample"};

// Records of another template that answer a finding: in the same archive, or bound to it by fields.
struct Answer {
  std::string source;
  std::vector<Condition> filter;
  std::string date;  // its date or time that must lie in time; empty: when it was recorded
  // "theirs=mine" or one name for both: columns that must agree. Empty: the archive (due), the author (schedule).
  std::vector<std::pair<std::string, std::string>> on;
  bool ever = false;   // due: an answer counts whenever it was given, also before
  bool since = false;  // though it is bound to the record by `on`: only one from the start on
  // due, schedule: only one given up to this time of the day it counts for, by its date where that is a time, else by
  // when it was recorded; -1: whenever.
  int before_minutes = -1;
};

struct Checkpoint {
  int day = 0;  // of the period, from 1
  Decimal percent;
};

// What a quota is measured against: the sum of a column of records of the same subject and period.
struct Target {
  std::string source, column, per, date;
  std::vector<Checkpoint> checkpoints;  // none: all of it by the period's end
};

struct Rule {
  std::string id;
  Label label;
  Label help;
  RuleKind kind = RuleKind::due;
  std::string source;  // the template whose records it reads
  std::vector<Condition> filter;
  std::vector<Actor> for_whom;
  std::vector<Actor> about;  // schedule, quota: whose doing is looked at; none: that of those it is for, each his own
  std::vector<Actor> tell;   // who is told, too, of what is each person's own matter (schedule, quota)
  std::string calendar;      // id; empty: the one in force
  bool in_closed = false;    // also in archives that are closed, where otherwise nothing falls due any more

  // due: from `from`; not before `after`, by `limit`; over again each `again` since the last answer; yearly, for
  // birthdays and holidays; shown `ahead` of time.
  std::string from;
  std::optional<Span> after, limit, again, ahead;
  bool yearly = false;
  bool answer_after = false;  // an answer before `after` is none
  std::optional<Answer> until;

  // schedule, quota, sample.
  Period every = Period::none;
  int on = 0;           // weekday (1 Monday .. 7) or day of the month, quarter or year; 0: the last
  int at_minutes = -1;  // time of day; -1: the end of the day
  std::string date;  // which column files a row into a period; empty: the source's date_field, or when it was recorded

  std::vector<std::string> fields;  // complete: these; none: all that the form requires. duplicate: those compared.
  bool all = false;                 // duplicate: all of them alike, not any
  // agree: partners share the columns of `on_pairs`, must be equal in `equal` (some one of several, or, where `each`,
  // every one), and, where `both`, must be there.
  std::string with;
  std::vector<Condition> with_filter;
  std::vector<std::pair<std::string, std::string>> on_pairs, equal;
  bool both = false;
  bool each = false;

  std::vector<OrderBy> order;  // watch
  std::size_t top = 0;         // watch: the first so many; 0: all

  // quota: of each subject.
  std::string per;           // archive, author, branch, or a field of the source
  std::optional<Answer> of;  // the subjects: the archives of such records; none: the persons of `for_whom`
  MeasureKind measure = MeasureKind::count;
  std::string column;
  std::optional<Decimal> least, most;
  std::optional<Target> target;
  int look_back = 0;  // so many periods before the running one are told of, too

  int share = 0;           // sample: per cent, rounded up
  std::size_t number = 0;  // sample: or so many
  int line = 0;
};

}  // namespace satchel
