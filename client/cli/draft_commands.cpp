// SPDX-License-Identifier: AGPL-3.0-or-later
// draft: what was begun with --draft on this device; list, show, set, finish, drop.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/draft_view.h"
#include "client/cli/step_view.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

std::string draft_whose(const Frame& frame, Book& book, const field::Draft& draft) {
  return draft.archive.none() ? frame.tr("（本人）", "(one's own)") : printable(book.archive_name(draft.archive));
}

Result<int> list_all_drafts(const Frame& frame, Book& book) {
  SATCHEL_GET(drafts, field::list_drafts(book));
  json::array out;
  TextTable table({{frame.tr("草稿号", "Draft"), false, 8},
                   {frame.tr("内容", "What"), false, 24},
                   {frame.tr("客户", "For"), false, 30},
                   {frame.tr("开始", "Begun"), false, 16},
                   {frame.tr("表单版本", "Version"), false, 9},
                   {frame.tr("还缺", "Missing"), false, 60}});
  bool newer = false;
  for (const auto& draft : drafts) {
    SATCHEL_GET(standing, field::draft_standing(book, draft));
    newer = newer || standing.newer();
    if (frame.globals().json) out.push_back(draft_json(book, draft, standing));
    table.row({holder::short_id(draft.id), draft_title(book, draft, standing), draft_whose(frame, book, draft),
               moment(draft.begun), draft_version(draft, standing), draft_lacks(frame, draft, standing)});
  }
  frame.print(json::object{{"drafts", std::move(out)}});
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  frame.say(drafts.empty() ? frame.tr("没有草稿。", "No drafts.") : text);
  if (newer)
    frame.note(frame.tr("箭头后是现在的版本；草稿仍按开始时的版本写入。",
                        "Behind the arrow is the version in force; a draft is written by the one it was begun with."));
  return kOk;
}

Result<int> show_draft(const Frame& frame, Book& book, const std::string& id) {
  SATCHEL_GET(draft, field::find_draft(book, id));
  SATCHEL_GET(standing, field::draft_standing(book, draft));
  frame.print(draft_json(book, draft, standing));
  frame.say(draft_title(book, draft, standing) + "  " + draft_whose(frame, book, draft) + "  " +
            holder::short_id(draft.id));
  frame.say(frame.tr("表单版本：", "Version of the form: ") + draft_version(draft, standing) +
            frame.tr("，开始于 ", ", begun ") + moment(draft.begun) + frame.tr("，改于 ", ", changed ") +
            moment(draft.changed));
  if (draft.decides) frame.say(frame.tr("记录：", "Record: ") + holder::short_id(draft.record));
  for (const auto& one : draft.typed) {
    const Field* field = standing.form != nullptr ? standing.form->field(one.field) : nullptr;
    frame.say("  " + (field != nullptr ? field::titled_field(*field, book.lang()) : printable(one.field)) + "  " +
              printable(one.text));
  }
  if (!draft.comment.empty()) frame.say("  " + frame.tr("批注：", "Comment: ") + printable(draft.comment));
  if (!draft.reason.empty()) frame.say("  " + frame.tr("原因：", "Reason: ") + printable(draft.reason));
  const std::string lacks = draft_lacks(frame, draft, standing);
  if (!lacks.empty()) frame.say(frame.tr("还缺：", "Still missing: ") + lacks);
  return kOk;
}

struct DraftOptions {
  std::string id;
  std::vector<std::string> fields;
  std::optional<std::string> comment, reason;
};

Result<int> set_draft(const Frame& frame, Book& book, const DraftOptions& options) {
  const bool says = options.comment || options.reason;
  if (options.fields.empty() && !says) return fail(ErrorKind::usage, "draft.nothing-to-set");
  SATCHEL_GET(typed, split_fields(options.fields));
  SATCHEL_GET(draft, field::find_draft(book, options.id));
  if (says && !draft.broken && !draft.decides) return fail(ErrorKind::usage, "draft.no-comment");
  SATCHEL_GET(changed, field::change_draft(book, draft, {typed, options.comment, options.reason}));
  return tell_draft(frame, book, changed);
}

Result<int> finish_draft_now(const Frame& frame, Book& book, const std::string& id) {
  SATCHEL_GET(draft, field::find_draft(book, id));
  const auto done = field::finish_draft(book, draft);
  if (!done) {
    frame.note(frame.tr("草稿还在。", "The draft is kept."));
    return std::unexpected(done.error());
  }
  if (draft.decides) {
    SATCHEL_GET(place, book.place_of(draft.archive, draft.record));
    return tell_step(frame, book, place, *done);
  }
  frame.print(saved_json(done->saved));
  frame.say(frame.tr("已保存：", "Saved: ") + holder::short_id(done->saved.record));
  remark_saved(frame, done->saved);
  return kOk;
}

Result<int> drop_draft_now(const Frame& frame, Book& book, const std::string& id) {
  SATCHEL_GET(draft, field::find_draft(book, id));
  SATCHEL_TRY(field::drop_draft(book, draft));
  frame.print(json::object{{"ok", true}, {"id", draft.id.hex()}});
  frame.say(frame.tr("已丢弃草稿：", "Draft let go of: ") + holder::short_id(draft.id));
  return kOk;
}

void add_draft_verbs(CLI::App& draft, Frame& frame) {
  struct Verb {
    std::string_view name, zh, en;
    Result<int> (*work)(const Frame&, Book&, const std::string&);
  };
  for (const auto& verb :
       {Verb{"show", "显示一份草稿", "Show a draft", show_draft},
        Verb{"finish", "写入：检查并正式保存，如同当初一次写完",
             "Check it and write it, as if it had been written at once", finish_draft_now},
        Verb{"drop", "丢弃一份草稿（不能恢复）", "Let go of a draft (it does not come back)", drop_draft_now}}) {
    auto id = std::make_shared<std::string>();
    auto* command = draft.add_subcommand(std::string(verb.name), frame.tr(verb.zh, verb.en));
    command->add_option("id", *id, frame.tr("草稿号的开头", "The beginning of its id"))->required();
    command->footer(frame.example("satchel --vault rep draft " + std::string(verb.name) + " 3f2a91c0"));
    command->callback([&frame, id, work = verb.work] {
      frame.choose([&frame, id, work] { return with_book(frame, [&](Book& b) { return work(frame, b, *id); }); });
    });
  }
}

void add_draft_set(CLI::App& draft, Frame& frame) {
  auto options = std::make_shared<DraftOptions>();
  auto* set = draft.add_subcommand("set", frame.tr("补写一份草稿", "Type more into a draft"));
  set->add_option("id", options->id, frame.tr("草稿号的开头", "The beginning of its id"))->required();
  set->add_option(
         "--field", options->fields,
         frame.tr("字段=值，可重复；空值删去这一项", "field=value, may be repeated; an empty value takes it out"))
      ->allow_extra_args(false);
  set->add_option("--comment", options->comment, frame.tr("办理的理由或批注", "A step's why, or a comment"));
  set->add_option("--reason", options->reason, frame.tr("更正已定内容的原因", "Why a fixed field is corrected"));
  set->footer(frame.example("satchel --vault rep draft set 3f2a91c0 --field summary=续签意向良好"));
  set->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return set_draft(frame, b, *options); }); });
  });
}

}  // namespace

void add_draft_commands(CLI::App& app, Frame& frame) {
  auto* draft = app.add_subcommand("draft", frame.tr("草稿：没有写完的记录和办理，只在本机",
                                                     "Drafts: records and steps not finished, on this device alone"));
  draft->require_subcommand(1);
  auto* list = draft->add_subcommand("list", frame.tr("列出草稿、还缺什么", "List drafts and what they lack"));
  list->footer(frame.example("satchel --vault rep draft list"));
  list->callback([&frame] {
    frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_all_drafts(frame, b); }); });
  });
  add_draft_verbs(*draft, frame);
  add_draft_set(*draft, frame);
}

}  // namespace satchel::cli
