// SPDX-License-Identifier: AGPL-3.0-or-later
// grant, grants, ungrant: who may read and write an archive.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/access_view.h"
#include "client/cli/book_view.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct GrantOptions {
  std::string archive, person, from, until;
  bool read = false, dry_run = false, with_name = false;
};

Result<int> grant(const Frame& frame, Book& book, const GrantOptions& options) {
  SATCHEL_GET(customer, book.find_customer(options.archive));
  SATCHEL_GET(person, book.find_person(options.person));
  field::GrantWish wish{customer.archive, person, options.read ? GrantRights::read : GrantRights::write, {}, {},
                        options.with_name};
  for (const auto& [text, day] : {std::pair(&options.from, &wish.from), std::pair(&options.until, &wish.until)}) {
    if (text->empty()) continue;
    SATCHEL_GET(date, parse_day(book, *text));
    *day = date;
  }
  SATCHEL_GET(plan, field::plan_grant(book, wish));
  frame.say(grant_text(frame, book, plan));
  auto out = grant_json(book, plan);
  if (options.dry_run) return not_applied(frame, Consent::shown, std::move(out));
  SATCHEL_GET(said, field::give(book, plan));
  out["applied"] = true;
  return tell_all_said(frame, said,
                       frame.tr("已授权。对方下次同步后可用；密钥由持有它的设备在同步时交出。",
                                "Granted. It works after their next sync; the key is handed over when a device that "
                                "has it syncs."),
                       std::move(out));
}

struct UngrantOptions {
  std::string archive, person;
  bool dry_run = false;
};

Result<int> ungrant(const Frame& frame, Book& book, const UngrantOptions& options) {
  SATCHEL_GET(customer, book.find_customer(options.archive));
  SATCHEL_GET(person, book.find_person(options.person));
  SATCHEL_GET(plan, field::plan_take_back(book, customer.archive, person));
  if (options.dry_run) frame.say(take_back_text(frame, book, plan));
  json::object out = customer_json(customer);
  for (const auto& told : take_back_json(book, plan)) out[told.key()] = told.value();
  if (options.dry_run) return not_applied(frame, Consent::shown, std::move(out));
  SATCHEL_GET(said, field::take_back(book, plan));
  out["applied"] = true;
  return tell_all_said(
      frame, said,
      frame.tr("已收回：", "Taken back: ") + book.person_name(person) + " · " + printable(customer.name) +
          frame.tr("。对方的设备下次联系枢纽时放掉密钥；下一条记录换新密钥。",
                   ". Their device lets go of the keys at its next contact; the next entry gets a new key."),
      std::move(out));
}

Result<int> list_access(const Frame& frame, Book& book, const std::string& archive) {
  std::vector<field::AccessLine> lines;
  if (archive.empty()) {
    SATCHEL_GET(all, field::all_grants(book));
    lines = std::move(all);
  } else {
    SATCHEL_GET(customer, book.find_customer(archive));
    SATCHEL_GET(of_one, field::access_to(book, customer.archive));
    lines = std::move(of_one);
  }
  json::array out;
  TextTable table(access_columns(frame));
  for (const auto& line : lines) {
    out.push_back(access_json(frame, book, line));
    table.row(access_cells(frame, book, line));
  }
  frame.print(json::object{{"access", std::move(out)}});
  if (lines.empty()) {
    frame.say(frame.tr("没有授权。`satchel grant 档案 人` 授权；`satchel grants 档案` 列出一份档案的全部读者。",
                       "No grants. Give one with `satchel grant ARCHIVE PERSON`; `satchel grants ARCHIVE` lists all "
                       "who read an archive."));
    return kOk;
  }
  frame.say(table.text());
  const auto soon = std::ranges::count_if(lines, &field::AccessLine::ends_soon);
  if (soon > 0)
    frame.say("⚑ " + frame.tr("七天内到期的授权 ", "Grants that end within seven days: ") + std::to_string(soon));
  return kOk;
}

void add_grant(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<GrantOptions>();
  auto* command = app.add_subcommand("grant", frame.tr("让某人读写一份档案", "Let somebody read and write an archive"));
  command->add_option("archive", options->archive, frame.tr("客户名称、编号或档案号", "Customer: name, number or id"))
      ->required();
  command->add_option("person", options->person, frame.tr("姓名", "Name"))->required();
  command->add_flag("--read", options->read, frame.tr("只读，不写", "Reading only"));
  command->add_option(
      "--from", options->from,
      frame.tr("此日之前的记录不给看（到密钥期的边界为止，绝不多给）",
               "Nothing recorded before this day (at the border of a key epoch, never more than asked)"));
  command->add_flag("--with-name", options->with_name,
                    frame.tr("历史不给看时，仍让对方看到客户名称和编号（用新密钥重写一次）",
                             "Where history stays closed, let them see the customer's name and number all the same"));
  command->add_option("--until", options->until, frame.tr("最后一天，之后自动失效", "The last day; it ends by itself"));
  command->add_flag("--dry-run", options->dry_run, frame.tr("只看会给什么", "Only show what it would give"));
  command->footer(
      frame.example("satchel --vault manager grant 福田百货 乙 --read --from 2026-11-01 --until 2026-12-31"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return grant(frame, b, *options); }); });
  });
}

void add_ungrant(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<UngrantOptions>();
  auto* command = app.add_subcommand("ungrant", frame.tr("收回授权（断网时枢纽也立刻执行）",
                                                         "Take a grant back (a hub obeys at once, cut off or not)"));
  command->add_option("archive", options->archive, frame.tr("客户名称、编号或档案号", "Customer: name, number or id"))
      ->required();
  command->add_option("person", options->person, frame.tr("姓名", "Name"))->required();
  command->add_flag("--dry-run", options->dry_run, frame.tr("只看会收回什么", "Only show what it would take back"));
  command->footer(frame.example("satchel --vault manager ungrant 福田百货 乙"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return ungrant(frame, b, *options); }); });
  });
}

}  // namespace

void add_access_commands(CLI::App& app, Frame& frame) {
  add_grant(app, frame);
  auto archive = std::make_shared<std::string>();
  auto* grants =
      app.add_subcommand("grants", frame.tr("谁能读写一份档案、凭什么；不写档案则列出全部授权",
                                            "Who reads and writes an archive, and why; without one, all grants"));
  grants->add_option("archive", *archive, frame.tr("客户名称、编号或档案号", "Customer: name, number or id"));
  grants->footer(frame.example("satchel --vault manager grants 福田百货"));
  grants->callback([&frame, archive] {
    frame.choose(
        [&frame, archive] { return with_book(frame, [&](Book& b) { return list_access(frame, b, *archive); }); });
  });
  add_ungrant(app, frame);
}

}  // namespace satchel::cli
