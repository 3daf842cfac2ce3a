// SPDX-License-Identifier: AGPL-3.0-or-later
// Prints what 20,000 customers cost; only a limit far beyond the goal (100 ms a query) fails it.
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <random>

#include "sync/sheet/pinyin.h"
#include "sync/sheet/search.h"
#include "sync/sheet/sort_key.h"

using namespace satchel;

namespace {

using SteadyClock = std::chrono::steady_clock;

double ms_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
}

std::vector<std::string> company_names(std::size_t count) {
  const std::vector<std::string> places = {"深圳", "广州", "长沙", "重庆", "厦门", "北京", "上海", "福田", "罗湖", "单县"};
  const std::vector<std::string> words = {"百货", "食品", "银行", "华兴", "永福", "大同", "天虹", "乐友", "长城", "金龙",
                                          "恒盛", "嘉和", "行知", "曾记", "单氏", "美的", "万家", "新世纪"};
  const std::vector<std::string> tails = {"有限公司", "商行", "超市", "股份有限公司", "便利店", "贸易公司"};
  std::mt19937 random(7);
  const auto pick = [&](const auto& list) { return list[random() % list.size()]; };
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(pick(places) + pick(words) + pick(words) + pick(tails));
  return names;
}

}  // namespace

TEST_CASE("search: time of queries over 20,000 customers", "[sheet][search][timing]") {
  const auto names = company_names(20'000);
  auto begin = SteadyClock::now();
  (void)sheet::Pinyin::table();
  std::cout << "search: pinyin table " << ms_since(begin) << " ms\n";
  begin = SteadyClock::now();
  SearchIndex index;
  for (std::uint32_t row = 0; row < names.size(); ++row) {
    const std::vector<std::string> phones = {"0755-8" + std::to_string(3000000 + row * 37 % 999999)};
    const std::vector<std::string> others = {"张三李四", "深圳市福田区深南大道" + std::to_string(row) + "号"};
    index.add(row, names[row], phones, others, std::to_string(100000 + row));
  }
  std::cout << "search: index of 20,000 built in " << ms_since(begin) << " ms, " << index.memory() / 1e6 << " MB\n";
  for (const std::string query : {"百", "百货", "ftbh", "futianb", "f", "a", "changchengyinhang", "gs", "gssh", "1122",
                                  "0755", "公司", "没有的词", "zzzz", "szftbhyxgs", "深南大道"}) {
    index.query(query);
    begin = SteadyClock::now();
    const auto hits = index.query(query, 50);
    const double ms = ms_since(begin);
    std::cout << "search: '" << query << "' " << ms << " ms, " << hits.size() << " shown\n";
    CHECK(ms < 1000);
  }
  begin = SteadyClock::now();
  std::size_t bytes = 0;
  for (const auto& name : names) bytes += sort_key(name).size();
  std::cout << "sort_key: 20,000 names in " << ms_since(begin) << " ms, " << bytes / 20'000 << " bytes each\n";
}
