// SPDX-License-Identifier: AGPL-3.0-or-later
// merge plan|apply|undo: one customer with two archives; move: customers of another branch from now on.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/merging.h"
#include "client/field/moving.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

constexpr std::size_t kWrittenShown = 50;

std::string label(const holder::CustomerRef& customer) {
  return printable(customer.name) + " (" + customer.number + ")";
}

// ---- merge plan, apply ----

json::object side_json(Book& book, const field::MergeSide& side) {
  auto out = customer_json(side.customer);
  out["owners"] = people_json(book, side.owners);
  out["branch"] = book.branch_name(side.branch);
  out["records"] = side.records;
  json::object types;
  for (const auto& [type, count] : side.by_type) types[type] = count;
  out["by_type"] = std::move(types);
  return out;
}

json::object plan_json(Book& book, const field::MergePlan& plan) {
  json::array differences;
  for (const auto& d : plan.differences)
    differences.push_back(json::object{{"field", d.label}, {"whole", d.whole}, {"part", d.part}});
  return {{"whole", side_json(book, plan.whole)},
          {"part", side_json(book, plan.part)},
          {"differences", std::move(differences)},
          {"see_both", people_json(book, plan.see_both)},
          {"only_whole", people_json(book, plan.only_whole)},
          {"only_part", people_json(book, plan.only_part)}};
}

std::string side_text(const Frame& frame, Book& book, const field::MergeSide& side) {
  std::string types;
  for (const auto& [type, count] : side.by_type)
    types += (types.empty() ? "" : ", ") + type + " " + std::to_string(count);
  return label(side.customer) + frame.tr("  负责人 ", "  owners ") + people_text(book, side.owners) +
         frame.tr("  分支 ", "  branch ") + book.branch_name(side.branch) + "  [" + types + "]";
}

void say_plan(const Frame& frame, Book& book, const field::MergePlan& plan) {
  frame.say(frame.tr("整体：", "Whole: ") + side_text(frame, book, plan.whole));
  frame.say(frame.tr("并入：", "Part:  ") + side_text(frame, book, plan.part));
  if (!plan.differences.empty()) {
    TextTable table({{frame.tr("不同的字段（显示整体的）", "Fields that differ (the whole's are shown)"), false, 30},
                     {label(plan.whole.customer), false, 40},
                     {label(plan.part.customer), false, 40}});
    for (const auto& d : plan.differences) table.row({d.label, d.whole, d.part});
    frame.say(table.text());
  }
  frame.say(frame.tr("看到合在一起的：", "Will see both as one: ") + people_text(book, plan.see_both));
  if (!plan.only_whole.empty())
    frame.say(frame.tr("⚑ 只能读整体、看不到并入部分的：", "⚑ Read the whole alone, not the part's records: ") +
              people_text(book, plan.only_whole));
  if (!plan.only_part.empty())
    frame.say(frame.tr("⚑ 只能读并入部分、仍单独看到它的：", "⚑ Read the part alone, and go on seeing it as it is: ") +
              people_text(book, plan.only_part));
}

Result<int> plan(const Frame& frame, Book& book, const std::string& whole, const std::string& part) {
  SATCHEL_GET(plan, field::plan_merge(book, whole, part));
  auto out = plan_json(book, plan);
  out["applied"] = false;
  frame.print(out);
  say_plan(frame, book, plan);
  frame.say(frame.tr("什么也没有改变。`satchel merge apply` 执行；随时可以 `satchel merge undo`。",
                     "Nothing has changed. `satchel merge apply` does it; `satchel merge undo` takes it back at any "
                     "time."));
  return kOk;
}

Result<int> apply(const Frame& frame, Book& book, const std::string& whole, const std::string& part,
                  const Asking& asking) {
  SATCHEL_GET(plan, field::plan_merge(book, whole, part));
  say_plan(frame, book, plan);
  SATCHEL_GET(consent, ask(frame, asking));
  auto out = plan_json(book, plan);
  if (consent != Consent::go_on) return not_applied(frame, consent, std::move(out));
  SATCHEL_GET(said, field::apply_merge(book, plan));
  out["applied"] = true;
  return tell_said(frame, said,
                   label(plan.part.customer) + frame.tr(" 从此显示在 ", " is shown within ") +
                       label(plan.whole.customer) +
                       frame.tr(" 之内；原编号仍可用，新记录写入整体。",
                                " from now on; its number goes on working, and new records go into the whole."),
                   std::move(out));
}

// ---- merge undo ----

json::array written_json(Book& book, const std::vector<field::WrittenSince>& written) {
  json::array out;
  for (const auto& w : written) {
    out.push_back(json::object{{"archive", w.archive.hex()},
                               {"record", w.record.hex()},
                               {"type", w.type},
                               {"title", w.title},
                               {"person", book.person_name(w.person)},
                               {"time", moment(w.claimed)}});
  }
  return out;
}

void say_written(const Frame& frame, Book& book, const std::string& title,
                 const std::vector<field::WrittenSince>& written) {
  if (written.empty()) return;
  frame.say(title + " (" + std::to_string(written.size()) + ")");
  std::size_t shown = 0;
  for (const auto& w : written) {
    if (++shown > kWrittenShown) return frame.say("  …");
    frame.say("  " + holder::short_id(w.record) + "  " + moment(w.claimed) + "  " + book.person_name(w.person) + "  " +
              w.type + " " + cut_to_width(printable(w.title), 60));
  }
}

Result<int> undo(const Frame& frame, Book& book, const std::string& part, const Asking& asking) {
  SATCHEL_GET(plan, field::plan_undo(book, part));
  frame.say(label(plan.part) + frame.tr(" 自 ", " has been shown within ") +
            (frame.globals().lang == Lang::zh ? moment(plan.since) + " 起显示在 " + label(plan.whole) + " 之内（"
                                              : label(plan.whole) + " since " + moment(plan.since) + " (") +
            book.person_name(plan.by) + frame.tr("）。", ")."));
  say_written(frame, book,
              frame.tr("合并期间写入整体的，留在整体，请看其中有没有属于另一户的：",
                       "Written to the whole meanwhile; it stays there, some of it may be the other's:"),
              plan.in_whole);
  say_written(frame, book, frame.tr("合并期间到达并入部分的：", "Came to the part meanwhile:"), plan.in_part);
  json::object out{{"whole", customer_json(plan.whole)},
                   {"part", customer_json(plan.part)},
                   {"since", moment(plan.since)},
                   {"in_whole", written_json(book, plan.in_whole)},
                   {"in_part", written_json(book, plan.in_part)}};
  SATCHEL_GET(consent, ask(frame, asking));
  if (consent != Consent::go_on) return not_applied(frame, consent, std::move(out));
  SATCHEL_GET(said, field::undo_merge(book, plan));
  out["applied"] = true;
  return tell_said(frame, said, frame.tr("已恢复为两户。", "They are shown as two again."), std::move(out));
}

// ---- move ----

struct MoveOptions {
  std::vector<std::string> archives, owners;
  std::string branch;
  Asking asking;
};

Result<int> move_customers(const Frame& frame, Book& book, const MoveOptions& options) {
  field::MoveWish wish{options.archives, options.branch, {}};
  SATCHEL_GET(owners, find_people(book, options.owners));
  wish.owners = std::move(owners);
  SATCHEL_GET(plan, field::plan_move(book, wish));
  frame.say(frame.tr("转到 ", "To ") + book.branch_name(plan.to) + frame.tr("，负责人 ", ", owned by ") +
            people_text(book, plan.owners) + frame.tr("：", ":"));
  json::array steps;
  for (const auto& step : plan.steps) {
    frame.say("  " + label(step.customer) + frame.tr("  原属 ", "  of ") + book.branch_name(step.from) + " " +
              people_text(book, step.owners) +
              (step.lose.empty()
                   ? std::string{}
                   : frame.tr("；不再能读：", "; will not read it any more: ") + people_text(book, step.lose)));
    auto one = customer_json(step.customer);
    one["from"] = book.branch_name(step.from);
    one["owners"] = people_json(book, step.owners);
    one["lose"] = people_json(book, step.lose);
    one["grants_kept"] = step.grants.size();
    steps.push_back(std::move(one));
  }
  for (const auto& there : plan.there) frame.say("  " + label(there) + frame.tr("  已经如此", "  is so already"));
  json::object out{
      {"to", book.branch_name(plan.to)}, {"owners", people_json(book, plan.owners)}, {"archives", std::move(steps)}};
  SATCHEL_GET(consent, ask(frame, options.asking));
  if (consent != Consent::go_on) return not_applied(frame, consent, std::move(out));
  SATCHEL_GET(said, field::move_all(book, plan));
  out["applied"] = true;
  return tell_all_said(
      frame, said,
      frame.tr("已转移 ", "Moved ") + std::to_string(said.size()) +
          frame.tr(" 份档案。新的负责人同步后可用。", " archives. Their new owners have them after a sync."),
      std::move(out));
}

// ---- the command line ----

void add_asking(CLI::App& command, Frame& frame, Asking& asking) {
  command.add_flag("--dry-run", asking.dry_run, frame.tr("只看会怎样", "Only show what it would do"));
  command.add_flag("--yes", asking.yes, frame.tr("不再询问", "Do not ask"));
}

void add_merge(CLI::App& app, Frame& frame) {
  struct Options {
    std::string whole, part;
    Asking asking;
  };
  auto* merge = app.add_subcommand("merge", frame.tr("一户两档：合起来显示，或恢复为两户",
                                                     "One customer with two archives: shown as one, or as two again"));
  merge->require_subcommand(1);
  const std::string whole_help = frame.tr("整体：名称、编号或档案号", "The whole: name, number or id");
  const std::string part_help =
      frame.tr("显示在整体之内的：名称、编号或档案号", "What is shown within it: name, number or id");
  for (const bool apply_it : {false, true}) {
    auto options = std::make_shared<Options>();
    auto* command = merge->add_subcommand(apply_it ? "apply" : "plan",
                                          apply_it ? frame.tr("从此合起来显示", "Show them as one from now on")
                                                   : frame.tr("先看：数目、不同的字段、谁能看到",
                                                              "Look first: counts, fields that differ, who would see"));
    command->add_option("whole", options->whole, whole_help)->required();
    command->add_option("part", options->part, part_help)->required();
    if (apply_it) add_asking(*command, frame, options->asking);
    command->footer(frame.example(std::string("satchel --vault manager merge ") + (apply_it ? "apply" : "plan") +
                                  " K000201 K000417"));
    command->callback([&frame, options, apply_it] {
      frame.choose([&frame, options, apply_it] {
        return with_book(frame, [&](Book& b) {
          return apply_it ? apply(frame, b, options->whole, options->part, options->asking)
                          : plan(frame, b, options->whole, options->part);
        });
      });
    });
  }
  auto options = std::make_shared<Options>();
  auto* back = merge->add_subcommand(
      "undo", frame.tr("恢复为两户，并列出期间写入的", "Show them as two again, and list what was written meanwhile"));
  back->add_option("part", options->part, part_help)->required();
  add_asking(*back, frame, options->asking);
  back->footer(frame.example("satchel --vault manager merge undo K000417"));
  back->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return undo(frame, b, options->part, options->asking); });
    });
  });
}

void add_move(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<MoveOptions>();
  auto* command = app.add_subcommand(
      "move", frame.tr("把客户转到另一个分支（由总部）", "Move customers to another branch (headquarters does)"));
  command->add_option("archives", options->archives, frame.tr("客户，可多个", "Customers, several"))->required();
  command
      ->add_option("--to-branch", options->branch,
                   frame.tr("到哪个分支；\"\" 为总部", "Which branch; \"\": headquarters"))
      ->required();
  command->add_option("--owner", options->owners, frame.tr("新的负责人，可重复", "New owner, may be repeated"))
      ->required()
      ->allow_extra_args(false);
  add_asking(*command, frame, options->asking);
  command->footer(frame.example("satchel --vault admin move 福田百货 --to-branch 北京 --owner 丁 --dry-run"));
  command->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return move_customers(frame, b, *options); }); });
  });
}

}  // namespace

void add_merge_commands(CLI::App& app, Frame& frame) {
  add_merge(app, frame);
  add_move(app, frame);
}

}  // namespace satchel::cli
