// SPDX-License-Identifier: AGPL-3.0-or-later
// A report definition bound to its template: every column resolved once, so that a row costs array lookups only, and
// the filter with its parameters put in. Private to the report engine. A plan must not outlive what it was made from.
#pragma once

#include "schema/template/report.h"

namespace satchel {

inline constexpr std::string_view kCardPrefix = "archive.";  // before a field of the archive's card

// Where a column's value comes from.
enum class ColumnSource : std::uint8_t {
  field,
  author,
  archive,
  branch,
  created,
  record,
  standing,
  card,
  role,
  overdue,  // of a matter
  late,
  cut,   // a date cut to its month and so on
  band,  // a number, or the years since a date, put into its band
};

struct BoundColumn {
  std::string id;
  Field field;  // how it shows
  std::string label;
  ColumnSource source = ColumnSource::field;
  std::size_t slot = 0;  // of ReportRow::fields
  std::string card_field;
  std::size_t late_slot = 0;  // of `late`: the slot of what was late before
  std::size_t whole = 0;      // of a cut column or a band: the column it cuts
  Cut cut = Cut::none;
  std::vector<Decimal> edges;  // of bands, of column `whole`
};

struct BoundCondition {
  std::size_t column = 0;  // in ReportPlan::columns_
  ConditionTest test = ConditionTest::is;
  std::vector<Value> values;
  std::vector<BoundCondition> any;
};

class ReportPlan {
 public:
  static Result<ReportPlan> make(const Catalogue& catalogue, const ReportDef& report, const ReportParams& parameters,
                                 const ReportContext& context);

  const std::vector<std::string>& fields() const { return fields_; }
  const std::vector<std::size_t>& keys() const { return keys_; }
  const std::vector<std::size_t>& shown() const { return shown_; }
  const std::vector<std::optional<std::size_t>>& measured() const { return measured_; }
  // Whether the row counts for that measure.
  bool counts(std::size_t measure, const ReportRow& row);
  const BoundColumn& column(std::size_t i) const { return columns_[i]; }

  // The cell of a row; null or the empty value when there is none. Lives until the next call for the same column.
  const Value* value(const ReportRow& row, std::size_t column);
  bool passes(const ReportRow& row);
  bool wants_standing() const { return wants_standing_; }
  // What people read in that column.
  std::string text(std::size_t column, const Value& value) const;

 private:
  ReportPlan(const ReportContext& context, Lang lang) : context_(&context), lang_(lang) {}
  Result<std::size_t> bind(std::string_view column, const Label& label = {});
  Result<std::size_t> bind_group(const GroupBy& group);
  Result<BoundCondition> bind_condition(const Condition& c, const ReportDef& report, const ReportParams& parameters,
                                        bool& skipped);
  Result<void> bind_all(const ReportDef& report, const ReportParams& parameters);
  std::size_t slot_of(std::string_view field);
  Result<std::vector<BoundCondition>> bind_conditions(const std::vector<Condition>& conditions, const ReportDef& report,
                                                      const ReportParams& parameters);
  const Value* cut_value(const BoundColumn& c, const ReportRow& row, Value& made);
  const Value* band_value(const BoundColumn& c, const ReportRow& row, Value& made);
  bool is_overdue(const ReportRow& row, std::size_t slot) const;
  bool holds(const BoundCondition& c, const ReportRow& row);
  bool test(const BoundCondition& c, const Value* cell) const;

  const ReportContext* context_;
  Lang lang_;
  const Template* source_ = nullptr;
  const Template* card_ = nullptr;
  const Workflow* workflow_ = nullptr;
  std::vector<std::string> fields_;
  std::vector<BoundColumn> columns_;
  std::vector<Value> scratch_;  // a made value a column
  std::vector<std::size_t> keys_, shown_;
  std::vector<std::optional<std::size_t>> measured_;
  std::vector<BoundCondition> filter_;
  std::vector<std::vector<BoundCondition>> where_;  // one a measure
  bool wants_standing_ = false;
};

Result<void> check_parameters(const ReportDef& report, const ReportParams& parameters, Lang lang);

}  // namespace satchel
