// SPDX-License-Identifier: AGPL-3.0-or-later
// Tables for a terminal or a plain text file, aligned where Chinese characters take two columns and combining marks
// none. Control characters never come out, so that a customer's name cannot move the reader's cursor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace satchel {

// Columns of a terminal; invalid UTF-8 counts one a byte.
std::size_t display_width(std::string_view utf8);
// The text cut to `width` columns, with … when something was cut.
std::string cut_to_width(std::string_view utf8, std::size_t width);
// Control characters, line ends included, as blanks; bytes that are not UTF-8, and characters that reverse
// the writing direction, as U+FFFD.
std::string printable(std::string_view utf8);

struct TableColumn {
  std::string title;
  bool right = false;          // numbers
  std::size_t width_max = 48;  // longer cells are cut
};

class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  void rule();  // a line across
  std::size_t size() const { return rows_.size(); }
  std::string text() const;  // each line ends with a line feed and has no trailing blanks

 private:
  struct Row {
    std::vector<std::string> cells;
    bool rule = false;
  };
  std::vector<TableColumn> columns_;
  std::vector<Row> rows_;
};

}  // namespace satchel
