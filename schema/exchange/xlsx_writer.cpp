// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xlsx_writer.h"

#include "schema/exchange/report_notes.h"
#include "schema/exchange/text_table.h"
#include "schema/exchange/xlsx_sheet.h"

namespace satchel {

namespace {

constexpr int kChartWidth = 640, kChartHeight = 360;
constexpr XlsxLook kBold{true, false}, kTotal{true, true};

std::unexpected<Error> too_many() {
  return fail(ErrorKind::failed, "xlsx.too-many-rows", std::to_string(kXlsxRowsMax));
}

class ReportSheet {
 public:
  ReportSheet(XlsxFile& file, const ReportResult& result, Lang lang) : file_(file), r_(result), lang_(lang) {}
  Result<void> write(const std::string& footer);

 private:
  void put_head();
  void set_widths();
  void put_group(const ReportGroup& group);
  void put_lines(std::size_t first, std::size_t count, const ReportGroup* group);
  void put_totals();
  void put_chart();
  std::size_t columns_at() const { return r_.keys.size(); }
  std::size_t measures_at() const { return r_.keys.size() + r_.columns.size(); }
  std::size_t width() const { return measures_at() + r_.measures.size(); }

  XlsxFile& file_;
  const ReportResult& r_;
  Lang lang_;
  lxw_worksheet* sheet_ = nullptr;
  std::size_t row_ = 0;
};

void ReportSheet::set_widths() {
  std::vector<std::size_t> widths(width());
  const auto look = [&](std::size_t column, std::string_view text) {
    widths[column] = std::max(widths[column], display_width(text));
  };
  for (std::size_t i = 0; i < r_.keys.size(); ++i) look(i, column_title(r_.keys[i]));
  for (std::size_t i = 0; i < r_.columns.size(); ++i) look(columns_at() + i, column_title(r_.columns[i]));
  for (std::size_t i = 0; i < r_.measures.size(); ++i) look(measures_at() + i, column_title(r_.measures[i]));
  for (const auto& group : r_.groups) {
    for (std::size_t i = 0; i < group.key.size(); ++i) look(i, group.key[i].text);
    for (std::size_t i = 0; i < group.measures.size(); ++i) look(measures_at() + i, group.measures[i].text);
  }
  for (const auto& line : r_.lines) {
    for (std::size_t i = 0; i < line.cells.size(); ++i) look(columns_at() + i, line.cells[i].text);
  }
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const auto column = static_cast<lxw_col_t>(i);
    worksheet_set_column(sheet_, column, column, column_width(widths[i]), nullptr);
  }
}

void ReportSheet::put_head() {
  file_.put_title(sheet_, row_++, r_.title);
  std::string parameters;
  for (const auto& [label, text] : r_.parameters) parameters += (parameters.empty() ? "" : "   ") + label + " " + text;
  if (!parameters.empty()) file_.put_text(sheet_, row_++, 0, parameters);
  ++row_;
  std::size_t column = 0;
  for (const auto* columns : {&r_.keys, &r_.columns, &r_.measures}) {
    for (const auto& c : *columns) file_.put_header(sheet_, row_, column++, column_title(c));
  }
  if (has_corrected(r_)) file_.put_header(sheet_, row_, column, lang_ == Lang::zh ? "更正" : "Corrected");
  ++row_;
  worksheet_freeze_panes(sheet_, static_cast<lxw_row_t>(row_), 0);
  worksheet_repeat_rows(sheet_, static_cast<lxw_row_t>(row_ - 1), static_cast<lxw_row_t>(row_ - 1));
}

void ReportSheet::put_lines(std::size_t first, std::size_t count, const ReportGroup* group) {
  for (std::size_t i = first; i < first + count && row_ < kXlsxRowsMax; ++i, ++row_) {
    const auto& line = r_.lines[i];
    // Keys on every line, so that the sheet can be filtered and sorted.
    for (std::size_t k = 0; group != nullptr && k < group->key.size(); ++k)
      file_.put(sheet_, row_, k, group->key[k], r_.keys[k].type);
    for (std::size_t c = 0; c < line.cells.size(); ++c)
      file_.put(sheet_, row_, columns_at() + c, line.cells[c], r_.columns[c].type);
    if (line.corrected) file_.put_text(sheet_, row_, width(), "*");
  }
}

void ReportSheet::put_group(const ReportGroup& group) {
  const bool inner = group.level + 1 == r_.keys.size();
  const bool heading = !inner || !r_.columns.empty();
  const auto look = heading ? kBold : XlsxLook{};
  for (std::size_t k = 0; k < group.key.size(); ++k) {
    const auto& key = group.key[k];
    file_.put(sheet_, row_, k, key.text.empty() ? ReportCell{{}, "-"} : key, r_.keys[k].type, look);
  }
  if (!inner) file_.put_text(sheet_, row_, group.level + 1, subtotal_word(lang_), look);
  for (std::size_t m = 0; m < group.measures.size(); ++m)
    file_.put(sheet_, row_, measures_at() + m, group.measures[m], r_.measures[m].type, look);
  ++row_;
  if (inner && !r_.columns.empty()) put_lines(group.first_line, group.line_count, &group);
}

void ReportSheet::put_totals() {
  if (r_.totals.empty()) return;
  for (std::size_t c = 0; c < measures_at(); ++c)
    file_.put_text(sheet_, row_, c, c == 0 ? total_word(lang_) : std::string(), kTotal);
  for (std::size_t m = 0; m < r_.totals.size(); ++m)
    file_.put(sheet_, row_, measures_at() + m, r_.totals[m], r_.measures[m].type, kTotal);
  ++row_;
}

// On a sheet of its own with the figures behind it, because subtotals stand between them in the table.
void ReportSheet::put_chart() {
  const auto points = chart_points(r_);
  if (points.empty()) return;
  const auto& measure = r_.measures[chart_measure(r_).value()];
  const std::string name = lang_ == Lang::zh ? "图表" : "Chart";
  auto* sheet = file_.add_sheet(name);
  worksheet_set_column(sheet, 0, 0, column_width(24), nullptr);
  std::string title;
  for (const auto& key : r_.keys) title += (title.empty() ? "" : " / ") + key.label;
  file_.put_header(sheet, 0, 0, title);
  file_.put_header(sheet, 0, 1, column_title(measure));
  std::size_t row = 1;
  for (const auto& point : points) {
    file_.put_text(sheet, row, 0, point.label);
    file_.put(sheet, row++, 1, point.cell, measure.type);
  }
  const auto kind = r_.chart.kind == ChartKind::pie    ? LXW_CHART_PIE
                    : r_.chart.kind == ChartKind::line ? LXW_CHART_LINE
                                                       : LXW_CHART_COLUMN;
  auto* chart = workbook_add_chart(file_.book(), static_cast<std::uint8_t>(kind));
  auto* series = chart_add_series(chart, nullptr, nullptr);
  const auto last = static_cast<lxw_row_t>(points.size());
  chart_series_set_categories(series, name.c_str(), 1, 0, last, 0);
  chart_series_set_values(series, name.c_str(), 1, 1, last, 1);
  chart_series_set_name(series, column_title(measure).c_str());
  chart_title_set_name(chart, r_.title.c_str());
  if (r_.chart.kind != ChartKind::pie) chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
  lxw_chart_options options{};
  options.x_scale = kChartWidth / 480.0;
  options.y_scale = kChartHeight / 288.0;
  worksheet_insert_chart_opt(sheet, 1, 3, chart, &options);
}

Result<void> ReportSheet::write(const std::string& footer) {
  sheet_ = file_.add_sheet(r_.title);
  worksheet_set_landscape(sheet_);
  worksheet_fit_to_pages(sheet_, 1, 0);
  set_widths();
  put_head();
  for (const auto& group : r_.groups) {
    if (row_ >= kXlsxRowsMax) return too_many();
    put_group(group);
  }
  if (r_.keys.empty()) put_lines(0, r_.lines.size(), nullptr);
  put_totals();
  std::string below = report_notes(r_, lang_) + footer;
  ++row_;
  for (std::size_t at = 0; at < below.size();) {
    const auto end = std::min(below.find('\n', at), below.size());
    file_.put_text(sheet_, row_++, 0, std::string_view(below).substr(at, end - at));
    at = end + 1;
  }
  if (row_ >= kXlsxRowsMax) return too_many();
  put_chart();
  return {};
}

}  // namespace

Result<void> write_report_xlsx(const ReportResult& result, Lang lang, const std::string& footer,
                               const std::string& file) {
  SATCHEL_GET(out, XlsxFile::create(file));
  SATCHEL_TRY(ReportSheet(out, result, lang).write(footer));
  return out.close();
}

struct XlsxTable::Inside {
  XlsxFile file;
  lxw_worksheet* sheet = nullptr;
  std::vector<XlsxColumn> columns;
  std::size_t row = 1;
};

XlsxTable::XlsxTable(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
XlsxTable::XlsxTable(XlsxTable&&) noexcept = default;
XlsxTable::~XlsxTable() = default;

Result<XlsxTable> XlsxTable::create(const std::string& file, const std::string& sheet,
                                    std::span<const XlsxColumn> columns) {
  SATCHEL_GET(book, XlsxFile::create(file));
  auto inside = std::make_unique<Inside>(Inside{std::move(book), nullptr, {columns.begin(), columns.end()}});
  inside->sheet = inside->file.add_sheet(sheet);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto column = static_cast<lxw_col_t>(i);
    const auto width = std::max<std::size_t>(display_width(columns[i].title), 14);
    worksheet_set_column(inside->sheet, column, column, column_width(width), nullptr);
    inside->file.put_header(inside->sheet, 0, i, columns[i].title);
  }
  worksheet_freeze_panes(inside->sheet, 1, 0);
  return XlsxTable(std::move(inside));
}

Result<void> XlsxTable::row(std::span<const ReportCell> cells) {
  if (inside_->row >= kXlsxRowsMax) return too_many();
  for (std::size_t i = 0; i < cells.size() && i < inside_->columns.size(); ++i) {
    if (!cells[i].text.empty()) inside_->file.put(inside_->sheet, inside_->row, i, cells[i], inside_->columns[i].type);
  }
  ++inside_->row;
  return {};
}

Result<void> XlsxTable::finish() { return inside_->file.close(); }

}  // namespace satchel
