// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/report_html.h"

#include "schema/exchange/html_page.h"
#include "schema/exchange/report_notes.h"

namespace satchel {

namespace {

constexpr std::string_view kReportStyle = R"(
th { border-bottom: 2px solid var(--faint); white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.group td { font-weight: 600; background: #f7f9fa; }
tr.total td { font-weight: 700; border-top: 2px solid var(--faint); border-bottom: 0; }
td.in1 { padding-left: 24px; } td.in2 { padding-left: 40px; } td.in3 { padding-left: 56px; }
.corrected::after { content: " *"; color: #b03a2e; }
svg.chart { display: block; width: 100%; max-width: 760px; margin: 12px 0 20px; }
svg.chart text { font-size: 11px; fill: var(--ink); }
@page { size: A4 landscape; margin: 14mm 12mm; }
@media print {
  thead { display: table-header-group; }
  svg.chart { break-inside: avoid; }
  tr.group { break-after: avoid; }
}
)";

std::string_view number_class(const ReportColumn& column) { return is_number(column.type) ? " class=\"n\"" : ""; }

class Page {
 public:
  Page(const ReportResult& result, Lang lang) : r_(result), lang_(lang) {}
  std::string write(std::string_view footer);

 private:
  void head();
  void table();
  void column_heads();
  void line(const ReportLine& line);
  void group(const ReportGroup& group);
  void totals();
  void cells(const std::vector<ReportCell>& cells, const std::vector<ReportColumn>& columns);
  void blank_cells(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out_ += "<td></td>";
  }
  bool has_lines() const { return !r_.columns.empty(); }

  const ReportResult& r_;
  Lang lang_;
  std::string out_;
};

void Page::head() {
  out_ += html_head(r_.title, lang_, kReportStyle);
  if (r_.parameters.empty()) return;
  out_ += "<p class=\"parameters\">";
  for (const auto& [label, text] : r_.parameters)
    out_ += "<span>" + html_escape(label) + " " + html_escape(text) + "</span>";
  out_ += "</p>\n";
}

void Page::cells(const std::vector<ReportCell>& cells, const std::vector<ReportColumn>& columns) {
  for (std::size_t i = 0; i < cells.size(); ++i)
    out_ += "<td" + std::string(number_class(columns[i])) + ">" + html_escape(cells[i].text) + "</td>";
}

// A report of lines has one column for all keys; one of groups only has a column a key.
void Page::column_heads() {
  out_ += "<thead><tr>";
  const auto put = [&](const std::vector<ReportColumn>& columns) {
    for (const auto& c : columns)
      out_ += "<th" + std::string(number_class(c)) + ">" + html_escape(column_title(c)) + "</th>";
  };
  if (has_lines() && !r_.keys.empty()) {
    std::string title;
    for (const auto& key : r_.keys) title += (title.empty() ? "" : " / ") + key.label;
    out_ += "<th>" + html_escape(title) + "</th>";
  } else {
    for (const auto& key : r_.keys) out_ += "<th>" + html_escape(column_title(key)) + "</th>";
  }
  put(r_.columns);
  put(r_.measures);
  out_ += "</tr></thead>\n";
}

void Page::line(const ReportLine& line) {
  out_ += "<tr>";
  if (!r_.keys.empty()) out_ += "<td></td>";
  for (std::size_t i = 0; i < line.cells.size(); ++i) {
    const bool marked = line.corrected && i + 1 == line.cells.size();
    const bool number = is_number(r_.columns[i].type);
    out_ += std::string("<td") +
            (number && marked ? " class=\"n corrected\""
             : number         ? " class=\"n\""
             : marked         ? " class=\"corrected\""
                              : "") +
            ">" + html_escape(line.cells[i].text) + "</td>";
  }
  blank_cells(r_.measures.size());
  out_ += "</tr>\n";
}

void Page::group(const ReportGroup& group) {
  const bool inner = group.level + 1 == r_.keys.size();
  const auto shown = [&](const ReportCell& key) { return html_escape(key.text.empty() ? "-" : key.text); };
  out_ += inner && !has_lines() ? "<tr>" : "<tr class=\"group\">";
  if (has_lines()) {
    out_ += "<td class=\"in" + std::to_string(std::min<std::size_t>(group.level, 3)) + "\">" + shown(group.key.back()) +
            "</td>";
    blank_cells(r_.columns.size());
  } else {
    for (const auto& key : group.key) out_ += "<td>" + shown(key) + "</td>";
    if (!inner) out_ += "<td>" + html_escape(subtotal_word(lang_)) + "</td>";
    if (!inner) blank_cells(r_.keys.size() - group.key.size() - 1);
  }
  cells(group.measures, r_.measures);
  out_ += "</tr>\n";
  if (!inner || !has_lines()) return;
  for (std::size_t i = group.first_line; i < group.first_line + group.line_count; ++i) line(r_.lines[i]);
}

void Page::totals() {
  if (r_.totals.empty()) return;
  const std::size_t before = (has_lines() ? (r_.keys.empty() ? 0 : 1) : r_.keys.size()) + r_.columns.size();
  out_ += "<tr class=\"total\">";
  if (before > 0) out_ += "<td>" + html_escape(total_word(lang_)) + "</td>";
  if (before > 1) blank_cells(before - 1);
  cells(r_.totals, r_.measures);
  out_ += "</tr>\n";
}

void Page::table() {
  out_ += "<table>\n";
  column_heads();
  out_ += "<tbody>\n";
  for (const auto& g : r_.groups) group(g);
  if (r_.keys.empty()) {
    for (const auto& l : r_.lines) line(l);
  }
  totals();
  out_ += "</tbody>\n</table>\n";
}

std::string Page::write(std::string_view footer) {
  head();
  out_ += chart_svg(r_, lang_);
  table();
  return std::move(out_) + html_foot(report_notes(r_, lang_) + std::string(footer));
}

}  // namespace

std::string report_html(const ReportResult& result, Lang lang, std::string_view footer) {
  return Page(result, lang).write(footer);
}

}  // namespace satchel
