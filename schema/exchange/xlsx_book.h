// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands around a workbook's sheets: their names and parts, number formats, shared texts. Part of xlsx_reader.h.
#pragma once

#include <pugixml.hpp>

#include "schema/exchange/xlsx_format.h"
#include "schema/exchange/xlsx_reader.h"
#include "schema/exchange/xml_pieces.h"
#include "schema/exchange/zip_view.h"

namespace satchel {

struct XlsxBook {
  struct Sheet {
    std::string name;
    std::string part;
    bool hidden = false;
  };
  std::vector<Sheet> sheets;
  std::vector<std::string> names;
  std::string shared_part;            // empty: none
  std::vector<NumberFormat> formats;  // by a cell's style
  bool from_1904 = false;

  // The first that is not hidden for no name; null when there is none.
  const Sheet* find(std::string_view name) const;
  NumberFormat format(std::size_t style) const { return style < formats.size() ? formats[style] : NumberFormat{}; }
};

// Errors: xlsx.not-a-workbook, xlsx.damaged, xlsx.too-large.
Result<XlsxBook> read_book(ZipView& zip, const XlsxLimits& limits);

// All in one string, because there may be millions.
class SharedTexts {
 public:
  Result<void> read(ZipView& zip, const std::string& part, const XlsxLimits& limits);
  std::size_t size() const { return ends_.size(); }
  std::string_view at(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(all_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string all_;
  std::vector<std::uint32_t> ends_;
};

// ---- XML, whatever prefixes its writer chose ----
bool parse_piece(pugi::xml_document& tree, const std::string& text);
std::string_view local_name(const pugi::xml_node& node);
pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name);
// The text of <is> and <si>: runs joined, phonetic hints left out.
std::string rich_text(const pugi::xml_node& node);

}  // namespace satchel
