// SPDX-License-Identifier: AGPL-3.0-or-later
// access request|list|approve|refuse: asking for an archive one does not hold, and answering.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/access_view.h"
#include "client/cli/book_view.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/requests.h"
#include "schema/base/exit_code.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct RequestOptions {
  std::string reference, purpose, until, branch, archive, id, reason;
  bool read = false, write = false, dry_run = false;
};

std::string state_text(const Frame& frame, const field::Request& r) {
  if (r.pending) return frame.tr("待总部处理", "pending at HQ");
  switch (r.state) {
    case RequestState::waiting:
      return frame.tr("等待答复", "waiting for an answer");
    case RequestState::approved:
      return frame.tr("已同意", "approved") +
             (r.answer->until.ms != 0 ? frame.tr("，至 ", " until ") + last_day_word(r.answer->until) : std::string{});
    case RequestState::refused:
      return frame.tr("已拒绝", "refused");
    case RequestState::over:
      return r.answer ? frame.tr("已同意，已到期 ", "approved, expired ") + last_day_word(r.answer->until)
                      : frame.tr("已过期，没有人答复", "expired without an answer");
  }
  return {};
}

json::object request_json(const Frame& frame, Book& book, const field::Request& r) {
  json::object out{{"id", r.id.hex()},
                   {"by", book.person_name(r.by)},
                   {"asked", audience_word(*book.directory(), r.asked, frame.globals().lang)},
                   {"rights", rights_name(r.rights)},
                   {"until", r.until.ms != 0 ? json::value(last_day_word(r.until)) : json::value(nullptr)},
                   {"time", moment(r.time)},
                   {"state", r.pending ? "pending_at_hq" : std::string(field::state_name(r.state))},
                   {"mine", r.mine},
                   {"to_me", r.to_me},
                   {"reference", r.readable ? json::value(r.reference) : json::value(nullptr)},
                   {"purpose", r.readable ? json::value(r.purpose) : json::value(nullptr)}};
  if (r.answer)
    out["answer"] = json::object{
        {"by", book.person_name(r.answer->by)},
        {"time", moment(r.answer->time)},
        {"until", r.answer->until.ms != 0 ? json::value(last_day_word(r.answer->until)) : json::value(nullptr)},
        {"text", r.answer->text}};
  return out;
}

void say_request(const Frame& frame, Book& book, const field::Request& r) {
  const Lang lang = frame.globals().lang;
  frame.say((r.to_me ? "⚑ " : "  ") + r.short_id() + "  " + book.person_name(r.by) + " → " +
            audience_word(*book.directory(), r.asked, lang) + "  " + moment(r.time) + "  " + state_text(frame, r));
  const std::string wanted = rights_word(frame, r.rights) +
                             (r.until.ms != 0 ? frame.tr("，至 ", ", until ") + last_day_word(r.until) : std::string{});
  frame.say("     " + (r.readable ? printable(r.reference) + "  (" + wanted + ")  " + printable(r.purpose)
                                  : frame.tr("（内容不在本机可读）  ", "(its words cannot be read here)  ") + wanted));
  if (r.answer && (r.mine || r.answer->by == book.me()))
    frame.say("     " + book.person_name(r.answer->by) + " " + moment(r.answer->time) +
              (r.answer->text.empty() ? std::string{} : "  " + printable(r.answer->text)));
}

Result<int> list_requests(const Frame& frame, Book& book) {
  SATCHEL_GET(all, field::list_requests(book));
  json::array out;
  std::size_t open = 0;
  for (const auto& r : all) {
    out.push_back(request_json(frame, book, r));
    say_request(frame, book, r);
    open += r.to_me;
  }
  frame.print(json::object{{"requests", std::move(out)}, {"to_me", open}});
  if (all.empty()) frame.say(frame.tr("没有权限申请。", "No requests for access."));
  if (open > 0)
    frame.say(frame.tr("答复：access approve 编号 [--archive 档案]，或 access refuse 编号 --reason 原因",
                       "Answer with: access approve ID [--archive ARCHIVE], or access refuse ID --reason REASON"));
  return kOk;
}

Result<int> request(const Frame& frame, Book& book, const RequestOptions& options) {
  field::RequestWish wish{
      options.reference, options.purpose, options.write ? GrantRights::write : GrantRights::read, {}, options.branch};
  if (!options.until.empty()) {
    SATCHEL_GET(until, parse_day(book, options.until));
    wish.until = until;
  }
  SATCHEL_GET(said, field::request_access(book, wish));
  const std::string whom =
      options.branch.empty() ? frame.tr("总部", "headquarters") : options.branch + frame.tr("的主管", "'s managers");
  return tell_said(frame, said,
                   frame.tr("已提交申请 ", "Asked: ") + said.id.hex().substr(0, 8) +
                       frame.tr("：由", ", answered by ") + whom +
                       frame.tr("答复；内容只有他们和您读得到。access list 看结果。",
                                "; its words are for them and you alone. See 'access list' for the answer."),
                   {{"id", said.id.hex()}, {"asked", whom}});
}

Result<int> approve(const Frame& frame, Book& book, const RequestOptions& options) {
  SATCHEL_GET(found, field::find_request(book, options.id));
  std::optional<Date> until;
  if (!options.until.empty()) {
    SATCHEL_GET(day, parse_day(book, options.until));
    until = day;
  }
  SATCHEL_GET(approval, field::plan_approval(book, found, options.archive, until, options.read));
  say_request(frame, book, found);
  frame.say(grant_text(frame, book, approval.plan));
  auto out = grant_json(book, approval.plan);
  out["request"] = found.id.hex();
  if (options.dry_run) return not_applied(frame, Consent::shown, std::move(out));
  SATCHEL_GET(said, field::approve(book, approval));
  out["applied"] = true;
  return tell_all_said(frame, said, frame.tr("已同意并授权。", "Approved and granted."), std::move(out));
}

Result<int> refuse(const Frame& frame, Book& book, const RequestOptions& options) {
  SATCHEL_GET(found, field::find_request(book, options.id));
  SATCHEL_GET(said, field::refuse(book, found, options.reason));
  return tell_said(frame, said, frame.tr("已拒绝：", "Refused: ") + found.short_id(), {{"request", found.id.hex()}});
}

void add_request(CLI::App& access, Frame& frame) {
  auto options = std::make_shared<RequestOptions>();
  auto* command = access.add_subcommand(
      "request", frame.tr("申请一份不在手上的档案的权限", "Ask for a right in an archive you do not hold"));
  command
      ->add_option("reference", options->reference,
                   frame.tr("您所知道的：编号、名称……", "What you know of it: a number, a name …"))
      ->required();
  command->add_option("--purpose", options->purpose, frame.tr("用途", "What for"))->required();
  auto* read = command->add_flag("--read", options->read, frame.tr("只读（默认）", "Reading (the default)"));
  command->add_flag("--write", options->write, frame.tr("读写", "Reading and writing"))->excludes(read);
  command->add_option("--until", options->until, frame.tr("用到哪天", "The last day it is wanted for"));
  command->add_option(
      "--branch", options->branch,
      frame.tr("由哪个分支的主管答复；不写就是总部", "Whose managers are asked; by default headquarters"));
  command->footer(frame.example("satchel --vault rep access request K000201 --purpose 代班一周 --write --until +7"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return request(frame, b, *options); }); });
  });
}

void add_answers(CLI::App& access, Frame& frame) {
  auto options = std::make_shared<RequestOptions>();
  auto* yes = access.add_subcommand("approve", frame.tr("同意：授权并答复", "Approve: grants and answers"));
  yes->add_option("id", options->id, frame.tr("申请编号的开头", "The beginning of the request's id"))->required();
  yes->add_option("--archive", options->archive,
                  frame.tr("授权哪份档案；不写就按申请里写的找", "Which archive; by default what the request names"));
  yes->add_option("--until", options->until,
                  frame.tr("最后一天，不能晚于所申请的", "The last day, not later than was asked"));
  yes->add_flag("--read", options->read, frame.tr("只给读", "Reading only"));
  yes->add_flag("--dry-run", options->dry_run, frame.tr("只看会给什么", "Only show what it would give"));
  yes->footer(frame.example("satchel --vault boss access approve 3f2a91c0 --archive 福田百货"));
  yes->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return approve(frame, b, *options); }); });
  });
  auto refusal = std::make_shared<RequestOptions>();
  auto* no = access.add_subcommand("refuse", frame.tr("拒绝", "Refuse"));
  no->add_option("id", refusal->id, frame.tr("申请编号的开头", "The beginning of the request's id"))->required();
  no->add_option("--reason", refusal->reason,
                 frame.tr("原因（只有申请人读得到）", "Reason (only whoever asked can read it)"))
      ->required();
  no->footer(frame.example("satchel --vault boss access refuse 3f2a91c0 --reason 请先与负责人商量"));
  no->callback([&frame, refusal] {
    frame.choose([&frame, refusal] { return with_book(frame, [&](Book& b) { return refuse(frame, b, *refusal); }); });
  });
}

}  // namespace

void add_request_commands(CLI::App& app, Frame& frame) {
  auto* access = app.add_subcommand(
      "access", frame.tr("权限申请：提出、列出、同意、拒绝", "Requests for access: ask, list, answer"));
  access->require_subcommand(1);
  add_request(*access, frame);
  auto* look = access->add_subcommand(
      "list", frame.tr("我的申请和等我答复的申请", "My requests, and those that wait for my answer"));
  look->footer(frame.example("satchel --vault rep access list"));
  look->callback([&frame] {
    frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_requests(frame, b); }); });
  });
  add_answers(*access, frame);
}

}  // namespace satchel::cli
