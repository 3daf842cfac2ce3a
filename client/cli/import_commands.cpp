// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "client/cli/book_view.h"
#include "client/cli/exchange_commands.h"
#include "client/field/import.h"
#include "client/field/import_undo.h"
#include "client/field/mappings.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/disk_file.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using field::RowStatus;
using field::UndoStatus;
using holder::Book;

constexpr int kPartial = static_cast<int>(ExitCode::partial);
constexpr std::size_t kRowsShown = 20;  // of faulty rows
constexpr std::size_t kImportBytesMax = 512 * 1024 * 1024;

const std::map<std::string, TextEncoding> kEncodings{{"utf-8", TextEncoding::utf8},
                                                     {"gb18030", TextEncoding::gb18030},
                                                     {"utf-16le", TextEncoding::utf16le},
                                                     {"utf-16be", TextEncoding::utf16be}};

constexpr RowStatus kStatuses[] = {RowStatus::ready,   RowStatus::imported, RowStatus::updated,
                                   RowStatus::skipped, RowStatus::double_,  RowStatus::error};

struct ImportArguments {
  std::string file, into, result, encoding, sheet, update_by, mapping, save_mapping;
  std::vector<std::string> map, set, owners;
  bool apply = false, yes = false, again = false;
};

// Whole or not there at all.
Result<void> write_whole(Book& book, const std::string& file, const std::string& text) {
  SATCHEL_GET(aside, holder::AsideFile::make(file, book.device().entropy()));
  SATCHEL_TRY(aside.write(view(text)));
  return aside.keep(true);
}

// Before anything is imported: the result can be written, and not over what is read.
Result<void> check_result_file(const ImportArguments& arguments) {
  if (arguments.result.empty()) return {};
  std::error_code ignored;
  if (std::filesystem::equivalent(arguments.file, arguments.result, ignored))
    return fail(ErrorKind::usage, "file.exists", arguments.result);
  const std::ofstream out(arguments.result, std::ios::binary | std::ios::app);
  return out ? Result<void>{} : fail(ErrorKind::storage, "file.io", arguments.result);
}

Result<field::ColumnMap> pairs_of(const std::vector<std::string>& typed) {
  field::ColumnMap out;
  for (const auto& pair : typed) {
    const auto at = pair.find('=');
    if (at == std::string::npos) return fail(ErrorKind::usage, "usage.map", pair);
    out.emplace_back(pair.substr(0, at), pair.substr(at + 1));
  }
  return out;
}

// What was typed goes before what was saved.
void lay_over(field::ColumnMap& typed, const field::ColumnMap& saved) {
  for (const auto& [from, to] : saved) {
    const bool known = std::ranges::any_of(typed, [&, &name = from](const auto& pair) { return pair.first == name; });
    if (!known) typed.emplace_back(from, to);
  }
}

Result<field::ImportOptions> read_options(Book& book, const ImportArguments& arguments) {
  field::ImportOptions options;
  options.apply = arguments.apply;
  options.doubles_too = arguments.yes;
  options.again = arguments.again;
  options.file = std::filesystem::path(arguments.file).filename().string();
  SATCHEL_GET(map, pairs_of(arguments.map));
  SATCHEL_GET(set, pairs_of(arguments.set));
  field::Mapping mapping{arguments.into, std::move(map), std::move(set), arguments.sheet, arguments.update_by};
  if (!arguments.mapping.empty()) {
    SATCHEL_GET(saved, field::load_mapping(book.device(), arguments.mapping));
    lay_over(mapping.map, saved.map);
    lay_over(mapping.set, saved.set);
    if (mapping.into.empty()) mapping.into = saved.into;
    if (mapping.sheet.empty()) mapping.sheet = saved.sheet;
    if (mapping.update_by.empty()) mapping.update_by = saved.update_by;
  }
  if (!arguments.save_mapping.empty()) SATCHEL_TRY(field::save_mapping(book.device(), arguments.save_mapping, mapping));
  options.into = mapping.into == "customers" ? std::string(holder::kCustomerTemplate) : mapping.into;
  options.map = std::move(mapping.map);
  options.set = std::move(mapping.set);
  options.sheet = std::move(mapping.sheet);
  options.update_by = std::move(mapping.update_by);
  SATCHEL_GET(owners, find_people(book, arguments.owners));
  options.owners = std::move(owners);
  if (const auto known = kEncodings.find(arguments.encoding); known != kEncodings.end())
    options.encoding = known->second;
  return options;
}

// ---- what is said ----

std::string format_words(const Frame& frame, const field::ImportResult& result) {
  if (result.format == field::FileFormat::xlsx) return "XLSX" + frame.tr("，工作表 ", ", sheet ") + result.sheet;
  if (result.format == field::FileFormat::vcard) return "vCard";
  const std::string delimiter = result.delimiter == '\t' ? "TAB" : std::string(1, result.delimiter);
  return "CSV" + frame.tr("，编码 ", ", encoding ") + std::string(name_of(result.encoding)) +
         frame.tr("，分隔符 ", ", delimiter ") + delimiter;
}

void say_columns(const Frame& frame, const field::ImportResult& result) {
  std::string mapped, left;
  for (const auto& [column, to] : result.mapped) mapped += (mapped.empty() ? "" : ", ") + column + " → " + to;
  for (const auto& c : result.unmapped) left += (left.empty() ? "" : ", ") + c;
  frame.say(frame.tr("格式 ", "Format ") + printable(format_words(frame, result)) + frame.tr("；导入到 ", "; into ") +
            result.into);
  frame.say(frame.tr("列：", "Columns: ") + printable(mapped));
  if (!left.empty()) frame.say(frame.tr("未对应的列（不导入）：", "Columns left out: ") + printable(left));
}

void say_preview(const Frame& frame, const field::ImportResult& result) {
  bool any = false;
  for (const auto& row : result.rows) {
    if (row.preview.empty()) continue;
    if (!any) frame.say(frame.tr("前几行将存为：", "The first rows would be stored as:"));
    any = true;
    std::string line = frame.tr("  第 ", "  line ") + std::to_string(row.line) + frame.tr(" 行：", ": ");
    bool first = true;
    for (const auto& [label, text] : row.preview) {
      line += (first ? "" : "  ") + label + " " + cut_to_width(printable(text), 30);
      first = false;
    }
    frame.say(line);
  }
}

void say_rows(const Frame& frame, const field::ImportResult& result) {
  TextTable table({{frame.tr("行", "Line"), true},
                   {frame.tr("名称", "Name"), false, 30},
                   {frame.tr("状态", "Status"), false, 10},
                   {frame.tr("说明", "Message"), false, 70}});
  for (const auto& row : result.rows) {
    const bool worth = row.status == RowStatus::error || row.status == RowStatus::double_ ||
                       (!row.message.empty() && row.status != RowStatus::skipped);
    if (worth && table.size() < kRowsShown)
      table.row({std::to_string(row.line), row.name, std::string(name_of(row.status)), row.message});
  }
  if (table.size() == 0) return;
  std::string text = table.text();
  text.pop_back();
  frame.say(text);
}

void say_import(const Frame& frame, const field::ImportResult& result, bool applied) {
  say_columns(frame, result);
  if (!applied) say_preview(frame, result);
  say_rows(frame, result);
  const auto count = [&](RowStatus s) { return std::to_string(result.count(s)); };
  const auto updates = std::ranges::count_if(
      result.rows, [](const field::ImportRow& r) { return r.update && r.status == RowStatus::ready; });
  std::string line = frame.tr("共 ", "Rows ") + std::to_string(result.rows.size());
  if (applied) {
    line += frame.tr(" 行：已导入 ", ": imported ") + count(RowStatus::imported);
    if (result.count(RowStatus::updated) > 0) line += frame.tr("，已更新 ", ", updated ") + count(RowStatus::updated);
  } else {
    line += frame.tr(" 行：可导入 ", ": ready ") + count(RowStatus::ready);
    if (updates > 0) line += frame.tr("（其中更新 ", " (updates ") + std::to_string(updates) + frame.tr("）", ")");
  }
  frame.say(line + frame.tr("，跳过 ", ", skipped ") + count(RowStatus::skipped) +
            frame.tr("，疑似重复 ", ", doubles ") + count(RowStatus::double_) + frame.tr("，有误 ", ", faulty ") +
            count(RowStatus::error));
  if (!applied)
    frame.say(frame.tr("这是试运行，什么也没有写入。确认后加 --apply。",
                       "This was a dry run; nothing was written. Add --apply to import."));
  if (!result.id.empty() && applied)
    frame.say(frame.tr("导入号 ", "Import ") + result.id +
              frame.tr("。撤销：satchel import undo ", ". To undo it: satchel import undo ") + result.id.substr(0, 8));
}

json::object import_json(const field::ImportResult& result, bool applied) {
  json::object out, mapped;
  out["applied"] = applied;
  out["import"] = applied && !result.id.empty() ? json::value(result.id) : json::value(nullptr);
  out["into"] = result.into;
  out["format"] = name_of(result.format);
  out["encoding"] = name_of(result.encoding);
  out["delimiter"] = std::string(1, result.delimiter);
  out["sheet"] = result.sheet;
  for (const auto& [column, to] : result.mapped) mapped[column] = to;
  out["mapped"] = std::move(mapped);
  out["unmapped"] = json::value_from(result.unmapped);
  out["rows"] = result.rows.size();
  for (const auto s : kStatuses) out[name_of(s)] = result.count(s);
  json::array faults, preview;
  for (const auto& row : result.rows) {
    if (!row.preview.empty()) {
      json::object shown;
      for (const auto& [label, text] : row.preview) shown[label] = text;
      preview.push_back(json::object{{"line", row.line}, {"fields", std::move(shown)}});
    }
    if (row.status != RowStatus::error && row.status != RowStatus::double_) continue;
    faults.push_back(json::object{
        {"line", row.line}, {"name", row.name}, {"status", name_of(row.status)}, {"message", row.message}});
  }
  out["faults"] = std::move(faults);
  if (!applied) out["preview"] = std::move(preview);
  return out;
}

Result<int> import_file(const Frame& frame, Book& book, const ImportArguments& arguments) {
  if (arguments.file.empty()) return fail(ErrorKind::usage, "import.no-file");
  SATCHEL_GET(bytes, holder::read_all(arguments.file, kImportBytesMax));
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(options, read_options(book, arguments));
  SATCHEL_TRY(check_result_file(arguments));
  SATCHEL_GET(result, field::import_records(book, bytes, options, [&](const Error& e) { return frame.sentence(e); }));
  if (!arguments.result.empty()) SATCHEL_TRY(write_whole(book, arguments.result, result.result_csv));
  frame.print(import_json(result, options.apply));
  say_import(frame, result, options.apply);
  if (!arguments.save_mapping.empty())
    frame.say(frame.tr("列的对应已保存：", "Mapping saved: ") + arguments.save_mapping);
  if (!arguments.result.empty()) frame.say(frame.tr("逐行结果：", "Row by row: ") + arguments.result);
  const bool faulty = result.count(RowStatus::error) + result.count(RowStatus::double_) > 0;
  return faulty ? kPartial : kOk;
}

// ---- undo, list ----

std::string undo_reason(const Frame& frame, const field::UndoRow& row) {
  const auto with = [&](std::string text) { return row.detail.empty() ? text : text + ": " + row.detail; };
  if (row.reason == "changed") return with(frame.tr("之后有人改过", "changed since"));
  if (row.reason == "referred-to") return frame.tr("别的记录引用它", "other records refer to it");
  if (row.reason == "worked-on") return frame.tr("档案里已有别的记录", "the archive has other records by now");
  if (row.reason == "not-here" || row.reason == "locked")
    return frame.tr("本机读不到这条记录", "the record cannot be read here");
  if (row.reason.empty())
    return row.detail.empty()
               ? ""
               : frame.tr("这些项之后改过，没有动：", "changed since and left as they are: ") + row.detail;
  return frame.sentence({ErrorKind::failed, row.reason, row.detail});
}

Result<int> undo(const Frame& frame, Book& book, const std::string& id, bool apply) {
  SATCHEL_GET(result, field::undo_import(book, id, apply));
  json::object out{{"import", result.import}, {"applied", apply}};
  for (const auto s : {UndoStatus::withdrawn, UndoStatus::restored, UndoStatus::already, UndoStatus::kept})
    out[name_of(s)] = result.count(s);
  json::array rows;
  TextTable table({{frame.tr("行", "Line"), true},
                   {frame.tr("名称", "Name"), false, 30},
                   {frame.tr("记录", "Record"), false, 10},
                   {frame.tr("不能撤销的原因", "Why it stays"), false, 70}});
  for (const auto& row : result.rows) {
    const auto reason = undo_reason(frame, row);
    rows.push_back(json::object{{"line", row.line},
                                {"record", row.record.hex()},
                                {"name", row.name},
                                {"status", name_of(row.status)},
                                {"reason", reason}});
    if (!reason.empty() && table.size() < kRowsShown)
      table.row({std::to_string(row.line), row.name, holder::short_id(row.record), reason});
  }
  out["rows"] = std::move(rows);
  frame.print(out);
  if (table.size() > 0) {
    std::string text = table.text();
    text.pop_back();
    frame.say(text);
  }
  const auto n = [&](UndoStatus s) { return std::to_string(result.count(s)); };
  frame.say(frame.tr(apply ? "已撤回 " : "将撤回 ", apply ? "Withdrawn " : "Would withdraw ") +
            n(UndoStatus::withdrawn) + frame.tr("，恢复原值 ", ", values set back ") + n(UndoStatus::restored) +
            frame.tr("，此前已撤销 ", ", undone before ") + n(UndoStatus::already) +
            frame.tr("，不能撤销 ", ", kept ") + n(UndoStatus::kept));
  if (!apply)
    frame.say(frame.tr("这是试运行，什么也没有改。确认后加 --apply。",
                       "This was a dry run; nothing was changed. Add --apply to undo it."));
  return result.count(UndoStatus::kept) > 0 ? kPartial : kOk;
}

Result<int> list_imports(const Frame& frame, Book& book) {
  SATCHEL_GET(imports, field::list_imports(book));
  json::array rows;
  TextTable table({{frame.tr("导入号", "Import"), false, 16},
                   {frame.tr("时间", "At"), false, 16},
                   {frame.tr("表单", "Form"), false, 16},
                   {frame.tr("条数", "Records"), true},
                   {frame.tr("文件", "File"), false, 40},
                   {frame.tr("撤销", "Undone"), false, 12}});
  for (const auto& i : imports) {
    rows.push_back(json::object{{"import", i.import},
                                {"at", moment(i.at)},
                                {"into", i.into},
                                {"records", i.rows},
                                {"file", i.file},
                                {"undone_records", i.undone_rows},
                                {"undone", i.undone}});
    const std::string undone = i.undone             ? frame.tr("是", "yes")
                               : i.undone_rows == 0 ? ""
                                                    : frame.tr("部分 ", "partly ") + std::to_string(i.undone_rows);
    table.row({i.import, moment(i.at), i.into, std::to_string(i.rows), i.file, undone});
  }
  frame.print(json::object{{"imports", std::move(rows)}});
  if (imports.empty()) {
    frame.say(frame.tr("还没有导入过。", "Nothing was imported yet."));
    return kOk;
  }
  std::string text = table.text();
  text.pop_back();
  frame.say(text);
  return kOk;
}

Result<int> mappings(const Frame& frame, Book& book) {
  SATCHEL_GET(names, field::mapping_names(book.device()));
  json::object out;
  for (const auto& name : names) {
    SATCHEL_GET(mapping, field::load_mapping(book.device(), name));
    json::object map;
    std::string line =
        name + "  → " + (mapping.into.empty() ? std::string(holder::kCustomerTemplate) : mapping.into) + ":";
    for (const auto& [from, to] : mapping.map) {
      map[from] = to;
      line += " " + from + "=" + to;
    }
    for (const auto& [field, value] : mapping.set) line += " (" + field + "=" + value + ")";
    out[name] = std::move(map);
    frame.say(printable(line));
  }
  if (names.empty()) frame.say(frame.tr("没有保存过列的对应。", "No mappings were saved."));
  frame.print(out);
  return kOk;
}

// ---- the command line ----

std::shared_ptr<ImportArguments> add_options(CLI::App& import, Frame& frame, bool any_form) {
  auto options = std::make_shared<ImportArguments>();
  import.add_option("file", options->file, frame.tr("CSV、XLSX 或 vCard 文件", "A CSV, XLSX or vCard file"));
  if (any_form)
    import.add_option("--into", options->into,
                      frame.tr("导入到哪种表单，默认客户", "The form its rows are records of; customers by default"));
  import.add_option("--map", options->map, frame.tr("列=字段，可重复或并列", "column=field, several"));
  import.add_option("--set", options->set, frame.tr("字段=值：每一行都填", "field=value for every row"));
  import
      .add_option("--owner", options->owners, frame.tr("全部行的负责人，可重复", "Owner of all rows, may be repeated"))
      ->allow_extra_args(false);
  import.add_option("--encoding", options->encoding, frame.tr("编码，通常自动识别", "Encoding; usually found out"))
      ->check(CLI::IsMember({"utf-8", "gb18030", "utf-16le", "utf-16be"}));
  import.add_option("--sheet", options->sheet, frame.tr("工作表名称", "The workbook's sheet, by name"));
  import.add_option("--mapping", options->mapping, frame.tr("用保存过的列对应", "Use a saved mapping"));
  import.add_option("--save-mapping", options->save_mapping,
                    frame.tr("保存这次的列对应", "Save this mapping by a name"));
  import.add_option("--update-by", options->update_by,
                    frame.tr("按这一项找到已有的并更新：external_number、number、phone 等",
                             "Change what is found by this field: external_number, number, phone, …"));
  import.add_option(
      "--result", options->result,
      frame.tr("逐行结果写入此文件，改正后可再导入", "Row-by-row result; correct it and import it again"));
  import.add_flag("--apply", options->apply, frame.tr("真正写入", "Really import"));
  import.add_flag("--yes", options->yes, frame.tr("电话重复的行也导入", "Also rows whose phone another customer has"));
  import.add_flag("--again", options->again,
                  frame.tr("同一文件此前写入过的行也再导入", "Also lines that this very file brought in before"));
  return options;
}

void run_import(Frame& frame, const std::shared_ptr<ImportArguments>& options) {
  frame.choose(
      [&frame, options] { return with_book(frame, [&](Book& b) { return import_file(frame, b, *options); }); });
}

}  // namespace

void add_customer_import(CLI::App& customer, Frame& frame) {
  auto* import =
      customer.add_subcommand("import", frame.tr("从 CSV、XLSX 或 vCard 导入客户（先试运行）",
                                                 "Import customers from CSV, XLSX or vCard (dry run first)"));
  auto options = add_options(*import, frame, false);
  import->footer(frame.example(
      "satchel --vault rep customer import customers.csv --map companyName=name phone=phone --result result.csv"));
  import->callback([&frame, options] { run_import(frame, options); });
}

void add_import_commands(CLI::App& app, Frame& frame) {
  auto* import = app.add_subcommand(
      "import", frame.tr("从文件导入客户或任意表单的记录（先试运行）；撤销、列出导入",
                         "Import customers or records of any form from a file (dry run first); undo and list imports"));
  auto options = add_options(*import, frame, true);
  import->footer(frame.example("satchel --vault rep import contacts.xlsx --into contact --map 公司=customer --apply"));

  struct Undo {
    std::string id;
    bool apply = false;
  };
  auto undone = std::make_shared<Undo>();
  auto* back = import->add_subcommand("undo", frame.tr("撤销一次导入（先试运行）", "Undo an import (dry run first)"));
  back->add_option("id", undone->id, frame.tr("导入号的开头", "The beginning of its number"))->required();
  back->add_flag("--apply", undone->apply, frame.tr("真正撤销", "Really undo it"));
  back->footer(frame.example("satchel --vault rep import undo 3f2a91c0 --apply"));
  back->callback([&frame, undone] {
    frame.choose([&frame, undone] {
      return with_book(frame, [&](Book& b) { return undo(frame, b, undone->id, undone->apply); });
    });
  });
  auto* shown = import->add_subcommand("list", frame.tr("列出自己的导入", "List one's imports"));
  shown->callback([&frame] {
    frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_imports(frame, b); }); });
  });
  auto* saved = import->add_subcommand("mappings", frame.tr("列出保存的列对应", "List saved mappings"));
  saved->callback(
      [&frame] { frame.choose([&frame] { return with_book(frame, [&](Book& b) { return mappings(frame, b); }); }); });
  import->callback([&frame, options, import] {
    if (import->get_subcommands().empty()) run_import(frame, options);
  });
}

}  // namespace satchel::cli
