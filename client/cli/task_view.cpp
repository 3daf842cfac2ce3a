// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/task_view.h"

#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

boost::json::object task_json(holder::Book& book, const field::TaskRow& task) {
  const auto day = [](const std::optional<Date>& date) {
    return date ? boost::json::value(format_date(*date)) : boost::json::value(nullptr);
  };
  boost::json::object out{{"id", task.record.hex()},
                          {"archive", task.archive.hex()},
                          {"customer", task.customer ? task.customer->name : std::string()},
                          {"text", task.text},
                          {"kind", task.kind_id},
                          {"author", book.person_name(task.author)},
                          {"due", day(task.due)},
                          {"overdue_days", task.overdue_days},
                          {"done", day(task.done)},
                          {"held", task.held}};
  out["assignee"] =
      task.assignee.none() ? boost::json::value(nullptr) : boost::json::value(book.person_name(task.assignee));
  return out;
}

std::string tasks_text(const Frame& frame, holder::Book& book, const std::vector<field::TaskRow>& tasks) {
  TextTable table({{frame.tr("期限", "Due"), false, 10},
                   {frame.tr("逾期", "Overdue"), false, 8},
                   {frame.tr("客户", "Customer"), false, 24},
                   {frame.tr("类别", "Kind"), false, 14},
                   {frame.tr("内容", "What"), false, 44},
                   {frame.tr("经办人", "Assignee"), false, 12},
                   {frame.tr("完成", "Done"), false, 10},
                   {frame.tr("任务号", "Id"), false, 8}});
  for (const auto& task : tasks) {
    const std::string late = task.overdue_days > 0 ? std::to_string(task.overdue_days) + frame.tr(" 天", " d") : "-";
    table.row({task.due ? format_date(*task.due) : "-", late, task.customer ? task.customer->name : "-", task.kind,
               task.text + (task.held ? frame.tr(" ⚑ 待裁定", " ⚑ held") : ""),
               task.assignee.none() ? "-" : book.person_name(task.assignee), task.done ? format_date(*task.done) : "-",
               holder::short_id(task.record)});
  }
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace satchel::cli
