// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/card_html.h"

#include "schema/exchange/html_page.h"

namespace satchel {

namespace {

constexpr std::string_view kCardStyle = R"(
body { max-width: 800px; }
h2 { font-size: 15px; margin: 18px 0 4px; color: var(--accent); break-after: avoid; }
th { width: 30%; font-weight: 600; }
td div { white-space: pre-line; overflow-wrap: anywhere; }
.aside, .mark { color: var(--faint); font-size: 11px; font-weight: 400; }
.mark { color: #b03a2e; display: block; }
@page { size: A4; margin: 16mm 14mm; }
)";

std::string value_html(const CardValue& value) {
  return "<div>" + html_lines(value.text) +
         (value.aside.empty() ? "" : " <span class=\"aside\">" + html_escape(value.aside) + "</span>") + "</div>";
}

std::string line_html(const CardLine& line) {
  std::string out = "<tr><th scope=\"row\">" + html_escape(line.label);
  if (!line.mark.empty()) out += "<span class=\"mark\">" + html_escape(line.mark) + "</span>";
  out += "</th><td>";
  for (const auto& value : line.values) out += value_html(value);
  return out + "</td></tr>\n";
}

}  // namespace

std::string card_html(const PrintedCard& card, Lang lang) {
  std::string out = html_head(card.title, lang, kCardStyle);
  if (!card.facts.empty()) {
    out += "<p class=\"parameters\">";
    for (const auto& [label, text] : card.facts)
      out += "<span>" + html_escape(label) + " " + html_escape(text) + "</span> ";
    out += "</p>\n";
  }
  for (const auto& section : card.sections) {
    if (section.lines.empty()) continue;
    if (!section.title.empty()) out += "<h2>" + html_escape(section.title) + "</h2>\n";
    out += "<table>\n";
    for (const auto& line : section.lines) out += line_html(line);
    out += "</table>\n";
  }
  return out + html_foot(card.footer);
}

}  // namespace satchel
