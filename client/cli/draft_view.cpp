// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/draft_view.h"

#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;

}  // namespace

std::string draft_help(const Frame& frame) {
  return frame.tr("先留作草稿：缺项也留下，只在本机；以后用 draft set、draft finish 写完",
                  "Keep it as a draft, incomplete as it is, here alone; 'draft set' and 'draft finish' complete it");
}

void remark_unfinished(const Frame& frame, const Error& error) {
  if (error.code != "record.incomplete") return;
  frame.note(
      frame.tr("加 --draft 可先留作草稿，以后写完。", "With --draft it is kept as a draft, to be finished later."));
}

std::string draft_title(holder::Book& book, const field::Draft& draft, const field::DraftStanding& standing) {
  const Lang lang = book.lang();
  const Template* form = standing.form != nullptr ? standing.form : book.catalogue().find_template(draft.form);
  std::string title = form != nullptr ? form->label.in(lang) : printable(draft.form);
  if (!draft.decides || draft.step.empty()) return title;
  const Workflow* workflow = book.catalogue().find_workflow(draft.form);
  const auto* step = workflow != nullptr ? field::step_named(*workflow, draft.step) : nullptr;
  return title + " · " + (step != nullptr ? step->label.in(lang) : printable(draft.step));
}

std::string draft_lacks(const Frame& frame, const field::Draft& draft, const field::DraftStanding& standing) {
  if (draft.broken) return frame.tr("读不出来", "cannot be read");
  if (draft.locked) return frame.tr("档案现在打不开", "its archive is locked here");
  if (standing.form == nullptr) return frame.tr("本机没有这个版本的表单", "that version of the form is not here");
  std::vector<std::string> all;
  if (!standing.not_open.empty())
    all.push_back(frame.tr("现在不能办（", "cannot be taken now (") + standing.not_open + frame.tr("）", ")"));
  if (standing.comment_needed) all.push_back(frame.tr("要写理由", "must say why"));
  for (const auto& one : standing.missing) all.push_back(printable(one));
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : frame.tr("；", "; ")) + one;
  return out;
}

std::string draft_version(const field::Draft& draft, const field::DraftStanding& standing) {
  if (draft.broken) return "-";
  const std::string pinned = std::to_string(draft.version);
  return standing.newer() ? pinned + " → " + std::to_string(standing.in_force) : pinned;
}

json::object draft_json(holder::Book& book, const field::Draft& draft, const field::DraftStanding& standing) {
  json::array typed, missing;
  for (const auto& one : draft.typed)
    typed.push_back(json::object{{"field", one.field}, {"text", one.text}, {"typed_on", format_date(one.day)}});
  for (const auto& one : standing.missing) missing.emplace_back(one);
  return {{"id", draft.id.hex()},
          {"kind", draft.decides ? "step" : "record"},
          {"type", draft.form},
          {"version", draft.version},
          {"in_force", standing.in_force == 0 ? json::value(nullptr) : json::value(standing.in_force)},
          {"newer", standing.newer()},
          {"form_known", standing.form != nullptr},
          {"archive", draft.archive.none() ? json::value(nullptr) : json::value(draft.archive.hex())},
          {"for", draft.archive.none() ? std::string() : book.archive_name(draft.archive)},
          {"record", draft.decides ? json::value(draft.record.hex()) : json::value(nullptr)},
          {"step", draft.step},
          {"comment", draft.comment},
          {"reason", draft.reason},
          {"begun", moment(draft.begun)},
          {"changed", moment(draft.changed)},
          {"fields", std::move(typed)},
          {"missing", std::move(missing)},
          {"comment_needed", standing.comment_needed},
          {"not_open", standing.not_open},
          {"locked", draft.locked},
          {"broken", draft.broken}};
}

Result<int> tell_draft(const Frame& frame, holder::Book& book, const field::Draft& draft) {
  SATCHEL_GET(standing, field::draft_standing(book, draft));
  frame.print(draft_json(book, draft, standing));
  frame.say(frame.tr("已留作草稿：", "Kept as a draft: ") + draft_title(book, draft, standing) + "  " +
            holder::short_id(draft.id));
  const std::string lacks = draft_lacks(frame, draft, standing);
  frame.say(lacks.empty()
                ? frame.tr("已经齐全，可用 draft finish 写入。", "Nothing is missing: 'draft finish' writes it.")
                : frame.tr("还缺：", "Still missing: ") + lacks);
  return kOk;
}

}  // namespace satchel::cli
