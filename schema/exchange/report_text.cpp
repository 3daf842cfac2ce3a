// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/report_text.h"

#include "schema/exchange/csv.h"
#include "schema/exchange/json_text.h"
#include "schema/exchange/report_notes.h"
#include "schema/exchange/text_table.h"

namespace satchel {

namespace {

bool numeric(const Value& v) { return std::holds_alternative<std::int64_t>(v) || std::holds_alternative<Decimal>(v); }

CsvCell csv_cell(const ReportCell& cell) {
  // The number itself, not its display form.
  return numeric(cell.value) ? CsvCell{format_value(cell.value), true} : CsvCell{cell.text, false};
}

std::string measures_line(const ReportResult& r, const std::vector<ReportCell>& cells) {
  std::string out;
  for (std::size_t m = 0; m < cells.size(); ++m)
    out += (m ? "   " : "") + column_title(r.measures[m]) + " " + cells[m].text;
  return printable(out);
}

// ---- text ----

std::vector<TableColumn> table_columns(const std::vector<ReportColumn>& columns) {
  std::vector<TableColumn> all;
  for (const auto& c : columns) all.push_back({column_title(c), is_number(c.type)});
  return all;
}

std::string lines_table(const ReportResult& r, std::size_t first, std::size_t count) {
  auto columns = table_columns(r.columns);
  TextTable table(columns);
  for (std::size_t i = first; i < first + count; ++i) {
    std::vector<std::string> cells;
    for (const auto& cell : r.lines[i].cells) cells.push_back(cell.text);
    if (r.lines[i].corrected && !cells.empty()) cells.back() += " *";
    table.row(std::move(cells));
  }
  return table.text();
}

// Every innermost group's lines under its heading; a heading repeats only what changed.
std::string grouped_lines(const ReportResult& r) {
  std::string out;
  for (std::size_t g = 0; g < r.groups.size(); ++g) {
    const auto& group = r.groups[g];
    const auto& key = group.key.back();
    const std::string shown = key.text.empty() ? "-" : key.text;
    out += (group.level == 0 && g > 0 ? "\n" : "") + std::string(group.level * 2, ' ') +
           printable(r.keys[group.level].label + ": " + shown);
    if (!group.measures.empty()) out += "   (" + measures_line(r, group.measures) + ")";
    out += "\n";
    if (group.level + 1 == r.keys.size() && group.line_count > 0)
      out += lines_table(r, group.first_line, group.line_count);
  }
  return out;
}

// Groups as rows: keys to the left, measures to the right, subtotals of outer groups in their place.
std::string groups_table(const ReportResult& r, Lang lang) {
  auto columns = table_columns(r.keys);
  for (auto& c : columns) c.right = false;
  for (const auto& c : table_columns(r.measures)) columns.push_back({c.title, true});
  TextTable table(columns);
  for (const auto& group : r.groups) {
    std::vector<std::string> cells(r.keys.size());
    for (std::size_t k = 0; k < group.key.size(); ++k) cells[k] = group.key[k].text.empty() ? "-" : group.key[k].text;
    if (group.level + 1 < r.keys.size()) cells[group.level + 1] = subtotal_word(lang);
    for (const auto& m : group.measures) cells.push_back(m.text);
    table.row(std::move(cells));
  }
  table.rule();
  std::vector<std::string> totals(r.keys.size());
  totals.front() = total_word(lang);
  for (const auto& m : r.totals) totals.push_back(m.text);
  table.row(std::move(totals));
  return table.text();
}

// ---- json ----

void put_cells(JsonWriter& json, std::string_view name, const std::vector<ReportColumn>& columns,
               const std::vector<ReportCell>& cells, bool texts, int zone_minutes) {
  json.key(name).begin_object();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    json.key(columns[i].id);
    if (texts)
      json.text(cells[i].text);
    else
      json.value(cells[i].value, zone_minutes);
  }
  json.end_object();
}

void put_lines(JsonWriter& json, const ReportResult& r, int zone_minutes) {
  json.key("lines").begin_array();
  for (const auto& line : r.lines) {
    json.begin_object();
    json.key("archive").text(line.row.archive.hex());
    json.key("record").text(line.row.record.hex());
    json.key("corrected").yes(line.corrected);
    put_cells(json, "values", r.columns, line.cells, false, zone_minutes);
    put_cells(json, "texts", r.columns, line.cells, true, zone_minutes);
    json.end_object();
  }
  json.end_array();
}

void put_groups(JsonWriter& json, const ReportResult& r, int zone_minutes) {
  json.key("groups").begin_array();
  for (const auto& group : r.groups) {
    json.begin_object();
    json.key("level").number(static_cast<std::int64_t>(group.level));
    put_cells(json, "key", r.keys, group.key, false, zone_minutes);
    put_cells(json, "texts", r.keys, group.key, true, zone_minutes);
    json.key("rows").number(static_cast<std::int64_t>(group.row_count));
    json.key("first_line").number(static_cast<std::int64_t>(group.first_line));
    json.key("line_count").number(static_cast<std::int64_t>(group.line_count));
    put_cells(json, "measures", r.measures, group.measures, false, zone_minutes);
    json.key("records").begin_array();
    for (const auto& row : group.rows) json.text(row.record.hex());
    json.end_array();
    json.key("records_cut").yes(group.rows_cut);
    json.end_object();
  }
  json.end_array();
}

void put_columns(JsonWriter& json, std::string_view name, const std::vector<ReportColumn>& columns) {
  json.key(name).begin_array();
  for (const auto& c : columns) {
    json.begin_object().key("id").text(c.id).key("label").text(c.label).key("type").text(name_of(c.type));
    if (!c.currency.empty()) json.key("currency").text(c.currency);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string report_table(const ReportResult& r, Lang lang) {
  std::string out = printable(r.title);
  for (const auto& [label, text] : r.parameters) out += "   " + printable(label + " " + text);
  out += "\n\n";
  if (!r.columns.empty())
    out += r.keys.empty() ? lines_table(r, 0, r.lines.size()) : grouped_lines(r);
  else if (!r.keys.empty())
    out += groups_table(r, lang);
  if (!r.totals.empty() && (!r.columns.empty() || r.keys.empty()))
    out += "\n" + words(lang, "合计", "Total") + "   " + measures_line(r, r.totals) + "\n";
  return out + report_notes(r, lang);
}

std::string report_csv(const ReportResult& r, bool byte_order_mark) {
  CsvWriter csv(byte_order_mark);
  std::vector<std::string> titles;
  for (const auto& c : r.keys) titles.push_back(column_title(c));
  for (const auto& c : r.columns.empty() ? r.measures : r.columns) titles.push_back(column_title(c));
  csv.row(titles);
  std::vector<CsvCell> cells;
  const auto put = [&](const std::vector<ReportCell>& more) {
    for (const auto& cell : more) cells.push_back(csv_cell(cell));
  };
  for (const auto& group : r.groups) {
    if (group.level + 1 != r.keys.size()) continue;
    for (std::size_t i = group.first_line; i < group.first_line + group.line_count; ++i) {
      cells.clear();
      put(group.key);
      put(r.lines[i].cells);
      csv.row(cells);
    }
    if (!r.columns.empty()) continue;
    cells.clear();
    put(group.key);
    put(group.measures);
    csv.row(cells);
  }
  if (!r.keys.empty()) return csv.take();
  for (const auto& line : r.lines) {
    cells.clear();
    put(line.cells);
    csv.row(cells);
  }
  if (r.columns.empty()) {
    put(r.totals);
    csv.row(cells);
  }
  return csv.take();
}

std::string report_json(const ReportResult& r, int zone_minutes) {
  JsonWriter json;
  json.begin_object();
  json.key("report").text(r.id).key("title").text(r.title);
  json.key("parameters").begin_object();
  for (const auto& [label, text] : r.parameters) json.key(label).text(text);
  json.end_object();
  put_columns(json, "keys", r.keys);
  put_columns(json, "columns", r.columns);
  put_columns(json, "measures", r.measures);
  json.key("rows").number(static_cast<std::int64_t>(r.row_count));
  put_lines(json, r, zone_minutes);
  put_groups(json, r, zone_minutes);
  put_cells(json, "totals", r.measures, r.totals, false, zone_minutes);
  json.key("left_out").begin_object();
  for (std::size_t s = 1; s < r.left_out.size(); ++s)
    json.key(kRowStandingNames[s]).number(static_cast<std::int64_t>(r.left_out[s]));
  json.end_object();
  json.key("lines_cut").yes(r.lines_cut);
  json.end_object();
  return json.take();
}

}  // namespace satchel
