// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "schema/exchange/html_page.h"
#include "schema/exchange/report_html.h"
#include "schema/exchange/report_notes.h"
#include "schema/exchange/text_table.h"

namespace satchel {

namespace {

constexpr double kWidth = 760, kHeight = 320;
constexpr double kLeft = 70, kRight = 16, kTop = 24, kBottom = 64;
constexpr std::size_t kTicks = 5;
constexpr std::size_t kLabelsMax = 24;   // more would run into each other
constexpr std::size_t kStraightMax = 8;  // of labels that need no slant
constexpr std::size_t kSlicesMax = 10;
constexpr std::size_t kPointsMax = 400;
constexpr std::string_view kColors[] = {"#2f6f8f", "#d98b3a", "#5a9a6b", "#a65a7a", "#7a6fb0", "#c4b24a",
                                        "#4aa0a6", "#b0604a", "#6b7a86", "#8fae4f", "#9a8f86"};

std::string number(double v) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f", v);
  return text;
}

// 1, 2 or 5 times a power of ten.
double nice_step(double span) {
  const double raw = span / kTicks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

std::string tick_text(double v) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", v);
  return text;
}

std::string text_at(double x, double y, std::string_view anchor, const std::string& text, std::string_view more = {}) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
         std::string(more) + ">" + html_escape(text) + "</text>\n";
}

// Axes, ticks and labels of a bar or line chart.
class Axes {
 public:
  explicit Axes(const std::vector<ChartPoint>& points) : points_(points) {
    double low = 0, high = 0;
    for (const auto& p : points) {
      low = std::min(low, p.value);
      high = std::max(high, p.value);
    }
    if (low == high) high = 1;
    step_ = nice_step(high - low);
    low_ = std::floor(low / step_) * step_;
    high_ = std::ceil(high / step_) * step_;
  }
  double y(double value) const { return kTop + (high_ - value) / (high_ - low_) * (kHeight - kTop - kBottom); }
  double slot() const { return (kWidth - kLeft - kRight) / static_cast<double>(points_.size()); }
  double x(std::size_t i) const { return kLeft + slot() * (static_cast<double>(i) + 0.5); }

  std::string draw() const {
    std::string out;
    for (double v = low_; v <= high_ + step_ / 2; v += step_) {
      const auto at = number(y(v));
      out += "<line x1=\"" + number(kLeft) + "\" x2=\"" + number(kWidth - kRight) + "\" y1=\"" + at + "\" y2=\"" + at +
             "\" stroke=\"" + (std::abs(v) < step_ / 2 ? "#5d6b76" : "#dfe5e9") + "\"/>\n";
      out += text_at(kLeft - 6, y(v) + 4, "end", tick_text(std::abs(v) < step_ / 2 ? 0 : v));
    }
    const std::size_t every = (points_.size() + kLabelsMax - 1) / kLabelsMax;
    for (std::size_t i = 0; i < points_.size(); i += every) {
      const double at = kHeight - kBottom + 16;
      if (points_.size() <= kStraightMax) {
        out += text_at(x(i), at, "middle", cut_to_width(points_[i].label, 14));
      } else {
        const std::string turn = " transform=\"rotate(-35 " + number(x(i)) + " " + number(at) + ")\"";
        out += text_at(x(i) + 4, at, "end", cut_to_width(points_[i].label, 14), turn);
      }
    }
    return out;
  }

 private:
  const std::vector<ChartPoint>& points_;
  double low_ = 0, high_ = 1, step_ = 1;
};

std::string tip(const ChartPoint& p) { return "<title>" + html_escape(p.label + ": " + p.cell.text) + "</title>"; }

std::string bars(const std::vector<ChartPoint>& points) {
  const Axes axes(points);
  std::string out = axes.draw();
  const double width = std::min(axes.slot() * 0.7, 60.0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double top = axes.y(std::max(points[i].value, 0.0)), bottom = axes.y(std::min(points[i].value, 0.0));
    out += "<rect x=\"" + number(axes.x(i) - width / 2) + "\" y=\"" + number(top) + "\" width=\"" + number(width) +
           "\" height=\"" + number(bottom - top) + "\" fill=\"" + std::string(kColors[0]) + "\">" + tip(points[i]) +
           "</rect>\n";
    if (points.size() <= kLabelsMax) out += text_at(axes.x(i), top - 4, "middle", points[i].cell.text);
  }
  return out;
}

std::string lines(const std::vector<ChartPoint>& points) {
  const Axes axes(points);
  std::string out = axes.draw(), path;
  for (std::size_t i = 0; i < points.size(); ++i)
    path += (i ? " " : "") + number(axes.x(i)) + "," + number(axes.y(points[i].value));
  out += "<polyline points=\"" + path + "\" fill=\"none\" stroke=\"" + std::string(kColors[0]) +
         "\" stroke-width=\"2\"/>\n";
  for (std::size_t i = 0; i < points.size(); ++i) {
    out += "<circle cx=\"" + number(axes.x(i)) + "\" cy=\"" + number(axes.y(points[i].value)) + "\" r=\"3\" fill=\"" +
           std::string(kColors[0]) + "\">" + tip(points[i]) + "</circle>\n";
    if (points.size() <= kLabelsMax)
      out += text_at(axes.x(i), axes.y(points[i].value) - 8, "middle", points[i].cell.text);
  }
  return out;
}

struct Slice {
  std::string label;
  double value = 0;
};

// The largest, and the rest in one.
std::vector<Slice> slices_of(const std::vector<ChartPoint>& points, Lang lang) {
  std::vector<Slice> out;
  for (const auto& p : points) {
    if (p.value > 0) out.push_back({p.label, p.value});
  }
  std::ranges::stable_sort(out, std::greater{}, &Slice::value);
  if (out.size() <= kSlicesMax) return out;
  Slice rest{lang == Lang::zh ? "其他" : "others", 0};
  for (std::size_t i = kSlicesMax; i < out.size(); ++i) rest.value += out[i].value;
  out.resize(kSlicesMax);
  out.push_back(std::move(rest));
  return out;
}

std::string pie(const std::vector<ChartPoint>& points, Lang lang) {
  const auto slices = slices_of(points, lang);
  double sum = 0;
  for (const auto& s : slices) sum += s.value;
  if (slices.empty()) return {};
  const double cx = 170, cy = kHeight / 2, radius = 130;
  std::string out;
  double angle = -std::numbers::pi / 2;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double share = slices[i].value / sum, next = angle + share * 2 * std::numbers::pi;
    const std::string color(kColors[i % std::size(kColors)]);
    char percent[16];
    std::snprintf(percent, sizeof percent, "%.1f%%", share * 100);
    if (slices.size() == 1) {
      out += "<circle cx=\"" + number(cx) + "\" cy=\"" + number(cy) + "\" r=\"" + number(radius) + "\" fill=\"" +
             color + "\"/>\n";
    } else {
      out += "<path d=\"M" + number(cx) + " " + number(cy) + " L" + number(cx + radius * std::cos(angle)) + " " +
             number(cy + radius * std::sin(angle)) + " A" + number(radius) + " " + number(radius) + " 0 " +
             (share > 0.5 ? "1" : "0") + " 1 " + number(cx + radius * std::cos(next)) + " " +
             number(cy + radius * std::sin(next)) + " Z\" fill=\"" + color + "\" stroke=\"#fff\"/>\n";
    }
    const double y = 40 + static_cast<double>(i) * 24;
    out += "<rect x=\"340\" y=\"" + number(y - 11) + "\" width=\"13\" height=\"13\" fill=\"" + color + "\"/>\n";
    out += text_at(362, y, "start",
                   cut_to_width(slices[i].label, 40) + "  " + tick_text(slices[i].value) + "  " + percent);
    angle = next;
  }
  return out;
}

}  // namespace

std::string chart_svg(const ReportResult& result, Lang lang) {
  auto points = chart_points(result);
  if (points.empty()) return {};
  if (points.size() > kPointsMax) points.resize(kPointsMax);
  const bool negative = std::ranges::any_of(points, [](const ChartPoint& p) { return p.value < 0; });
  const bool round = result.chart.kind == ChartKind::pie && !negative;
  const std::string body = round                                  ? pie(points, lang)
                           : result.chart.kind == ChartKind::line ? lines(points)
                                                                  : bars(points);
  if (body.empty()) return {};
  const auto title = column_title(result.measures[chart_measure(result).value()]);
  return "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(kWidth) + " " +
         number(kHeight) + "\" role=\"img\" aria-label=\"" + html_escape(title) + "\">\n" +
         text_at(round ? 340 : kLeft, 14, "start", title, " font-weight=\"600\"") + body + "</svg>\n";
}

}  // namespace satchel
