// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/report_notes.h"

#include <algorithm>
#include <cmath>

namespace satchel {

namespace {

std::optional<double> size_of(const Value& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value)) return static_cast<double>(*n);
  if (const auto* d = std::get_if<Decimal>(&value)) return static_cast<double>(d->units) / std::pow(10.0, d->scale);
  return std::nullopt;
}

}  // namespace

std::string words(Lang lang, std::string_view zh, std::string_view en) {
  return std::string(lang == Lang::zh ? zh : en);
}

std::string column_title(const ReportColumn& c) {
  return c.currency.empty() ? c.label : c.label + " (" + c.currency + ")";
}

std::string subtotal_word(Lang lang) { return words(lang, "小计", "subtotal"); }
std::string total_word(Lang lang) { return words(lang, "合计", "total"); }

bool has_corrected(const ReportResult& r) { return std::ranges::any_of(r.lines, &ReportLine::corrected); }

std::string report_notes(const ReportResult& r, Lang lang) {
  std::string out;
  if (has_corrected(r)) out += words(lang, "* 已更正\n", "* corrected\n");
  if (r.lines_cut) out += words(lang, "行数过多，仅列出前面部分\n", "too many lines: only the first are listed\n");
  const auto held = r.left_out[static_cast<std::size_t>(RowStanding::held)];
  if (held > 0)
    out += words(lang, "另有待裁定记录 ", "records held for a verdict, not counted: ") + std::to_string(held) +
           words(lang, " 条，未计入\n", "\n");
  return out;
}

std::optional<std::size_t> chart_measure(const ReportResult& r) {
  if (r.chart.kind == ChartKind::none || r.keys.empty()) return std::nullopt;
  const auto at = std::ranges::find(r.measures, r.chart.measure, &ReportColumn::id);
  if (at == r.measures.end()) return std::nullopt;
  return static_cast<std::size_t>(at - r.measures.begin());
}

std::vector<ChartPoint> chart_points(const ReportResult& r) {
  std::vector<ChartPoint> out;
  const auto measure = chart_measure(r);
  for (const auto& group : r.groups) {
    if (!measure || group.level + 1 != r.keys.size() || *measure >= group.measures.size()) continue;
    const auto& cell = group.measures[*measure];
    const auto value = size_of(cell.value);
    if (!value) continue;
    ChartPoint point{{}, *value, cell};
    for (const auto& key : group.key)
      point.label += (point.label.empty() ? "" : " / ") + (key.text.empty() ? "-" : key.text);
    out.push_back(std::move(point));
  }
  return out;
}

}  // namespace satchel
