// SPDX-License-Identifier: AGPL-3.0-or-later
// The rows a rule looks at, with the columns it asks for, and what may be done with one of their values. Private to the
// rule engine.
#pragma once

#include "schema/template/report_plan.h"
#include "schema/template/rule_run.h"

namespace satchel {

struct RuleRow {
  ArchiveId archive;
  RecordId record;
  PersonId author;
  BranchId branch;
  WallTime created;
  std::vector<Value> values;  // one a column asked for
};

class RuleRows {
 public:
  RuleRows(const Catalogue& catalogue, const RuleContext& context) : catalogue_(catalogue), context_(context) {}

  // Rows in force that pass, by record. An empty column name gives an empty value.
  Result<std::vector<RuleRow>> read(const std::string& source, const std::vector<Condition>& filter,
                                    const std::vector<std::string>& columns) const;
  // What people read there; kMask for what is sensitive: a finding is no place to open it.
  std::string text(const std::string& source, const std::string& column, const Value& value) const;
  // The column that names a record of the form, where it is one of several in its archive and rows have it; else empty.
  std::string title_column(const std::string& source) const;
  // A column by which rows of the source are filed: the one named, or the form's date_field, or when it was recorded.
  std::string date_column(const std::string& source, const std::string& named) const;

  const Catalogue& catalogue() const { return catalogue_; }
  const RuleContext& context() const { return context_; }
  Date today() const { return day(context_.report.now); }
  Date day(WallTime time) const { return date_of(time, context_.report.zone_minutes); }
  std::optional<Date> day_in(const Value& value) const;
  // So many minutes after the day began.
  WallTime time_of(Date day, int minutes) const;
  // A day's beginning, or the moment itself.
  std::optional<WallTime> time_in(const Value& value) const;
  Lang lang() const { return context_.report.lang; }
  std::string tr(std::string_view zh, std::string_view en) const { return std::string(lang() == Lang::zh ? zh : en); }

 private:
  const Catalogue& catalogue_;
  const RuleContext& context_;
};

// Equal; a list agrees with what is one of it, two lists with a common one. People by id, as references and as texts.
bool agrees(const Value& a, const Value& b);
bool is_blank(const Value& value);
// For looking up: the same for values that agree, where neither is a list.
std::string key_of(const Value& value);
std::vector<PersonId> people_in(const Value& value);

// Names of the person fields among actors.
std::vector<std::string> named_fields(const std::vector<Actor>& actors);
RuleFinding finding_of(const Rule& rule, const RuleRow& row, std::size_t first_named);

}  // namespace satchel
