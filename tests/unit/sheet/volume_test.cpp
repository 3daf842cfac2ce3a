// SPDX-License-Identifier: AGPL-3.0-or-later
// 20,000 customers: what the index holds and finds. Unit tests read no clock; `unit_sheet [volume] -d yes` shows the
// time.
#include <catch2/catch.hpp>

#include "sync/sheet/search.h"
#include "sync/sheet/sort_key.h"

using namespace satchel;

namespace {

using Strings = std::vector<std::string>;

const Strings kPlaces = {"深圳", "广州", "长沙", "重庆", "厦门", "北京", "上海", "福田", "罗湖", "单县"};
const Strings kWords = {"百货", "食品", "银行", "华兴", "永福", "大同", "天虹", "乐友", "长城", "金龙", "恒盛", "嘉和"};
const Strings kTails = {"有限公司", "商行", "超市", "股份有限公司", "便利店", "贸易公司"};

// 8,640 different names, then they repeat.
std::string company(std::uint32_t n) {
  return kPlaces[n % 10] + kWords[n / 10 % 12] + kWords[n / 120 % 12] + kTails[n / 1440 % 6];
}

SearchIndex large_index() {
  SearchIndex index;
  for (std::uint32_t row = 0; row < 20'000; ++row) {
    const Strings phones = {"0755-8" + std::to_string(3000000 + row)};
    const Strings others = {"张三李四", "深圳市福田区深南大道" + std::to_string(row) + "号"};
    index.add(row, company(row), phones, others, std::to_string(100000 + row));
  }
  return index;
}

}  // namespace

TEST_CASE("search: 20,000 customers fit in 12 MB and are all found", "[sheet][search][volume]") {
  const SearchIndex index = large_index();
  CHECK(index.size() == 20'000);
  CHECK(index.memory() < 12'000'000);
  std::size_t companies = 0;
  for (std::uint32_t n = 0; n < 20'000; ++n) companies += company(n).contains("公司") ? 1 : 0;
  CHECK(index.query("公司", 30'000).size() == companies);
  CHECK(index.query("118765").at(0) == SearchHit{18765, MatchClass::exact, 0, 0});
  CHECK(index.query("83018765").at(0).row == 18765);
  CHECK(index.query("深南大道", 30'000).size() == 20'000);
}

TEST_CASE("search: a hundred queries over 20,000 customers", "[sheet][search][volume]") {
  const SearchIndex index = large_index();
  for (int i = 0; i < 10; ++i) {
    for (const char* query : {"百", "百货", "ftbh", "futianb", "f", "changchengyinhang", "gssh", "1122", "没有的词"}) {
      CHECK(index.query(query).size() <= 50);
    }
    CHECK(index.query("zzzz").empty());
  }
}

TEST_CASE("sheet: 20,000 sort keys", "[sheet][sort][volume]") {
  for (std::uint32_t n = 0; n < 20'000; ++n) {
    if (sort_key(company(n)).empty()) FAIL(n);
  }
}
