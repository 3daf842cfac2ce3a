// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>

#include "client/field/customers.h"
#include "client/field/visits.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

TEST_CASE("lines: each line is its own success or failure, also within one transaction", "[client][lines]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const std::size_t batch = GENERATE(1, 4, 100);
  const std::string input =
      R"({"type":"customer","name":"福田百货","kind":"distributor","phone":"0755-83001122","tags":["a,b","c"]})"
      "\n"
      R"({"type":"visit","customer":"福田百货","purpose":"收款","summary":"付清","collection":12.30,"with":["甲","外人"]})"
      "\n"
      "\n"
      R"({"type":"visit","customer":"没有的","purpose":"收款","summary":"付清"})"
      "\n"
      R"({"type":"visit","customer":"福田百货","purpose":"收款")"
      "\n"
      R"({"type":"order","customer":"福田百货","number":"10248","date":"1996-07-04","freight":32.38})"
      "\n"
      R"({"type":"nothing"})"
      "\n"
      R"({"type":"visit","customer":"福田百货","purpose":"收款"})"
      "\n"
      R"([1])"
      "\n"
      R"({"type":"contact","customer":"福田百货","name":"王店长","decides":true,"titel":"x"})"
      "\n";
  field::LinesDone done;
  const auto out = company.lines(jia, input, batch, &done);
  REQUIRE(out.size() == 9);
  CHECK(done.added == 3);
  CHECK(done.failed == 6);
  CHECK(out[0].starts_with(R"({"ok":true,"line":1,"type":"customer","id":")"));
  CHECK(out[2].find(R"("line":4,"code":"customer.not-found)") != std::string::npos);
  CHECK(out[3].find("lines.not-json") != std::string::npos);
  CHECK(out[5].find("template.unknown") != std::string::npos);
  CHECK(out[6].find("record.incomplete") != std::string::npos);
  CHECK(out[7].find("lines.not-json") != std::string::npos);
  CHECK(out[8].find("field.unknown") != std::string::npos);
  const auto visits = must(field::list_visits(*jia.book, {}));
  REQUIRE(visits.size() == 1);
  CHECK(company.text(jia, visits[0].record, "collection") == "12.3");
  CHECK(visits[0].with == std::vector<std::string>{"甲", "外人"});
  CHECK(company.text(jia, must(jia.book->find_customer("福田百货")).card, "tags") == "a,b、c");
  const auto orders = must(jia.book->sheet("order"));
  REQUIRE(orders->table.size() == 1);
  const auto row = orders->table.at(orders->table.by_creation()[0]);
  CHECK(std::get<Decimal>(orders->value(row, "freight")) == Decimal{3238, 2});
}

TEST_CASE("lines: customers are named whole, as an import wants them", "[client][lines]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  field::LinesDone done;
  company.lines(jia,
                R"({"type":"customer","name":"福田百货","kind":"distributor"})"
                "\n",
                10, &done);
  REQUIRE(done.added == 1);
  must(jia.book->refresh());
  const auto card = must(jia.book->find_customer("福田百货"));
  const auto visit = [&](const std::string& customer) {
    return company
        .lines(jia,
               R"({"type":"visit","customer":")" + customer +
                   R"(","purpose":"拜访","summary":"见面"})"
                   "\n",
               10, &done)
        .at(0);
  };
  for (const auto& beginning : {std::string("福田"), card.archive.hex().substr(0, 12)}) {
    CHECK(visit(beginning).find(R"("code":"customer.not-found-near")") != std::string::npos);
    CHECK(done.added == 0);
  }
  for (const auto& whole : {std::string("福田百货"), card.number, card.archive.hex()}) {
    visit(whole);
    CHECK(done.added == 1);
  }
}

TEST_CASE("lines: a customer opened in a batch is known to the lines behind it, before anything is derived",
          "[client][lines]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  company.sync_all();
  std::string input;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "客户" + std::to_string(i);
    input += R"({"type":"customer","name":")" + name +
             R"(","kind":"company","owner":["乙"]})"
             "\n";
    input += R"({"type":"visit","customer":")" + name +
             R"(","purpose":"首次拜访","summary":"见面"})"
             "\n";
  }
  field::LinesDone done;
  company.lines(jia, input, 7, &done);
  REQUIRE(done.added == 100);
  company.sync_all();
  const auto list = must(field::list_customers(*yi.book, {}));
  REQUIRE(list.total == 50);
  CHECK(list.rows.front().owners == std::vector{yi.person, jia.person});
  CHECK(must(field::list_visits(*yi.book, {})).size() == 50);
}
