// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/step_view.h"

#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/words.h"
#include "client/field/masking.h"
#include "schema/base/exit_code.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

constexpr std::string_view kFateNames[] = {"moved", "waiting", "overtaken", "not_open", "not_allowed", "noted"};

std::string fate_text(const Frame& frame, StepFate fate) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"已生效", "in force"},     {"待他人", "waits for others"}, {"未采用", "overtaken"},
      {"当时不能办", "not open"}, {"无权办理", "not allowed"},    {"已记下", "noted"}};
  const auto& [zh, en] = kWords[static_cast<std::size_t>(fate)];
  return frame.tr(zh, en);
}

// When a hub had it, where that was so much later that only its author's device vouches for the time.
std::string received_text(const Frame& frame, const node::StepShown& step) {
  constexpr Millis kSoon{600'000};
  if (!step.stamped) return frame.tr("，仅在本机", ", only here");
  if (*step.stamped <= step.at + kSoon) return {};
  return frame.tr("，枢纽收到 ", ", at a hub ") + moment(*step.stamped);
}

json::object matter_json(Book& book, const field::MatterShown& shown) {
  const Lang lang = book.lang();
  const auto& matter = shown.matter;
  json::array path, said, open, copies;
  for (const auto& p : shown.path)
    path.push_back(json::object{{"state", p.state},
                                {"label", p.label},
                                {"since", moment(p.since)},
                                {"step", p.step},
                                {"by", people_json(book, p.by)}});
  for (const auto& s : shown.said)
    said.push_back(json::object{{"step", s.said.step},
                                {"by", book.person_name(s.by)},
                                {"for", s.in_place_of.none() ? std::string() : book.person_name(s.in_place_of)},
                                {"at", moment(s.at)},
                                {"fate", kFateNames[static_cast<std::size_t>(s.fate)]},
                                {"stamped", s.stamped.has_value()},
                                {"received", s.stamped ? json::value(moment(*s.stamped)) : json::value(nullptr)},
                                {"comment", s.said.comment}});
  for (const auto* step : shown.open) open.push_back(json::object{{"id", step->id}, {"label", step->label.in(lang)}});
  for (const auto& c : matter.copies)
    copies.push_back(json::object{{"who", field::actor_name(shown.form, c.to, lang)},
                                  {"by", c.by.none() ? json::value(nullptr) : json::value(book.person_name(c.by))},
                                  {"at", c.by.none() ? json::value(nullptr) : json::value(moment(c.at))}});
  return {{"record", shown.place.record.hex()},
          {"template", matter.workflow->source},
          {"title", shown.title},
          {"state", matter.standing.state()},
          {"label", shown.state_label},
          {"since", moment(matter.standing.since())},
          {"due", matter.due ? json::value(moment(matter.due->at)) : json::value(nullptr)},
          {"paused", matter.due && matter.due->paused},
          {"calendar", calendar_json(shown.calendar, lang)},
          {"sure", !matter.due || matter.due->sure},
          {"overdue", shown.overdue},
          {"late", matter.late || shown.overdue},
          {"final", matter.state != nullptr && matter.state->final},
          {"waits_for", people_json(book, shown.waits_for)},
          {"open", std::move(open)},
          {"path", std::move(path)},
          {"copies", std::move(copies)},
          {"said", std::move(said)}};
}

std::string due_line(const Frame& frame, const field::MatterShown& shown) {
  const auto& due = *shown.matter.due;
  std::string line = frame.tr("期限：", "Due: ") + moment(due.at);
  if (due.paused) line += frame.tr("（暂停计时）", " (the clock stands still)");
  if (shown.overdue) line += frame.tr("  ⚠ 已逾期", "  ⚠ overdue");
  if (shown.calendar != nullptr)
    line += frame.tr("，按 ", ", by ") + calendar_word(*shown.calendar, frame.globals().lang);
  if (!due.sure)
    line += frame.tr("（其中有节假日尚未公布的日子）", " (some of its days' holidays are not published yet)");
  return line;
}

std::string in_place_of(const Frame& frame, Book& book, const PersonId& principal) {
  if (principal.none()) return {};
  return frame.tr("（代 ", " (for ") + book.person_name(principal) + frame.tr("）", ")");
}

void say_matter(const Frame& frame, Book& book, const field::MatterShown& shown) {
  const Lang lang = book.lang();
  const auto& workflow = *shown.matter.workflow;
  frame.say(workflow.label.in(lang) + "  " + shown.title + "  " + holder::short_id(shown.place.record));
  frame.say(frame.tr("状态：", "State: ") + shown.state_label + frame.tr("，自 ", ", since ") +
            moment(shown.matter.standing.since()));
  if (shown.matter.due) frame.say(due_line(frame, shown));
  if (!shown.waits_for.empty()) frame.say(frame.tr("等待：", "Waits for: ") + people_text(book, shown.waits_for));
  for (const auto& c : shown.matter.copies)
    frame.say(frame.tr("副本 ", "Copy for ") + field::actor_name(shown.form, c.to, lang) + frame.tr("：", ": ") +
              (c.by.none() ? frame.tr("未确认", "not confirmed") : book.person_name(c.by) + " " + moment(c.at)));
  for (const auto& s : shown.said)
    frame.say("  " + moment(s.at) + "  " + book.person_name(s.by) + in_place_of(frame, book, s.in_place_of) + "  " +
              field::step_name(workflow, s.said.step, lang) + "  [" + fate_text(frame, s.fate) +
              received_text(frame, s) + "]" + (s.said.comment.empty() ? "" : "  " + s.said.comment));
  std::vector<std::string> open;
  for (const auto* step : shown.open) open.push_back(step->id + " " + step->label.in(lang));
  if (!open.empty()) frame.say(frame.tr("您可以办：", "You may take: ") + join_list(open, lang));
}

}  // namespace

Result<int> tell_step(const Frame& frame, Book& book, const holder::RecordPlace& place, const field::StepDone& done) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(now, book.place_of(place.info.id, place.record));
  SATCHEL_TRY(field::note_opening(book, std::span(&now.info.id, 1), "step " + holder::short_id(now.record)));
  SATCHEL_GET(shown, field::show_matter(book, now));
  auto out = matter_json(book, shown);
  out["held"] = done.saved.held;
  if (done.said) out["owners"] = people_json(book, done.owners);
  if (done.said) out["owners_pending"] = done.said->pending;
  frame.print(out);
  say_matter(frame, book, shown);
  if (done.said)
    frame.say(frame.tr("档案负责人：", "The archive's owners: ") + people_text(book, done.owners) +
              (done.said->pending ? frame.tr("（下次同步后生效）", " (in force after the next sync)") : ""));
  if (done.saved.held) remark_saved(frame, done.saved);
  return kOk;
}

}  // namespace satchel::cli
