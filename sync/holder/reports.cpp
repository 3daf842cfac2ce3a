// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/reports.h"

#include <functional>

#include "schema/exchange/json_text.h"
#include "schema/exchange/report_html.h"
#include "schema/exchange/report_text.h"
#include "schema/exchange/xlsx_writer.h"
#include "sync/holder/attention.h"
#include "sync/holder/disk_file.h"
#include "sync/holder/reading_note.h"
#include "sync/holder/rows.h"
#include "sync/node/outbox.h"

namespace satchel::holder {

namespace {

constexpr std::size_t kSilentShown = 10;

struct Months {
  std::int32_t from = 0;
  std::int32_t to = 0;
};

// A date a condition compares with: a parameter's, or one written in the pack.
std::optional<Date> date_meant(const std::string& word, const ReportParams& parameters) {
  if (!word.starts_with('$')) return parse_date(word);
  const auto at = parameters.find(word.substr(1));
  const auto* date = at == parameters.end() ? nullptr : std::get_if<Date>(&at->second);
  return date != nullptr ? std::optional(*date) : std::nullopt;
}

// Of the source's sheets: those its dates can stand in.
Months months_of(const Template& source, const ReportDef& report, const ReportParams& parameters) {
  Months months{1, std::numeric_limits<std::int32_t>::max()};
  if (source.date_field.empty()) return {};
  for (const auto& test : report.filter) {
    if (test.column != source.date_field || test.values.size() != 1 || !test.any.empty()) continue;
    const auto date = date_meant(test.values.front(), parameters);
    if (!date) continue;
    const auto month = node::month_number(*date);
    if (test.test == ConditionTest::is || test.test == ConditionTest::from) months.from = std::max(months.from, month);
    if (test.test == ConditionTest::is || test.test == ConditionTest::to) months.to = std::min(months.to, month);
  }
  const bool bounded = months.from > 1 || months.to < std::numeric_limits<std::int32_t>::max();
  return bounded ? months : Months{};
}

// Headquarters has hundreds of thousands of cards, and most reports are about something else.
bool reads_cards(const ReportDef& report) {
  const auto of_card = [](const std::string& column) { return column.starts_with("archive."); };
  const auto asks = [&](const auto& self, const std::vector<Condition>& conditions) -> bool {
    return std::ranges::any_of(conditions, [&](const Condition& c) { return of_card(c.column) || self(self, c.any); });
  };
  return asks(asks, report.filter) || std::ranges::any_of(report.group_by, of_card, &GroupBy::column) ||
         std::ranges::any_of(report.columns, of_card, &ColumnDef::column) ||
         std::ranges::any_of(report.measures,
                             [&](const Measure& m) { return of_card(m.column) || asks(asks, m.where); });
}

bool shows_sensitive(const Catalogue& catalogue, const ReportDef& report, const Template& source) {
  const ColumnsOf of{source, catalogue.find_template(kCustomerTemplate), catalogue.find_workflow(source.id)};
  const auto sensitive = [&](const std::string& column) {
    const auto field = column_field(of, column);
    return field && field->sensitivity == Sensitivity::sensitive;
  };
  // What is picked or put in order by a value tells of it, too.
  const std::function<bool(const Condition&)> asks = [&](const Condition& c) {
    return sensitive(c.column) || std::ranges::any_of(c.any, asks);
  };
  const auto counts = [&](const Measure& m) { return sensitive(m.column) || std::ranges::any_of(m.where, asks); };
  return std::ranges::any_of(report.columns, sensitive, &ColumnDef::column) ||
         std::ranges::any_of(report.group_by, sensitive, &GroupBy::column) ||
         std::ranges::any_of(report.measures, counts) || std::ranges::any_of(report.filter, asks) ||
         std::ranges::any_of(report.order, sensitive, &OrderBy::column);
}

Result<ReportParams> parse_parameters(Book& book, const ReportDef& report, const ReportRequest& request) {
  ReportParams out;
  const auto finder = book.finder();
  for (const auto& [id, typed] : request.parameters) {
    const auto param = std::ranges::find(report.parameters, id, &ReportParam::id);
    if (param == report.parameters.end()) {
      std::string known;
      for (const auto& p : report.parameters) known += (known.empty() ? "" : ", ") + p.id;
      return fail(ErrorKind::usage, "report.no-such-parameter", id + " (" + known + ")");
    }
    auto value = parse_param(*param, typed, book.lang(), &finder);
    if (!value && value.error().code == "field.not-found")
      return fail(ErrorKind::not_found, "report.no-such-name", value.error().detail);
    if (!value) return fail(ErrorKind::usage, "report.parameter-wrong", value.error().detail);
    if (!empty(*value)) out.insert_or_assign(id, std::move(*value));
  }
  return out;
}

std::string freshness_json(const Freshness& f) {
  JsonWriter json;
  json.begin_object();
  json.key("newest_stamp");
  if (f.newest_stamp) {
    json.text(format_time(*f.newest_stamp, kChinaZoneMinutes));
  } else {
    json.null();
  }
  json.key("only_here").number(static_cast<std::int64_t>(f.only_here));
  json.key("held").number(static_cast<std::int64_t>(f.held));
  json.key("locked").number(static_cast<std::int64_t>(f.locked));
  json.key("contested").number(static_cast<std::int64_t>(f.contested));
  json.key("devices").number(static_cast<std::int64_t>(f.silence.devices));
  json.key("silent_since").text(format_time(f.silence.since, kChinaZoneMinutes));
  json.key("silent").begin_array();
  for (const auto& name : f.silence.silent) json.text(name);
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace

std::string freshness_text(const Freshness& f, Lang lang) {
  const bool zh = lang == Lang::zh;
  std::string out = zh ? "数据截至 " : "As of ";
  out += f.newest_stamp ? format_time(*f.newest_stamp, kChinaZoneMinutes)
         : zh           ? "（尚未经任何站点收取）"
                        : "(nothing taken by a hub yet)";
  const auto count = [&](std::size_t n, std::string_view zh_text, std::string_view en_text) {
    if (n > 0) out += (zh ? "；" : "; ") + std::string(zh ? zh_text : en_text) + " " + std::to_string(n);
  };
  count(f.only_here, "仅在本机的记录", "entries only on this device");
  count(f.held, "待裁定的记录", "entries held for a verdict");
  count(f.locked, "密钥未到、没有计入的档案", "archives without their key, not counted");
  count(f.contested, "有冲突的记录", "records in conflict");
  out += "\n";
  if (f.silence.silent.empty()) return out;
  const std::string silent = std::to_string(f.silence.silent.size()), devices = std::to_string(f.silence.devices);
  const std::string since = format_date(date_of(f.silence.since, kChinaZoneMinutes));
  auto names = std::vector(
      f.silence.silent.begin(),
      f.silence.silent.begin() + static_cast<std::ptrdiff_t>(std::min(f.silence.silent.size(), kSilentShown)));
  if (names.size() < f.silence.silent.size()) names.emplace_back("…");
  return out +
         (zh ? devices + " 台设备中 " + silent + " 台自周一（" + since + "）以来没有送达记录："
             : silent + " of " + devices + " devices have handed in nothing since Monday (" + since + "): ") +
         join_list(names, lang) + "\n";
}

Result<Freshness> freshness_of(Book& book) {
  Freshness out;
  SATCHEL_GET(reading, book.read());
  const ReadTxn& txn = reading->txn();
  const auto& self = book.device().identity();
  SATCHEL_GET(unsent, node::count_unsent(txn, {self.id, self.incarnation}));
  out.only_here = unsent;
  SATCHEL_GET(heard, node::heard(txn));
  for (const auto& [node, stamped] : heard) {
    if (!out.newest_stamp || *out.newest_stamp < stamped) out.newest_stamp = stamped;
  }
  SATCHEL_GET(attention, attention_of(book.device()));
  out.held = attention.held;
  out.locked = attention.locked;
  out.contested = attention.contested.size();
  out.silence = silence_of(book, heard, book.device().clock().wall());
  return out;
}

namespace {

Result<BookReport> make_report(Book& book, const ReportRequest& request) {
  SATCHEL_TRY(book.refresh());
  const auto& catalogue = book.catalogue();
  const ReportDef* report = catalogue.find_report(request.id);
  if (report == nullptr) {
    std::string known;
    for (const auto* r : catalogue.reports()) known += (known.empty() ? "" : ", ") + r->id;
    return fail(ErrorKind::not_found, "report.unknown", request.id + " (" + known + ")");
  }
  const Template* source = catalogue.find_template(report->source);
  if (source == nullptr) return fail(ErrorKind::not_found, "report.no-such-template", report->source);
  SATCHEL_GET(parameters, parse_parameters(book, *report, request));
  const auto months = months_of(*source, *report, parameters);
  SATCHEL_GET(rows, BookRows::of(book));
  const RowSource feed = rows->source_once(source->id, months.from, months.to);
  SATCHEL_GET(context, rows->context(book.device().clock().wall(), reads_cards(*report)));
  SATCHEL_GET(result, satchel::run_report(catalogue, *report, parameters, feed, context));
  SATCHEL_GET(freshness, freshness_of(book));
  return BookReport{std::move(result), freshness, request, shows_sensitive(catalogue, *report, *source)};
}

}  // namespace

Result<BookReport> run_report(Book& book, const ReportRequest& request) {
  return look_up(book, [&] { return make_report(book, request); });
}

Result<std::string> print_report(const BookReport& report, std::string_view format, Lang lang) {
  if (format == "text") return report_table(report.result, lang) + "\n" + freshness_text(report.freshness, lang);
  // Nothing in it could say that lines are missing.
  if (format == "csv" && report.result.lines_cut)
    return fail(ErrorKind::usage, "report.cut", std::to_string(report.result.lines.size()));
  if (format == "csv") return report_csv(report.result, true);
  if (format == "html") return report_html(report.result, lang, freshness_text(report.freshness, lang));
  if (format == "xlsx") return fail(ErrorKind::usage, "report.needs-file", std::string(format));
  if (format != "json") return fail(ErrorKind::usage, "report.no-such-format", std::string(format));
  std::string json = report_json(report.result);
  json.pop_back();
  return json + ",\"freshness\":" + freshness_json(report.freshness) + "}\n";
}

Result<void> note_report(Book& book, const BookReport& report, const std::string& what, const std::string& purpose) {
  ReadingNote note{report.sensitive ? "sensitive" : "report", what, purpose, report.result.row_count, {}};
  for (const auto& [label, text] : report.result.parameters) note.what += " " + label + "=" + text;
  return note_reading(book, note);
}

Result<void> write_report(Book& book, const BookReport& report, std::string_view format, const ReportFile& into) {
  if (trim_blanks(into.purpose).empty()) return fail(ErrorKind::usage, "export.no-purpose");
  SATCHEL_TRY(may_make(into.path));
  std::string text;
  const bool workbook = format == "xlsx";
  if (!workbook) {
    SATCHEL_GET(printed, print_report(report, format, book.lang()));
    text = std::move(printed);
  }
  SATCHEL_TRY(note_report(book, report, into.what, into.purpose));
  SATCHEL_GET(aside, AsideFile::make(into.path, book.device().entropy()));
  const auto done = workbook ? write_report_xlsx(report.result, book.lang(),
                                                 freshness_text(report.freshness, book.lang()), aside.path().string())
                             : aside.write(view(text));
  SATCHEL_TRY(done);
  return aside.keep(false);
}

std::string list_reports(const Catalogue& catalogue, Lang lang, bool json) {
  std::string out;
  JsonWriter writer;
  writer.begin_array();
  for (const auto* report : catalogue.reports()) {
    std::string parameters;
    writer.begin_object()
        .key("id")
        .text(report->id)
        .key("title")
        .text(report->label.in(lang))
        .key("parameters")
        .begin_array();
    for (const auto& p : report->parameters) {
      parameters += " " + (p.required ? "--" + p.id : "[--" + p.id + "]");
      writer.begin_object()
          .key("id")
          .text(p.id)
          .key("label")
          .text(p.label.in(lang))
          .key("required")
          .yes(p.required)
          .end_object();
    }
    writer.end_array().end_object();
    out += "  " + report->id + parameters + "\n      " + report->label.in(lang) + "\n";
  }
  writer.end_array();
  return json ? writer.take() + "\n" : out;
}

}  // namespace satchel::holder
