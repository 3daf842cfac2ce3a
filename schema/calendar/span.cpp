// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/calendar/span.h"

#include <algorithm>
#include <charconv>

namespace satchel {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;

struct UnitWords {
  std::string_view zh, one, many;
};
constexpr UnitWords kWords[] = {{"分钟", "minute", "minutes"}, {"小时", "hour", "hours"},
                                {"天", "day", "days"},         {"个工作日", "working day", "working days"},
                                {"个月", "month", "months"},   {"年", "year", "years"}};

bool within(const Pause& pause, WallTime at) { return pause.from <= at && (!pause.until || at < *pause.until); }

bool pauses_at(std::span<const Pause> pauses, WallTime at) {
  return std::ranges::any_of(pauses, [&](const Pause& pause) { return within(pause, at); });
}

// So many milliseconds of time in which nothing was paused.
Due running(WallTime from, std::int64_t ms, std::span<const Pause> pauses, WallTime now) {
  Due due{{from.ms + ms}, false, true};
  for (const auto& pause : pauses) {
    const auto until = pause.until.value_or(std::max(now, pause.from));
    if (until.ms <= from.ms) continue;
    const auto begins = std::max(pause.from.ms, from.ms);
    if (begins > due.at.ms) break;
    due.at.ms += until.ms - begins;
    due.paused = due.paused || !pause.until;
  }
  return due;
}

// So many days that count, from the day after on.
Due counted(Date from, int left, bool working, const WorkCalendar& calendar, int zone, std::span<const Pause> pauses,
            WallTime now) {
  Due due;
  Date at = from;
  const bool week = working && !calendar.never_works();
  const auto counts = [&](Date day) {
    if (week) due.sure = due.sure && calendar.published(day);
    if (week && !calendar.works(day)) return false;
    const auto end = end_of_day(day, zone);
    const bool stood = pauses_at(pauses, end) && end < now;  // what is to come is not paused yet
    return !stood;
  };
  if (left == 0 && !counts(at)) left = 1;
  while (left > 0 && at < kLastDay) {
    at = at + 1;
    if (counts(at)) --left;
  }
  due.at = end_of_day(at, zone);
  due.paused = !pauses.empty() && !pauses.back().until && pauses.back().from <= due.at;
  return due;
}

}  // namespace

std::optional<Span> parse_span(std::string_view text) {
  Span span;
  const auto* end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, span.count);
  if (fault != std::errc{} || span.count < 0 || span.count > kSpanCountMax) return std::nullopt;
  const auto unit = std::ranges::find(kUnitNames, std::string_view(rest, static_cast<std::size_t>(end - rest)));
  if (unit == std::end(kUnitNames)) return std::nullopt;
  span.unit = static_cast<Unit>(unit - std::begin(kUnitNames));
  return span;
}

std::string format_span(const Span& span) {
  return std::to_string(span.count) + std::string(kUnitNames[static_cast<std::size_t>(span.unit)]);
}

std::string span_in(const Span& span, Lang lang) {
  const auto& words = kWords[static_cast<std::size_t>(span.unit)];
  const auto count = std::to_string(span.count);
  if (lang == Lang::zh) return count + std::string(words.zh);
  return count + " " + std::string(span.count == 1 ? words.one : words.many);
}

WallTime start_of_day(Date date, int zone_minutes) {
  return {static_cast<std::int64_t>(date.days) * kDayMs - zone_minutes * kMinuteMs};
}

WallTime end_of_day(Date date, int zone_minutes) { return {start_of_day(date + 1, zone_minutes).ms - 1}; }

Due due_after(WallTime from, const Span& span, const WorkCalendar& calendar, int zone_minutes,
              std::span<const Pause> pauses, WallTime now) {
  const Date day = std::clamp(date_of(from, zone_minutes), kFirstDay, kLastDay);
  switch (span.unit) {
    case Unit::minutes:
      return running(from, span.count * kMinuteMs, pauses, now);
    case Unit::hours:
      return running(from, span.count * 60 * kMinuteMs, pauses, now);
    case Unit::days:
      return counted(day, span.count, false, calendar, zone_minutes, pauses, now);
    case Unit::working_days:
      return counted(day, span.count, true, calendar, zone_minutes, pauses, now);
    case Unit::months:
    case Unit::years:
      break;
  }
  const auto last = months_after(day, span.unit == Unit::years ? span.count * 12 : span.count);
  return counted(day, last.days - day.days, false, calendar, zone_minutes, pauses, now);
}

}  // namespace satchel
