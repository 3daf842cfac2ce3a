// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/exchange_commands.h"
#include "client/field/exporting.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct ExportArguments {
  field::ExportOptions options;
  std::string format = "csv";
  std::vector<std::string> filter;
};

Result<int> export_file(const Frame& frame, Book& book, const ExportArguments& arguments) {
  field::ExportOptions options = arguments.options;
  for (std::size_t i = 0; i < std::size(field::kExportFormatNames); ++i) {
    if (arguments.format == field::kExportFormatNames[i]) options.format = static_cast<field::ExportFormat>(i);
  }
  SATCHEL_GET(filter, split_fields(arguments.filter));
  options.filter = std::move(filter);
  SATCHEL_GET(done, field::export_records(book, options));
  frame.print(json::object{{"file", options.out},
                           {"what", done.what},
                           {"format", arguments.format},
                           {"records", done.records},
                           {"locked", done.locked},
                           {"left_out", json::value_from(done.left_out)}});
  frame.say(frame.tr("已导出 ", "Exported ") + std::to_string(done.records) + frame.tr(" 条到 ", " records to ") +
            options.out + frame.tr("；用途已登记。", "; noted with its purpose."));
  if (!done.left_out.empty()) {
    frame.say(
        frame.tr("未包含敏感项：", "Sensitive fields left out: ") + printable(join_list(done.left_out, book.lang())) +
        frame.tr("。确有需要时加 --sensitive（会登记）。", ". Add --sensitive where they are needed; it is noted."));
  }
  if (done.locked > 0)
    frame.say(frame.tr("密钥未到、没有包含的客户 ", "Customers without their key here, not in it: ") +
              std::to_string(done.locked));
  return kOk;
}

}  // namespace

void add_export_commands(CLI::App& app, Frame& frame) {
  auto arguments = std::make_shared<ExportArguments>();
  auto& options = arguments->options;
  auto* out = app.add_subcommand("export", frame.tr("导出客户或任意表单的记录；用途会登记",
                                                    "Export customers or records of any form; the purpose is noted"));
  out->add_option("what", options.what, frame.tr("customers 或表单代码，默认客户", "customers, or a form's id"));
  out->add_option("--format", arguments->format, "csv, xlsx, vcard, jsonl")
      ->check(CLI::IsMember({"csv", "xlsx", "vcard", "jsonl"}))
      ->capture_default_str();
  out->add_option("--out", options.out, frame.tr("写入的文件", "The file to write"))->required();
  out->add_option("--purpose", options.purpose, frame.tr("用途", "What it is for"))->required();
  out->add_option("--customer", options.customer, frame.tr("只导出这个客户", "Only of this customer"));
  out->add_option("--filter", arguments->filter,
                  frame.tr("字段=值，可重复，都要符合", "field=value, several must all hold"))
      ->allow_extra_args(false);
  out->add_flag("--sensitive", options.sensitive,
                frame.tr("包含敏感项（登记为敏感查阅）", "With sensitive fields; noted as such"));
  out->footer(frame.example("satchel --vault rep export customers --format xlsx --out 客户.xlsx --purpose 年终走访"));
  out->callback([&frame, arguments] {
    frame.choose(
        [&frame, arguments] { return with_book(frame, [&](Book& b) { return export_file(frame, b, *arguments); }); });
  });
}

}  // namespace satchel::cli
