// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/exchange/workbook.h"

#include <zip.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

namespace satchel::test {

Bytes zip_of(const std::map<std::string, std::string>& members, int method) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  REQUIRE(zip != nullptr);
  for (const auto& [name, content] : members) {
    auto* source = zip_source_buffer(zip, content.data(), content.size(), 0);
    const auto at = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    REQUIRE(at >= 0);
    if (method >= 0) REQUIRE(zip_set_file_compression(zip, static_cast<zip_uint64_t>(at), method, 0) == 0);
  }
  REQUIRE(zip_close(zip) == 0);
  REQUIRE(zip_source_open(target) == 0);
  zip_source_seek(target, 0, SEEK_END);
  Bytes out(static_cast<std::size_t>(zip_source_tell(target)));
  zip_source_seek(target, 0, SEEK_SET);
  REQUIRE(zip_source_read(target, out.data(), out.size()) == static_cast<zip_int64_t>(out.size()));
  zip_source_close(target);
  zip_source_free(target);
  zip_error_fini(&error);
  return out;
}

std::map<std::string, std::string> workbook(const std::string& rows, const std::string& shared,
                                            const std::string& styles, const std::string& properties) {
  const std::string types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  std::map<std::string, std::string> out;
  out["_rels/.rels"] = "<Relationships><Relationship Id=\"r1\" Type=\"" + types +
                       "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
  out["xl/workbook.xml"] = "<workbook xmlns:r=\"x\">" + properties +
                           "<sheets><sheet name=\"客户\" sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>";
  out["xl/_rels/workbook.xml.rels"] = "<Relationships><Relationship Id=\"s1\" Type=\"" + types +
                                      "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"s2\" Type=\"" +
                                      types + "styles\" Target=\"/xl/styles.xml\"/><Relationship Id=\"s3\" Type=\"" +
                                      types + "sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>";
  out["xl/worksheets/sheet1.xml"] = "<?xml version=\"1.0\"?><worksheet><sheetData>" + rows + "</sheetData></worksheet>";
  if (!shared.empty()) out["xl/sharedStrings.xml"] = "<sst>" + shared + "</sst>";
  if (!styles.empty()) out["xl/styles.xml"] = "<styleSheet>" + styles + "</styleSheet>";
  return out;
}

Bytes read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace satchel::test
