// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs a report definition over rows that somebody else supplies: the same definition runs on a device over what it
// holds and at headquarters over everything. Pure and deterministic: lines stand in the stated order, then by group
// key, then by archive and record id, whatever order the rows came in.
// Only rows in force count; the others are counted apart in `left_out`, unless the filter names `standing` itself.
// Sums are exact decimals. Every group lists the records behind it, up to a bound.
#pragma once

#include <array>
#include <functional>
#include <span>

#include "schema/template/catalogue.h"
#include "schema/template/field_text.h"

namespace satchel {

enum class RowStanding : std::uint8_t { in_force, withdrawn, binned, held };
inline constexpr std::string_view kRowStandingNames[] = {"in_force", "withdrawn", "binned", "held"};

// One record of the source template. `fields` answers the ids the source was asked for, in that order, null where
// never filled; pointers need only live during the call.
struct ReportRow {
  ArchiveId archive;
  RecordId record;
  PersonId author;
  BranchId branch;  // the branch the record counts for
  WallTime created;
  RowStanding standing = RowStanding::in_force;
  bool corrected = false;  // a fixed field was replaced later: shown beside the line
  std::span<const Value* const> fields;
};
using RowSink = std::function<void(const ReportRow&)>;
// Calls the sink once a record, in any order; an error ends the report with it.
using RowSource = std::function<Result<void>(std::span<const std::string> fields, const RowSink& sink)>;

// The columns of rows that go through a workflow (sync/node/matter.h); report columns call them flow.state and so on.
inline constexpr std::string_view kStateColumn = "_state", kSinceColumn = "_since", kDueColumn = "_due",
                                  kLateColumn = "_late", kCopiesColumn = "_copies";  // not confirmed, by actor
// And what keeps a record from being complete: ids of fields (field_text.h, blanks).
inline constexpr std::string_view kBlanksColumn = "_blanks";

struct ReportContext {
  Lang lang = Lang::zh;
  int zone_minutes = kChinaZoneMinutes;
  RefNames names;
  // A field of an archive's customer card, in force; null when it has none. Asked also for "owner" (a list of person
  // ids in hexadecimal). The pointer lives until the next call.
  std::function<const Value*(const ArchiveId&, std::string_view field)> card;
  // The base role of a person: "salesperson", "branch_manager", "archive_administrator", "department", ...
  std::function<std::string(const PersonId&)> role;
  WallTime now;  // for what is overdue
  std::size_t lines_max = 100'000;
  std::size_t records_per_group_max = 1'000;
};

using ReportParams = FieldMap;

struct ReportColumn {
  std::string id;
  std::string label;
  FieldType type = FieldType::text;
  std::string currency;
};

struct ReportCell {
  Value value;
  std::string text;
};

struct ReportRowRef {
  ArchiveId archive;
  RecordId record;
  auto operator<=>(const ReportRowRef&) const = default;
};

struct ReportLine {
  ReportRowRef row;
  bool corrected = false;
  std::vector<ReportCell> cells;  // one a column
};

// Groups stand in display order, a group before the groups within it.
struct ReportGroup {
  std::size_t level = 0;        // 0 for the first of group_by
  std::vector<ReportCell> key;  // level + 1 cells
  std::size_t first_line = 0;
  std::size_t line_count = 0;  // lines of this group in ReportResult::lines
  std::size_t row_count = 0;
  std::vector<ReportCell> measures;
  std::vector<ReportRowRef> rows;  // sorted; the first records_per_group_max
  bool rows_cut = false;
};

struct ReportResult {
  std::string id;
  std::string title;
  std::vector<std::pair<std::string, std::string>> parameters;  // label, text: as given
  std::vector<ReportColumn> keys;
  std::vector<ReportColumn> columns;
  std::vector<ReportColumn> measures;
  std::vector<ReportLine> lines;
  std::vector<ReportGroup> groups;
  std::vector<ReportCell> totals;  // one a measure
  Chart chart;
  std::size_t row_count = 0;
  std::array<std::size_t, std::size(kRowStandingNames)> left_out{};  // by RowStanding
  bool lines_cut = false;
};

// Errors: report.parameter-missing, report.parameter-wrong (a Value of the wrong type), report.no-such-column,
// report.no-such-template, report.sum-too-large (a sum beyond 18 digits).
Result<ReportResult> run_report(const Catalogue& catalogue, const ReportDef& report, const ReportParams& parameters,
                                const RowSource& source, const ReportContext& context);

// What was typed for a parameter, as run_report wants it.
Result<Value> parse_param(const ReportParam& param, std::string_view text, Lang lang,
                          const RefFinder* finder = nullptr);

// What columns are looked up in: the source; the customer card, for archive.X; the workflow the source's records go
// through. Null where there is none.
struct ColumnsOf {
  const Template& source;
  const Template* card = nullptr;
  const Workflow* workflow = nullptr;
};
// How a column shows and sorts; nothing when there is no such column. A fieldless built-in gets a made-up Field.
std::optional<Field> column_field(const ColumnsOf& of, std::string_view column);
bool is_built_in_column(std::string_view column);
// "date.month": the column, and what it is cut to; Period::none when it is whole.
enum class Cut : std::uint8_t { none, day, week, month, quarter, year, weekday };
std::pair<std::string_view, Cut> cut_column(std::string_view column);

// The order texts stand in for people: digits by their number, A-2 before A-10; the same only where all is.
int compare_natural(std::string_view a, std::string_view b);
// One order over all values: nothing first, then struck out, numbers by size, the rest by type and content.
int compare_values(const Value& a, const Value& b);

}  // namespace satchel
