// SPDX-License-Identifier: AGPL-3.0-or-later
// task: what somebody has to do for a customer; add, list, done.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/cli/task_view.h"
#include "schema/base/exit_code.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct NewTask {
  std::string customer, text, kind, assignee, due;
};

Result<int> add_task(const Frame& frame, Book& book, const NewTask& wish) {
  SATCHEL_GET(form, book.form(field::kTaskTemplate));
  std::vector<field::Typed> typed{{"text", wish.text}};
  if (!wish.kind.empty()) typed.push_back({"kind", wish.kind});
  if (!wish.assignee.empty()) typed.push_back({"assignee", wish.assignee});
  if (!wish.due.empty()) {
    SATCHEL_GET(day, parse_day(book, wish.due));
    typed.push_back({"due", format_date(day)});
  }
  SATCHEL_GET(customer, book.find_customer(wish.customer));
  SATCHEL_GET(saved, field::add_typed(book, *form, customer.archive, typed));
  frame.print(saved_json(saved));
  frame.say(frame.tr("已记下任务：", "Task saved: ") + holder::short_id(saved.record));
  remark_saved(frame, saved);
  return kOk;
}

Result<int> show_tasks(const Frame& frame, Book& book, const field::TaskFilter& filter, const std::string& customer) {
  field::TaskFilter wanted = filter;
  if (!customer.empty()) {
    SATCHEL_GET(found, book.find_customer(customer));
    wanted.archive = found.archive;
    wanted.everybody = true;
  }
  SATCHEL_GET(tasks, field::list_tasks(book, wanted));
  json::array out;
  for (const auto& task : tasks) out.push_back(task_json(book, task));
  frame.print(json::object{{"tasks", std::move(out)}});
  frame.say(tasks.empty() ? frame.tr("没有未办的任务。", "No open tasks.") : tasks_text(frame, book, tasks));
  return kOk;
}

Result<int> close_task(const Frame& frame, Book& book, const std::string& id, const std::string& on,
                       const std::string& note) {
  SATCHEL_GET(day, parse_day(book, on.empty() ? "today" : on));
  SATCHEL_GET(edit, field::closing(book, id, day, note));
  field::Saved saved;
  SATCHEL_TRY(field::at_desk(book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(done, desk.edit(edit));
    saved = std::move(done);
    return {};
  }));
  frame.print(saved_json(saved));
  frame.say(frame.tr("已办完：", "Done: ") + holder::short_id(saved.record) + "  " + format_date(day));
  remark_saved(frame, saved);
  SATCHEL_TRY(book.refresh());
  // Whoever is at a customer's anyway sees what else is open there.
  SATCHEL_GET(others, field::list_tasks(book, {.everybody = true, .archive = saved.archive}));
  if (!others.empty())
    frame.say("\n" + frame.tr("该客户还有未办的任务：", "Still open for this customer:") + "\n" +
              tasks_text(frame, book, others));
  return kOk;
}

void add_task_add(CLI::App& task, Frame& frame) {
  auto wish = std::make_shared<NewTask>();
  auto* add = task.add_subcommand(
      "add", frame.tr("记下一件要办的事（不需要网络）", "Note something to be done (no network needed)"));
  add->add_option("text", wish->text, frame.tr("内容", "What is to be done"))->required();
  add->add_option("--customer", wish->customer, frame.tr("为哪个客户", "For which customer"))->required();
  add->add_option("--kind", wish->kind, frame.tr("类别，如 回电", "Kind, as 'Call back'"));
  add->add_option("--for", wish->assignee,
                  frame.tr("经办人；不填即档案的负责人", "Who does it; none: whoever owns the archive"));
  add->add_option("--due", wish->due, frame.tr("期限（2026-12-01、明天、+7）", "Due (2026-12-01, tomorrow, +7)"));
  add->footer(frame.example("satchel --vault rep task add 寄样品 --customer 福田百货 --due +3"));
  add->callback([&frame, wish] {
    frame.choose([&frame, wish] { return with_book(frame, [&](Book& b) { return add_task(frame, b, *wish); }); });
  });
}

void add_task_list(CLI::App& task, Frame& frame) {
  struct Options {
    field::TaskFilter filter;
    std::string customer;
  };
  auto options = std::make_shared<Options>();
  auto* list = task.add_subcommand("list", frame.tr("列出未办的任务", "List open tasks"));
  list->add_option("--customer", options->customer, frame.tr("某个客户的", "Of one customer"));
  list->add_flag("--done", options->filter.done, frame.tr("也列办完的", "Done ones, too"));
  list->add_flag("--all", options->filter.everybody,
                 frame.tr("可见的全部，不只自己的", "All that can be read, not only one's own"));
  list->footer(frame.example("satchel --vault rep task list --customer 福田百货"));
  list->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return show_tasks(frame, b, options->filter, options->customer); });
    });
  });
}

void add_done(CLI::App& task, Frame& frame) {
  struct Options {
    std::string id, on, note;
  };
  auto options = std::make_shared<Options>();
  auto* done = task.add_subcommand("done", frame.tr("办完一件", "Close a task"));
  done->add_option("id", options->id, frame.tr("任务号的开头", "The beginning of its id"))->required();
  done->add_option("--on", options->on, frame.tr("完成日期，默认今天", "The day it was done, today by default"));
  done->add_option("--note", options->note, frame.tr("备注", "A note"));
  done->footer(frame.example("satchel --vault rep task done 3f2a91c0 --note 已电话告知"));
  done->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return close_task(frame, b, options->id, options->on, options->note); });
    });
  });
}

}  // namespace

void add_task_commands(CLI::App& app, Frame& frame) {
  auto* task = app.add_subcommand("task", frame.tr("任务：记下、列出、办完", "Tasks: add, list, done"));
  task->require_subcommand(1);
  add_task_add(*task, frame);
  add_task_list(*task, frame);
  add_done(*task, frame);
}

}  // namespace satchel::cli
