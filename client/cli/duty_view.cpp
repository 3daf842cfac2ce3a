// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/duty_view.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include "client/cli/book_view.h"
#include "client/cli/words.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

json::value time_json(const std::optional<WallTime>& time) {
  return time ? json::value(moment(*time)) : json::value(nullptr);
}

json::value id_json(const auto& id) { return id.none() ? json::value(nullptr) : json::value(id.hex()); }

std::string form_label(Book& book, const std::string& id) {
  const Template* form = book.catalogue().find_template(id);
  return form != nullptr ? form->label.in(book.lang()) : id;
}

// The customer, or the branch or person it is about.
std::string about(Book& book, const ArchiveId& archive, const PersonId& subject) {
  if (!subject.none()) return book.person_name(subject);
  return archive.none() ? std::string() : book.archive_name(archive);
}

// The calendars that times in a list were counted by.
using Calendars = std::set<const WorkCalendar*>;

std::string calendars_text(const Frame& frame, const Calendars& used) {
  std::string text;
  for (const auto* calendar : used)
    if (calendar != nullptr)
      text += frame.tr("\n工作日按 ", "\nWorking days by ") + calendar_word(*calendar, frame.globals().lang);
  return text;
}

}  // namespace

json::object duty_json(Book& book, const holder::Duty& duty) {
  return {
      {"record", duty.record.hex()},
      {"archive", duty.archive.hex()},
      {"about", book.archive_name(duty.archive)},
      {"template", duty.workflow->source},
      {"state", duty.state->id},
      {"label", duty.state->label.in(book.lang())},
      {"author", book.person_name(duty.author)},
      {"since", moment(duty.since)},
      {"due", time_json(duty.due)},
      {"overdue", duty.overdue},
      {"calendar", calendar_json(book.catalogue().calendar_used(*duty.workflow, *duty.state, duty.limit), book.lang())},
      {"escalated", duty.escalated},
      {"copy", duty.copy},
      {"for", duty.in_place_of.none() ? std::string() : book.person_name(duty.in_place_of)}};
}

std::string duties_text(const Frame& frame, Book& book, const std::vector<holder::Duty>& duties) {
  TextTable table({{frame.tr("期限", "Due"), false, 16},
                   {frame.tr("事项", "Matter"), false, 24},
                   {frame.tr("状态", "State"), false, 20},
                   {frame.tr("客户或档案", "Archive"), false, 24},
                   {frame.tr("填报人", "Author"), false, 12},
                   {frame.tr("记录号", "Id"), false, 8}});
  Calendars calendars;
  for (const auto& d : duties) {
    if (d.due) calendars.insert(book.catalogue().calendar_used(*d.workflow, *d.state, d.limit));
    std::string mark = d.copy        ? frame.tr(" ⧉ 待确认副本", " ⧉ copy to confirm")
                       : d.escalated ? frame.tr(" ⬆ 上报", " ⬆ escalated")
                       : d.overdue   ? frame.tr(" ⚠ 逾期", " ⚠ overdue")
                                     : "";
    if (!d.in_place_of.none())
      mark += frame.tr("（代 ", " (for ") + book.person_name(d.in_place_of) + frame.tr("）", ")");
    table.row({d.due ? moment(*d.due) : "-", form_label(book, d.workflow->source),
               d.state->label.in(book.lang()) + mark, book.archive_name(d.archive), book.person_name(d.author),
               holder::short_id(d.record)});
  }
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  return text + calendars_text(frame, calendars);
}

json::object finding_json(Book& book, const holder::Finding& finding) {
  const auto& f = finding.found;
  return {{"rule", f.rule->id},
          {"label", f.rule->label.in(book.lang())},
          {"kind", kRuleKindNames[static_cast<std::size_t>(f.rule->kind)]},
          {"archive", id_json(f.archive)},
          {"customer", about(book, f.archive, f.subject)},
          {"record", id_json(f.record)},
          {"who", people_json(book, finding.who)},
          {"mine", finding.mine},
          {"due", time_json(f.due)},
          {"overdue_days", finding.overdue_days},
          {"sure", f.sure},
          {"calendar", calendar_json(book.catalogue().calendar_used(*f.rule), book.lang())},
          {"text", f.text}};
}

std::string findings_text(const Frame& frame, Book& book, const std::vector<holder::Finding>& findings,
                          std::size_t per_rule) {
  TextTable table({{frame.tr("期限", "Due"), false, 10},
                   {frame.tr("逾期", "Overdue"), false, 8},
                   {frame.tr("规则", "Rule"), false, 28},
                   {frame.tr("客户或人员", "Customer or person"), false, 24},
                   {frame.tr("说明", "What"), false, 44},
                   {frame.tr("经办", "For"), false, 16},
                   {frame.tr("记录号", "Id"), false, 8}});
  std::map<const Rule*, std::size_t> seen;
  Calendars calendars;
  for (const auto& finding : findings) {
    const auto& f = finding.found;
    if (const auto nth = ++seen[f.rule]; per_rule > 0 && nth > per_rule) continue;
    if (f.due) calendars.insert(book.catalogue().calendar_used(*f.rule));
    const std::string late =
        finding.overdue_days > 0 ? std::to_string(finding.overdue_days) + frame.tr(" 天", " d") : "-";
    // A time that rests on days whose holidays are not published yet says so.
    const std::string due = f.due ? format_date(date_of(*f.due, kChinaZoneMinutes)) + (f.sure ? "" : "?") : "-";
    table.row({due, late, f.rule->label.in(book.lang()), about(book, f.archive, f.subject), f.text,
               people_text(book, finding.who), f.record.none() ? "-" : holder::short_id(f.record)});
  }
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  for (const auto& [rule, count] : seen)
    if (per_rule > 0 && count > per_rule)
      text += "\n… " + rule->label.in(book.lang()) + frame.tr("：另有 ", ": and ") + std::to_string(count - per_rule) +
              frame.tr(" 条，用 rules ", " more; see rules ") + rule->id;
  return text + calendars_text(frame, calendars);
}

}  // namespace satchel::cli
