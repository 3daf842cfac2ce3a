// SPDX-License-Identifier: AGPL-3.0-or-later
// Twenty thousand customers: what a person waits for is printed, and only order of magnitude is held to.
#include <catch2/catch.hpp>
#include <chrono>

#include "client/field/customers.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

template <class Work>
double milliseconds(const Work& work) {
  const auto from = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count();
}

std::string many_customers(int count) {
  static constexpr std::string_view kPlaces[] = {"福田", "南山", "长沙", "银川", "重庆",
                                                 "厦门", "乐山", "长春", "行唐", "六安"};
  static constexpr std::string_view kTrades[] = {"百货", "商行", "酒楼", "银行", "贸易",
                                                 "超市", "药房", "建材", "食品", "家电"};
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += R"({"type":"customer","name":")" + std::string(kPlaces[i % 10]) + std::string(kTrades[i / 10 % 10]) +
           std::to_string(i / 100) + R"(","kind":"distributor","phone":"0755-)" + std::to_string(20'000'000 + i * 37) +
           R"(","address":"第)" + std::to_string(i) +
           R"(号"})"
           "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("volume: 20,000 customers are written, opened, searched and listed in human time", "[client][volume]") {
  constexpr int kCustomers = 20'000;
  Company company;
  auto& jia = company.join("甲", Role::salesperson);
  field::LinesDone done;
  const std::string input = many_customers(kCustomers);
  const double wrote = milliseconds([&] {
    std::istringstream in(input);
    done = must(field::add_lines(*jia.book, in, 1000, [](const std::string&) {}, code_of));
  });
  REQUIRE(done.added == kCustomers);
  const double derived = milliseconds([&] { must(jia.book->refresh()); });
  std::string visits;
  for (int i = 0; i < 20'000; ++i)
    visits += R"({"type":"visit","customer":")" + std::string("福田百货") + std::to_string(i % 100) +
              R"(","purpose":"拜访","summary":"谈补货"})"
              "\n";
  const double wrote_visits = milliseconds([&] {
    std::istringstream in(visits);
    done = must(field::add_lines(*jia.book, in, 1000, [](const std::string&) {}, code_of));
  });
  REQUIRE(done.failed == 0);
  must(jia.book->refresh());

  holder::Book fresh(*jia.device);
  double first = 0, again = 0, listed = 0, found = 0;
  first = milliseconds([&] { CHECK_FALSE(must(fresh.search("ftbh", 20)).empty()); });
  for (const char* text : {"长沙银行", "ftbh1", "chongqing", "2000037", "行"}) {
    again = std::max(again, milliseconds([&] { CHECK_FALSE(must(fresh.search(text, 20)).empty()); }));
  }
  listed = milliseconds([&] { CHECK(must(field::list_customers(fresh, {})).rows.size() == kCustomers); });
  found = milliseconds([&] { CHECK(fresh.find_customer("福田百货7").has_value()); });
  std::printf("  add lines: customers %.0f/s, visits %.0f/s (batch 1000); derive 20,000 cards %.0f ms\n",
              kCustomers / wrote * 1000, 20'000 / wrote_visits * 1000, derived);
  std::printf(
      "  after unlock: first search %.0f ms, slowest of five more %.1f ms, list of all %.0f ms, one by name %.2f ms\n",
      first, again, listed, found);
  CHECK(again < 2000);
}
