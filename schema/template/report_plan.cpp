// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/report_plan.h"

#include <algorithm>

#include "schema/calendar/period.h"

namespace satchel {

namespace {

constexpr std::pair<std::string_view, ColumnSource> kSources[] = {
    {"author", ColumnSource::author},    {"archive", ColumnSource::archive},    {"branch", ColumnSource::branch},
    {"created", ColumnSource::created},  {"record", ColumnSource::record},      {"standing", ColumnSource::standing},
    {"author.role", ColumnSource::role}, {"archive.owner", ColumnSource::card}, {"flow.overdue", ColumnSource::overdue},
    {"flow.late", ColumnSource::late}};
// What a row calls them.
constexpr std::pair<std::string_view, std::string_view> kMatterSlots[] = {{"flow.state", kStateColumn},
                                                                          {"flow.since", kSinceColumn},
                                                                          {"flow.due", kDueColumn},
                                                                          {"flow.overdue", kDueColumn},
                                                                          {"flow.late", kDueColumn}};

bool param_type_fits(ParamType type, const Value& v) {
  switch (type) {
    case ParamType::date:
      return std::holds_alternative<Date>(v);
    case ParamType::text:
      return std::holds_alternative<std::string>(v);
    case ParamType::branch:
    case ParamType::person:
    case ParamType::archive:
      return std::holds_alternative<Ref>(v);
  }
  return false;
}

template <class Id>
Ref ref_of(const Id& id) {
  return Ref{id.bytes};
}

void put_ref(Value& into, const Ref& ref) {
  if (auto* held = std::get_if<Ref>(&into))
    *held = ref;
  else
    into = ref;
}

// Birthdays passed; the 29th of February's is on the 1st of March in other years.
std::int64_t full_years(Date since, Date now) {
  const auto a = since.civil(), b = now.civil();
  const bool before = std::pair(b.month(), b.day()) < std::pair(a.month(), a.day());
  return static_cast<int>(b.year()) - static_cast<int>(a.year()) - (before ? 1 : 0);
}

// Equal, or, of a list, one of it: texts by content, persons by their hexadecimal id.
bool matches(const Value& cell, const Value& wanted) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&cell)) {
    if (const auto* text = std::get_if<std::string>(&wanted)) return std::ranges::find(*list, *text) != list->end();
    if (const auto* ref = std::get_if<Ref>(&wanted)) return std::ranges::find(*list, hex(ref->id)) != list->end();
  }
  return compare_values(cell, wanted) == 0;
}

}  // namespace

Result<void> check_parameters(const ReportDef& report, const ReportParams& parameters, Lang lang) {
  for (const auto& p : report.parameters) {
    const auto at = parameters.find(p.id);
    const bool given = at != parameters.end() && !empty(at->second);
    if (!given && p.required)
      return fail(ErrorKind::usage, "report.parameter-missing", p.label.in(lang) + " (" + p.id + ")");
    if (given && !param_type_fits(p.type, at->second))
      return fail(ErrorKind::usage, "report.parameter-wrong", p.label.in(lang) + " (" + p.id + ")");
  }
  return {};
}

Result<ReportPlan> ReportPlan::make(const Catalogue& catalogue, const ReportDef& report, const ReportParams& parameters,
                                    const ReportContext& context) {
  SATCHEL_TRY(check_parameters(report, parameters, context.lang));
  ReportPlan plan(context, context.lang);
  plan.source_ = catalogue.find_template(report.source);
  plan.card_ = catalogue.find_template("customer");
  plan.workflow_ = catalogue.find_workflow(report.source);
  if (!plan.source_) return fail(ErrorKind::not_found, "report.no-such-template", report.source);
  SATCHEL_TRY(plan.bind_all(report, parameters));
  return plan;
}

Result<void> ReportPlan::bind_all(const ReportDef& report, const ReportParams& parameters) {
  for (const auto& group : report.group_by) {
    const auto at = bind_group(group);
    if (!at) return std::unexpected(at.error());
    keys_.push_back(*at);
  }
  for (const auto& c : report.columns) {
    const auto at = bind(c.column, c.label);
    if (!at) return std::unexpected(at.error());
    shown_.push_back(*at);
  }
  for (const auto& m : report.measures) {
    measured_.emplace_back();
    SATCHEL_GET(where, bind_conditions(m.where, report, parameters));
    where_.push_back(std::move(where));
    if (m.column.empty()) continue;
    const auto at = bind(m.column);
    if (!at) return std::unexpected(at.error());
    measured_.back() = *at;
  }
  SATCHEL_GET(filter, bind_conditions(report.filter, report, parameters));
  filter_ = std::move(filter);
  scratch_.resize(columns_.size());
  return {};
}

Result<std::vector<BoundCondition>> ReportPlan::bind_conditions(const std::vector<Condition>& conditions,
                                                                const ReportDef& report,
                                                                const ReportParams& parameters) {
  std::vector<BoundCondition> all;
  for (const auto& c : conditions) {
    bool skipped = false;
    SATCHEL_GET(bound, bind_condition(c, report, parameters, skipped));
    if (!skipped) all.push_back(std::move(bound));
  }
  return all;
}

std::size_t ReportPlan::slot_of(std::string_view field) {
  const auto slot = std::ranges::find(fields_, field);
  const auto at = static_cast<std::size_t>(slot - fields_.begin());
  if (slot == fields_.end()) fields_.emplace_back(field);
  return at;
}

Result<std::size_t> ReportPlan::bind(std::string_view id, const Label& label) {
  const auto found = column_field({*source_, card_, workflow_}, id);
  if (!found) return fail(ErrorKind::usage, "report.no-such-column", std::string(id));
  BoundColumn c{.id = std::string(id), .field = *found, .label = (label.empty() ? found->label : label).in(lang_)};
  const auto built_in = std::ranges::find(kSources, id, &std::pair<std::string_view, ColumnSource>::first);
  if (built_in != std::end(kSources))
    c.source = built_in->second;
  else if (id.starts_with(kCardPrefix))
    c.source = ColumnSource::card;
  if (c.source == ColumnSource::card) c.card_field = id.substr(kCardPrefix.size());
  const auto matter = std::ranges::find(kMatterSlots, id, &std::pair<std::string_view, std::string_view>::first);
  const bool whole_field = c.source == ColumnSource::card || source_->field(id) != nullptr;
  if (const auto [whole, cut] = cut_column(id); cut != Cut::none && !whole_field) {
    SATCHEL_GET(of, bind(whole));
    c.source = ColumnSource::cut;
    c.whole = of;
    c.cut = cut;
  } else if (matter != std::end(kMatterSlots) && workflow_ != nullptr) {
    c.slot = slot_of(matter->second);
    if (c.source == ColumnSource::late) c.late_slot = slot_of(kLateColumn);
  } else if (c.source == ColumnSource::field) {
    c.slot = slot_of(id);
  }
  columns_.push_back(std::move(c));
  return columns_.size() - 1;
}

// A column in bands is a choice, one a band.
Result<std::size_t> ReportPlan::bind_group(const GroupBy& group) {
  SATCHEL_GET(whole, bind(group.column, group.label));
  if (group.bands.empty()) return whole;
  BoundColumn c = columns_[whole];
  const bool in_ones = c.field.type == FieldType::integer || !is_number(c.field.type);  // integers and ages
  c.source = ColumnSource::band;
  c.whole = whole;
  c.edges = group.bands;
  c.field.type = FieldType::choice;
  c.field.choices.clear();
  const auto last_below = [&](const Decimal& edge) {  // 25-35 and 36-45 where nothing lies between
    return format_decimal(in_ones && edge.scale == 0 ? Decimal{edge.units - 1, 0} : edge);
  };
  for (std::size_t i = 0; i <= c.edges.size(); ++i) {
    const std::string from = i > 0 ? format_decimal(c.edges[i - 1]) : std::string();
    const std::string below = i < c.edges.size() ? format_decimal(c.edges[i]) : std::string();
    Choice band{from + "-" + below, {below + "以下", "under " + below}};
    if (below.empty()) {
      band.label = {from + "及以上", from + " and over"};
    } else if (!from.empty()) {
      const std::string to = last_below(c.edges[i]), both = to == from ? from : from + "-" + to;
      band.label = {both, both};
    }
    c.field.choices.push_back(std::move(band));
  }
  columns_.push_back(std::move(c));
  return columns_.size() - 1;
}

// `skipped`: an optional parameter was not given, so the condition holds for every row.
Result<BoundCondition> ReportPlan::bind_condition(const Condition& c, const ReportDef& report,
                                                  const ReportParams& parameters, bool& skipped) {
  BoundCondition bound{.test = c.test};
  for (const auto& one : c.any) {
    auto part = bind_condition(one, report, parameters, skipped);
    if (!part || skipped) return part;
    bound.any.push_back(std::move(*part));
  }
  if (!c.any.empty()) return bound;
  const auto column = bind(c.column);
  if (!column) return std::unexpected(column.error());
  bound.column = *column;
  if (c.column == "standing") wants_standing_ = true;
  for (const auto& word : c.values) {
    if (!word.starts_with('$')) {
      const auto& field = columns_[*column].field;
      auto value = c.test == ConditionTest::filled ? Result<Value>(Value(word == "yes"))
                                                   : parse_field(field, word, lang_, nullptr, context_->zone_minutes);
      if (!value) return std::unexpected(value.error());
      if (auto* list = std::get_if<std::vector<std::string>>(&*value); list && list->size() == 1)
        value = Value(list->front());
      bound.values.push_back(std::move(*value));
      continue;
    }
    const auto given = parameters.find(std::string_view(word).substr(1));
    skipped = given == parameters.end() || empty(given->second);
    if (skipped) return bound;
    bound.values.push_back(given->second);
    // People name a choice by its label; what is not one simply matches nothing.
    const auto* typed = std::get_if<std::string>(&given->second);
    const auto& field = columns_[*column].field;
    if (typed && has_choices(field.type))
      if (const auto choice = find_choice(field, *typed)) bound.values.back() = *choice;
  }
  return bound;
}

const Value* ReportPlan::value(const ReportRow& row, std::size_t i) {
  const BoundColumn& c = columns_[i];
  Value& made = scratch_[i];
  switch (c.source) {
    case ColumnSource::field:
      return c.slot < row.fields.size() ? row.fields[c.slot] : nullptr;
    case ColumnSource::author:
      put_ref(made, ref_of(row.author));
      break;
    case ColumnSource::archive:
      put_ref(made, ref_of(row.archive));
      break;
    case ColumnSource::branch:
      put_ref(made, ref_of(row.branch));
      break;
    case ColumnSource::record:
      put_ref(made, ref_of(row.record));
      break;
    case ColumnSource::created:
      made = row.created;
      break;
    case ColumnSource::standing:
      made = std::string(kRowStandingNames[static_cast<std::size_t>(row.standing)]);
      break;
    case ColumnSource::card:
      return context_->card ? context_->card(row.archive, c.card_field) : nullptr;
    case ColumnSource::role: {
      std::string role = context_->role ? context_->role(row.author) : std::string();
      made = role.empty() ? Value{} : Value(std::move(role));
      break;
    }
    case ColumnSource::overdue:
      made = is_overdue(row, c.slot);
      break;
    case ColumnSource::late:
      made = is_overdue(row, c.slot) || (c.late_slot < row.fields.size() && row.fields[c.late_slot] != nullptr);
      break;
    case ColumnSource::cut:
      return cut_value(c, row, made);
    case ColumnSource::band:
      return band_value(c, row, made);
  }
  return &made;
}

bool ReportPlan::is_overdue(const ReportRow& row, std::size_t slot) const {
  const auto* due = slot < row.fields.size() && row.fields[slot] ? std::get_if<WallTime>(row.fields[slot]) : nullptr;
  return due != nullptr && *due < context_->now;
}

const Value* ReportPlan::cut_value(const BoundColumn& c, const ReportRow& row, Value& made) {
  const Value* whole = value(row, c.whole);
  if (whole == nullptr) return nullptr;
  const auto* time = std::get_if<WallTime>(whole);
  const auto* date = std::get_if<Date>(whole);
  if (time == nullptr && date == nullptr) return nullptr;
  const Date day = date != nullptr ? *date : date_of(*time, context_->zone_minutes);
  static constexpr Period kPeriods[] = {Period::none,  Period::none,    Period::week,
                                        Period::month, Period::quarter, Period::year};
  if (c.cut == Cut::day)
    made = day;
  else if (c.cut == Cut::weekday)
    made = std::to_string(weekday_of(day));
  else
    made = stretch_name(kPeriods[static_cast<std::size_t>(c.cut)], day);
  return &made;
}

const Value* ReportPlan::band_value(const BoundColumn& c, const ReportRow& row, Value& made) {
  const Value* whole = value(row, c.whole);
  if (whole == nullptr) return nullptr;
  const auto zone = context_->zone_minutes;
  Decimal number;
  if (const auto* integer = std::get_if<std::int64_t>(whole))
    number = {*integer, 0};
  else if (const auto* decimal = std::get_if<Decimal>(whole))
    number = *decimal;
  else if (const auto* date = std::get_if<Date>(whole))
    number = {full_years(*date, date_of(context_->now, zone)), 0};
  else if (const auto* time = std::get_if<WallTime>(whole))
    number = {full_years(date_of(*time, zone), date_of(context_->now, zone)), 0};
  else
    return nullptr;
  const auto above = std::ranges::find_if(c.edges, [&](const Decimal& edge) { return compare(number, edge) < 0; });
  made = c.field.choices[static_cast<std::size_t>(above - c.edges.begin())].id;
  return &made;
}

bool ReportPlan::counts(std::size_t measure, const ReportRow& row) {
  return std::ranges::all_of(where_[measure], [&](const BoundCondition& c) { return holds(c, row); });
}

bool ReportPlan::passes(const ReportRow& row) {
  return std::ranges::all_of(filter_, [&](const BoundCondition& c) { return holds(c, row); });
}

bool ReportPlan::holds(const BoundCondition& c, const ReportRow& row) {
  if (!c.any.empty()) return std::ranges::any_of(c.any, [&](const BoundCondition& one) { return holds(one, row); });
  return test(c, value(row, c.column));
}

bool ReportPlan::test(const BoundCondition& c, const Value* cell) const {
  const auto* list = cell ? std::get_if<std::vector<std::string>>(cell) : nullptr;
  const bool filled = cell && !empty(*cell) && !std::holds_alternative<Struck>(*cell) && !(list && list->empty());
  if (c.test == ConditionTest::filled) return filled == std::get<bool>(c.values.front());
  if (!filled) return c.test == ConditionTest::is_not;
  const auto* moment = std::get_if<WallTime>(cell);
  const auto any = [&](auto&& accept) {
    return std::ranges::any_of(c.values, [&](const Value& wanted) {
      // A day compared with a moment means the moment's day.
      if (moment && std::holds_alternative<Date>(wanted))
        return accept(Value(date_of(*moment, context_->zone_minutes)), wanted);
      return accept(*cell, wanted);
    });
  };
  switch (c.test) {
    case ConditionTest::is:
      return any(matches);
    case ConditionTest::is_not:
      return !any(matches);
    case ConditionTest::from:
      return any([](const Value& a, const Value& b) { return compare_values(a, b) >= 0; });
    case ConditionTest::to:
      return any([](const Value& a, const Value& b) { return compare_values(a, b) <= 0; });
    case ConditionTest::filled:
      break;
  }
  return false;
}

std::string ReportPlan::text(std::size_t i, const Value& value) const {
  const BoundColumn& c = columns_[i];
  const auto* ref = std::get_if<Ref>(&value);
  if (ref && c.source == ColumnSource::branch)
    return context_->names.branch ? context_->names.branch(*ref) : hex(ref->id);
  return format_field(c.field, value, lang_, &context_->names, context_->zone_minutes);
}

}  // namespace satchel
