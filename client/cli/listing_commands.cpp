// SPDX-License-Identifier: AGPL-3.0-or-later
// record list|show: records of any form.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/cli/print_view.h"
#include "client/field/listing.h"
#include "client/field/masking.h"
#include "client/field/printing.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct RecordListOptions {
  std::string form, customer, state;
  std::size_t limit = 0;
};

Result<int> list_records(const Frame& frame, Book& book, const RecordListOptions& options) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(form, book.form(options.form));
  field::ListingFilter filter{{}, options.state, options.limit};
  if (!options.customer.empty()) {
    SATCHEL_GET(customer, book.find_customer(options.customer));
    filter.archive = customer.archive;
  }
  SATCHEL_GET(records, field::list_records(book, *form, filter));
  std::vector<ArchiveId> archives;
  for (const auto& r : records) archives.push_back(r.archive);
  SATCHEL_TRY(field::note_opening(book, archives, "record list " + options.form));
  json::array out;
  TextTable table(
      {{frame.tr("记录时间", "Recorded"), false, 16},
       {frame.tr("客户或档案", "Archive"), false, 24},
       {form->title_field.empty() ? form->label.in(book.lang()) : form->field(form->title_field)->label.in(book.lang()),
        false, 40},
       {frame.tr("状态", "State"), false, 16},
       {frame.tr("期限", "Due"), false, 16},
       {frame.tr("填报人", "Author"), false, 12},
       {frame.tr("记录号", "Id"), false, 8}});
  for (const auto& r : records) {
    out.push_back({{"id", r.record.hex()},
                   {"archive", r.archive.hex()},
                   {"about", book.archive_name(r.archive)},
                   {"title", r.title},
                   {"author", book.person_name(r.author)},
                   {"created", moment(r.created)},
                   {"state", r.state},
                   {"due", r.due ? json::value(moment(*r.due)) : json::value(nullptr)},
                   {"held", r.held}});
    table.row({moment(r.created), book.archive_name(r.archive), r.title,
               r.state + (r.held ? frame.tr(" ⚑ 待裁定", " ⚑ held") : ""), r.due ? moment(*r.due) : "-",
               book.person_name(r.author), holder::short_id(r.record)});
  }
  frame.print(json::object{{"records", std::move(out)}});
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  frame.say(records.empty() ? frame.tr("没有这种记录。", "There are no such records.") : text);
  return kOk;
}

struct RecordShowOptions {
  std::string id, purpose, print;
  bool reveal = false;
};

Result<int> show(const Frame& frame, Book& book, const RecordShowOptions& options) {
  SATCHEL_GET(place, book.find_record(options.id));
  SATCHEL_GET(shown, field::show_record(book, place));
  if (!options.print.empty()) {
    SATCHEL_GET(printed, field::print_record(book, std::move(shown), {options.print, options.purpose, options.reveal}));
    return say_printed(frame, options.print, printed);
  }
  const auto sensitive = field::sensitive_fields(shown);
  SATCHEL_TRY(field::note_showing(book, place.info.id, sensitive,
                                  {holder::short_id(place.record), options.purpose, options.reveal}));
  if (!options.reveal) field::mask(shown);
  auto out = record_json(book, shown);
  out["about"] = book.archive_name(place.info.id);
  out["customer"] = book.archive_name(place.info.id);
  frame.print(out);
  frame.say((shown.form != nullptr ? shown.form->label.in(book.lang()) : shown.type) +
            (shown.type.empty() ? "" : "  ") + printable(book.archive_name(place.info.id)) + "  " +
            holder::short_id(place.record) + "  " + badge(frame, shown.reached));
  if (!shown.author.none()) frame.say(book.person_name(shown.author) + "  " + moment(shown.created) + "\n");
  std::string text = record_text(frame, book, shown);
  if (text.ends_with('\n')) text.pop_back();
  frame.say(text);
  if (!options.reveal) remark_masked(frame, sensitive);
  return kOk;
}

}  // namespace

void add_listing_commands(CLI::App& record, Frame& frame) {
  auto wanted = std::make_shared<RecordListOptions>();
  auto* list_app = record.add_subcommand("list", frame.tr("列出一种表单的记录", "List the records of a form"));
  list_app->add_option("type", wanted->form, frame.tr("表单代码", "The form's id"))->required();
  list_app->add_option("--customer", wanted->customer, frame.tr("只看这个客户的", "Of this customer only"));
  list_app->add_option("--state", wanted->state, frame.tr("只看办到这一步的", "That stand in this state only"));
  list_app->add_option("--limit", wanted->limit, frame.tr("最近几条", "The latest so many"))
      ->check(CLI::Range(1, 1'000'000));
  list_app->footer(frame.example("satchel --vault manager record list submission --state 已上报"));
  list_app->callback([&frame, wanted] {
    frame.choose(
        [&frame, wanted] { return with_book(frame, [&](Book& b) { return list_records(frame, b, *wanted); }); });
  });

  add_show_command(record, frame, frame.tr("显示一条记录", "Show a record"));
}

void add_show_command(CLI::App& of, Frame& frame, const std::string& what) {
  auto options = std::make_shared<RecordShowOptions>();
  auto* show_app = of.add_subcommand("show", what);
  show_app->add_option("id", options->id, frame.tr("记录号的开头", "The beginning of its id"))->required();
  show_app->add_flag("--reveal", options->reveal,
                     frame.tr("显示敏感内容；会登记", "Show what is sensitive; it is noted"));
  show_app->add_option("--purpose", options->purpose, frame.tr("查阅的用途", "What for"));
  add_print_option(*show_app, frame, options->print);
  show_app->footer(frame.example("satchel --vault rep " + of.get_name() + " show 3f2a91c0"));
  show_app->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return show(frame, b, *options); }); });
  });
}

}  // namespace satchel::cli
