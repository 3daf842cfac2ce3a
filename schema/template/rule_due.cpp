// SPDX-License-Identifier: AGPL-3.0-or-later
// What falls due: after a record's date (due), or once a period (schedule).
#include <algorithm>
#include <map>

#include "schema/calendar/lunar.h"
#include "schema/template/rule_kinds.h"

namespace satchel {

namespace {

constexpr int kMonthsAYear = 12;
constexpr std::int32_t kShownAheadDays = 7;  // of what comes round monthly or more seldom

// The days on which answers were given, by what they answer, in order.
class Answers {
 public:
  static Result<Answers> read(const RuleRows& rows, const std::optional<Answer>& wanted) {
    Answers out;
    if (!wanted) return out;
    std::vector<std::string> columns{rows.date_column(wanted->source, wanted->date)};
    for (const auto& [theirs, mine] : wanted->on) columns.push_back(theirs);
    SATCHEL_GET(found, rows.read(wanted->source, wanted->filter, columns));
    for (const auto& row : found) {
      const auto day = rows.day_in(row.values.front());
      if (!day) continue;
      std::string key = wanted->on.empty() ? row.archive.hex() : std::string();
      for (std::size_t i = 1; i < columns.size(); ++i) key += key_of(row.values[i]) + '\n';
      // What names nothing answers nothing.
      const bool blank =
          std::any_of(row.values.begin() + 1, row.values.end(), [](const Value& v) { return is_blank(v); });
      if (!blank && in_hours(rows, *wanted, row, *day)) out.days_[key].push_back(*day);
    }
    for (auto& [key, days] : out.days_) std::ranges::sort(days);
    return out;
  }

  // The last one given from..to, both included.
  std::optional<Date> last(const std::string& key, Date from, Date to) const {
    const auto at = days_.find(key);
    if (at == days_.end()) return std::nullopt;
    const auto after = std::ranges::upper_bound(at->second, to);
    if (after == at->second.begin() || *std::prev(after) < from) return std::nullopt;
    return *std::prev(after);
  }
  std::optional<Date> first_ever() const {
    std::optional<Date> first;
    for (const auto& [key, days] : days_)
      if (!first || days.front() < *first) first = days.front();
    return first;
  }

 private:
  static bool in_hours(const RuleRows& rows, const Answer& wanted, const RuleRow& row, Date day) {
    if (wanted.before_minutes < 0) return true;
    const auto* time = std::get_if<WallTime>(&row.values.front());
    return (time != nullptr ? *time : row.created) <= rows.time_of(day, wanted.before_minutes);
  }

  std::map<std::string, std::vector<Date>> days_;
};

struct DueRun {
  const RuleRows& rows;
  const Rule& rule;
  const Answers& answers;

  Due after(WallTime from, const Span& span) const {
    return due_after(from, span, rows.catalogue().calendar(rule.calendar), rows.context().report.zone_minutes);
  }
  // What comes round seldom is not shown all the while.
  bool shown(WallTime due) const {
    const auto& now = rows.context().report.now;
    if (!rule.ahead && !rule.again) return true;
    return after(now, rule.ahead.value_or(Span{kShownAheadDays, Unit::days})).at >= due;
  }

  std::optional<Due> plain(WallTime start, const std::string& key) const {
    const auto& now = rows.context().report.now;
    const bool later = rule.answer_after && rule.after;
    const Date from = rows.day(later ? after(start, *rule.after).at : start);
    // Bound to this very record, an answer counts whenever it was given.
    const bool bound = rule.until && ((!rule.until->on.empty() && !rule.until->since) || rule.until->ever);
    const auto answered = answers.last(key, bound && !later ? kFirstDay : from, kLastDay);
    if (rule.again) {
      const auto due = answered ? after(start_of_day(*answered, rows.context().report.zone_minutes), *rule.again)
                                : after(start, rule.limit ? *rule.limit : *rule.again);
      return shown(due.at) ? std::optional(due) : std::nullopt;
    }
    if (answered || (now < start && !rule.ahead)) return std::nullopt;
    if (rule.after && now < start_of_day(rows.day(after(start, *rule.after).at), rows.context().report.zone_minutes))
      return std::nullopt;
    const auto due = after(start, *rule.limit);
    return shown(due.at) ? std::optional(due) : std::nullopt;
  }

  // The day it comes round next, or came round so recently that it may still be answered.
  std::optional<Due> yearly(const Value& value, const std::string& key) const {
    const auto zone = rows.context().report.zone_minutes;
    const Date today = rows.today();
    const auto reach = rule.limit ? today.days - rows.day(after(start_of_day(today, zone), *rule.limit).at).days : 0;
    const auto on = next_round(value, today + reach);
    if (!on) return std::nullopt;
    const auto day = start_of_day(*on, zone);
    const Due due = rule.limit ? after(day, *rule.limit) : Due{end_of_day(*on, zone)};
    const auto ahead = rule.ahead ? *rule.ahead : Span{0, Unit::days};
    const Date from{today.days - (rows.day(after(start_of_day(today, zone), ahead).at).days - today.days)};
    const auto first = *on + (from.days - today.days);
    if (today < first || answers.last(key, first, kLastDay)) return std::nullopt;
    return due;
  }

  static std::optional<Date> next_round(const Value& value, Date from) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      const auto lunar = parse_lunar(*text);
      return lunar ? next_lunar_day(*lunar, from) : std::nullopt;
    }
    const auto* date = std::get_if<Date>(&value);
    if (date == nullptr) return std::nullopt;
    // The 29th of February is the 28th in other years.
    const int years = static_cast<int>(from.civil().year()) - static_cast<int>(date->civil().year());
    const Date this_year = months_after(*date, years * kMonthsAYear);
    return this_year < from ? months_after(*date, (years + 1) * kMonthsAYear) : this_year;
  }
};

}  // namespace

RuleFindings find_due(const RuleRows& rows, const Rule& rule) {
  SATCHEL_GET(answers, Answers::read(rows, rule.until));
  std::vector<std::string> columns{rule.from};
  if (rule.until)
    for (const auto& [theirs, mine] : rule.until->on) columns.push_back(mine);
  const std::size_t title = columns.size();
  columns.push_back(rows.title_column(rule.source));
  for (auto& field : named_fields(rule.for_whom)) columns.push_back(std::move(field));
  SATCHEL_GET(found, rows.read(rule.source, rule.filter, columns));
  const DueRun run{rows, rule, answers};
  std::vector<RuleFinding> out;
  for (const auto& row : found) {
    std::string key = title == 1 ? row.archive.hex() : std::string();
    for (std::size_t i = 1; i < title; ++i) key += key_of(row.values[i]) + '\n';
    const auto start = rows.time_in(row.values.front());
    const auto due = rule.yearly ? run.yearly(row.values.front(), key) : start ? run.plain(*start, key) : std::nullopt;
    if (!due) continue;
    auto finding = finding_of(rule, row, title + 1);
    finding.due = due->at;
    finding.sure = due->sure;
    if (!is_blank(row.values[title])) finding.text = rows.text(rule.source, columns[title], row.values[title]);
    out.push_back(std::move(finding));
  }
  return out;
}

// ---- schedule ----

namespace {

struct Round {
  Stretch stretch;
  Date day;  // it is due on
};

// The round that `day` lies in.
Round round_of(const Rule& rule, Date day) {
  const Stretch stretch = stretch_of(rule.every, day);
  const std::int32_t days = stretch.last.days - stretch.first.days + 1;
  const Date due = rule.on == 0 ? stretch.last : stretch.first + (std::min(rule.on, days) - 1);
  return {stretch, due};
}

std::optional<Round> round_before(const RuleRows& rows, const Rule& rule, const Round& round) {
  Date day = round.stretch.first + -1;
  if (rule.every != Period::workday) return round_of(rule, day);
  const auto& calendar = rows.catalogue().calendar(rule.calendar);
  if (calendar.never_works()) return std::nullopt;
  while (kFirstDay < day && !calendar.works(day)) day = day + -1;
  return round_of(rule, day);
}

std::vector<RuleContext::Subject> subjects_of(const RuleRows& rows, const Rule& rule) {
  std::vector<RuleContext::Subject> all;
  for (const auto& actor : rule.about.empty() ? rule.for_whom : rule.about)
    for (const auto& subject : rows.context().people(actor))
      if (std::ranges::find(all, subject.person, &RuleContext::Subject::person) == all.end()) all.push_back(subject);
  return all;
}

// What ties an answer to its person: by itself he is its author.
std::string subject_key(const Answer& until, const RuleContext::Subject& subject) {
  if (until.on.empty()) return key_of(Ref{subject.person.bytes}) + '\n';
  std::string key;
  for (const auto& [theirs, mine] : until.on)
    key += key_of(mine == "branch" ? Ref{subject.branch.bytes} : Ref{subject.person.bytes}) + '\n';
  return key;
}

}  // namespace

RuleFindings find_scheduled(const RuleRows& rows, const Rule& rule) {
  Answer until = *rule.until;
  if (until.on.empty()) until.on = {{"author", "author"}};
  SATCHEL_GET(answers, Answers::read(rows, until));
  const Date today = rows.today();
  const auto& calendar = rows.catalogue().calendar(rule.calendar);
  std::vector<Round> rounds;
  const Round now = round_of(rule, today);
  if (rule.every != Period::workday || calendar.works(today)) rounds.push_back(now);
  // The round before stays until it is made up for, from the first one on that anybody ever answered.
  const auto alive = answers.first_ever();
  if (const auto before = round_before(rows, rule, now); before && alive && *alive <= before->stretch.last)
    rounds.push_back(*before);
  const auto zone = rows.context().report.zone_minutes;
  std::vector<RuleFinding> out;
  for (const auto& subject : subjects_of(rows, rule)) {
    for (const auto& round : rounds) {
      if (subject.since && round.stretch.last < *subject.since) continue;  // before his time
      if (answers.last(subject_key(until, subject), round.stretch.first, round.stretch.last)) continue;
      const WallTime due = rule.at_minutes < 0 ? end_of_day(round.day, zone) : rows.time_of(round.day, rule.at_minutes);
      const bool seldom = rule.every == Period::month || rule.every == Period::quarter || rule.every == Period::year;
      const Span ahead = rule.ahead.value_or(Span{kShownAheadDays, Unit::days});
      const bool later = due_after(rows.context().report.now, ahead, calendar, zone).at < due;
      if (later && (seldom || rule.ahead)) continue;
      RuleFinding finding{.rule = &rule, .subject = subject.person, .branch = subject.branch, .due = due};
      finding.text = stretch_name(rule.every, round.day);
      out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace satchel
