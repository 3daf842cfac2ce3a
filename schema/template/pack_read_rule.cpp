// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <array>

#include "schema/template/pack.h"
#include "schema/template/pack_read.h"

namespace satchel {

namespace {

constexpr std::string_view kDueDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::size_t kCheckpointsMax = 60;
constexpr std::int64_t kYearDays = 366;
constexpr std::int64_t kLookBackMax = 12;

// "a=b", or "a" for a on both sides.
std::vector<std::pair<std::string, std::string>> read_pairs(PackKeys& keys, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& text : keys.texts(key, kListMax)) {
    const auto at = text.find('=');
    all.emplace_back(text.substr(0, at), at == std::string::npos ? text : text.substr(at + 1));
  }
  return all;
}

// "18:00"
int read_clock(PackKeys& keys, std::string_view key) {
  const auto text = keys.text(key);
  if (text.empty()) return -1;
  const auto two = [&](std::size_t at) {  // digits; negative when they are none
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : -100; };
    return digit(text[at]) * 10 + digit(text[at + 1]);
  };
  const bool shape = text.size() == 5 && text[2] == ':';
  const int hours = shape ? two(0) : -1, minutes = shape ? two(3) : -1;
  if (hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60) return hours * 60 + minutes;
  const std::string k(key);
  keys.wrong(keys.line(), {k + " 应为时刻，如 \"18:00\"", k + " takes a time of day such as \"18:00\""});
  return -1;
}

std::optional<Answer> read_answer(PackKeys& keys, PackReading& reading, std::string_view key) {
  const TomlNode* node = keys.take(key);
  if (!node) return std::nullopt;
  PackKeys parts(*node, reading, keys.where() + " " + std::string(key));
  Answer answer;
  answer.source = parts.id("source");
  answer.filter = read_conditions(parts, reading, "filter");
  answer.date = parts.text("date");
  answer.on = read_pairs(parts, "on");
  answer.ever = parts.flag("ever");
  answer.since = parts.flag("since");
  answer.before_minutes = read_clock(parts, "before");
  return answer;
}

// A weekday or a day's number; "last".
int read_on(PackKeys& keys) {
  const TomlNode* node = keys.take("on");
  if (!node) return 0;
  if (node->kind == TomlNode::Kind::integer && node->integer >= 1 && node->integer <= kYearDays)
    return static_cast<int>(node->integer);
  const auto day = std::ranges::find(kDueDays, std::string_view(node->text));
  if (node->kind == TomlNode::Kind::text && day != std::end(kDueDays))
    return static_cast<int>(day - std::begin(kDueDays)) + 1;
  if (node->text != "last")
    keys.wrong(node->line,
               {"on 应为 mon … sun、日期序号或 \"last\"", "on takes mon … sun, a day's number or \"last\""});
  return 0;
}

std::optional<Target> read_target(PackKeys& keys, PackReading& reading) {
  const TomlNode* node = keys.take("target");
  if (!node) return std::nullopt;
  PackKeys parts(*node, reading, keys.where() + " target");
  Target target{parts.id("source"), parts.id("column"), parts.text("per"), parts.text("date"), {}};
  for (const TomlNode* item : parts.tables("checkpoints", kCheckpointsMax)) {
    PackKeys point(*item, reading, parts.where() + " checkpoint");
    target.checkpoints.push_back(
        {static_cast<int>(point.integer("day", 1, 1, kYearDays)), point.decimal("percent").value_or(Decimal{100, 0})});
  }
  return target;
}

// What its kind cannot do without.
void check_needs(PackKeys& keys, const Rule& rule) {
  using enum RuleKind;
  const auto need = [&](RuleKind kind, bool given, std::string_view key) {
    if (rule.kind != kind || given) return;
    const std::string k(key), name(kRuleKindNames[static_cast<std::size_t>(kind)]);
    keys.wrong(rule.line, {"kind = \"" + name + "\" 需要 " + k, "kind = \"" + name + "\" needs " + k});
  };
  need(due, !rule.from.empty(), "from");
  need(due, rule.limit || rule.again || rule.yearly, "limit, again or yearly");
  need(schedule, rule.every != Period::none, "every");
  need(schedule, !rule.for_whom.empty() || !rule.about.empty(), "for or about");
  need(schedule, rule.until.has_value(), "until");
  need(agree, !rule.with.empty(), "with");
  need(agree, !rule.on_pairs.empty(), "on");
  need(duplicate, !rule.fields.empty(), "fields");
  need(quota, !rule.per.empty(), "per");
  need(quota, rule.least || rule.most || rule.target, "least, most or target");
  need(quota, rule.look_back == 0 || rule.every != Period::none, "every");
  need(quota, rule.of || !rule.for_whom.empty() || !rule.about.empty(), "of, for or about");
  need(quota, rule.measure == MeasureKind::count || !rule.column.empty(), "column");
  need(sample, (rule.share > 0) != (rule.number > 0), "share or number");
  if (rule.source.empty() && rule.kind != schedule)
    keys.wrong(rule.line, {"缺少 source", "source is missing: the template whose records it reads"});
}

}  // namespace

Rule read_rule(const TomlNode& node, PackReading& reading) {
  PackKeys keys(node, reading, "rule");
  Rule rule;
  rule.line = node.line;
  rule.id = keys.id("id", true);
  keys.rename("rule " + rule.id);
  rule.label = keys.label("label");
  rule.help = keys.label("help");
  rule.kind = keys.word("kind", RuleKind::due, kRuleKindNames);
  rule.source = keys.text("source");
  rule.filter = read_conditions(keys, reading, "filter");
  rule.for_whom = read_actors(keys, "for");
  rule.about = read_actors(keys, "about");
  rule.tell = read_actors(keys, "tell");
  rule.calendar = keys.text("calendar");
  rule.in_closed = keys.flag("in_closed");
  rule.from = keys.text("from");
  rule.after = read_span(keys, "after");
  rule.limit = read_span(keys, "limit");
  rule.again = read_span(keys, "again");
  rule.ahead = read_span(keys, "ahead");
  rule.yearly = keys.flag("yearly");
  rule.answer_after = keys.flag("answer_after");
  rule.until = read_answer(keys, reading, "until");
  rule.every = keys.word("every", Period::none, kPeriodNames);
  rule.on = rule.kind == RuleKind::agree ? 0 : read_on(keys);
  rule.at_minutes = read_clock(keys, "at");
  rule.date = keys.text("date");
  rule.fields = keys.texts("fields", kFieldsMax);
  rule.all = keys.flag("all");
  rule.with = keys.text("with");
  rule.with_filter = read_conditions(keys, reading, "with_filter");
  if (rule.kind == RuleKind::agree) rule.on_pairs = read_pairs(keys, "on");
  rule.equal = read_pairs(keys, "equal");
  rule.both = keys.flag("both");
  rule.each = keys.flag("each");
  rule.order = read_order(keys);
  rule.top = static_cast<std::size_t>(keys.integer("top", 0, 0, 100'000));
  rule.per = keys.text("per");
  rule.of = read_answer(keys, reading, "of");
  rule.measure = keys.word("measure", MeasureKind::count, std::span(kMeasureNames).first(5));
  rule.column = keys.text("column");
  rule.least = keys.decimal("least");
  rule.most = keys.decimal("most");
  rule.target = read_target(keys, reading);
  rule.look_back = static_cast<int>(keys.integer("look_back", 0, 0, kLookBackMax));
  rule.share = static_cast<int>(keys.integer("share", 0, 0, 100));
  rule.number = static_cast<std::size_t>(keys.integer("number", 0, 0, 10'000));
  check_needs(keys, rule);
  return rule;
}

}  // namespace satchel
