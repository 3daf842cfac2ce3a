// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>

#include "client/field/import.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;
using field::RowStatus;

namespace {

const std::string kFile =
    "公司,companyType,电话,成立,建档人,建档日,备用\n"
    "福田百货,经销商,0755-83001122,2001年5月6日,老赵,2019-03-01,x\n"
    "南山商行,dealer,0755-83001133,昨天,,,\n"
    ",经销商,0755-1,,,,\n"
    "罗湖酒楼,企业客户,0755 8300 1122,,,,\n"
    "\"宝安,行\",经销商,,,,,\n"
    "盐田铺,经销商\n";

field::ImportOptions options(bool apply) {
  field::ImportOptions out;
  out.map = {{"公司", "name"},
             {"companyType", "kind"},
             {"成立", "founded"},
             {"建档人", "original_author"},
             {"建档日", "original_date"}};
  out.apply = apply;
  return out;
}

field::ImportResult run(Seat& seat, const std::string& file, const field::ImportOptions& with) {
  auto result =
      must(field::import_records(*seat.book, view(file), with, [](const Error& e) { return e.code + " " + e.detail; }));
  must(seat.book->refresh());
  return result;
}

std::size_t customers_in(Seat& seat) { return must(seat.book->sheet("customer"))->table.size(); }

std::vector<RowStatus> statuses(const field::ImportResult& result) {
  std::vector<RowStatus> out;
  for (const auto& row : result.rows) out.push_back(row.status);
  return out;
}

}  // namespace

TEST_CASE("import: a dry run writes nothing and says what is wrong with each row", "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const auto result = run(jia, kFile, options(false));
  CHECK(statuses(result) == std::vector{RowStatus::ready, RowStatus::error, RowStatus::error, RowStatus::double_,
                                        RowStatus::ready, RowStatus::error});
  // Both faults of the row at once; the telephone column mapped itself by its label.
  CHECK(result.rows[1].message.find("field.not-a-choice") != std::string::npos);
  CHECK(result.rows[1].message.find("field.not-a-date") != std::string::npos);
  CHECK(result.rows[2].message.find("record.incomplete") != std::string::npos);
  CHECK(result.rows[5].message.find("csv.too-few-cells") != std::string::npos);
  CHECK(result.unmapped == std::vector<std::string>{"备用"});
  CHECK(customers_in(jia) == 0);
}

TEST_CASE("import: the result file is corrected and fed in again until every row is in, none twice",
          "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const auto first = run(jia, must(encode_gb18030(kFile)), options(true));
  CHECK(first.encoding == TextEncoding::gb18030);
  CHECK(first.count(RowStatus::imported) == 2);
  CHECK(customers_in(jia) == 2);
  std::string corrected = first.result_csv;
  const auto replace = [&](const std::string& from, const std::string& to) {
    const auto at = corrected.find(from);
    REQUIRE(at != std::string::npos);
    corrected.replace(at, from.size(), to);
  };
  replace("南山商行,dealer,0755-83001133,昨天", "南山商行,供应商,0755-83001133,2020-01-01");
  const auto second = run(jia, corrected, options(true));
  CHECK(second.count(RowStatus::imported) == 1);
  CHECK(second.count(RowStatus::skipped) == 2);
  CHECK(customers_in(jia) == 3);
  // The row that did not fit the columns waits for a person who clears its status.
  const auto third = run(jia, second.result_csv, options(true));
  CHECK(third.count(RowStatus::imported) == 0);
  CHECK(customers_in(jia) == 3);
  corrected = third.result_csv;
  replace(",broken,", ",,");
  CHECK(run(jia, corrected, options(true)).count(RowStatus::imported) == 1);
  CHECK(must(jia.book->find_customer("盐田铺")).name == "盐田铺");

  const auto card = must(jia.book->find_customer("福田百货"));
  CHECK(company.text(jia, card.card, "founded") == "2001-05-06");
  const auto shown = must(field::show_record(*jia.book, must(jia.book->find_record(card.card.hex()))));
  REQUIRE(shown.unknown.size() == 2);
  CHECK(shown.unknown[0] == std::pair<std::string, std::string>("_original_author", "老赵"));
  CHECK(shown.unknown[1] == std::pair<std::string, std::string>("_original_date", "2019-03-01"));
}

TEST_CASE("import: a file without a name column or with a column that is not there is refused whole",
          "[client][import]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const auto code = [&](const std::string& file, const field::ImportOptions& with) {
    return field::import_records(*jia.book, view(file), with, code_of).error().code;
  };
  CHECK(code("电话\n1234\n", {}) == "import.no-name");
  field::ImportOptions wrong;
  wrong.map = {{"company", "name"}};
  CHECK(code("name,kind\nx,y\n", wrong) == "import.no-such-column");
  wrong.map = {{"name", "name"}, {"kind", "name"}};
  CHECK(code("name,kind\nx,y\n", wrong) == "import.mapped-twice");
}
