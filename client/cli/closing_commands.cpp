// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/duty_view.h"
#include "client/cli/exchange_commands.h"
#include "client/field/closing.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

using holder::Book;

struct CloseOptions {
  std::string name, reason, note, comment;
  bool anyway = false;
};

Result<int> close_archive(const Frame& frame, Book& book, const CloseOptions& options) {
  SATCHEL_GET(customer, book.find_customer(options.name));
  SATCHEL_GET(form, book.form("closing"));
  std::vector<field::Typed> typed{{"reason", options.reason}};
  if (!options.note.empty()) typed.push_back({"note", options.note});
  SATCHEL_GET(fields, field::parse_fields(book, *form, typed));
  const auto done = field::close_archive(book, {customer, fields, options.comment, options.anyway});
  if (!done && done.error().code == "close.open-matters" && !frame.globals().json) {
    SATCHEL_GET(open, field::open_matters(book, customer.archive));
    frame.say(duties_text(frame, book, open));
  }
  if (!done) return std::unexpected(done.error());
  auto out = saved_json(done->saved);
  out["asked"] = done->asked;
  frame.print(out);
  frame.say(done->asked ? frame.tr("已提请结案，待主管同意：", "Asked to close, a manager has to agree: ") +
                              printable(customer.name) + "  " + holder::short_id(done->saved.record)
                        : frame.tr("已结案：", "Closed: ") + printable(customer.name));
  remark_saved(frame, done->saved);
  return kOk;
}

Result<int> reopen_archive(const Frame& frame, Book& book, const std::string& name, const std::string& comment) {
  SATCHEL_GET(customer, book.find_customer(name));
  SATCHEL_GET(saved, field::reopen_archive(book, customer, comment));
  frame.print(saved_json(saved));
  frame.say(frame.tr("已重新启用：", "Reopened: ") + printable(customer.name));
  return kOk;
}

}  // namespace

void add_customer_closing(CLI::App& customer, Frame& frame) {
  auto options = std::make_shared<CloseOptions>();
  auto* close =
      customer.add_subcommand("close", frame.tr("结案：往来已了，不再到期、不再列出；须主管同意",
                                                "Close an archive: nothing more falls due, lists leave it out"));
  close->add_option("name", options->name, frame.tr("名称、编号或其开头", "Name, number, or the beginning of one"))
      ->required();
  close->add_option("--reason", options->reason, frame.tr("结案原因", "Why"))->required();
  close->add_option("--note", options->note, frame.tr("说明", "In words"));
  close->add_option("--comment", options->comment, frame.tr("同意时的批注", "A comment on the consent"));
  close->add_flag("--anyway", options->anyway, frame.tr("尚有未办事项也照样结案", "Though matters are open"));
  close->footer(frame.example("satchel --vault manager customer close 福田百货 --reason 停业或注销"));
  close->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return close_archive(frame, b, *options); }); });
  });

  struct Reopening {
    std::string name, comment;
  };
  auto again = std::make_shared<Reopening>();
  auto* reopen = customer.add_subcommand("reopen", frame.tr("重新启用已结案的档案", "Reopen a closed archive"));
  reopen->add_option("name", again->name, frame.tr("名称、编号或其开头", "Name, number, or the beginning of one"))
      ->required();
  reopen->add_option("--comment", again->comment, frame.tr("原因", "Why"))->required();
  reopen->footer(frame.example("satchel --vault manager customer reopen 福田百货 --comment 又来订货"));
  reopen->callback([&frame, again] {
    frame.choose([&frame, again] {
      return with_book(frame, [&](Book& b) { return reopen_archive(frame, b, again->name, again->comment); });
    });
  });
}

}  // namespace satchel::cli
