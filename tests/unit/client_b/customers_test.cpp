// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch.hpp>
#include <set>

#include "client/field/customers.h"
#include "client/field/numbers.h"
#include "sync/directory/limits.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

std::vector<std::string> names_of(const field::CustomerList& list) {
  std::vector<std::string> out;
  for (const auto& row : list.rows) out.push_back(row.customer.name);
  return out;
}

}  // namespace

TEST_CASE("customers: listed by pinyin, found by name, number, id and beginnings", "[client][customers]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  const auto futian = company.open(jia, "福田百货", {{"phone", "0755-83001122"}, {"法定代表人或法人代表", "陈大文"}});
  company.open(jia, "招商银行", {{"kind", "special"}, {"special_class", "银行"}});
  company.open(jia, "安平商行");
  const auto list = must(field::list_customers(*jia.book, {}));
  CHECK(names_of(list) == std::vector<std::string>{"安平商行", "福田百货", "招商银行"});
  CHECK(names_of(must(field::list_customers(*jia.book, {"经销商", 1}))) == std::vector<std::string>{"安平商行"});
  CHECK(list.rows[1].phone == "0755-83001122");
  CHECK(list.rows[1].reached == node::Reached::here_only);

  for (const std::string& typed : {std::string("福田百货"), std::string("福田"), futian.number, futian.archive.hex(),
                                   futian.archive.hex().substr(0, 8)}) {
    const auto found = jia.book->find_customer(typed);
    REQUIRE(found.has_value());
    CHECK(found->archive == futian.archive);
  }
  const auto missing = jia.book->find_customer("ftbh9");
  CHECK(missing.error().kind == ErrorKind::not_found);
  const auto near = jia.book->find_customer("ftbh");
  CHECK(near.error().code == "customer.not-found-near");
  CHECK(near.error().detail.find("福田百货") != std::string::npos);
  company.open(jia, "福田酒楼");
  const auto two = jia.book->find_customer("福田");
  REQUIRE(two.error().kind == ErrorKind::conflict);
  CHECK(two.error().detail.find("福田酒楼") != std::string::npos);

  const auto hits = must(jia.book->search("yinhang", 5));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].customer.name.substr(hits[0].begin, hits[0].end - hits[0].begin) == "银行");
  CHECK(must(jia.book->search("1122", 5)).front().customer.name == "福田百货");
  CHECK(must(jia.book->search("陈大", 5)).front().customer.name == "福田百货");

  company.sync_all();
  const auto reached = must(field::list_customers(*jia.book, {}));
  CHECK(reached.rows[1].reached == node::Reached::headquarters);
}

TEST_CASE("customers: refused with what comes near, and a second archive for one phone is pointed out",
          "[client][customers]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  company.open(jia, "福田百货", {{"phone", "0755-83001122"}});
  const auto slip = company.try_open(jia, "南山商行", {{"phnoe", "1"}});
  CHECK(slip.error().code == "field.unknown");
  CHECK(slip.error().detail.find("phone") != std::string::npos);
  CHECK(company.try_open(jia, "南山商行", {{"number", "K1"}}).error().code == "field.system");
  CHECK(company.try_open(jia, "南山商行", {{"kind", "special"}}).error().code == "record.incomplete");
  const auto kind = company.try_open(jia, "南山商行", {{"kind", "foo"}});
  CHECK(kind.error().code == "field.not-a-choice");
  CHECK(kind.error().detail.find("经销商") != std::string::npos);

  const auto* form = must(jia.book->form("customer"));
  const std::vector<field::Typed> typed{{"name", "南山商行"}, {"kind", "经销商"}, {"phone", "0755 8300 1122"}};
  const auto twins = must(field::find_twins(*jia.book, must(field::parse_fields(*jia.book, *form, typed))));
  REQUIRE(twins.same_phone.size() == 1);
  CHECK(twins.same_phone.front().name == "福田百货");
  CHECK(twins.same_name.empty());
}

TEST_CASE("customers: a salesperson who opens for others stays an owner, a manager does not become one",
          "[client][customers]") {
  Company company(2);
  auto& jia = company.join("甲", Role::salesperson, "branch1");
  auto& yi = company.join("乙", Role::salesperson, "branch2");
  auto& manager = company.join("经理", Role::branch_manager, "branch1");
  company.sync_all();
  const auto shared = company.open(jia, "共有客户", {}, {yi.person});
  const auto managed = company.open(manager, "交办客户", {}, {jia.person});
  // Nobody opens what he could not read himself.
  const auto foreign = company.try_open(manager, "外地客户", {}, {yi.person});
  CHECK(foreign.error().code == "archive.may-not-open");
  company.sync_all();

  auto reading = must(jia.book->read());
  const auto first = must(jia.book->archive(reading->txn(), shared.archive));
  CHECK(jia.book->owners(first) == std::vector{yi.person, jia.person});
  CHECK(first.branch == company.world().branch("branch2"));
  CHECK(must(yi.book->find_customer("共有客户")).archive == shared.archive);
  const auto second = must(jia.book->archive(reading->txn(), managed.archive));
  CHECK(jia.book->owners(second) == std::vector{jia.person});
  CHECK_FALSE(yi.book->find_customer("交办客户").has_value());
}

TEST_CASE("numbers: never twice over two devices, provisional when the range is used up, final after the next",
          "[client][numbers]") {
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  auto& yi = company.join("乙", Role::salesperson);
  std::set<std::string> numbers;
  std::size_t opened = 0, provisional = 0;
  for (Seat* seat : {&jia, &yi}) {
    std::string input;
    for (std::uint32_t i = 0; i < kNumbersPerLease + 30; ++i) {
      input += R"({"type":"customer","name":")" + seat->name + std::to_string(i) +
               R"(","kind":"distributor"})"
               "\n";
    }
    field::LinesDone done;
    company.lines(*seat, input, 50, &done);
    REQUIRE(done.failed == 0);
  }
  const auto look = [&] {
    numbers.clear();
    opened = provisional = 0;
    for (Seat* seat : {&jia, &yi}) {
      const auto list = must(field::list_customers(*seat->book, {}));
      opened += list.rows.size();
      for (const auto& row : list.rows) {
        provisional += row.customer.provisional ? 1 : 0;
        numbers.insert(row.customer.number);
      }
    }
  };
  look();
  CHECK(opened == 2 * (kNumbersPerLease + 30));
  CHECK(provisional == 60);
  const auto stock = must(field::number_stock(*jia.book));
  CHECK(stock.left == 0);
  CHECK(stock.provisional == 30);
  CHECK(stock.asked);

  company.sync_all();
  CHECK(must(field::assign_numbers(*jia.book)) == 30);
  CHECK(must(field::assign_numbers(*yi.book)) == 30);
  CHECK(must(field::assign_numbers(*yi.book)) == 0);
  must(jia.book->refresh());
  must(yi.book->refresh());
  look();
  CHECK(provisional == 0);
  CHECK(numbers.size() == opened);
  CHECK(must(field::number_stock(*jia.book)).provisional == 0);
}
