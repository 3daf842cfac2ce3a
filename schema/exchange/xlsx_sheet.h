// SPDX-License-Identifier: AGPL-3.0-or-later
// A workbook being written, as xlsx_writer.h needs it: cells by value and type, formats made once. A sheet's rows are
// written from the top down, because each leaves memory when the next begins.
#pragma once

#include <xlsxwriter.h>

#include <map>
#include <memory>
#include <string>

#include "schema/template/report.h"

namespace satchel {

struct XlsxLook {
  bool bold = false;
  bool top_line = false;
  auto operator<=>(const XlsxLook&) const = default;
};

class XlsxFile {
 public:
  // storage "file.io".
  static Result<XlsxFile> create(const std::string& file);

  // Names are cut to what Excel takes.
  lxw_worksheet* add_sheet(const std::string& name);
  lxw_workbook* book() const { return book_.get(); }

  void put(lxw_worksheet* sheet, std::size_t row, std::size_t column, const ReportCell& cell, FieldType type,
           XlsxLook look = {});
  void put_text(lxw_worksheet* sheet, std::size_t row, std::size_t column, std::string_view text, XlsxLook look = {});
  void put_header(lxw_worksheet* sheet, std::size_t row, std::size_t column, std::string_view text);
  void put_title(lxw_worksheet* sheet, std::size_t row, std::string_view text);
  // storage "file.io".
  Result<void> close();

 private:
  struct Free {
    void operator()(lxw_workbook* book) const { lxw_workbook_free(book); }
  };
  lxw_format* format(const std::string& number_format, XlsxLook look);
  lxw_format* header_format();

  std::string file_;
  std::unique_ptr<lxw_workbook, Free> book_;
  std::map<std::pair<std::string, XlsxLook>, lxw_format*> formats_;
  lxw_format* header_ = nullptr;
  lxw_format* title_ = nullptr;
};

// Terminal columns to a width Excel shows them in.
double column_width(std::size_t text_width);

}  // namespace satchel
