// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/report_html.h"

#include "schema/exchange/report_notes.h"
#include "schema/exchange/text_table.h"

namespace satchel {

namespace {

constexpr std::string_view kStyle = R"(
:root { --ink: #1c2730; --faint: #5d6b76; --line: #cfd8de; --shade: #eef2f4; --accent: #2f6f8f; }
* { box-sizing: border-box; }
body { font: 14px/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif;
       color: var(--ink); margin: 24px auto; max-width: 1100px; padding: 0 20px; }
h1 { font-size: 22px; margin: 0 0 4px; }
.parameters, .footer { color: var(--faint); margin: 0 0 16px; }
.parameters span { margin-right: 1.5em; }
.footer { margin-top: 16px; font-size: 12px; white-space: pre-line; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 4px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { background: var(--shade); border-bottom: 2px solid var(--faint); white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.group td { font-weight: 600; background: #f7f9fa; }
tr.total td { font-weight: 700; border-top: 2px solid var(--faint); border-bottom: 0; }
td.in1 { padding-left: 24px; } td.in2 { padding-left: 40px; } td.in3 { padding-left: 56px; }
.corrected::after { content: " *"; color: #b03a2e; }
svg.chart { display: block; width: 100%; max-width: 760px; margin: 12px 0 20px; }
svg.chart text { font-size: 11px; fill: var(--ink); }
@page { size: A4 landscape; margin: 14mm 12mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11px; }
  thead { display: table-header-group; }
  tr, svg.chart { break-inside: avoid; }
  tr.group { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
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
  out_ += "<!DOCTYPE html>\n<html lang=\"";
  out_ += lang_ == Lang::zh ? "zh-CN" : "en";
  // Whatever else it may contain by mistake, no browser loads or runs it.
  out_ +=
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; "
      "style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>" +
      html_escape(r_.title) + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>" +
      html_escape(r_.title) + "</h1>\n";
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
  // Line ends are kept there, so the two are escaped line by line.
  std::string below = report_notes(r_, lang_) + std::string(footer);
  while (below.ends_with('\n')) below.pop_back();
  out_ += "<p class=\"footer\">";
  for (std::size_t at = 0; at < below.size();) {
    const auto end = std::min(below.find('\n', at), below.size());
    out_ += html_escape(std::string_view(below).substr(at, end - at)) + (end < below.size() ? "\n" : "");
    at = end + 1;
  }
  out_ += "</p>\n</body>\n</html>\n";
  return std::move(out_);
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string report_html(const ReportResult& result, Lang lang, std::string_view footer) {
  return Page(result, lang).write(footer);
}

}  // namespace satchel
