// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/cli/draft_view.h"
#include "client/cli/duty_view.h"
#include "client/cli/task_view.h"
#include "client/field/masking.h"
#include "client/field/today.h"
#include "client/field/visits.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

constexpr std::size_t kRemindersShown = 8;  // of one rule

std::string table_text(const TextTable& table) {
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// ---- add ----

struct VisitAddOptions {
  std::string customer, purpose, summary, next, date;
  std::vector<std::string> with, fields;
  bool draft = false;
};

// Whom the directory does not know is kept by name, as an outsider; people hear of it, since it may be a slip.
std::string with_text(const Frame& frame, Book& book, const std::vector<std::string>& with) {
  std::string text;
  for (const auto& name : with) {
    text += (text.empty() ? "" : "\n") + name;
    if (!book.find_person(name))
      frame.note(frame.tr("陪同人员不在本单位名册中，按外单位人员记：",
                          "Not a person of the organisation, kept as an outsider: ") +
                 name);
  }
  return text;
}

Result<int> add_visit(const Frame& frame, Book& book, const VisitAddOptions& options) {
  SATCHEL_GET(form, book.form(holder::kVisitTemplate));
  SATCHEL_GET(customer, book.find_customer(options.customer));
  SATCHEL_GET(typed, split_fields(options.fields));
  if (!options.purpose.empty() || !options.draft) typed.push_back({"purpose", options.purpose});
  if (!options.summary.empty() || !options.draft) typed.push_back({"summary", options.summary});
  for (const auto& [field, text] : {std::pair{"next", options.next}, {"date", options.date}}) {
    if (text.empty()) continue;
    SATCHEL_GET(day, parse_day(book, text));
    typed.push_back({field, format_date(day)});
  }
  if (!options.with.empty()) typed.push_back({"with", with_text(frame, book, options.with)});
  if (options.draft) {
    SATCHEL_GET(kept, field::keep_record_draft(book, *form, customer.archive, typed));
    return tell_draft(frame, book, kept);
  }
  const auto saved = field::add_typed(book, *form, customer.archive, typed);
  if (!saved) {
    remark_unfinished(frame, saved.error());
    return std::unexpected(saved.error());
  }
  frame.print(saved_json(*saved));
  frame.say(frame.tr("已保存拜访：", "Visit saved: ") + printable(customer.name) + "  " +
            holder::short_id(saved->record));
  remark_saved(frame, *saved);
  return kOk;
}

// ---- list, show ----

struct VisitListOptions {
  std::string date, from, to, customer;
  std::size_t limit = 0;
};

Result<field::VisitFilter> read_filter(Book& book, const VisitListOptions& options) {
  field::VisitFilter filter;
  filter.limit = options.limit;
  const auto day = [&](const std::string& text, std::optional<Date>& into) -> Result<void> {
    if (text.empty()) return {};
    SATCHEL_GET(date, parse_day(book, text));
    into = date;
    return {};
  };
  SATCHEL_TRY(day(options.from, filter.from));
  SATCHEL_TRY(day(options.to, filter.to));
  SATCHEL_TRY(day(options.date, filter.from));
  SATCHEL_TRY(day(options.date, filter.to));
  if (filter.from && filter.to && *filter.to < *filter.from)
    return fail(ErrorKind::usage, "usage.span", format_date(*filter.from) + " > " + format_date(*filter.to));
  if (!options.customer.empty()) {
    SATCHEL_GET(customer, book.find_customer(options.customer));
    filter.archive = customer.archive;
  }
  return filter;
}

json::object visit_json(Book& book, const field::VisitRow& visit) {
  json::object out;
  out["id"] = visit.record.hex();
  out["archive"] = visit.archive.hex();
  out["customer"] = visit.customer.name;
  out["number"] = visit.customer.number;
  out["author"] = book.person_name(visit.author);
  out["date"] = format_date(visit.date);
  out["purpose"] = visit.purpose;
  out["summary"] = visit.summary;
  out["next"] = visit.next ? json::value(format_date(*visit.next)) : json::value(nullptr);
  json::array with;
  for (const auto& name : visit.with) with.emplace_back(name);
  out["with"] = std::move(with);
  static constexpr std::string_view kStandings[] = {"in_force", "withdrawn", "binned", "held"};
  out["standing"] = kStandings[visit.standing];
  out["corrected"] = visit.corrected;
  out["reached"] = field::reached_name(visit.reached);
  return out;
}

Result<int> list_visits(const Frame& frame, Book& book, const VisitListOptions& options) {
  SATCHEL_GET(filter, read_filter(book, options));
  SATCHEL_GET(visits, field::list_visits(book, filter));
  std::vector<ArchiveId> archives;
  for (const auto& v : visits) archives.push_back(v.customer.archive);
  SATCHEL_TRY(field::note_opening(book, archives, "visit list"));
  json::array out;
  TextTable table({{frame.tr("日期", "Date"), false, 10},
                   {frame.tr("客户", "Customer"), false, 30},
                   {frame.tr("目的", "Purpose"), false, 16},
                   {frame.tr("摘要", "Summary"), false, 44},
                   {frame.tr("下次", "Next"), false, 10},
                   {frame.tr("业务员", "Salesperson"), false, 16},
                   {frame.tr("记录号", "Id"), false, 8},
                   {frame.tr("状态", "State"), false, 24}});
  std::size_t held = 0;
  for (const auto& v : visits) {
    if (frame.globals().json) out.push_back(visit_json(book, v));
    std::string state = badge(frame, v.reached);
    if (v.standing == kRowHeld) {
      state += frame.tr(" ⚑ 待裁定", " ⚑ held");
      ++held;
    } else if (v.standing != kRowInForce) {
      state += frame.tr(" 已撤回", " withdrawn");
    }
    if (v.corrected) state += frame.tr(" 已更正", " corrected");
    table.row({format_date(v.date), v.customer.name, v.purpose, v.summary, v.next ? format_date(*v.next) : "-",
               book.person_name(v.author), holder::short_id(v.record), state});
  }
  frame.print(json::object{{"visits", std::move(out)}});
  frame.say(visits.empty() ? frame.tr("没有拜访记录。", "No visits.") : table_text(table));
  if (!visits.empty()) {
    frame.say(frame.tr("共 ", "") + std::to_string(visits.size()) + frame.tr(" 次", " visits") +
              (held > 0 ? frame.tr("，其中待裁定 ", ", held of them ") + std::to_string(held) : std::string{}));
  }
  return kOk;
}

// ---- today ----

json::object today_json(Book& book, const field::Today& today) {
  json::object out;
  out["date"] = format_date(today.date);
  json::array due, tasks, matters, findings;
  for (const auto& task : today.tasks) tasks.push_back(task_json(book, task));
  for (const auto& d : today.due) {
    auto one = customer_json(d.customer);
    one["due"] = format_date(d.due);
    one["overdue_days"] = d.overdue_days;
    one["planned_on"] = format_date(d.planned_on);
    one["next_step"] = d.next_step;
    one["phone"] = d.phone;
    one["visit"] = d.visit.hex();
    due.push_back(std::move(one));
  }
  for (const auto& duty : today.matters) matters.push_back(duty_json(book, duty));
  for (const auto& finding : today.findings) findings.push_back(finding_json(book, finding));
  out["due"] = std::move(due);
  out["tasks"] = std::move(tasks);
  out["matters"] = std::move(matters);
  out["findings"] = std::move(findings);
  out["conflicts"] = today.conflicts;
  out["held"] = today.held;
  out["requests"] = today.requests;
  out["unsent"] = today.unsent;
  out["drafts"] = today.drafts;
  return out;
}

void say_today(const Frame& frame, Book& book, const field::Today& today) {
  frame.say(day_text(frame, today.date) + frame.tr("   未上报 ", "   unsent ") + std::to_string(today.unsent));
  if (!today.due.empty()) {
    TextTable table({{frame.tr("应访日期", "Due"), false, 10},
                     {frame.tr("逾期", "Overdue"), false, 10},
                     {frame.tr("客户", "Customer"), false, 30},
                     {frame.tr("电话", "Phone"), false, 20},
                     {frame.tr("下一步", "Next step"), false, 40},
                     {frame.tr("上次", "Planned on"), false, 10}});
    for (const auto& d : today.due) {
      const auto late = d.overdue_days > 0    ? std::to_string(d.overdue_days) + frame.tr(" 天", " d")
                        : d.overdue_days == 0 ? frame.tr("今天", "today")
                                              : "-";
      table.row({format_date(d.due), late, d.customer.name, d.phone, d.next_step, format_date(d.planned_on)});
    }
    frame.say("\n[" + frame.tr("待拜访", "To visit") + "]\n" + table_text(table));
  } else {
    frame.say(frame.tr("今天没有到期的拜访。", "No visits due."));
  }
  if (!today.tasks.empty())
    frame.say("\n[" + frame.tr("任务 ", "Tasks ") + std::to_string(today.tasks.size()) + "]\n" +
              tasks_text(frame, book, today.tasks));
  if (!today.matters.empty())
    frame.say("\n[" + frame.tr("待办事项 ", "Matters ") + std::to_string(today.matters.size()) + "]\n" +
              duties_text(frame, book, today.matters));
  if (!today.findings.empty())
    frame.say("\n[" + frame.tr("提醒 ", "Reminders ") + std::to_string(today.findings.size()) + "]\n" +
              findings_text(frame, book, today.findings, kRemindersShown));
  if (today.conflicts > 0)
    frame.say("\n⚑ " + frame.tr("有冲突的记录 ", "Records in conflict: ") + std::to_string(today.conflicts) +
              frame.tr("，用 conflicts 查看", "; see 'conflicts'"));
  if (today.held > 0)
    frame.say("⚑ " + frame.tr("待裁定的记录 ", "Entries held for a verdict: ") + std::to_string(today.held) +
              frame.tr("，用 held 查看", "; see 'held'"));
  if (today.requests > 0)
    frame.say("⚑ " + frame.tr("等您答复的权限申请 ", "Requests for access that wait for you: ") +
              std::to_string(today.requests) + frame.tr("，用 access list 查看", "; see 'access list'"));
  if (today.drafts > 0)
    frame.say("✎ " + frame.tr("没有写完的草稿 ", "Drafts not finished: ") + std::to_string(today.drafts) +
              frame.tr("，用 draft list 查看", "; see 'draft list'"));
}

constexpr int kDueAheadDays = 7;

// `today` and `due` differ in how far ahead they look when nobody says.
void add_today(CLI::App& app, Frame& frame, const std::string& name, const std::string& help, int ahead) {
  struct Options {
    std::string date;
    int ahead = 0;
    bool all = false;
  };
  auto options = std::make_shared<Options>();
  options->ahead = ahead;
  auto* command = app.add_subcommand(name, help);
  command->add_option("--date", options->date, frame.tr("按此日期", "As of this day"));
  command
      ->add_option("--ahead", options->ahead, frame.tr("包括今后几天到期的", "Also what falls due within so many days"))
      ->check(CLI::Range(0, 3660))
      ->capture_default_str();
  command->add_flag("--all", options->all,
                    frame.tr("可见的全部客户，不只自己的", "All customers that can be read, not only one's own"));
  command->footer(frame.example("satchel --vault rep " + name + " --ahead 14"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& book) -> Result<int> {
        field::TodayOptions wanted{std::nullopt, options->ahead, options->all};
        if (!options->date.empty()) {
          SATCHEL_GET(date, parse_day(book, options->date));
          wanted.date = date;
        }
        SATCHEL_GET(today, field::today(book, wanted));
        frame.print(today_json(book, today));
        say_today(frame, book, today);
        return kOk;
      });
    });
  });
}

void add_visit_add(CLI::App& visit, Frame& frame) {
  auto options = std::make_shared<VisitAddOptions>();
  auto* add = visit.add_subcommand("add", frame.tr("记录一次拜访（不需要网络）", "Record a visit (no network needed)"));
  add->add_option("--customer", options->customer,
                  frame.tr("客户名称、编号或其开头", "Customer: name, number, or the beginning of one"))
      ->required();
  auto* purpose = add->add_option("--purpose", options->purpose, frame.tr("目的", "Purpose"))->required();
  auto* summary = add->add_option("--summary", options->summary, frame.tr("摘要", "Summary"))->required();
  add->add_option("--next", options->next,
                  frame.tr("下次拜访日期（2026-12-01、明天、+7）", "Next visit (2026-12-01, tomorrow, +7)"));
  add->add_option("--with", options->with, frame.tr("陪同人员，可重复", "Accompanied by, may be repeated"))
      ->allow_extra_args(false);
  add->add_option("--date", options->date, frame.tr("拜访日期，默认今天", "The visit's day, today by default"));
  add->add_option("--field", options->fields, frame.tr("其他字段=值，可重复", "Other field=value, may be repeated"))
      ->allow_extra_args(false);
  // Before CLI11 looks what is missing.
  add->add_flag_callback(
      "--draft",
      [options, purpose, summary] {
        options->draft = true;
        purpose->required(false);
        summary->required(false);
      },
      draft_help(frame));
  add->footer(
      frame.example("satchel --vault rep visit add --customer 福田百货 --purpose 拜访 --summary 续签意向良好 --next "
                    "2026-12-01 --with 乙"));
  add->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return add_visit(frame, b, *options); }); });
  });
}

}  // namespace

void add_visit_commands(CLI::App& app, Frame& frame) {
  auto* visit = app.add_subcommand("visit", frame.tr("拜访：记录、列出、显示", "Visits: add, list, show"));
  visit->require_subcommand(1);
  add_visit_add(*visit, frame);
  auto options = std::make_shared<VisitListOptions>();
  auto* list = visit->add_subcommand("list", frame.tr("列出拜访", "List visits"));
  list->add_option("--date", options->date, frame.tr("某一天", "One day"));
  list->add_option("--from", options->from, frame.tr("自", "From"));
  list->add_option("--to", options->to, frame.tr("至", "To"));
  list->add_option("--customer", options->customer, frame.tr("某个客户", "Of one customer"));
  list->add_option("--limit", options->limit, frame.tr("最近几次", "The latest so many"))
      ->check(CLI::Range(1, 1'000'000));
  list->footer(frame.example("satchel --vault rep visit list --from 2026-11-01 --to 2026-11-30"));
  list->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return list_visits(frame, b, *options); }); });
  });

  add_show_command(*visit, frame, frame.tr("显示一次拜访", "Show a visit"));
  add_today(app, frame, "today",
            frame.tr("今天要做的：到期与逾期的拜访、任务、待办事项、提醒、待决事项",
                     "What today asks for: due visits, tasks, matters, reminders, what waits for a decision"),
            0);
  add_today(
      app, frame, "due",
      frame.tr("一周内到期的：同 today，看得远些", "What falls due within a week: as today, looking further ahead"),
      kDueAheadDays);
}

}  // namespace satchel::cli
