// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/field/masking.h"
#include "client/field/submission.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/reports.h"
#include "sync/link/system_clock.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

constexpr std::size_t kKeysShown = 20;

struct ReportOptions {
  std::string id, format, out, purpose;
  std::string period, note;
  bool submit = false;
  std::string date, from, to, branch, person;
  std::vector<std::string> parameters, behind;
};

Result<holder::ReportRequest> read_request(Book& book, const ReportOptions& options) {
  holder::ReportRequest request{options.id, {}};
  for (const auto& [id, text] : {std::pair{"date", options.date}, {"from", options.from}, {"to", options.to}}) {
    if (text.empty()) continue;
    SATCHEL_GET(day, parse_day(book, text));
    request.parameters.emplace_back(id, format_date(day));
  }
  if (request.parameters.size() == 2 && request.parameters[1].second < request.parameters[0].second &&
      options.date.empty())
    return fail(ErrorKind::usage, "usage.span", request.parameters[0].second + " > " + request.parameters[1].second);
  if (!options.branch.empty()) request.parameters.emplace_back("branch", options.branch);
  if (!options.person.empty()) request.parameters.emplace_back("person", options.person);
  SATCHEL_GET(more, split_fields(options.parameters));
  for (auto& p : more) request.parameters.emplace_back(std::move(p.field), std::move(p.text));
  return request;
}

// As far as it can be told before anything is open.
std::optional<node::Days> days_asked(const ReportOptions& options) {
  SystemClock clock;
  const Date today = date_of(clock.wall(), kChinaZoneMinutes);
  const auto first = parse_day_said(options.date.empty() ? options.from : options.date, today);
  if (!first) return std::nullopt;
  const auto last = options.to.empty() ? std::nullopt : parse_day_said(options.to, today);
  return node::Days{*first, last.value_or(options.date.empty() ? today : *first)};
}

Result<int> show_reports(const Frame& frame, Book& book) {
  const bool as_json = frame.globals().json;
  const std::string text = holder::list_reports(book.catalogue(), book.lang(), as_json);
  if (book.catalogue().reports().empty()) return fail(ErrorKind::not_found, "template.none");
  std::cout << (as_json ? std::string() : frame.tr("现有报表：\n", "Reports:\n")) << text << std::flush;
  return kOk;
}

Result<int> submit(const Frame& frame, Book& book, const ReportOptions& options, holder::BookReport report) {
  SATCHEL_GET(done, field::submit(book, {std::move(report), options.id, options.period, options.note}));
  auto out = saved_json(done.saved);
  out["digest"] = done.digest;
  out["again"] = done.again;
  frame.print(out);
  frame.say(frame.tr("已上报（第 ", "Handed in (time ") + std::to_string(done.again) + frame.tr(" 次）：", "): ") +
            holder::short_id(done.saved.record) + frame.tr("，下次同步时送出", ", sent with the next sync"));
  remark_saved(frame, done.saved);
  return kOk;
}

// The group whose keys read as typed, from the outermost on.
const ReportGroup* group_named(const ReportResult& result, const std::vector<std::string>& keys) {
  const auto fits = [&](const ReportGroup& group) {
    return group.key.size() == keys.size() &&
           std::ranges::equal(group.key, keys, [](const ReportCell& cell, const std::string& key) {
             return fold_typed(cell.text) == fold_typed(key);
           });
  };
  const auto found = std::ranges::find_if(result.groups, fits);
  return found == result.groups.end() ? nullptr : &*found;
}

std::string keys_of(const ReportResult& result, std::size_t depth, Lang lang) {
  std::vector<std::string> keys;
  for (const auto& group : result.groups)
    if (group.key.size() == depth && keys.size() < kKeysShown) keys.push_back(group.key.back().text);
  return join_list(keys, lang);
}

// Archives that are shown as one count as one: the record lies in any of them.
Result<holder::RecordPlace> place_in(Book& book, const ReportRowRef& row) {
  SATCHEL_GET(parts, book.parts_of(row.archive));
  for (const auto& part : parts)
    if (auto place = book.place_of(part, row.record)) return place;
  return fail(ErrorKind::not_found, "record.not-found", holder::short_id(row.record));
}

// The records that make up one number.
Result<int> show_behind(const Frame& frame, Book& book, const ReportOptions& options, const ReportResult& result) {
  const auto* group = group_named(result, options.behind);
  if (group == nullptr)
    return fail(
        ErrorKind::not_found, "report.no-such-group",
        join_list(options.behind, book.lang()) + " (" + keys_of(result, options.behind.size(), book.lang()) + ")");
  std::vector<ArchiveId> archives;
  for (const auto& row : group->rows) archives.push_back(row.archive);
  SATCHEL_TRY(field::note_opening(book, archives, "report " + options.id, options.purpose));
  json::array records;
  TextTable table({{frame.tr("记录号", "Id"), false, 8},
                   {frame.tr("客户或档案", "Archive"), false, 28},
                   {frame.tr("内容", "What"), false, 40},
                   {frame.tr("填报人", "Author"), false, 12},
                   {frame.tr("记录时间", "Recorded"), false, 16}});
  for (const auto& row : group->rows) {
    SATCHEL_GET(place, place_in(book, row));
    SATCHEL_GET(shown, field::show_record(book, place));
    field::mask(shown);
    const std::string archive = book.archive_name(row.archive);
    records.push_back(json::object{{"record", row.record.hex()},
                                   {"archive", row.archive.hex()},
                                   {"about", archive},
                                   {"what", shown.title},
                                   {"author", book.person_name(shown.author)},
                                   {"created", moment(shown.created)}});
    table.row({holder::short_id(row.record), archive, printable(shown.title), book.person_name(shown.author),
               moment(shown.created)});
  }
  frame.print(json::object{{"report", options.id}, {"records", std::move(records)}, {"cut", group->rows_cut}});
  std::string text = table.text();
  if (text.ends_with('\n')) text.pop_back();
  frame.say(text);
  if (group->rows_cut)
    frame.say(frame.tr("… 只列前 ", "… the first ") + std::to_string(group->rows.size()) + frame.tr(" 条", " only"));
  return kOk;
}

Result<int> run(const Frame& frame, Book& book, const ReportOptions& options) {
  SATCHEL_GET(request, read_request(book, options));
  SATCHEL_GET(report, holder::run_report(book, request));
  const std::string format = !options.format.empty() ? options.format : frame.globals().json ? "json" : "text";
  const bool into_file = !options.out.empty() && !options.submit && options.behind.empty();
  const std::string what = options.id + " " + (options.submit ? "submission" : format);
  if (report.sensitive && !into_file) SATCHEL_TRY(holder::note_report(book, report, what, options.purpose));
  if (!options.behind.empty()) return show_behind(frame, book, options, report.result);
  if (options.submit) return submit(frame, book, options, std::move(report));
  if (!into_file) {
    SATCHEL_GET(text, holder::print_report(report, format, book.lang()));
    std::cout << text << std::flush;  // the report is the result, also when asked to be quiet
    return kOk;
  }
  SATCHEL_TRY(holder::write_report(book, report, format, {options.out, what, options.purpose}));
  frame.print(boost::json::object{{"file", options.out}, {"rows", report.result.row_count}});
  frame.say(frame.tr("报表已写入 ", "Report written to ") + options.out + frame.tr("，行数 ", ", rows ") +
            std::to_string(report.result.row_count));
  return kOk;
}

}  // namespace

void add_report_commands(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<ReportOptions>();
  auto* report =
      app.add_subcommand("report", frame.tr("报表：对本机可读的档案汇总；不带名称则列出全部",
                                            "Reports over what can be read here; without a name, lists them"));
  report->add_option("name", options->id, frame.tr("报表代码，如 daily-visits", "The report's id, as daily-visits"));
  report->add_option("--date", options->date, frame.tr("日期", "Day"));
  report->add_option("--from", options->from, frame.tr("自", "From"));
  report->add_option("--to", options->to, frame.tr("至", "To"));
  report->add_option("--branch", options->branch, frame.tr("分公司", "Branch"));
  report->add_option("--person", options->person, frame.tr("人员", "Person"));
  report
      ->add_option("--param", options->parameters,
                   frame.tr("其他参数=值，可重复", "Other parameter=value, may be repeated"))
      ->allow_extra_args(false);
  report
      ->add_option("--format", options->format,
                   frame.tr("text、csv、json、html 或 xlsx", "text, csv, json, html or xlsx"))
      ->check(CLI::IsMember({"text", "csv", "json", "html", "xlsx"}));
  report->add_option("--out", options->out, frame.tr("写入文件", "Write to a file"));
  report->add_option("--purpose", options->purpose,
                     frame.tr("写入文件的用途，会登记", "What the file is for; it is noted"));
  report
      ->add_option(
          "--behind", options->behind,
          frame.tr("列出某一组背后的记录，如 --behind 深圳；多级分组依次给出",
                   "Lists the records behind a group, as --behind 深圳; of several levels one after the other"))
      ->allow_extra_args(false);
  report->add_flag("--submit", options->submit,
                   frame.tr("上报：连同原件存为一条上报记录", "Hand it in: kept with its figures as a submission"));
  report->add_option("--period", options->period,
                     frame.tr("上报的期间，如 2026-11-16..2026-11-22", "Its period, as 2026-11-16..2026-11-22"));
  report->add_option("--note", options->note, frame.tr("上报说明", "A note on what is handed in"));
  report->footer(frame.example("satchel --vault manager report daily-visits --date 2026-11-20 --branch 深圳"));
  report->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(
          frame, [&](Book& b) { return options->id.empty() ? show_reports(frame, b) : run(frame, b, *options); },
          days_asked(*options));
    });
  });
}

}  // namespace satchel::cli
