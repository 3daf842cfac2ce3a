// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/when.h"

#include "schema/template/report.h"

namespace satchel {

namespace {

// What the word says, as a value to compare with the other: a number, a day, a moment. Nothing when it is no such.
std::optional<Value> word_like(const Value& like, const std::string& word) {
  std::optional<Value> out;
  if (std::holds_alternative<std::int64_t>(like) || std::holds_alternative<Decimal>(like)) {
    if (const auto number = parse_decimal(word)) out = *number;
  } else if (const auto day = parse_date(word)) {
    out = *day;
  } else if (const auto moment = parse_time(word, kChinaZoneMinutes)) {
    out = *moment;
  }
  return out;
}

// A day compared with a moment means the moment's day, as in reports.
std::optional<int> compare_word(const Value& value, const std::string& word) {
  const auto wanted = word_like(value, word);
  if (!wanted) return std::nullopt;
  const auto* moment = std::get_if<WallTime>(&value);
  const bool of_day = moment != nullptr && std::holds_alternative<Date>(*wanted);
  const Value seen = of_day ? Value(date_of(*moment, kChinaZoneMinutes)) : value;
  if (seen.index() != wanted->index() && !std::holds_alternative<Decimal>(*wanted)) return std::nullopt;
  return compare_values(seen, *wanted);
}

bool says(const Value& value, const std::string& word) {
  if (const auto* yes = std::get_if<bool>(&value)) return word == (*yes ? "yes" : "no");
  if (const auto* text = std::get_if<std::string>(&value)) return *text == word;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
    return std::ranges::find(*texts, word) != texts->end();
  return compare_word(value, word) == 0;
}

bool is_filled(const Value* value) {
  if (value == nullptr || empty(*value) || std::holds_alternative<Struck>(*value)) return false;
  const auto* texts = std::get_if<std::vector<std::string>>(value);
  return texts == nullptr || !texts->empty();
}

bool passes_test(const FieldTest& test, const Value* value) {
  const bool filled = is_filled(value);
  if (test.test == ConditionTest::filled) return test.values.front() == (filled ? "yes" : "no");
  if (!filled) return test.test == ConditionTest::is_not;
  const auto any = [&](auto&& accept) { return std::ranges::any_of(test.values, accept); };
  const auto compared = [&](const std::string& word) { return compare_word(*value, word); };
  switch (test.test) {
    case ConditionTest::is:
      return any([&](const std::string& word) { return says(*value, word); });
    case ConditionTest::is_not:
      return !any([&](const std::string& word) { return says(*value, word); });
    case ConditionTest::from:
      return any([&](const std::string& word) { return compared(word).value_or(-1) >= 0; });
    case ConditionTest::to:
      return any([&](const std::string& word) { return compared(word).value_or(1) <= 0; });
    case ConditionTest::filled:
      break;
  }
  return false;
}

}  // namespace

bool applies(const When& when, const FieldMap& record) {
  return std::ranges::all_of(when.all, [&](const FieldTest& test) {
    const auto at = record.find(test.field);
    return passes_test(test, at == record.end() ? nullptr : &at->second);
  });
}

std::optional<Span> limit_of(const WorkflowState& state, const FieldMap& record) {
  const auto one = std::ranges::find_if(state.limits, [&](const LimitWhen& l) { return applies(l.when, record); });
  return one != state.limits.end() ? std::optional(one->limit) : state.limit;
}

}  // namespace satchel
