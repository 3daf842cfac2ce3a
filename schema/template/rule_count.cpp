// SPDX-License-Identifier: AGPL-3.0-or-later
// Too few, too many, behind a target; and samples.
#include <algorithm>
#include <map>
#include <set>

#include "schema/template/rule_kinds.h"

namespace satchel {

namespace {

struct QuotaSubject {
  std::string key;  // key_of what `per` holds
  RuleFinding finding;
};

struct QuotaTally {
  std::int64_t count = 0;
  std::optional<Decimal> sum = Decimal{};
  std::set<std::string> distinct;
};

class Quota {
 public:
  // Of the period that `day` lies in: the running one, or one that is over.
  Quota(const RuleRows& rows, const Rule& rule, Date day)
      : rows_(rows), rule_(rule), stretch_(stretch_of(rule.every, day)), over_(day < rows.today()) {}

  RuleFindings run() {
    SATCHEL_TRY(find_subjects());
    SATCHEL_TRY(tally());
    if (rule_.target) SATCHEL_TRY(read_targets());
    // Nobody missed a period before the first in which anybody did anything.
    if (over_ && !begun_ && !rule_.target) return std::move(out_);
    for (auto& subject : subjects_) judge(subject);
    return std::move(out_);
  }

 private:
  Result<void> find_subjects() {
    if (!rule_.of) {
      std::set<std::string> seen;
      for (const auto& actor : rule_.about.empty() ? rule_.for_whom : rule_.about) {
        for (const auto& person : rows_.context().people(actor)) {
          if (over_ && person.since && stretch_.last < *person.since) continue;  // before his time
          const bool branch = rule_.per == "branch";
          const auto key = key_of(branch ? Ref{person.branch.bytes} : Ref{person.person.bytes});
          if (!seen.insert(key).second) continue;
          subjects_.push_back({key, {.rule = &rule_, .subject = person.person, .branch = person.branch}});
        }
      }
      return {};
    }
    SATCHEL_GET(found, rows_.read(rule_.of->source, rule_.of->filter, {}));
    std::set<ArchiveId> seen;  // an archive with several such records counts once
    for (const auto& row : found) {
      if (!seen.insert(row.archive).second) continue;
      if (over_ && stretch_.last < rows_.day(row.created)) continue;
      auto finding = finding_of(rule_, row, 0);
      subjects_.push_back({key_of(Ref{row.archive.bytes}), std::move(finding)});
    }
    return {};
  }

  bool in_stretch(const Value& value) const {
    const auto day = rows_.day_in(value);
    return day && stretch_.first <= *day && *day <= stretch_.last;
  }

  Result<void> tally() {
    const std::vector<std::string> columns{rule_.per, rows_.date_column(rule_.source, rule_.date), rule_.column};
    SATCHEL_GET(found, rows_.read(rule_.source, rule_.filter, columns));
    for (const auto& row : found) {
      const auto day = rows_.day_in(row.values[1]);
      begun_ = begun_ || (day && *day <= stretch_.last);
      if (rule_.every != Period::none && !in_stretch(row.values[1])) continue;
      for (const auto& key : keys_of(row.values[0])) add(tallies_[key], row.values[2]);
    }
    return {};
  }

  // A list counts for each of those it names.
  static std::vector<std::string> keys_of(const Value& value) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return *list;
    return {key_of(value)};
  }

  void add(QuotaTally& tally, const Value& value) const {
    if (!rule_.column.empty() && is_blank(value)) return;
    ++tally.count;
    if (rule_.measure == MeasureKind::count_distinct) tally.distinct.insert(key_of(value));
    if (rule_.measure != MeasureKind::sum || !tally.sum) return;
    if (const auto* d = std::get_if<Decimal>(&value)) tally.sum = satchel::add(*tally.sum, *d);
    if (const auto* n = std::get_if<std::int64_t>(&value)) tally.sum = satchel::add(*tally.sum, Decimal{*n, 0});
  }

  std::optional<Decimal> reached(const std::string& key) const {
    const auto at = tallies_.find(key);
    if (at == tallies_.end()) return Decimal{};
    if (rule_.measure == MeasureKind::sum) return at->second.sum;
    const bool distinct = rule_.measure == MeasureKind::count_distinct;
    return Decimal{distinct ? static_cast<std::int64_t>(at->second.distinct.size()) : at->second.count, 0};
  }

  Result<void> read_targets() {
    const auto& target = *rule_.target;
    const std::vector<std::string> columns{target.per, rows_.date_column(target.source, target.date), target.column};
    SATCHEL_GET(found, rows_.read(target.source, {}, columns));
    for (const auto& row : found) {
      if (!in_stretch(row.values[1])) continue;
      std::optional<Decimal> wanted;
      if (const auto* d = std::get_if<Decimal>(&row.values[2])) wanted = *d;
      if (const auto* n = std::get_if<std::int64_t>(&row.values[2])) wanted = Decimal{*n, 0};
      auto& sum = targets_.try_emplace(key_of(row.values[0]), Decimal{}).first->second;
      if (const auto total = wanted ? satchel::add(sum, *wanted) : std::nullopt) sum = *total;
    }
    return {};
  }

  // The last checkpoint that is over; nothing before the first. With the period all of them are.
  std::optional<Checkpoint> checkpoint() const {
    std::optional<Checkpoint> last;
    for (const auto& point : rule_.target->checkpoints)
      if (over_ || stretch_.first + (point.day - 1) < rows_.today()) last = point;
    if (over_ && !last) return Checkpoint{stretch_.last.days - stretch_.first.days + 1, Decimal{100, 0}};
    return last;
  }

  void judge(QuotaSubject& subject) {
    const auto now = reached(subject.key);
    if (!now) return;
    if (rule_.target) {
      judge_target(subject, *now);
      return;
    }
    const bool few = rule_.least && compare(*now, *rule_.least) < 0;
    const bool many = rule_.most && compare(*now, *rule_.most) > 0;
    if (!few && !many) return;
    put(subject, (few ? rows_.tr("至少 ", "at least ") : rows_.tr("至多 ", "at most ")) +
                     format_decimal(few ? *rule_.least : *rule_.most) + rows_.tr("，现为 ", ", now ") +
                     format_decimal(*now));
  }

  void judge_target(QuotaSubject& subject, const Decimal& now) {
    const auto at = targets_.find(subject.key);
    const auto point = checkpoint();
    if (at == targets_.end() || !point) return;
    static const Formula kDue = *parse_formula("target * percent / 100");
    static const Formula kShare = *parse_formula("round(now * 100 / target, 1)");
    const auto value = [&](const Formula& formula) {
      return compute(formula, {[&](const std::string& id) -> Value {
                                 return id == "target" ? at->second : id == "now" ? now : point->percent;
                               },
                               [](const std::string&, const std::string&) { return std::vector<Decimal>{}; }});
    };
    const Value due = value(kDue), share = value(kShare);
    const auto* wanted = std::get_if<Decimal>(&due);
    if (wanted == nullptr || compare(now, *wanted) >= 0) return;
    put(subject, rows_.tr("第 ", "by day ") + std::to_string(point->day) + rows_.tr(" 天应达成 ", ": ") +
                     format_decimal(point->percent) + rows_.tr("%，现为 ", "% due, now ") + format_value(share) +
                     "% (" + format_decimal(now) + " / " + format_decimal(at->second) + ")");
  }

  void put(QuotaSubject& subject, const std::string& text) {
    auto& finding = subject.finding;
    const auto name = stretch_name(rule_.every, stretch_.last);
    finding.text = name.empty() ? text : name + rows_.tr("：", ": ") + text;
    if (rule_.every != Period::none && (over_ || !rule_.target))
      finding.due = end_of_day(stretch_.last, rows_.context().report.zone_minutes);
    out_.push_back(std::move(finding));
  }

  const RuleRows& rows_;
  const Rule& rule_;
  Stretch stretch_;
  bool over_;
  bool begun_ = false;  // something is dated before the period's end
  std::vector<QuotaSubject> subjects_;
  std::map<std::string, QuotaTally> tallies_;
  std::map<std::string, Decimal> targets_;
  std::vector<RuleFinding> out_;
};

}  // namespace

RuleFindings find_quotas(const RuleRows& rows, const Rule& rule) {
  SATCHEL_GET(out, Quota(rows, rule, rows.today()).run());
  const auto& calendar = rows.catalogue().calendar(rule.calendar);
  Date day = rows.today();
  for (int i = 0; i < rule.look_back; ++i) {
    day = stretch_of(rule.every, day).first + -1;
    if (rule.every == Period::workday && calendar.never_works()) break;
    while (rule.every == Period::workday && kFirstDay < day && !calendar.works(day)) day = day + -1;
    SATCHEL_GET(before, Quota(rows, rule, day).run());
    std::ranges::move(before, std::back_inserter(out));
  }
  return out;
}

// Whoever repeats it over the same records of the same period gets the same: the records with the smallest digests.
RuleFindings find_sample(const RuleRows& rows, const Rule& rule) {
  std::vector<std::string> columns{rows.date_column(rule.source, rule.date)};
  for (auto& field : named_fields(rule.for_whom)) columns.push_back(std::move(field));
  SATCHEL_GET(found, rows.read(rule.source, rule.filter, columns));
  const Stretch stretch = stretch_of(rule.every, rows.today());
  const std::string name = stretch_name(rule.every, rows.today());
  std::map<std::string, const RuleRow*> drawn;
  for (const auto& row : found) {
    const auto day = rows.day_in(row.values.front());
    if (rule.every != Period::none && (!day || *day < stretch.first || stretch.last < *day)) continue;
    drawn.emplace(rows.context().digest(rule.id + "|" + name + "|" + row.record.hex()), &row);
  }
  const std::size_t share = (drawn.size() * static_cast<std::size_t>(rule.share) + 99) / 100;
  const std::size_t wanted = rule.number > 0 ? rule.number : share;
  std::set<std::string> answered;
  if (rule.until) {
    std::vector<std::string> theirs;
    for (const auto& [their, mine] : rule.until->on) theirs.push_back(their);
    SATCHEL_GET(answers, rows.read(rule.until->source, rule.until->filter, theirs));
    for (const auto& answer : answers)
      if (!answer.values.empty()) answered.insert(key_of(answer.values.front()));
  }
  std::vector<RuleFinding> out;
  std::size_t taken = 0;
  for (const auto& [digest, row] : drawn) {
    if (taken++ == wanted) break;
    if (answered.contains(key_of(Ref{row->record.bytes}))) continue;
    auto finding = finding_of(rule, *row, 1);
    finding.text = name;
    out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace satchel
