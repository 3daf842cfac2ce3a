// SPDX-License-Identifier: AGPL-3.0-or-later
// The frame of every HTML page this program writes to look at, print or send: head, styles and footer. Such a page is
// whole in one file, loads nothing and runs nothing, and whatever a record says stands in it escaped.
#pragma once

#include <string>
#include <string_view>

#include "schema/base/label.h"

namespace satchel {

// Text between tags and in quoted attributes; control characters as blanks.
std::string html_escape(std::string_view text);
// The same, its line ends kept; where the style breaks lines at them.
std::string html_lines(std::string_view text);

// From the first line to the page's heading. `style`: what this kind of page adds, its @page too.
std::string html_head(std::string_view title, Lang lang, std::string_view style);
// What the page says of itself, line by line, and its end.
std::string html_foot(std::string_view lines);

}  // namespace satchel
