// SPDX-License-Identifier: AGPL-3.0-or-later
// What a company may define without recompiling: packs of templates (the forms), workflows, rules and reports.
// Plain values, read from TOML by pack.h and held by catalogue.h. A record names its template by id and
// version; a template's version is its pack's. Ids are [a-z][a-z0-9_]*, report ids may contain '-'.
// Fields a program does not know are kept by merge and relayed; nothing here can make one disappear.
// The TOML keys are explained in schema/packs/guide.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/label.h"
#include "schema/base/result.h"
#include "schema/base/value.h"
#include "schema/calendar/work_calendar.h"
#include "schema/template/formula.h"
#include "schema/template/report_def.h"
#include "schema/template/rule.h"
#include "schema/template/workflow.h"

namespace satchel {

// How each type is stored as a Value stands beside it.
enum class FieldType : std::uint8_t {
  text,        // std::string, one line
  long_text,   // std::string
  integer,     // std::int64_t
  decimal,     // Decimal
  money,       // Decimal, in Field::currency
  date,        // Date
  time,        // WallTime: a day and a time of day
  phone,       // std::string as typed
  choice,      // std::string: a choice's id, or free text when Field::open
  choices,     // std::vector<std::string>, the same
  yes_no,      // bool
  person,      // Ref to a person of the organisation
  persons,     // std::vector<std::string>: person ids in hexadecimal, or plain names of outsiders
  archive,     // Ref
  record,      // Ref
  texts,       // std::vector<std::string>
  lunar_date,  // std::string "L1968-04-15", "L08-15" (schema/calendar/lunar.h)
  period,      // std::string "2026-01-01/2026-03-31", both days included
  id_number,   // std::string: a resident's identity number, its check digit verified
  place,       // std::string "31.230400,121.473700 ±12m 3s mock": accuracy, age of the fix, whether it was made up
  signature,   // std::string: the name of who signed
  attachment,  // std::string: the name of a file attached to the record
  groups,      // std::vector<std::string>: one a group, its parts' texts joined by kPartSeparator
};

enum class MergePolicy : std::uint8_t { latest, review, set, log, max, min };
// Who replaces what stands. fixed: only author or author's manager, with a reason; kept: nobody, it stays as it was
// first written, and what was written besides makes it contested.
enum class Permission : std::uint8_t { anyone, fixed, kept };
enum class Sensitivity : std::uint8_t { normal, sensitive };
enum class SearchKind : std::uint8_t { none, name, phone, text };
// The kinds of archive a record may live in.
enum class RecordScope : std::uint8_t { customer, branch, organisation, person, everyone };

// As packs spell them, in the order of the enums.
inline constexpr std::string_view kFieldTypeNames[] = {
    "text",       "long_text", "integer",   "decimal", "money",     "date",       "time",   "phone",
    "choice",     "choices",   "yes_no",    "person",  "persons",   "archive",    "record", "texts",
    "lunar_date", "period",    "id_number", "place",   "signature", "attachment", "groups"};
inline constexpr char kPartSeparator = '\x1f';
inline constexpr std::string_view kMergePolicyNames[] = {"latest", "review", "set", "log", "max", "min"};
inline constexpr std::string_view kRecordScopeNames[] = {"customer", "branch", "organisation", "person", "everyone"};

struct Choice {
  std::string id;
  Label label;
  bool retired = false;  // still shown where it was chosen, no longer offered
};

struct Field {
  std::string id;
  Label label;
  Label help;
  FieldType type = FieldType::text;
  std::string group;  // id of one of Template::groups, or empty
  std::vector<Choice> choices;
  bool open = false;               // a choice field that takes free text as well
  bool required = false;           // only while `when` holds
  bool system = false;             // set by the program (archive number): people do not type it
  bool retired = false;            // shown where filled, no longer offered
  bool sheet = false;              // kept in the sheet, for lists, search and reports
  When when;                       // asked for only then
  When required_when;              // must be filled then, though it may always be
  std::optional<Formula> formula;  // computed from other fields; never typed, never stored
  std::vector<Field> parts;        // of a groups field
  Sensitivity sensitivity = Sensitivity::normal;
  MergePolicy merge = MergePolicy::latest;
  Permission permission = Permission::anyone;
  SearchKind search = SearchKind::none;
  std::string currency;  // of a money field: ISO 4217
  std::optional<Decimal> least;
  std::optional<Decimal> most;
  std::size_t length_max = 0;  // characters; 0 means the type's own limit
  int line = 0;                // in the pack's text

  const Choice* choice(std::string_view choice_id) const;
};

// How long an archive is kept at least because such a record is in it, from the record's last entry on. Long term
// (长期) is without a date: it does not end by itself.
struct Retention {
  std::int32_t days = 0;
  bool long_term = false;
  bool operator==(const Retention&) const = default;
};
// "90d", "18m", "3y" (months of 30.5 days, years of 365.25, rounded up) or "long-term".
std::optional<Retention> parse_retention(std::string_view text);

struct FieldGroup {
  std::string id;
  Label label;
};

struct Template {
  std::string id;
  int version = 0;
  Label label;
  Label help;
  std::vector<RecordScope> scopes;
  bool single = false;      // one record of it an archive, as a card
  std::string date_field;   // files the record by month; empty: undated
  std::string title_field;  // names the record in lists
  std::optional<Retention> retention;
  bool no_blank = false;  // every field asked for is filled or struck out before the record counts as complete
  std::vector<FieldGroup> groups;
  std::vector<Field> fields;
  int line = 0;

  const Field* field(std::string_view field_id) const;
  bool lives_in(RecordScope scope) const;
  // Whether the program writes its records, which then stay as they are: people neither add, change nor withdraw them.
  bool kept() const;
};

// ---- packs ----

// A released pack says who made, reviewed and approved it, and when.
struct SignOff {
  std::string name;
  std::optional<Date> on;
};

struct Numbering {
  std::string prefix;
  int digits = 6;
};

struct Pack {
  std::string id;
  int version = 0;
  Label label;
  Label help;
  SignOff made, reviewed, approved;
  std::map<RecordScope, Numbering> numbering;  // of archives, by kind
  std::vector<Template> templates;
  std::vector<ReportDef> reports;
  std::vector<Workflow> workflows;
  std::vector<WorkCalendar> calendars;
  std::vector<Rule> rules;
  std::vector<std::string> unread;  // "line 12: requird": keys this program does not know; lint reports them
};

using FieldMap = std::map<std::string, Value, std::less<>>;

std::string_view name_of(FieldType type);
std::string_view name_of(MergePolicy policy);
std::string_view name_of(RecordScope scope);
bool has_choices(FieldType type);
bool is_number(FieldType type);
// [a-z][a-z0-9_]*, at most 64 characters.
bool is_pack_id(std::string_view id, bool hyphen = false);

}  // namespace satchel
