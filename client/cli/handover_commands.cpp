// SPDX-License-Identifier: AGPL-3.0-or-later
// handover: one person's archives to another, shown first, then one statement.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/task_view.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/handover.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

constexpr std::size_t kArchivesShown = 40;

json::object plan_json(Book& book, const field::HandoverPlan& plan) {
  json::array archives, tasks, plans, devices;
  for (const auto& handed : plan.archives) {
    auto one = customer_json(handed.customer);
    one["archive"] = handed.archive.hex();
    one["reached"] = handed.reached;
    one["other_owners"] = people_text(book, handed.others);
    archives.push_back(std::move(one));
  }
  for (const auto& task : plan.tasks) tasks.push_back(task_json(book, task));
  for (const auto& visit : plan.plans)
    plans.push_back(json::object{{"customer", visit.customer.name}, {"due", format_date(visit.due)}});
  for (const auto& device : plan.devices) {
    json::object one{{"node", device.node.hex()},
                     {"name", device.name},
                     {"state", node_state_name(device.state)},
                     {"never_heard", device.never_heard()}};
    one["last_work"] = device.heard.ms == 0 ? json::value(nullptr) : json::value(moment(device.heard));
    one["unsent"] = device.receipt ? json::value(device.receipt->unsent) : json::value(nullptr);
    one["receipt"] = device.receipt ? json::value(moment(device.receipt->time)) : json::value(nullptr);
    devices.push_back(std::move(one));
  }
  return {{"from", book.person_name(plan.from)},
          {"to", book.person_name(plan.to)},
          {"archives", std::move(archives)},
          {"not_reached", plan.unreached()},
          {"tasks", std::move(tasks)},
          {"planned_visits", std::move(plans)},
          {"devices", std::move(devices)},
          {"successor_ready", plan.successor_ready},
          {"before", json::object{{"from", plan.from_owns}, {"to", plan.to_owns}}}};
}

void say_archives(const Frame& frame, Book& book, const field::HandoverPlan& plan) {
  TextTable table({{frame.tr("编号", "Number"), false, 12},
                   {frame.tr("客户", "Customer"), false, 36},
                   {frame.tr("其他负责人", "Other owners"), false, 20},
                   {"", false, 30}});
  for (std::size_t i = 0; i < plan.archives.size() && i < kArchivesShown; ++i) {
    const auto& handed = plan.archives[i];
    table.row({handed.customer.number,
               handed.customer.name.empty() ? holder::short_id(handed.archive) : handed.customer.name,
               people_text(book, handed.others),
               handed.reached ? "" : frame.tr("⚑ 不归您管，不会移交", "⚑ not yours to hand over")});
  }
  frame.say("\n[" + frame.tr("档案 ", "Archives ") + std::to_string(plan.archives.size()) + "]");
  if (!plan.archives.empty()) frame.say(table.text());
  if (plan.archives.size() > kArchivesShown)
    frame.say(frame.tr("……还有 ", "… and ") + std::to_string(plan.archives.size() - kArchivesShown) +
              frame.tr(" 个", " more"));
}

void say_devices(const Frame& frame, const field::HandoverPlan& plan) {
  frame.say("\n[" + frame.tr("离开者的设备", "The leaver's devices") + "]");
  for (const auto& device : plan.devices) {
    std::string line = "  " + holder::short_id(device.node) + "  " + printable(device.name) + "  " +
                       state_word(device.state, frame.globals().lang) + "  ";
    if (device.never_heard()) {
      line += frame.tr("从未收到过它的记录", "never heard from");
    } else {
      line += frame.tr("最近收到其记录 ", "last work received ") + time_word(device.heard);
    }
    if (device.receipt)
      line += frame.tr("；它自己说还有未送 ", "; by its own word unsent: ") + std::to_string(device.receipt->unsent) +
              " (" + time_word(device.receipt->time) + ")";
    frame.say(line);
  }
  if (plan.devices.empty()) frame.say(frame.tr("  没有设备。", "  None."));
  frame.say(
      frame.tr("  之后才交来的记录照样收下，等您裁定（held）；他在此之前开的档案也一并移交。",
               "  What comes in later is taken and waits for your verdict (held); archives opened before go along."));
}

void say_plan(const Frame& frame, Book& book, const field::HandoverPlan& plan) {
  frame.say(frame.tr("交接：", "Handover: ") + book.person_name(plan.from) + " → " + book.person_name(plan.to));
  say_archives(frame, book, plan);
  frame.say("\n[" + frame.tr("未办的任务 ", "Open tasks ") + std::to_string(plan.tasks.size()) + "]");
  if (!plan.tasks.empty()) frame.say(tasks_text(frame, book, plan.tasks));
  frame.say("\n[" + frame.tr("已约的拜访 ", "Planned visits ") + std::to_string(plan.plans.size()) + "]");
  for (const auto& visit : plan.plans)
    frame.say("  " + format_date(visit.due) + "  " + printable(visit.customer.name) +
              (visit.next_step.empty() ? "" : "  " + printable(visit.next_step)));
  say_devices(frame, plan);
  frame.say("\n" + frame.tr("现在负责：", "Owned now: ") + book.person_name(plan.from) + " " +
            std::to_string(plan.from_owns) + frame.tr("，", ", ") + book.person_name(plan.to) + " " +
            std::to_string(plan.to_owns));
  if (!plan.successor_ready)
    frame.say(frame.tr("⚑ 接任者还没有确认过的设备；登记后即可看到全部历史。",
                       "⚑ The successor has no confirmed device yet; once enrolled it gets the whole history."));
  if (plan.unreached() > 0)
    frame.say(frame.tr("⚑ 有 ", "⚑ ") + std::to_string(plan.unreached()) +
              frame.tr(" 个档案不归您管，请总部移交。", " archives are not yours to hand over; ask headquarters."));
}

struct HandoverOptions {
  field::HandoverWish wish;
  Asking asking;
};

Result<int> hand_over(const Frame& frame, Book& book, const HandoverOptions& options) {
  SATCHEL_GET(plan, field::plan_handover(book, options.wish));
  SATCHEL_TRY(field::may_hand_over(book, options.wish, plan));
  say_plan(frame, book, plan);
  auto out = plan_json(book, plan);
  SATCHEL_GET(consent, ask(frame, options.asking));
  if (consent != Consent::go_on) return not_applied(frame, consent, std::move(out));
  SATCHEL_GET(done, field::hand_over(book, options.wish, plan));
  out["applied"] = true;
  out["after"] = json::object{{"from", done.from_owns}, {"to", done.to_owns}};
  out["tasks_made"] = done.tasks;
  const std::string counts = book.person_name(plan.from) + " " + std::to_string(plan.from_owns) + " → " +
                             std::to_string(done.from_owns) + frame.tr("，", ", ") + book.person_name(plan.to) + " " +
                             std::to_string(plan.to_owns) + " → " + std::to_string(done.to_owns);
  if (done.said.pending && options.wish.only.empty())
    frame.note(frame.tr("在总部处理之前新开的客户，也会随这次交接交出。",
                        "Customers opened before headquarters has ordered it go along with this handover."));
  return tell_said(frame, done.said,
                   frame.tr("已交接。负责的档案：", "Handed over. Archives owned: ") + counts +
                       frame.tr("；通知客户的任务 ", "; tasks to tell the customer: ") + std::to_string(done.tasks),
                   std::move(out));
}

}  // namespace

void add_handover_commands(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<HandoverOptions>();
  auto* command = app.add_subcommand(
      "handover", frame.tr("把一个人的客户交给另一个人：先列清楚，再一次办完",
                           "Hand one person's customers to another: shown first, then done at once"));
  command
      ->add_option("person", options->wish.from,
                   frame.tr("谁的（离开的人也可以）", "Whose (also of somebody who left)"))
      ->required();
  command->add_option("--to", options->wish.to, frame.tr("交给谁", "To whom"))->required();
  command
      ->add_option("--only", options->wish.only,
                   frame.tr("只交这些客户，可重复；不填则全部，以后才到的也算",
                            "Only these customers, may be repeated; else all, what arrives later included"))
      ->allow_extra_args(false);
  command->add_flag("--dry-run", options->asking.dry_run, frame.tr("只看，不做", "Only show"));
  command->add_flag("--yes", options->asking.yes, frame.tr("不再询问", "Do not ask"));
  command->footer(frame.example("satchel --vault manager handover 甲 --to 乙 --dry-run"));
  command->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return hand_over(frame, b, *options); }); });
  });
}

}  // namespace satchel::cli
