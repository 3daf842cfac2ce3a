// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/cli/draft_view.h"
#include "client/field/lines.h"
#include "client/field/masking.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct RecordOptions {
  std::string type, id, customer, reason;
  std::vector<std::string> fields;
  bool draft = false;
};

Result<int> save(const Frame& frame, Book& book, const std::function<Result<field::Saved>(field::Desk&)>& work) {
  field::Saved saved;
  SATCHEL_TRY(field::at_desk(book, [&](field::Desk& desk) -> Result<void> {
    SATCHEL_GET(done, work(desk));
    saved = std::move(done);
    return {};
  }));
  frame.print(saved_json(saved));
  frame.say(saved.unchanged ? frame.tr("没有变化。", "Nothing changed.")
                            : frame.tr("已保存：", "Saved: ") + holder::short_id(saved.record));
  remark_saved(frame, saved);
  return kOk;
}

Result<int> add_record(const Frame& frame, Book& book, const RecordOptions& options) {
  SATCHEL_GET(form, book.form(options.type));
  if (form->id == holder::kCustomerTemplate) return fail(ErrorKind::usage, "record.is-customer");
  SATCHEL_GET(typed, split_fields(options.fields));
  field::NewRecord record{form, {}, {}};
  if (!options.customer.empty()) {
    SATCHEL_GET(customer, book.find_customer(options.customer));
    record.archive = customer.archive;
  }
  if (options.draft) {
    SATCHEL_GET(kept, field::keep_record_draft(book, *form, record.archive, typed));
    return tell_draft(frame, book, kept);
  }
  SATCHEL_GET(fields, field::parse_fields(book, *form, typed));
  record.fields = std::move(fields);
  const auto done = save(frame, book, [&](field::Desk& desk) -> Result<field::Saved> {
    if (options.customer.empty()) {
      SATCHEL_GET(archive, desk.own_archive(*form));
      record.archive = archive;
    }
    return desk.add(record);
  });
  if (!done) remark_unfinished(frame, done.error());
  return done;
}

Result<int> set_record(const Frame& frame, Book& book, const RecordOptions& options) {
  SATCHEL_GET(place, book.find_record(options.id));
  SATCHEL_GET(shown, field::show_record(book, place));
  if (shown.form == nullptr) return fail(ErrorKind::not_found, "record.not-readable", options.id);
  SATCHEL_GET(typed, split_fields(options.fields));
  field::Edit edit{place, {}, options.reason};
  SATCHEL_GET(fields, field::parse_fields(book, *shown.form, typed));
  edit.fields = std::move(fields);
  return save(frame, book, [&](field::Desk& desk) { return desk.edit(edit); });
}

Result<int> set_standing(const Frame& frame, Book& book, const RecordOptions& options, merge::RecordStanding standing) {
  SATCHEL_GET(place, book.find_record(options.id));
  return save(frame, book, [&](field::Desk& desk) { return desk.set_standing(place, standing, options.reason); });
}

// ---- add --stdin ----

Result<int> add_from_stdin(const Frame& frame, Book& book, std::size_t batch) {
  const bool quiet = frame.globals().quiet;
  const auto emit = [&](const std::string& line) {
    if (quiet && line.starts_with("{\"ok\":true")) return;
    std::cout << line << '\n';
    if (batch <= 1) std::cout << std::flush;  // whoever waits for each answer gets it
  };
  const auto done = field::add_lines(book, std::cin, batch, emit, [&](const Error& e) { return frame.sentence(e); });
  std::cout << std::flush;
  if (!done) return std::unexpected(done.error());
  frame.note(frame.tr("已保存 ", "Saved ") + std::to_string(done->added) + frame.tr(" 条，失败 ", ", failed ") +
             std::to_string(done->failed) + frame.tr(" 条", ""));
  if (done->failed == 0) return kOk;
  return static_cast<int>(done->added > 0 ? ExitCode::partial : ExitCode::failed);
}

void add_record_add(CLI::App& app, Frame& frame) {
  struct Options {
    bool from_stdin = false;
    std::size_t batch = 1;
  };
  auto options = std::make_shared<Options>();
  auto* add = app.add_subcommand("add", frame.tr("从标准输入成批写入（每行一个 JSON）",
                                                 "Write many records from standard input, one JSON object a line"));
  add->add_flag("--stdin", options->from_stdin, frame.tr("读标准输入", "Read standard input"))->required();
  add->add_option("--batch", options->batch, frame.tr("每次提交几行", "Lines a transaction"))
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, field::kLinesPerBatchMax));
  add->footer(
      frame.example("echo '{\"type\":\"visit\",\"customer\":\"福田百货\",\"purpose\":\"拜访\",\"summary\":\"补货\"}' | "
                    "satchel --vault rep add --stdin"));
  add->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return add_from_stdin(frame, b, options->batch); });
    });
  });
}

// ---- log ----

Result<int> show_log(const Frame& frame, Book& book, const std::string& name, std::size_t limit) {
  SATCHEL_GET(customer, book.find_customer(name));
  SATCHEL_TRY(field::note_opening(book, std::span(&customer.archive, 1), "log " + customer.number));
  SATCHEL_GET(events, field::events_of(book, customer.archive, limit));
  json::array out;
  TextTable table({{frame.tr("条目", "Entry"), false, 12},
                   {frame.tr("设备", "Node"), false, 12},
                   {frame.tr("序号", "Seq"), true},
                   {frame.tr("作者", "Author"), false, 14},
                   {frame.tr("设备时间", "Claimed"), false, 16},
                   {frame.tr("收取", "Stamped"), false, 76},
                   {frame.tr("判定", "Judgement"), false, 10},
                   {frame.tr("内容", "Says"), false, 44}});
  for (const auto& e : events) {
    if (frame.globals().json) out.push_back(event_json(book, e));
    std::string stamps, says;
    for (const auto& [hub, time] : e.stamps) stamps += (stamps.empty() ? "" : "; ") + hub + " " + moment(time);
    for (const auto& part : e.parts)
      says += (says.empty() ? "" : "; ") + part.label + (part.title.empty() ? "" : " " + part.title);
    if (!e.unread.empty()) says = "! " + e.unread;
    const std::string node = holder::short_id(e.header.chain.node) +
                             (e.header.chain.incarnation > 1 ? "." + std::to_string(e.header.chain.incarnation) : "");
    table.row({holder::short_id(e.hash), node, std::to_string(e.header.seq), book.person_name(e.person),
               e.unread.empty() ? moment(e.claimed) : "-", stamps.empty() ? badge(frame, e.reached) : stamps,
               judgement_text(frame, e.judgement) + (e.skew ? " ⚠" : ""), says});
  }
  auto body = customer_json(customer);
  body["entries"] = std::move(out);
  frame.print(body);
  std::string text = table.text();
  text.pop_back();
  frame.say(printable(customer.name) + "  " + customer.number + "  " + customer.archive.hex() + "\n" + text);
  return kOk;
}

void add_log(CLI::App& app, Frame& frame) {
  struct Options {
    std::string archive;
    std::size_t limit = 0;
  };
  auto options = std::make_shared<Options>();
  auto* log = app.add_subcommand("log", frame.tr("一个档案的全部条目：作者、时间、收取、判定",
                                                 "All entries of an archive: author, times, stamps, judgement"));
  log->add_option("archive", options->archive,
                  frame.tr("客户名称、编号、档案号或其开头", "Customer's name, number, id, or the beginning of one"))
      ->required();
  log->add_option("--limit", options->limit, frame.tr("最近几条", "The latest so many"))
      ->check(CLI::Range(1, 1'000'000));
  log->footer(frame.example("satchel --vault rep log 福田百货"));
  log->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return show_log(frame, b, options->archive, options->limit); });
    });
  });
}

void add_writes(CLI::App& record, Frame& frame) {
  auto added = std::make_shared<RecordOptions>();
  auto* add = record.add_subcommand("add", frame.tr("增加一条记录", "Add a record"));
  add->add_option("type", added->type, frame.tr("表单代码，如 contact、order", "The form's id, as contact or order"))
      ->required();
  add->add_option("--customer", added->customer,
                  frame.tr("客户；个人、分公司的表单不填", "The customer; none for a person's or branch's own forms"));
  add->add_option("--field", added->fields, frame.tr("字段=值，可重复", "field=value, may be repeated"))
      ->allow_extra_args(false);
  add->add_flag("--draft", added->draft, draft_help(frame));
  add->footer(frame.example(
      "satchel --vault rep record add contact --customer 福田百货 --field name=王店长 --field phone=13800138000"));
  add->callback([&frame, added] {
    frame.choose([&frame, added] { return with_book(frame, [&](Book& b) { return add_record(frame, b, *added); }); });
  });

  auto changed = std::make_shared<RecordOptions>();
  auto* set = record.add_subcommand("set", frame.tr("更正一条记录", "Correct a record"));
  set->add_option("id", changed->id, frame.tr("记录号的开头", "The beginning of its id"))->required();
  set->add_option("--field", changed->fields, frame.tr("字段=值，可重复", "field=value, may be repeated"))
      ->required()
      ->allow_extra_args(false);
  set->add_option("--reason", changed->reason,
                  frame.tr("原因；更正已定的内容必须写", "Reason; corrections must give one"));
  set->footer(frame.example("satchel --vault rep record set 3f2a91c0 --field summary=改约周五 --reason 记错日期"));
  set->callback([&frame, changed] {
    frame.choose(
        [&frame, changed] { return with_book(frame, [&](Book& b) { return set_record(frame, b, *changed); }); });
  });
}

void add_standings(CLI::App& record, Frame& frame) {
  struct Verb {
    std::string_view name, zh, en;
    merge::RecordStanding standing;
  };
  for (const auto& verb :
       {Verb{"withdraw", "撤回一条记录（可恢复）", "Withdraw a record (it can be restored)",
             merge::RecordStanding::withdrawn},
        Verb{"restore", "恢复一条撤回的记录", "Restore a withdrawn record", merge::RecordStanding::in_force}}) {
    auto options = std::make_shared<RecordOptions>();
    auto* command = record.add_subcommand(std::string(verb.name), frame.tr(verb.zh, verb.en));
    command->add_option("id", options->id, frame.tr("记录号的开头", "The beginning of its id"))->required();
    command->add_option("--reason", options->reason, frame.tr("原因", "Reason"));
    command->footer(frame.example("satchel --vault rep record " + std::string(verb.name) + " 3f2a91c0"));
    command->callback([&frame, options, standing = verb.standing] {
      frame.choose([&frame, options, standing] {
        return with_book(frame, [&](Book& b) { return set_standing(frame, b, *options, standing); });
      });
    });
  }
}

}  // namespace

void add_record_commands(CLI::App& app, Frame& frame) {
  add_record_add(app, frame);
  auto* record = app.add_subcommand("record", frame.tr("任意表单的记录：增加、列出、显示、更正、撤回、恢复",
                                                       "Records of any form: add, list, show, set, withdraw, restore"));
  record->require_subcommand(1);
  add_writes(*record, frame);
  add_standings(*record, frame);
  add_listing_commands(*record, frame);
  add_log(app, frame);
}

}  // namespace satchel::cli
