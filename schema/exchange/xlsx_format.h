// SPDX-License-Identifier: AGPL-3.0-or-later
// Numbers of a spreadsheet as people would read them: dates are numbers there, and only the cell's number format tells.
// ECMA-376 18.8.30 (formats), 18.17.4 (date systems).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/base/time.h"

namespace satchel {

struct NumberFormat {
  bool date = false;
  bool time = false;
  bool elapsed = false;  // [h]:mm, hours beyond 24
  bool plain() const { return !date && !time && !elapsed; }
};
// The formats that need no code in the file, those of Chinese and Japanese office programs among them.
NumberFormat built_in_format(unsigned id);
NumberFormat format_of_code(std::string_view code);

// "2026-11-22", "2026-11-22 14:05", "14:05:09", "30:15", or a plain number to 15 digits without an exponent; the text
// itself when it is no number.
std::string number_text(std::string_view written, const NumberFormat& format, bool from_1904);
// The day's number in the 1900 system; nothing before 1900-03-01, where programs disagree.
std::optional<double> serial_of(Date date);

// _x000D_ in a file's text stands for a carriage return.
std::string unescape_controls(std::string_view text);

}  // namespace satchel
