// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/html_page.h"

#include <algorithm>

#include "schema/exchange/text_table.h"

namespace satchel {

namespace {

constexpr std::string_view kPageStyle = R"(
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
th { background: var(--shade); }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11px; }
  tr { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

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

std::string html_lines(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out += html_escape(text.substr(at, end - at)) + (end < text.size() ? "\n" : "");
    at = end + 1;
  }
  return out;
}

std::string html_head(std::string_view title, Lang lang, std::string_view style) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"";
  out += lang == Lang::zh ? "zh-CN" : "en";
  // Whatever else it may contain by mistake, no browser loads or runs it.
  out +=
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>";
  const std::string shown = html_escape(title);
  return out + shown + "</title>\n<style>" + std::string(kPageStyle) + std::string(style) +
         "</style>\n</head>\n<body>\n<h1>" + shown + "</h1>\n";
}

std::string html_foot(std::string_view lines) {
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  return "<p class=\"footer\">" + html_lines(lines) + "</p>\n</body>\n</html>\n";
}

}  // namespace satchel
