// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/draft_view.h"
#include "client/cli/duty_view.h"
#include "client/cli/step_view.h"
#include "schema/base/exit_code.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct StepOptions {
  std::string record, step, comment, reason;
  std::vector<std::string> fields;
  bool draft = false;
};

Result<int> keep_step(const Frame& frame, Book& book, const holder::RecordPlace& place, const StepOptions& options) {
  if (options.step.empty()) return fail(ErrorKind::usage, "draft.no-step");
  SATCHEL_GET(typed, split_fields(options.fields));
  SATCHEL_GET(kept, field::keep_step_draft(book, {place, options.step, options.comment, options.reason, typed}));
  return tell_draft(frame, book, kept);
}

Result<int> step(const Frame& frame, Book& book, const StepOptions& options) {
  SATCHEL_GET(place, book.find_record(options.record));
  field::StepDone done;
  if (options.draft) return keep_step(frame, book, place, options);
  if (!options.step.empty()) {
    field::StepWish wish{place, options.step, options.comment, {}, options.reason};
    if (!options.fields.empty()) {
      SATCHEL_GET(shown, field::show_record(book, place));
      if (shown.form == nullptr) return fail(ErrorKind::not_found, "record.not-readable", options.record);
      SATCHEL_GET(typed, split_fields(options.fields));
      SATCHEL_GET(fields, field::parse_fields(book, *shown.form, typed));
      wish.fields = std::move(fields);
    }
    SATCHEL_GET(taken, field::take_step(book, wish));
    done = std::move(taken);
  }
  return tell_step(frame, book, place, done);
}

struct MatterOptions {
  std::string form;
  bool all = false;
};

Result<int> list_matters(const Frame& frame, Book& book, const MatterOptions& options) {
  SATCHEL_GET(duties, holder::list_duties(book, {options.all, options.form, {}}));
  json::array out;
  if (frame.globals().json)
    for (const auto& duty : duties) out.push_back(duty_json(book, duty));
  frame.print(json::object{{"matters", std::move(out)}});
  frame.say(duties.empty() ? frame.tr("没有等您办理的事项。", "Nothing waits for you.")
                           : duties_text(frame, book, duties));
  return kOk;
}

}  // namespace

void add_step_commands(CLI::App& app, Frame& frame) {
  auto taken = std::make_shared<StepOptions>();
  auto* command = app.add_subcommand(
      "step", frame.tr("办理：一条记录办到哪一步；写明步骤即办理（不需要网络）",
                       "A record in its workflow; with a step's name, takes it (no network needed)"));
  command->add_option("record", taken->record, frame.tr("记录号的开头", "The beginning of its id"))->required();
  command->add_option("step", taken->step,
                      frame.tr("步骤的代码或名称；note 只批注，copy 确认收到副本；不写则只看",
                               "The step's id or label; note only comments, copy confirms a copy; none: only shows"));
  command->add_option("--comment", taken->comment, frame.tr("理由或批注", "Why, or a comment"));
  command->add_option("--field", taken->fields, frame.tr("字段=值，可重复", "field=value, may be repeated"))
      ->allow_extra_args(false);
  command->add_option("--reason", taken->reason, frame.tr("更正已定内容的原因", "Why a fixed field is corrected"));
  command->add_flag("--draft", taken->draft,
                    frame.tr("先留作草稿，只在本机，以后用 draft finish 办理",
                             "Keep it as a draft, here alone, to be taken with 'draft finish'"));
  command->footer(frame.example("satchel --vault manager step 3f2a91c0 grant --comment 老客户"));
  command->callback([&frame, taken] {
    frame.choose([&frame, taken] { return with_book(frame, [&](Book& b) { return step(frame, b, *taken); }); });
  });

  auto wanted = std::make_shared<MatterOptions>();
  auto* matters = app.add_subcommand("matters", frame.tr("等您办理的事项", "Matters that wait for you"));
  matters->add_option("--form", wanted->form, frame.tr("只看这种表单", "Of this form only"));
  matters->add_flag("--all", wanted->all, frame.tr("可见的全部未结事项", "All open ones that can be read"));
  matters->footer(frame.example("satchel --vault manager matters"));
  matters->callback([&frame, wanted] {
    frame.choose(
        [&frame, wanted] { return with_book(frame, [&](Book& b) { return list_matters(frame, b, *wanted); }); });
  });
}

}  // namespace satchel::cli
